"""A seeker corrects what was read of their resume, in a real browser."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
import pytest
from playwright.async_api import expect

from app.bots.match.parse import parse
from app.seekers import reading
from app.seekers import service as seekers
from tests.browser.house import RESUME, House
from tests.browser.test_faces import faults


async def read_resume(house: House, text: str = RESUME) -> UUID:
    """A seeker whose resume was read as it is."""
    seeker = await house.add("seeker", "Jane Roe")
    async with house.db.transaction() as tx:
        kept = await seekers.store_upload(tx, house.objects, seeker, "jane.txt", text.encode())
        found = msgspec.to_builtins(parse(text, date(2026, 11, 26)))
        found["contact"]["confidence"]["location"] = 0.4
        found["jobs"][0]["confidence"]["employer"] = 0.4
        await seekers.parsed(tx, house.objects, kept.id, text=text, found=found)
    return seeker


@pytest.mark.parametrize(("dark", "phone"), [(False, False), (True, True)])
async def test_corrections_are_kept_and_undone(house: House, dark: bool, phone: bool) -> None:
    seeker = await read_resume(house)
    page = await house.sign_in("Jane Roe", dark=dark, phone=phone)
    await page.goto("/portal/profile")
    await page.get_by_role("link", name="Check and correct what we read").click()
    await expect(page.locator("#facts")).to_contain_text("2 to check")
    assert await faults(page) == []
    await page.get_by_label("Name", exact=True).fill("Jane A. Roe")
    await page.locator("#rows-positions").get_by_label("To", exact=True).nth(1).fill("1999")
    await page.get_by_role("button", name="Add a position").press("Enter")
    await expect(page.locator("#rows-positions").get_by_label("Title").last).to_be_focused()
    await page.keyboard.type("Platform Engineer")
    await page.get_by_label("Python", exact=True).uncheck()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert").filter(has_text="Not saved yet")).to_contain_text("before it starts")
    assert await page.get_by_label("Name", exact=True).input_value() == "Jane A. Roe"
    assert await page.locator("#rows-positions").get_by_label("Title").last.input_value() == "Platform Engineer"
    assert await faults(page) == []
    await page.locator("#rows-positions").get_by_label("To", exact=True).nth(1).fill("present")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#facts").get_by_role("status")).to_contain_text("saved")
    async with house.db.transaction() as tx:
        found = await reading.latest(tx, seeker)
    assert found is not None
    assert (found.facts.name, found.facts.positions[-1].title) == ("Jane A. Roe", "Platform Engineer")
    assert "Python" not in found.facts.skills
    page.on("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name="Undo all corrections").click()
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Jane Roe")
    await expect(page.get_by_label("Python", exact=True)).to_be_checked()
    assert house.violations == []
