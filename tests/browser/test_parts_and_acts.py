"""A part that refreshes itself while a person acts in it: what the act answered is not drawn over by what is older."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Route, expect

from app.applications import service as applications
from tests.browser.house import House
from tests.browser.test_acts import at_work
from tests.browser.test_boards import board_of


class Held:
    """The first answer of one address, read when it was asked for and handed over when the test says so."""

    def __init__(self, method: str = "GET") -> None:
        self.method = method
        self.read = asyncio.Event()
        self.let_go = asyncio.Event()
        self.asked = 0

    async def __call__(self, route: Route) -> None:
        self.asked += route.request.method == self.method
        if self.asked == 1 and not self.read.is_set():
            answer = await route.fetch()
            self.read.set()
            await self.let_go.wait()
            await route.fulfill(response=answer)
        else:
            await route.fallback()


@pytest.mark.parametrize("whole", [True, False])
async def test_an_act_is_not_undone_by_what_was_asked_before_it(house: House, whole: bool) -> None:
    me = await house.seeker_with_resume()
    await house.matched(me, posting := await house.posting("Data Engineer"))
    page = await house.sign_in("Jane Roe", phone=True)
    held = Held()
    await page.goto("/portal/matches")
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    await quiet(page)
    part, path = ("#matches", "list*") if whole else (f"#match-{posting.id}", str(posting.number))
    await page.route(f"**/portal/matches/{path}", held)
    await page.evaluate("(part) => document.querySelector(part).dispatchEvent(new Event('refresh'))", part)
    async with asyncio.timeout(20):
        await held.read.wait()
    card = page.locator(f"#match-{posting.id}")
    await card.get_by_role("button", name="Not for me: Data Engineer").click()
    await expect(card).to_contain_text("Not for you: Data Engineer")
    held.let_go.set()
    async with asyncio.timeout(20):
        while held.asked < 2:  # what was asked before the act is asked again after it
            await asyncio.sleep(0.05)
    await quiet(page)
    await expect(card).to_contain_text("Not for you: Data Engineer")  # in a list that is without it by now as well
    await card.get_by_role("button", name="Undo").click()
    await expect(card.get_by_role("button", name="Apply", exact=True)).to_be_visible()


async def test_a_list_is_asked_for_without_its_cards(house: House) -> None:
    me = await house.seeker_with_resume()
    for title in ("Data Engineer", "Platform Engineer"):
        await house.matched(me, await house.posting(title))
    page = await house.sign_in("Jane Roe", phone=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    await page.goto("/portal/matches")
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    await quiet(page)
    assert asked.count("/portal/matches/list") >= 1, "what may have happened since the page was drawn"
    assert [path for path in asked if re.fullmatch(r"/portal/matches/\d+", path)] == []


async def test_a_card_is_asked_for_without_its_list(house: House) -> None:
    me, posting = await house.seeker_with_resume(), await house.posting()
    await house.matched(me, posting)
    async with house.db.transaction() as tx:
        app = await applications.approve(tx, seeker_id=me, posting_id=posting.id, score=94, resume_version_id=None)
    page = await house.sign_in("Jane Roe", phone=True)
    await page.goto("/portal/matches")
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    await quiet(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    async with house.db.transaction() as tx:
        await applications.progress(tx, app.id, 75, "Reading back…")
    await expect(page.locator(f"#card-{app.id} progress")).to_have_attribute("value", "75")
    await quiet(page)
    assert asked == [f"/portal/cards/{app.number}"]


async def test_what_is_on_the_desk_is_asked_for_beside_the_desk(house: House) -> None:
    """Which answers nothing while the same review is on it."""
    page, _ = await at_work(house)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    await page.reload()
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    await quiet(page)
    assert "/desk/work" in asked
    assert [path for path in asked if path.endswith("/earlier")] != []


async def test_what_an_act_answered_stays_through_a_refresh(house: House) -> None:
    await house.add("employee", "Ada King")
    page = await board_of(house)
    await page.locator("#people-rows tr", has_text="Ada King").click()
    panel = page.locator("#opened")
    await panel.get_by_label("Reason, or the message").fill("lost laptop")
    await panel.get_by_role("button", name="Lock the account").click()
    await expect(panel.get_by_role("status")).to_contain_text("Locked")
    async with page.expect_response("**/board/people/*"):
        await page.evaluate("() => document.querySelector('#opened').dispatchEvent(new Event('refresh'))")
    await quiet(page)
    await expect(panel.get_by_role("status")).to_contain_text("Locked")
    await expect(panel.get_by_role("button", name="Unlock")).to_be_visible()


async def test_what_is_chosen_stays_through_a_refresh(house: House) -> None:
    me, posting = await house.seeker_with_resume(), await house.posting()
    app = await house.review(me, posting)
    board = await board_of(house)
    await board.locator("#rows tr[data-mark]").click()
    above = board.get_by_label("Even above their capacity")
    await above.check()
    async with board.expect_response("**/board/reviews/*"):
        await board.evaluate("() => document.querySelector('#opened').dispatchEvent(new Event('refresh'))")
    await quiet(board)
    await expect(above).to_be_checked()

    async with house.db.transaction() as tx:
        await applications.transition(tx, app.id, "applied", source="manual")
    page = await house.sign_in("Jane Roe", phone=True)
    await page.goto(f"/portal/applications/{app.number}")
    await page.get_by_text("Heard from them yourself?").click()
    said = page.get_by_label("What they said")
    await said.select_option("They said no")
    async with house.db.transaction() as tx:
        await applications.transition(tx, app.id, "interview", source="mail")
    await expect(page.locator(".tl li").first).to_contain_text("Interview")
    await expect(said.locator("option")).to_have_text(["Choose…", "They made me an offer", "They said no"])
    await expect(said).to_have_value("rejected")
    await said.select_option("They made me an offer")
    async with house.db.transaction() as tx:
        await applications.transition(tx, app.id, "offer", source="mail")
    await expect(said.locator("option")).to_have_text(["Choose…", "They invited me", "They said no"])
    await expect(said).to_have_value("")  # and not the next one, which nobody has chosen


async def test_what_may_be_undone_stays_in_its_place(house: House) -> None:
    me, reviewer = await house.seeker_with_resume(), await house.add("employee", "Ada King")
    apps = [await house.review(me, await house.posting(title)) for title in ("Data Engineer", "Platform Engineer")]
    async with house.db.transaction() as tx:
        for app in apps:
            await applications.reviewed(
                tx, app.id, verdict="ask_seeker", by=reviewer, notes="Have you mentored anyone?"
            )
    page = await house.sign_in("Jane Roe", phone=True)
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    for path in ("/portal", "/portal/applications?show=open"):
        await page.goto(path)
        cards = page.locator(":is(#today, #applications) .card")
        order = await cards.evaluate_all("cards => cards.map((card) => card.id)")
        await cards.first.get_by_role("button", name="Withdraw").click()
        await expect(cards.first).to_contain_text("what was sent stays sent")
        await quiet(page)
        assert await cards.evaluate_all("cards => cards.map((card) => card.id)") == order
        await cards.first.get_by_role("button", name="Undo").click()
        await expect(cards.first).to_contain_text("A reviewer asks you")


async def test_a_list_waits_for_an_act_in_it(house: House) -> None:
    me, reviewer = await house.seeker_with_resume(), await house.add("employee", "Ada King")
    app = await house.review(me, await house.posting())
    async with house.db.transaction() as tx:
        await applications.reviewed(tx, app.id, verdict="ask_seeker", by=reviewer, notes="Have you mentored anyone?")
    page = await house.sign_in("Jane Roe", phone=True)
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    await quiet(page)
    held = Held("POST")
    await page.route("**/withdraw*", held)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    card = page.locator(f"#today #card-{app.id}")
    await card.get_by_role("button", name="Withdraw").click()
    async with asyncio.timeout(20):
        while "/portal/figures" not in asked:  # its frame is here
            await asyncio.sleep(0.05)
    await page.wait_for_timeout(600)  # time for two turns
    assert "/portal/today" not in asked
    held.let_go.set()
    await expect(card).to_contain_text("what was sent stays sent")
    async with asyncio.timeout(20):
        while "/portal/today" not in asked:
            await asyncio.sleep(0.05)


PRESS = """([x, y]) => {
  document.addEventListener("htmx:afterSettle", () => {
    const click = new MouseEvent("click", { clientX: x, clientY: y, bubbles: true, cancelable: true });
    document.elementFromPoint(x, y).dispatchEvent(click);
  }, { once: true });
  document.querySelector("#matches").dispatchEvent(new Event("refresh"));
}"""


async def test_a_press_where_another_cards_button_was_does_nothing(house: House) -> None:
    me = await house.seeker_with_resume()
    old, new = await house.posting("Data Engineer"), await house.posting("Platform Engineer")
    await house.matched(me, old)
    page = await house.sign_in("Jane Roe", phone=True)
    await page.goto("/portal/matches")
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    await quiet(page)
    box = await page.get_by_role("button", name="Apply", exact=True).bounding_box()
    assert box is not None
    await house.matched(me, new)
    await page.evaluate(PRESS, [box["x"] + 20, box["y"] + 20])
    await expect(page.locator("#toasts")).to_contain_text("This has just changed: nothing was done")
    first = page.locator("#matches .card").first
    await expect(first).to_contain_text("Platform Engineer")
    async with house.db.transaction() as tx:
        assert await applications.of_seeker(tx, me) == []
    await page.wait_for_timeout(500)  # by now one has seen it
    await page.mouse.click(box["x"] + 20, box["y"] + 20)
    await expect(first).to_contain_text("applying")


async def quiet(page: Page) -> None:
    """Nothing is being asked for, nor was in the last half second."""
    await page.wait_for_function(
        """() => {
          const busy = document.querySelector(".htmx-request");
          if (busy || !window.quietSince) window.quietSince = performance.now();
          return !busy && performance.now() - window.quietSince > 500;
        }"""
    )
