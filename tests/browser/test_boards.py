"""The supervisor's boards in real browsers: filters, ten thousand rows, orders, appeals, locks."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from app.dispatch import service as dispatch
from tests.browser.crowded import crowd
from tests.browser.house import House
from tests.browser.test_faces import faults

ROWS = "#rows tr[data-mark]"


async def board_of(house: House, path: str = "", **how: bool) -> Page:
    """A supervisor's board that is live."""
    await house.add("supervisor", "Sue Park")
    page = await house.sign_in("Sue Park", **how)
    if path:
        await page.goto(path)
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    return page


async def test_ten_thousand_rows_scroll_and_are_walked_by_keys(house: House) -> None:
    await crowd(house.db, reviews=10_000, people=40, held=20)
    page = await board_of(house)
    scroller, titles = page.locator("#reviews .rows"), page.locator(f"{ROWS} .cut:first-child")
    await expect(page.locator("#reviews [data-count]")).to_have_text("10000")
    assert await page.locator(ROWS).count() < 200
    for share in (0.25, 0.7, 0.999, 0.4):
        await scroller.evaluate("(all, share) => { all.scrollTop = all.scrollHeight * share }", share)
        await page.wait_for_function(IN_SIGHT)
        assert await page.locator(ROWS).count() < 200
    height = await scroller.evaluate("all => all.scrollHeight")
    assert height == pytest.approx(10_000 * 52 + 32, abs=2)

    await scroller.focus()
    await page.keyboard.press("End")
    last = page.locator(f"{ROWS}:focus")
    await expect(last).to_have_attribute("aria-rowindex", "10001")
    await page.keyboard.press("k")
    await expect(last).to_have_attribute("aria-rowindex", "10000")
    await page.keyboard.press("Home")
    await expect(last).to_have_attribute("aria-rowindex", "2")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(page.locator("#bulk")).to_contain_text("1 selected")
    await page.keyboard.press("Enter")
    await expect(page.locator("#opened")).to_contain_text("History")
    await page.keyboard.press("Escape")
    await expect(page.locator("#side")).to_be_hidden()
    await expect(last).to_have_attribute("aria-rowindex", "3")
    await expect(titles.first).to_contain_text("Question")
    assert house.violations == []


# whether every row in sight is here, and none is a drawn line
IN_SIGHT = """() => {
  const box = document.querySelector("#reviews .rows").getBoundingClientRect();
  const sample = [60, 200, 300, 400].map((y) => document.elementFromPoint(box.left + 260, box.top + y));
  return sample.every((one) => one?.closest("tr[data-mark]"));
}"""


async def test_filters_stay_in_the_address(house: House) -> None:
    await crowd(house.db, reviews=300, people=30, held=12)
    async with house.db.transaction() as tx:
        await dispatch.add_pool(tx, actor=None, name="Law", group="Law people")
        await dispatch.file_review(tx, kind="question", title="Which 100% visa?", pool="Law")
    page = await board_of(house)
    count = page.locator("#reviews [data-count]")
    await expect(count).to_have_text("301")
    for label, option, found in (("State", "Snoozed", "30"), ("State", "With a person", "12")):
        await page.get_by_label(label, exact=True).select_option(label=option)
        await expect(count).to_have_text(found)
    await expect(page).to_have_url(re.compile("state=assigned"))
    person = await page.locator(f"{ROWS} td:nth-child(5)").first.text_content()
    await page.get_by_label("With whom").fill((person or "").strip().removesuffix("."))
    await expect(count).not_to_have_text("12")
    await page.reload()
    await expect(page.get_by_label("State", exact=True)).to_have_value("assigned")
    await expect(count).not_to_have_text("12")
    await page.get_by_role("link", name="Clear").click()
    await expect(count).to_have_text("301")
    await page.locator("body").press("f")
    await page.keyboard.type("100% VISA")
    await expect(page.locator(ROWS)).to_have_count(1)
    await expect(page.locator(ROWS)).to_contain_text("Which 100% visa?")
    await page.get_by_label("Find by title").fill("nothing like it")
    await expect(page.locator("#rows")).to_contain_text("No open review matches")
    await page.get_by_role("link", name="Clear").click()
    await page.get_by_label("Pool", exact=True).select_option(label="Law")
    await expect(count).to_have_text("1")
    assert house.violations == []


async def filed(house: House, *titles: str) -> None:
    """Questions in the general pool, which waits."""
    async with house.db.transaction() as tx:
        await dispatch.ensure_defaults(tx)
        pool = (await dispatch.list_pools(tx))[0]
        if not pool.paused_at:
            boss = await house.add("supervisor", "Pat Pool")
    async with house.db.transaction() as tx:
        if not pool.paused_at:
            await dispatch.pause_pool(tx, pool.id, actor=boss, paused=True, reason="a test")
        for title in titles:
            await dispatch.file_review(tx, kind="question", title=title)


