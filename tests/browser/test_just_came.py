"""What is pressed for one review is no verdict on the next, which comes while one presses."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.house import House
from tests.browser.test_acts import at_work, status

PRESS = """() => document.addEventListener("htmx:afterSettle", () => {
  const now = document.querySelector("#work [data-assignment]")?.dataset.assignment;
  if (!now || now === window.pressedFor) return;
  window.pressedFor = now;
  document.querySelector("[data-main]").click();
})"""


async def impatient(page: Page) -> None:
    """Somebody who presses Approve for each review that comes, the moment it is there."""
    await page.evaluate(
        "() => { window.pressedFor = document.querySelector('#work [data-assignment]').dataset.assignment }"
    )
    await page.evaluate(PRESS)
    await page.keyboard.press("Control+Enter")
    await page.keyboard.press("Control+Enter")  # the first one leaves at once


async def test_a_press_for_the_review_before_approves_nothing(house: House) -> None:
    page, first = await at_work(house)
    second = await house.review(first.seeker_id, await house.posting("Data Engineer"))
    await impatient(page)
    await expect(page.locator("#work h1")).to_contain_text("Data Engineer")
    await expect(page.locator("#toasts")).to_contain_text("This review has just come")
    await expect(page.locator("#undo")).to_be_hidden()
    assert await status(house, first) == "applying"
    await page.wait_for_timeout(1000)  # by now one has had a glance at it
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#undo")).to_contain_text("Approved")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#work")).to_contain_text("approved")
    assert await status(house, second) == "applying"
    assert house.violations == []


async def test_nor_does_it_a_moment_after_the_desk_was_empty(house: House) -> None:
    page, first = await at_work(house)
    await impatient(page)
    await expect(page.locator("#work")).to_contain_text("approved")
    second = await house.review(first.seeker_id, await house.posting("Data Engineer"))
    await expect(page.locator("#work h1")).to_contain_text("Data Engineer")
    await expect(page.locator("#toasts")).to_contain_text("This review has just come")
    await expect(page.locator("#undo")).to_be_hidden()
    assert await status(house, second) == "in_review"
