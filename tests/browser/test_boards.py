"""The supervisor's boards in real browsers: filters, ten thousand rows, orders, appeals, locks."""

from __future__ import annotations

import asyncio
import itertools
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.async_api import Page, Route, expect
from sqlalchemy import insert

from app.dispatch import service as dispatch
from app.dispatch.models import strike
from app.dispatch.policy.types import Rules
from app.platform.clock import monotonic
from app.platform.ids import new_id
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


async def quiet(page: Page) -> None:
    """What the start asks for has been asked for: there was nothing more for half a second."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    before = -1
    async with asyncio.timeout(30):
        while len(asked) != before:
            before = len(asked)
            await asyncio.sleep(0.5)


async def test_a_tall_screen_is_filled_and_then_asks_no_more(house: House) -> None:
    await crowd(house.db, reviews=500)
    page = await board_of(house)
    await page.set_viewport_size({"width": 1440, "height": 4000})
    await page.locator("#reviews .rows").evaluate("all => { all.scrollTop = 52 * 100 }")
    await expect(page.locator(ROWS).nth(80)).to_be_attached()
    await quiet(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.wait_for_timeout(1000)
    assert len([url for url in asked if "/board/rows" in url]) < 3, "but for what it asks each 15 seconds"


async def test_what_is_refused_is_asked_for_again_after_a_second(house: House) -> None:
    await crowd(house.db, reviews=2_000)
    page = await board_of(house)
    await quiet(page)
    tries: list[float] = []

    async def refused(route: Route) -> None:
        tries.append(monotonic())
        await (route.continue_() if len(tries) > 3 else route.fulfill(status=503) if len(tries) == 2 else route.abort())

    await page.route("**/board/rows*", refused)
    await page.locator("#reviews .rows").evaluate("all => { all.scrollTop = all.scrollHeight * 0.7 }")
    await page.wait_for_function(IN_SIGHT)
    assert all(later - one > 0.9 for one, later in itertools.pairwise(tries[:4])), tries


async def test_who_has_scrolled_far_hears_of_what_is_new_at_once(house: House) -> None:
    await crowd(house.db, reviews=2_000)
    page = await board_of(house)
    scroller, asked = page.locator("#reviews .rows"), []
    page.on("request", lambda request: asked.append(request.url))
    for share in range(1, 20):
        await scroller.evaluate("(all, share) => { all.scrollTop = all.scrollHeight * share / 20 }", share)
        await page.wait_for_function(IN_SIGHT)
    assert len([url for url in asked if "/board/rows" in url]) >= 19, "each place was asked for"
    async with house.db.transaction() as tx:
        await dispatch.file_review(tx, kind="question", title="New")
    await expect(page.locator("#reviews [data-count]")).to_have_text("2001", timeout=1_500)


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
        await dispatch.transfer(
            tx,
            one.review.id,
            actor=boss,
            employee_id=people["Bo Lund"],
            rules=dispatch.rules_of(house.settings),
            reason="first",
            ignore_capacity=True,
        )
    await panel.get_by_role("button", name="Take it back from Ada King").click()
    await expect(page.locator("#toasts")).to_contain_text(re.compile("Bo Lund got it at .* after you looked"))
    await expect(panel.get_by_label("Reason; it is kept")).to_have_value("my own choice")
    await page.keyboard.press("Escape")
    await expect(page.locator("#side")).to_be_hidden()
    await page.locator(ROWS).click()
    await expect(panel.get_by_label("Reason; it is kept")).to_have_value("my own choice")  # nothing written is lost
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
    await expect(desk.get_by_role("heading", name="Sign in")).to_be_visible()  # what was open is over
    await house.sign_in("Ada King", page=desk)
    await expect(desk.get_by_role("heading", name="Your account is locked")).to_be_visible()
    await panel.get_by_label("Reason, or the message").fill("found again")
    await panel.get_by_role("button", name="Unlock").click()
    await expect(panel.get_by_role("status")).to_contain_text("Unlocked")
    await expect(page.locator("#people-rows .roof.locked")).to_have_count(0)
    assert await faults(page) == []
    assert house.violations == []


async def struck(house: House, *names: str) -> list[UUID]:
    """A strike for each of these people, with what it stands on."""
    rules, made = dispatch.rules_of(house.settings), []
    for name in names:
        person = await house.add("employee", name)
        async with house.db.transaction() as tx:
            filed = await dispatch.file_review(tx, kind="question", title=f"Visa of {name}")
            given = await dispatch.assign(
                tx, filed.id, actor=person, employee_id=person, rules=rules, ignore_capacity=True
            )
            row = {"id": new_id(), "employee_id": person, "assignment_id": given.id, "level": "noted", "count": 1}
            at = given.assigned_at.isoformat()
            row["evidence"] = {"delivered_at": at, "seen_at": at, "presence": "assignable"}
            await tx.conn.execute(insert(strike).values(row))
            made.append(row["id"])
    return made


async def test_appeals_are_decided_one_after_another_by_keys(house: House) -> None:
    strikes = await struck(house, "Ada King", "Bo Lund", "Cy Moss")
    async with house.db.transaction() as tx:
        people = {one.name: one.id for one in await dispatch.list_employees(tx)}
    for name, one in zip(("Ada King", "Bo Lund", "Cy Moss"), strikes, strict=True):
        async with house.db.transaction() as tx:
            await dispatch.appeal(tx, people[name], one, f"It froze, says {name}.")
    page = await board_of(house, "/board/violations")
    inbox = page.locator("#inbox")
    await expect(inbox).to_contain_text("1 of 3")
    await expect(inbox).to_contain_text("“It froze, says Ada King.”")
    await expect(inbox).to_contain_text("Connected at its end.")
    assert await faults(page) == []
    await page.keyboard.press("n")
    await expect(inbox).to_contain_text("says Bo Lund.")
    await inbox.get_by_label("Why; Bo L. reads it").fill("the log says so too")
    await page.locator("body").click(position={"x": 5, "y": 400})
    await page.keyboard.press("v")
    await expect(inbox).to_contain_text("1 of 2")
    await expect(inbox).to_contain_text("says Ada King.")
    await page.keyboard.press("u")  # without a reason nothing is decided: the field asks for it
    await expect(inbox.get_by_label("Why; Ada K. reads it")).to_be_focused()
    await page.keyboard.type("connected throughout")
    await inbox.get_by_role("button", name="Uphold it").click()
    await expect(inbox).to_contain_text("1 of 1")
    await expect(page.locator("#ledger")).to_contain_text("voided: the log says so too")
    await expect(page.locator("#ledger")).to_contain_text("upheld: connected throughout")
    await inbox.get_by_label("Why; Cy M. reads it").fill("ours")
    await inbox.get_by_role("button", name="Void the strike").click()
    await expect(inbox).to_contain_text("No appeal waits")
    assert house.violations == []


async def test_all_strikes_of_an_interval_are_voided_after_a_preview(house: House) -> None:
    await struck(house, "Ada King", "Bo Lund")
    page = await board_of(house, "/board/violations")
    part = page.locator("#interval")
    now = datetime.now(UTC)
    for label, at in (("From, UTC", now - timedelta(hours=2)), ("To, UTC", now + timedelta(hours=1))):
        await part.get_by_label(label).fill(at.strftime("%Y-%m-%dT%H:%M"))
    await part.get_by_label("Reason; it is kept").fill("Mail was down")
    await part.get_by_role("button", name="Preview").click()
    await expect(part).to_contain_text("2 strikes of 2 people would stop counting")
    assert await faults(page) == []
    await struck(house, "Cy Moss")  # what was not shown is not voided
    await part.get_by_role("button", name="Void these 2 strikes").click()
    await expect(page.locator("#toasts")).to_contain_text("It is 3 strikes now, not 2")
    await part.get_by_role("button", name="Preview").click()
    await part.get_by_role("button", name="Void these 3 strikes").click()
    await expect(part.get_by_role("status")).to_have_text("3 strikes voided.")
    await expect(page.locator("#ledger")).to_contain_text("voided: Mail was down")
    async with house.db.transaction() as tx:
        assert [
            one.counts
            for one in await dispatch.recent_strikes(tx, await dispatch.look(tx, None, rules=Rules(), ttl_seconds=35))
        ] == [False] * 3
    assert house.violations == []


@pytest.mark.parametrize(("dark", "phone"), [(False, False), (True, True)])
async def test_no_serious_faults_on_any_board(house: House, dark: bool, phone: bool) -> None:
    await struck(house, "Ada King")
    await crowd(house.db, reviews=200, people=30, held=12)
    page = await board_of(house, dark=dark, phone=phone)
    assert await faults(page) == [], "board"
    await page.locator(ROWS).first.click()
    await expect(page.locator("#opened")).to_be_visible()
    assert await faults(page) == [], "a review"
    await page.locator("#opened").get_by_role("button", name="Close").click()
    await page.locator("#people-rows tr", has_text="Person").first.click()
    await expect(page.locator("#opened")).to_be_visible()
    assert await faults(page) == [], "a person"
    await page.goto("/board?wall=1")
    await expect(page.locator("#screen tbody tr")).to_have_count(12)
    assert await faults(page) == [], "big screen"
    assert await page.locator("main button, main input, main select").count() == 0
    await page.keyboard.press("Escape")
    await page.wait_for_url("**/board")
    await page.goto("/board/violations")
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    assert await faults(page) == [], "violations"
    assert house.violations == []
