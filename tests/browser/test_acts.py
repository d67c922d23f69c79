"""What is handed on can be undone for a second, waits for a lost network, and leaves at the latest with the page."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Page, Route, WebSocketRoute, expect
from sqlalchemy import func, text, update

from app.applications import service as applications
from app.applications.types import Application
from app.dispatch import service as dispatch
from app.dispatch.heartbeats import WAKE
from app.dispatch.models import assignment, employee
from app.dispatch.policy.types import Rules
from tests.browser.house import House
from tests.browser.test_desk import go_available
from tests.browser.test_faces import faults, time_runs_out


async def at_work(house: House, page: Page | None = None) -> tuple[Page, Application]:
    """Ada with a resume on her desk."""
    await house.add("employee", "Ada King")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    page = await house.sign_in("Ada King", page=page)
    await go_available(page)
    app = await house.review(seeker, posting)
    await expect(page.locator("#review-form")).to_be_visible()
    return page, app


async def status(house: House, app: Application) -> str:
    async with house.db.transaction() as tx:
        return (await applications.get(tx, app.id)).status


async def test_z_undoes_and_nothing_typed_is_lost(house: House) -> None:
    page, app = await at_work(house)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/complete") else None)
    await page.locator("#work h1").click()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#undo")).to_contain_text("Approved")
    await page.keyboard.press("z")
    await expect(page.locator("#undo")).to_be_hidden()
    await page.keyboard.press("r")
    await page.keyboard.type("Asks for ten years of Terraform")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#reject")).to_be_hidden()
    await page.get_by_role("button", name="Undo Z").click()
    await expect(page.get_by_label("Why? The seeker reads this.")).to_have_value("Asks for ten years of Terraform")
    await expect(page.get_by_label("Why? The seeker reads this.")).to_be_focused()
    await page.wait_for_timeout(3300)  # longer than an act waits: neither of the two left
    assert sent == []
    assert await status(house, app) == "in_review"

    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#undo")).to_contain_text("Rejected")
    await expect(page.locator("#work")).to_contain_text("rejected")
    assert len(sent) == 1
    assert house.violations == []


async def test_a_double_click_is_no_undo(house: House) -> None:
    page, app = await at_work(house)
    await page.get_by_role("button", name="Approve and apply").dblclick()
    await expect(page.locator("#undo")).to_contain_text("Approved")
    await expect(page.locator("#work")).to_contain_text("approved")
    assert await status(house, app) == "applying"


async def test_an_act_leaves_with_the_page(house: House) -> None:
    page, app = await at_work(house)
    await page.locator("#work h1").click()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#undo")).to_be_visible()
    await page.goto("/desk/history")
    await expect(page.get_by_role("heading", name="Your history")).to_be_visible()
    async with asyncio.timeout(10):
        while await status(house, app) != "applying":
            await asyncio.sleep(0.05)


async def test_an_act_leaves_when_another_follows(house: House) -> None:
    page, app = await at_work(house)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    both = "document.querySelector('[data-main]').click(), document.querySelector('[data-command=Pause]').click()"
    await page.evaluate(both)
    await expect(page.locator("#work")).to_contain_text("You are paused")
    assert [address.rsplit("/", 1)[-1] for address in sent] == ["complete", "availability"]
    assert await status(house, app) == "applying"


async def test_an_act_near_the_deadline_leaves_at_once(house: House) -> None:
    page, _ = await at_work(house)
    await page.locator("#work h1").click()
    soon = func.clock_timestamp() + text("interval '9 seconds'")
    async with house.db.transaction() as tx:
        near = update(assignment).where(assignment.c.state == "open")
        await tx.conn.execute(near.values(deadline_at=soon, warn_at=func.clock_timestamp(), grace_at=soon))
        tx.hint(WAKE)
    await expect(page.locator("#top")).to_contain_text("Warned at")
    await expect(page.locator("#top .meter.risk")).to_be_visible()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#work")).to_contain_text("approved")
    await expect(page.locator("#undo span")).to_have_text("")  # there was nothing to undo


class Line:
    """The page's way to the server, cut and mended at will; the page's own socket as well."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.sockets: list[WebSocketRoute] = []

    async def through(self, socket: WebSocketRoute) -> None:
        await self.open.wait()
        self.sockets.append(socket)
        socket.connect_to_server()

    async def cut(self, page: Page) -> None:
        self.open.clear()
        await page.context.set_offline(True)
        await self.sockets[-1].close(code=1012)
        await expect(page.locator("[data-live-state]")).to_have_text("offline")

    async def mend(self, page: Page) -> None:
        await page.context.set_offline(False)
        self.open.set()