async def test_a_review_is_given_transferred_and_taken_back_in_the_panel(house: House) -> None:
    await house.add("employee", "Ada King")
    await house.add("employee", "Bo Lund")
    await filed(house, "Which visa?")
    page = await board_of(house)
    await page.locator(ROWS).click()
    panel = page.locator("#opened")
    await expect(panel).to_contain_text("Filed")
    await panel.get_by_label("Reason; it is kept").fill("she knows it")
    await panel.get_by_label("Give it to").fill("Ada King")
    await panel.get_by_role("button", name="Assign").click()
    await expect(page.locator("#toasts")).to_contain_text("Ada King has no capacity left, or is paused")
    await expect(panel.get_by_label("Reason; it is kept")).to_have_value("she knows it")
    await panel.get_by_label("Even above their capacity").check()
    await panel.get_by_role("button", name="Assign").click()
    await expect(panel.get_by_role("status")).to_contain_text("Given; the clock runs until")
    await expect(panel).to_contain_text("Why Ada King: given by Sue Park (she knows it).")
    await expect(page.locator(ROWS)).to_contain_text("Ada K.")

    async with house.db.transaction() as tx:  # somebody else is quicker
        (one,) = await dispatch.list_reviews(tx)
        boss = await house.add("supervisor", "Rae Dunn")
        people = {each.name: each.id for each in await dispatch.list_employees(tx)}
    await panel.get_by_label("Reason; it is kept").fill("my own choice")
    async with house.db.transaction() as tx:
        given = {"actor": boss, "reason": "first", "ignore_capacity": True, "rules": house.process.settings}
        given["rules"] = dispatch.rules_of(house.settings)
        await dispatch.transfer(tx, one.review.id, employee_id=people["Bo Lund"], **given)
    await panel.get_by_role("button", name="Take it back from Ada King").click()
    await expect(page.locator("#toasts")).to_contain_text(re.compile("Bo Lund got it at .* after you looked"))
    await expect(panel.get_by_label("Reason; it is kept")).to_have_value("my own choice")
    await page.keyboard.press("Escape")
    await page.locator("#opened").get_by_role("button", name="Close the review").click()
    await page.locator(ROWS).click()
    await panel.get_by_label("Reason; it is kept").fill("too slow")
    await panel.get_by_role("button", name="Take it back from Bo Lund").click()
    await expect(panel.get_by_role("status")).to_contain_text("Taken back into the queue.")
    await panel.get_by_label("Reason; it is kept").fill("urgent")
    await panel.get_by_label("Priority, -100 to 100").fill("7")
    await panel.get_by_role("button", name="Set the priority").click()
    await expect(panel).to_contain_text("priority 7")
    await expect(panel).to_contain_text("Priority 7. urgent")
    assert await faults(page) == []
    assert house.violations == []


async def test_a_bulk_act_is_shown_before_it_is_done(house: House) -> None:
    await house.add("employee", "Ada King")
    async with house.db.transaction() as tx:
        (ada,) = await dispatch.list_employees(tx)
        await dispatch.change_employee(tx, ada.id, actor=ada.id, capacity=2)
        await dispatch.set_availability(tx, ada.id, "available")
    await filed(house, "First", "Second", "Third")
    page = await board_of(house)
    for _ in range(3):
        await page.keyboard.press("j")
        await page.keyboard.press("x")
    bulk, plan = page.locator("#bulk"), page.locator("#plan")
    await expect(bulk).to_contain_text("3 selected")
    await bulk.get_by_label("Give them to").fill("Ada King")
    await bulk.get_by_label("Reason, for all of them").fill("before lunch")
    await bulk.get_by_role("button", name="Preview").click()
    await expect(plan.get_by_role("heading")).to_have_text("Give 2 of 3")
    await expect(plan.locator("tbody tr").nth(0)).to_contain_text("Goes to Ada King (1 of 2), with a new clock.")
    await expect(plan.locator("tbody tr").nth(2)).to_contain_text("refused Ada King has no capacity left (2 of 2).")
    assert await faults(page) == []
    async with house.db.transaction() as tx:
        assert {one.review.state for one in await dispatch.list_reviews(tx)} == {"queued"}, "nothing has happened"
        first = next(one for one in await dispatch.list_reviews(tx) if one.review.title == "First")
        boss = await house.add("supervisor", "Rae Dunn")
    async with house.db.transaction() as tx:  # and in the meantime one of them goes elsewhere
        rules = dispatch.rules_of(house.settings)
        await dispatch.assign(tx, first.review.id, actor=boss, employee_id=ada.id, rules=rules, reason="mine")
    await plan.get_by_role("button", name="Give 2").click()
    await expect(plan.get_by_role("heading")).to_have_text("1 done, 1 refused")
    await expect(plan).to_contain_text(re.compile("Ada King got it at .*, after you looked."))
    await plan.get_by_role("button", name="Close").click()
    await expect(bulk).to_be_hidden()
    await expect(page.locator(f"{ROWS} .meter")).to_have_count(2)
    assert house.violations == []


async def test_a_lock_is_seen_on_the_page_of_who_is_locked(house: House) -> None:
    await house.add("employee", "Ada King")
    desk, page = await house.sign_in("Ada King"), await board_of(house)
    await page.locator("#people-rows tr", has_text="Ada King").click()
    panel = page.locator("#opened")
    await panel.get_by_label("Reason, or the message").fill("Please call me.")
    await panel.get_by_role("button", name="Send the message").click()
    await expect(desk.locator("#toasts")).to_contain_text("Please call me.")
    await expect(panel.get_by_role("status")).to_have_text("Sent to their page.")
    await panel.get_by_label("Reason, or the message").fill("lost laptop")
    await panel.get_by_role("button", name="Lock the account").click()
    await expect(panel.get_by_role("status")).to_contain_text("Locked")
    await expect(page.locator("#people-rows .roof.locked")).to_have_count(1)
    await expect(desk.get_by_text("Your account is locked").first).to_be_visible()
    await panel.get_by_label("Reason, or the message").fill("found again")
    await panel.get_by_role("button", name="Unlock").click()
    await expect(panel.get_by_role("status")).to_contain_text("Unlocked")
    await expect(page.locator("#people-rows .roof.locked")).to_have_count(0)
    assert await faults(page) == []
    assert house.violations == []
