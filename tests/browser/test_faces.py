"""The three faces in both themes: nothing that a screen reader trips over, nothing refused by the content policy."""

from __future__ import annotations

import asyncio
import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, WebSocketRoute, expect
from sqlalchemy import func, update

from app.applications import service as applications
from app.dispatch.heartbeats import WAKE
from app.dispatch.models import assignment
from tests.browser.house import House
from tests.browser.test_desk import go_available

SERIOUS = {"serious", "critical"}


async def faults(page: Page) -> list[str]:
    """Serious findings of axe, and whether anything is wider than the screen."""
    found = (await Axe().run(page)).response["violations"]
    told = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found if one["impact"] in SERIOUS]
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*told, f"{wide} px too wide"] if wide > 0 else told


async def furnished(house: House) -> None:
    """One review on the desk, one waiting, one application under way, one match."""
    await house.add("employee", "Ada King")
    await house.add("supervisor", "Sue Park")
    seeker = await house.seeker_with_resume()
    await house.matched(seeker, await house.posting("Platform Engineer"))
    await house.review(seeker, await house.posting("Data Engineer"))
    await house.review(seeker, await house.posting())
    under_way = await house.posting("Staff Engineer, Ledger")
    async with house.db.transaction() as tx:
        app = await applications.approve(
            tx, seeker_id=seeker, posting_id=under_way.id, score=94, resume_version_id=None
        )
        await applications.progress(tx, app.id, 75, "Filling page 2 of 2, reading back…")


@pytest.mark.parametrize(("dark", "phone"), [(False, False), (True, True)])
async def test_no_serious_faults(house: House, dark: bool, phone: bool) -> None:
    await furnished(house)
    desk = await house.sign_in_by_hand("Ada King", dark=dark, phone=phone)
    assert await faults(desk) == [], "paused"
    await desk.locator("#work").get_by_role("button", name="Go Available").click()
    await expect(desk.locator("#review-form")).to_be_visible()
    assert await faults(desk) == [], "on a review"
    await desk.goto("/desk/history")
    assert await faults(desk) == [], "history"

    board = await house.sign_in_by_hand("Sue Park", dark=dark, phone=phone)
    await expect(board.locator("#reviews tbody .meter")).to_have_count(1)
    assert await faults(board) == [], "board"
    await board.goto("/operations")
    assert await faults(board) == [], "operations"

    portal = await house.sign_in_by_hand("Jane Roe", dark=dark, phone=phone)
    for path in ("/portal", "/portal/matches", "/portal/applications", "/portal/profile"):
        await portal.goto(path)
        await expect(portal.locator("[data-live-state]")).to_have_text("live")
        assert await faults(portal) == [], path
    assert house.violations == []


async def test_the_board_and_the_portal_change_without_reload(house: House) -> None:
    await house.add("employee", "Ada King")
    await house.add("supervisor", "Sue Park")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    board, portal = await house.sign_in("Sue Park"), await house.sign_in("Jane Roe", phone=True)
    await expect(board.locator("#reviews")).to_contain_text("No open reviews")
    for page in (board, portal):
        await expect(page.locator("[data-live-state]")).to_have_text("live")
        await page.evaluate("window.same = true")

    desk = await house.sign_in("Ada King")
    await go_available(desk)
    await expect(board.locator("#wall .roof.lit")).to_have_count(1)
    app = await house.review(seeker, posting)
    card = portal.locator(f"#card-{app.id}")
    await expect(card).to_contain_text("with a reviewer")
    await expect(board.locator("#reviews")).to_contain_text("Senior Backend Engineer")
    await expect(board.locator("#reviews")).to_contain_text("Why Ada K.")
    await expect(board.locator("#wall .roof.busy")).to_have_count(1)

    await expect(desk.locator("#review-form")).to_be_visible()
    await desk.keyboard.press("Control+Enter")
    await expect(board.locator("#reviews")).to_contain_text("No open reviews")
    await expect(card).to_contain_text("applying")
    async with house.db.transaction() as tx:
        await applications.progress(tx, app.id, 75, "Filling page 2 of 2")
    await expect(card.locator("progress")).to_have_attribute("value", "75")
    for page in (board, portal):
        assert await page.evaluate("window.same")


