"""A line of one's own history opens: what one decided, why, how much one changed, and when."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.house import House
from tests.browser.test_acts import at_work
from tests.browser.test_desk_layout import tap
from tests.browser.test_faces import faults


async def test_a_line_opens_by_mouse_and_by_key_and_leads_back(house: House) -> None:
    page, app = await at_work(house)
    await page.locator("[data-section] textarea").last.fill("English (native), French (basic)\nTerraform since 2022")
    source = page.get_by_role("combobox", name=re.compile("Terraform since"))
    await source.select_option("answer")
    await expect(page.locator("#draft-state")).to_have_text("draft saved")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#work")).to_contain_text("approved")
    await house.review(app.seeker_id, await house.posting("Data Engineer"))
    await expect(page.locator("#review-form")).to_be_visible()
    await page.keyboard.press("r")
    await page.keyboard.type("They want ten years.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#work")).to_contain_text("rejected")

    await page.goto("/desk/history")
    await page.get_by_label("Words in the title").fill("backend")
    rows = page.locator("#past tbody tr")
    await expect(rows).to_have_count(1)
    await tap(page, rows.first.locator("td").last)  # the whole line is the link
    await expect(page.get_by_role("heading", name="Senior Backend Engineer at Northwind")).to_be_visible()
    told = page.locator(".decided")
    await expect(told).to_contain_text("approved")
    await expect(told).to_contain_text("in time")
    await expect(told).to_contain_text(re.compile(r"\d:\d\d of 20:00 used"))
    await expect(told).to_contain_text("Seen")
    await expect(told).to_contain_text("1 line added")
    assert "Terraform" not in await page.content(), "whoever has no review open reads no resume"
    assert await faults(page) == []
    await page.go_back()
    await expect(page.get_by_label("Words in the title")).to_have_value("backend")
    await expect(rows).to_have_count(1)
    await page.goto("/desk/history")
    await page.get_by_role("link", name="Data Engineer").focus()
    await page.keyboard.press("Enter")
    await expect(told).to_contain_text("rejected")
    await expect(told).to_contain_text("They want ten years.")
    for width in (390, 320):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await faults(page) == []
    assert house.violations == []
