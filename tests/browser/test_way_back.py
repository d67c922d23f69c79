"""Signed out elsewhere: the page leads to the door, and the door back to where the person was."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.browser.house import PASSWORD, House


async def _sign_in_again(page: Page) -> None:
    await page.get_by_label("Mail address").fill("ada@cabrank.test")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()


async def test_who_is_signed_out_elsewhere_comes_back_to_where_they_were(house: House) -> None:
    await house.add("employee", "Ada King")
    page = await house.sign_in("Ada King")
    other = await page.context.new_page()  # another tab of the same session
    await other.goto("/desk/history?words=data+eng&time=no")
    await expect(other.locator("[data-live-state]")).to_have_text("live")
    await page.get_by_role("button", name="Sign out Ada King").click()
    await page.wait_for_url("/sign-in")  # who signs out has nowhere to go back to
    await other.wait_for_url(re.compile("/sign-in"))
    await expect(other.get_by_text("you go on where you were")).to_be_visible()
    await _sign_in_again(other)
    await other.wait_for_url("/desk/history?words=data+eng&time=no")
    await expect(other.get_by_label("Words in the title")).to_have_value("data eng")
    assert house.violations == []
