"""The operator's scales, at both widths: what each said, and a switch back in place."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from app.bots.match import scales
from app.bots.match.scale import packaged
from tests.browser.house import House
from tests.browser.test_faces import faults
from tests.match.test_refit import learned_scale


@pytest.mark.parametrize(("dark", "phone"), [(False, False), (True, True)])
async def test_scales_are_compared_and_switched(house: House, dark: bool, phone: bool) -> None:
    await house.add("operator", "Olu Bright")
    async with house.db.transaction() as tx:
        await scales.keep(tx, learned_scale("2026-11-01.1", better=False))
        await scales.keep(tx, learned_scale("2026-11-02.1"))
    page = await house.sign_in("Olu Bright", dark=dark, phone=phone)
    await page.goto("/operations")
    panel = page.locator("#scales")
    await expect(panel.locator("tr", has_text="2026-11-02.1")).to_contain_text("in force")
    await expect(panel.locator("tr", has_text="2026-11-01.1")).to_contain_text("not better")
    assert await faults(page) == []
    await panel.get_by_role("button", name=f"Use scale {packaged().version}").click()
    await expect(panel.locator("tr", has_text="packaged")).to_contain_text("in force")
    await expect(panel.locator("tr", has_text="2026-11-02.1")).to_contain_text("was in force")
    await panel.get_by_role("button", name="Learn again").click()
    await expect(page.locator("#toasts")).to_contain_text("A scale is learned now")
    assert await faults(page) == []
    assert house.violations == []