async def cut_off(house: House) -> tuple[Page, Application, Line]:
    """Ada at work on a line that can be cut."""
    page, line = await (await house.context()).new_page(), Line()
    await page.route_web_socket("**/ws/realtime/", line.through)
    page, app = await at_work(house, page)
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    return page, app, line


async def test_what_is_decided_offline_leaves_on_return(house: House) -> None:
    page, app, line = await cut_off(house)
    await line.cut(page)
    await expect(page.get_by_text("You are cut off")).to_be_visible()
    await expect(page.locator("#cut-since")).to_have_text(re.compile(r"\d:\d\d"))
    await page.locator("[data-section] textarea").first.fill("Jane Roe\nLeeds\njane@cabrank.test")
    await expect(page.locator("#draft-state")).to_contain_text("kept on this page")
    assert await faults(page) == []
    await page.locator("#work h1").click()
    await page.keyboard.press("r")
    await page.keyboard.type("Not what they want")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#undo")).to_contain_text("not sent yet, no connection")
    assert await status(house, app) == "in_review"
    await line.mend(page)
    await expect(page.locator("#work")).to_contain_text("rejected")
    await expect(page.get_by_text("You are cut off")).to_be_hidden()
    await expect(page.locator("#undo")).to_be_hidden()


async def test_what_comes_back_too_late_is_refused_with_who_has_it(house: House) -> None:
    page, app, line = await cut_off(house)
    area = page.locator("[data-section] textarea").first
    await line.cut(page)
    await area.fill("Jane Roe\nLeeds, and nowhere else")
    await page.locator("#work h1").click()
    await page.keyboard.press("Control+Enter")
    await page.get_by_role("combobox", name=re.compile("Leeds")).wait_for(state="detached")
    await expect(page.locator("#undo")).to_contain_text("not sent yet")
    ben, boss = await house.add("employee", "Ben Frost"), await house.add("supervisor", "Sue Park")
    async with house.db.transaction() as tx:
        (held,) = await dispatch.list_reviews(tx)
        await dispatch.transfer(tx, held.review.id, actor=boss, employee_id=ben, rules=Rules(), ignore_capacity=True)
    await line.mend(page)
    await expect(page.locator("#toasts")).to_contain_text("Ben Frost has it now")
    await expect(page.locator("#kept")).to_contain_text("whoever gets it next may take them over")
    await expect(page.locator("#kept pre")).to_contain_text("Leeds, and nowhere else")
    assert await status(house, app) == "in_review"


async def test_who_decides_while_it_is_taken_away_hears_who_has_it(house: House) -> None:
    page, app = await at_work(house)
    refreshed = asyncio.Event()

    async def late(route: Route) -> None:
        await refreshed.wait()
        await route.continue_()

    await page.route("**/complete", late)
    await page.locator("#work h1").click()
    async with page.expect_request("**/complete"):
        await page.keyboard.press("Control+Enter")
    ben, boss = await house.add("employee", "Ben Frost"), await house.add("supervisor", "Sue Park")
    async with page.expect_response("**/desk/work*"), house.db.transaction() as tx:
        (held,) = await dispatch.list_reviews(tx)
        await dispatch.transfer(tx, held.review.id, actor=boss, employee_id=ben, rules=Rules(), ignore_capacity=True)
    refreshed.set()
    await expect(page.locator("#toasts")).to_contain_text("Ben Frost has it now")
    await expect(page.locator("#work h1")).to_contain_text("You are")
    assert await status(house, app) == "in_review"
    assert house.violations == []


async def test_an_act_that_may_still_be_undone_hears_who_has_the_review(house: House) -> None:
    page, app = await at_work(house)
    area = page.locator("[data-section] textarea").first
    await area.fill("Jane Roe\nLeeds, and nowhere else")
    await page.locator("#work h1").click()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#undo")).to_be_visible()
    ben, boss = await house.add("employee", "Ben Frost"), await house.add("supervisor", "Sue Park")
    async with house.db.transaction() as tx:
        (held,) = await dispatch.list_reviews(tx)
        await dispatch.transfer(tx, held.review.id, actor=boss, employee_id=ben, rules=Rules(), ignore_capacity=True)
    await expect(page.locator("#toasts")).to_contain_text("Ben Frost has it now")
    await expect(page.locator("#kept pre")).to_contain_text("Leeds, and nowhere else")
    await expect(page.locator("#undo")).to_be_hidden()
    assert await status(house, app) == "in_review"


