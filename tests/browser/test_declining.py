"""Declining: a no before anything was begun, by key and by name, and what it costs after the warning."""

from __future__ import annotations

from playwright.async_api import expect
from sqlalchemy import func, update

from app.dispatch import service as dispatch
from app.dispatch.heartbeats import WAKE
from app.dispatch.models import assignment
from tests.browser.house import House
from tests.browser.test_acts import at_work
from tests.browser.test_desk import go_available
from tests.browser.test_faces import faults


async def test_who_declines_hands_it_to_the_next_and_can_undo(house: House) -> None:
    page, _ = await at_work(house)
    await house.add("employee", "Ben Frost")
    ben = await house.sign_in("Ben Frost")
    await go_available(ben)
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_contain_text("Decline")
    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    await expect(page.locator("#decline")).to_contain_text("It goes to the next person in line")
    await expect(page.locator("#decline")).to_contain_text("now it doesn't")
    assert await faults(page) == []
    await page.keyboard.press("Control+Enter")
    why = page.get_by_label("Why is it not for you?")
    await expect(why).to_be_visible()  # it wants a reason
    await page.keyboard.type("I know the seeker.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#undo")).to_contain_text("Declined")
    await page.keyboard.press("z")
    await expect(why).to_have_value("I know the seeker.")
    await page.keyboard.press("Escape")

    await page.keyboard.press("Control+k")
    await page.keyboard.type("decline")
    await page.keyboard.press("Enter")
    await expect(why).to_be_focused()
    await page.keyboard.press("Control+Enter")
    await expect(ben.locator("#review-form")).to_be_visible()
    await expect(page.locator("#work")).to_contain_text("declined")
    await page.goto("/desk/history")
    await expect(page.locator("#strikes")).to_contain_text("None.")
    assert house.violations == []


async def test_what_is_begun_is_handed_back_and_not_declined(house: House) -> None:
    page, _ = await at_work(house)
    decline = page.get_by_role("button", name="Decline… N")
    await expect(decline).to_be_visible()
    await page.locator("[data-section] textarea").first.fill("Jane Roe\nLeeds, and nowhere else")
    await expect(decline).to_have_count(0)
    await expect(page.locator("#draft-state")).to_have_text("draft saved")
    await page.reload()
    await expect(page.get_by_role("button", name="Hand back… H")).to_be_visible()
    await page.keyboard.press("n")
    await page.keyboard.press("h")
    await expect(page.locator("#hand-back")).to_be_visible()
    await expect(page.locator("dialog[open]")).to_have_count(1)
    await expect(page.locator("#decline")).to_have_count(0)
    await expect(page.locator("#hand-back")).to_contain_text("You have begun it, so it can no longer be declined.")


async def test_after_the_warning_declining_is_a_miss(house: House) -> None:
    page, _ = await at_work(house)
    async with house.db.transaction() as tx:
        warned = update(assignment).where(assignment.c.state == "open")
        await tx.conn.execute(warned.values(warn_at=func.clock_timestamp()))
        tx.hint(WAKE)
    await expect(page.locator("#top")).to_contain_text("Warned at")
    await page.keyboard.press("n")
    await expect(page.locator("#decline").get_by_text("counts as Missed")).to_be_visible()
    await page.keyboard.type("I know the seeker.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#work")).to_contain_text("missed")
    async with house.db.transaction() as tx:
        (me,) = await dispatch.list_employees(tx)
        (struck,) = await dispatch.strikes_of(tx, me.id)
    assert struck.evidence["reason"] == "declined"
    assert house.violations == []