async def time_runs_out(house: House) -> None:
    """Move the open assignments' clocks to their end; the dispatcher does the rest."""
    past = func.clock_timestamp()
    async with house.db.transaction() as tx:
        ended = update(assignment).where(assignment.c.state == "open")
        await tx.conn.execute(ended.values(grace_at=past, warn_at=past, deadline_at=past))
        tx.hint(WAKE)


async def test_a_strike_is_told_appealed_and_voided(house: House) -> None:
    await house.add("employee", "Ada King")
    await house.add("supervisor", "Sue Park")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    desk, board = await house.sign_in("Ada King"), await house.sign_in("Sue Park")
    await go_available(desk)
    await house.review(seeker, posting)
    await expect(desk.locator("#review-form")).to_be_visible()
    await desk.wait_for_timeout(500)  # it is acknowledged: without that there is no strike
    await time_runs_out(house)
    await expect(desk.locator("#toasts")).to_contain_text("Its time ran out")
    await expect(board.locator("#violations")).to_contain_text("1st strike")

    await desk.goto("/desk/history")
    await desk.locator("#strikes summary").click()
    await desk.get_by_placeholder("Why should it not count?").fill("The page froze.")
    await desk.get_by_role("button", name="Appeal").click()
    await expect(desk.locator("#strikes")).to_contain_text("You said: “The page froze.”")
    await expect(board.locator("#violations")).to_contain_text("The page froze.")
    await board.get_by_placeholder("Why?").fill("It did freeze.")
    await board.get_by_role("button", name="Void").click()
    await expect(board.locator("#violations")).to_contain_text("No strikes that count")
    await desk.reload()
    await expect(desk.locator("#strikes")).to_contain_text("voided: It did freeze.")
    assert house.violations == []


async def test_a_lost_connection_is_said_and_comes_back_by_itself(house: House) -> None:
    await house.add("employee", "Ada King")
    page = await (await house.context()).new_page()
    open_door, sockets = asyncio.Event(), []
    open_door.set()

    async def through(socket: WebSocketRoute) -> None:
        await open_door.wait()
        sockets.append(socket)
        socket.connect_to_server()

    await page.route_web_socket("**/ws/realtime/", through)
    await house.sign_in("Ada King", page=page)
    state = page.locator("[data-live-state]")
    await expect(state).to_have_text("live")
    open_door.clear()
    await sockets[0].close(code=1012)
    await expect(state).to_have_text("offline")
    await expect(page.get_by_text("Trying again by itself")).to_be_visible()
    open_door.set()
    await expect(state).to_have_text("live")
    await expect(page.get_by_text("Trying again by itself")).to_be_hidden()


async def test_sign_up_tells_nobody_who_is_here(house: House) -> None:
    page = await (await house.context(phone=True)).new_page()
    for _ in range(2):
        await page.goto("/sign-up")
        await page.get_by_label("Your name").fill("Nora Lind")
        await page.get_by_label("Mail address").fill("nora@cabrank.test")
        await page.get_by_label("Password").fill("a sentence is good")
        await page.get_by_role("button", name="Create account").click()
        await expect(page.get_by_role("status").filter(has_text="Your account is ready")).to_be_visible()
    await page.get_by_label("Mail address").fill("nora@cabrank.test")
    await page.get_by_label("Password").fill("a sentence is good")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Start with your resume")).to_be_visible()
    await page.get_by_role("link", name="Upload a resume").click()
    with_text = {"name": "nora.txt", "mimeType": "text/plain", "buffer": b"Nora Lind\nnora@cabrank.test\n\nSKILLS\nSQL"}
    await page.locator("#file").set_input_files(with_text)
    await expect(page.locator("#resumes")).to_contain_text("nora.txt")
    await expect(page.locator("#resumes")).to_contain_text("reading…")
    await page.locator("#file").set_input_files(
        {"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\x00"}
    )
    await expect(page.locator("#resumes")).to_contain_text("can't be read")
    await page.goto("/portal/profile")
    await page.get_by_label("Phone").fill("+44 20 7946 0000")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#profile")).to_contain_text("saved")
    await page.reload()
    assert re.search("7946", await page.get_by_label("Phone").input_value())
    assert house.violations == []