async def test_an_answer_from_before_the_review_came_takes_no_words(house: House) -> None:
    page, _ = await at_work(house)
    area = page.locator("[data-section] textarea").first
    await area.fill("Jane Roe\nLeeds, and nowhere else")
    async with page.expect_response("**/desk/work"):  # as one asked for while there was none, which comes late
        await page.evaluate("htmx.ajax('GET', '/desk/work', {target: '#work', swap: 'morph:outerHTML'})")
    await expect(page.locator("#draft-state")).to_have_text("draft saved")
    await expect(area).to_have_value("Jane Roe\nLeeds, and nowhere else")


async def test_time_runs_out_under_ones_hands_and_the_next_takes_over(house: House) -> None:
    page, _ = await at_work(house)
    area = page.locator("[data-section] textarea").first
    await area.fill("Jane Roe\nLeeds, and nowhere else")
    await expect(page.locator("#draft-state")).to_have_text("draft saved")
    await house.add("employee", "Ben Frost")
    ben = await house.sign_in("Ben Frost")
    await go_available(ben)
    await area.press("Control+End")
    await page.route("**/draft", lambda route: route.abort(), times=1)
    await page.keyboard.insert_text(" but London")  # not saved when the time is over
    await expect(page.locator("#draft-state")).to_contain_text("kept on this page")
    await time_runs_out(house)
    await expect(page.locator("#toasts")).to_contain_text("Its time ran out")
    await expect(page.locator("#kept")).to_contain_text("whoever gets it next may take them over")
    await expect(page.locator("#kept pre")).to_contain_text("nowhere else but London")
    await expect(page.locator("#kept [data-copy]")).to_have_attribute("data-copy", re.compile("but London"))
    assert await faults(page) == []

    await expect(ben.locator("#earlier")).to_contain_text("Ada K. had begun on this")
    first = ben.locator("[data-section] textarea").first
    await expect(first).not_to_have_value(re.compile("nowhere else"))
    await ben.evaluate("htmx.trigger('#earlier', 'refresh')")  # as when something came too late a moment ago
    await expect(ben.locator("#earlier.htmx-request")).to_have_count(0)
    await expect(ben.locator("#review-form #earlier")).to_contain_text("Ada K. had begun on this")
    await ben.get_by_role("button", name="Take it over").first.click()
    await expect(first).to_have_value("Jane Roe\nLeeds, and nowhere else but London")
    await expect(ben.locator("#earlier section")).to_have_count(0)
    await expect(ben.locator("#added")).to_contain_text("but London")
    await ben.reload()
    await expect(first).to_have_value("Jane Roe\nLeeds, and nowhere else but London")
    assert house.violations == []


async def test_the_next_review_begins_at_its_top_with_nothing_of_the_last_one(house: House) -> None:
    page, app = await at_work(house, await (await house.context(phone=True)).new_page())
    async with house.db.transaction() as tx:
        await tx.conn.execute(update(employee).values(capacity=2))
    await house.review(app.seeker_id, await house.posting("Data Engineer"))
    await expect(page.locator(".mine")).to_contain_text("#2")
    area = page.locator("[data-section] textarea").last
    await area.fill("English (native), French (basic)\nTerraform since 2022")
    await expect(page.locator("[data-back]:visible")).to_have_count(1)
    await expect(page.get_by_role("link", name="Say where the added lines come from")).to_be_visible()
    await page.get_by_role("combobox", name=re.compile("Terraform since")).select_option("answer")
    await expect(page.get_by_role("link", name="Say where the added lines come from")).to_be_hidden()
    await expect(page.locator("#draft-state")).to_have_text("draft saved")
    assert await page.evaluate("scrollY") > 0
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#work h1")).to_contain_text("Data Engineer")
    await expect(page.locator("[data-back]:visible")).to_have_count(0)
    await expect(area).not_to_have_value(re.compile("Terraform"))
    assert await page.evaluate("scrollY") == 0
    assert await faults(page) == []


async def test_a_form_is_ours_from_the_moment_it_stands_there(house: House) -> None:
    """Else the browser would send it by itself, with the resume in an address."""
    await house.add("employee", "Ada King")
    seeker, posting = await house.seeker_with_resume(), await house.posting()
    page = await house.sign_in("Ada King")
    await go_available(page)
    await page.evaluate("""() => {
      window.same = true;
      const watching = new MutationObserver(() => {
        const approve = document.getElementById("approve");
        if (approve) watching.disconnect();
        approve?.click();
      });
      watching.observe(document.body, { childList: true, subtree: true });
    }""")
    await house.review(seeker, posting)
    await expect(page.locator("#undo")).to_be_visible()
    assert await page.evaluate("window.same && location.search === ''")
    bare = page.locator("form[hx-post]:not([method=post])", has=page.locator("textarea"))
    await expect(bare).to_have_count(0)
