"""The page of operations in a real browser: an unknown attempt is decided, the log is searched."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from app.accounts import audit
from app.applications import intents, outcomes
from app.applications import service as applications
from app.applications.types import Application, Attempt
from app.platform import queue
from app.platform.queue import task
from tests.browser.house import House
from tests.browser.test_faces import faults

RUN = Attempt(task_id=UUID(int=7), epoch=1)


async def unknown_attempt(house: House, title: str = "Staff Engineer, Ledger") -> Application:
    """An application whose request left, and whose answer nobody saw."""
    seeker = await house.seeker_with_resume()
    posting = await house.posting(title)
    async with house.db.transaction() as tx:
        app = await applications.approve(tx, seeker_id=seeker, posting_id=posting.id, score=94, resume_version_id=None)
        made = await intents.prepare(tx, app, RUN, [])
        await intents.arm(tx, made.id, RUN, request={"method": "POST"}, answers=[])
        marked = await intents.mark_unknown(tx, made.id, RUN, response={"status": 502})
        await outcomes.unknown(tx, marked, "The answer was lost.")
        await tx.conn.execute(update(task).values(state="done"))
    return app


async def status_of(house: House, app: Application) -> str:
    async with house.db.transaction() as tx:
        return (await applications.get(tx, app.id)).status


async def test_an_unknown_attempt_is_decided_by_keyboard_and_kept_in_the_log(house: House) -> None:
    await house.add("supervisor", "Sue Park")
    app = await unknown_attempt(house)
    page = await house.sign_in("Sue Park")
    await page.goto("/operations")
    panel = page.locator("#unknown")
    await expect(panel).to_contain_text("Staff Engineer, Ledger at Northwind Payments")
    await expect(panel).to_contain_text("the site answered 502")
    note = panel.get_by_placeholder("How did you find out?")
    await note.focus()
    await page.keyboard.press("Tab")
    await page.keyboard.type("N-7")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await note.evaluate("e => e.validity.valueMissing"), "without a note nothing is decided"
    assert await status_of(house, app) == "needs_attention"
    await note.fill("Their page lists it.")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(panel).to_contain_text("Nothing to decide")
    assert await status_of(house, app) == "applied"
    await page.locator(".top").get_by_role("link", name="Audit log").click()
    line = page.locator("tbody tr", has_text="intent.resolve")
    await expect(line).to_contain_text("Sue Park")
    await expect(line).to_contain_text("Their page lists it.")
    assert house.violations == []


async def test_what_somebody_else_decided_is_told_and_the_note_stays(house: House) -> None:
    boss = await house.add("supervisor", "Sue Park")
    app = await unknown_attempt(house)
    page = await house.sign_in("Sue Park")
    await page.goto("/operations")
    note = page.locator("#unknown").get_by_placeholder("How did you find out?")
    await note.fill("I asked them.")
    async with house.db.transaction() as tx:
        (standing,) = await intents.of_application(tx, app.id)
        await applications.resolve_unknown(tx, standing.id, sent=True, note="x", by=boss)
    await page.get_by_role("button", name="It was not sent").click()
    await expect(page.locator("#toasts")).to_contain_text("isn't unknown any more")
    await expect(note).to_have_value("I asked them.")
    assert await status_of(house, app) == "applied"


async def test_the_log_is_searched_and_paged(house: House) -> None:
    await house.add("operator", "Olga Reyes")
    async with house.db.transaction() as tx:
        for n in range(60):
            await audit.record(tx, actor=None, action="user.lock", subject_type="user", subject_id=n, reason=f"no. {n}")
        await audit.record(
            tx, actor=None, action="pool.pause", subject_type="pool", subject_id="p", data={"was": "<b>"}
        )
    page = await house.sign_in("Olga Reyes")
    await page.goto("/operations/audit")
    await page.get_by_label("Did what").fill("user.lock")
    await page.keyboard.press("Enter")
    await expect(page.locator("tbody tr")).to_have_count(50)
    await page.get_by_role("link", name="Older").click()
    await expect(page.locator("tbody tr")).to_have_count(10)
    await expect(page.get_by_label("Did what")).to_have_value("user.lock")
    await expect(page.get_by_role("link", name="Older")).to_have_count(0)
    await page.get_by_role("link", name="Newest").click()
    await expect(page.locator("tbody tr").first).to_contain_text("no. 59")
    await page.get_by_label("To what").fill("pool")
    await page.get_by_role("button", name="Find").click()
    await expect(page.locator("tbody")).to_contain_text("Nothing like this was done")
    await page.get_by_label("Did what").fill("")
    await page.get_by_role("button", name="Find").click()
    await page.locator("tbody summary").click()
    await expect(page.locator("tbody dd")).to_have_text("<b>")
    assert house.violations == []


@pytest.mark.parametrize(("dark", "phone"), [(False, False), (True, True)])
async def test_no_serious_faults(house: House, dark: bool, phone: bool) -> None:
    await house.add("supervisor", "Sue Park")
    await unknown_attempt(house)
    async with house.db.transaction() as tx:
        await queue.add(tx, "match.posting", "a")
    page = await house.sign_in("Sue Park", dark=dark, phone=phone)
    for path in ("/operations", "/operations/audit", "/operations/audit?from=soon"):
        await page.goto(path)
        await expect(page.locator("[data-live-state]")).to_have_text("live")
        assert await faults(page) == [], path
    await expect(page.get_by_role("alert").filter(has_text="can't be looked up")).to_be_visible()
    assert house.violations == []
