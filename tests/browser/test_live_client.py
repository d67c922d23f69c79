"""The pages' live client in a real browser: one socket, beats, silence, and how often parts are asked for."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

from playwright.async_api import Page, WebSocketRoute, expect

from app.dispatch import service as dispatch
from app.platform.clock import monotonic
from tests.browser.house import House

START = """async (options) => {
  const { Live } = await import("/static/live.js");
  window.client = new Live(options);
  window.client.start();
  await new Promise((then) => setTimeout(then, options.after ?? 0));
}"""


class Wire:
    """A server that listens and never answers."""

    def __init__(self) -> None:
        self.open = 0
        self.heard: list[str] = []

    def __call__(self, socket: WebSocketRoute) -> None:
        self.open += 1
        socket.on_message(lambda text: self.heard.append(json.loads(text)["type"]))
        socket.on_close(lambda code, reason: self._closed())

    def _closed(self) -> None:
        self.open -= 1


async def _page(house: House, wire: Wire) -> Page:
    page = await (await house.context()).new_page()
    await page.route_web_socket("**/ws/realtime/", wire)
    await page.goto("/sign-in")
    return page


async def test_a_connection_that_fell_silent_is_given_up_at_once(house: House) -> None:
    page = await _page(house, wire := Wire())
    await page.evaluate(START, {"after": 300})
    assert wire.open == 1
    state = await page.evaluate("() => { client.heard = Date.now() - 60_000; client.beat(); return client.state; }")
    assert state == "offline"


async def test_the_network_coming_back_opens_no_second_socket(house: House) -> None:
    page = await _page(house, wire := Wire())
    opened = START.replace("client.start();", "client.start(); client.retryNow(); client.retryNow();")
    await page.evaluate(opened, {"after": 500})
    assert wire.open == 1


async def test_a_page_without_a_worker_beats_too(house: House) -> None:
    page = await _page(house, wire := Wire())
    await page.evaluate(START, {"every": 100, "after": 1000})
    assert wire.heard.count("heartbeat") >= 4
    await page.evaluate("client.stop()")
    beaten = wire.heard.count("heartbeat")
    await page.wait_for_timeout(400)
    assert wire.heard.count("heartbeat") == beaten


async def test_parts_are_asked_for_at_most_four_times_a_second(house: House) -> None:
    await house.add("supervisor", "Sue Park")
    board = await house.sign_in("Sue Park")
    await expect(board.locator("[data-live-state]")).to_have_text("live")
    await board.wait_for_timeout(1500)
    asked: list[str] = []
    board.on("request", lambda request: asked.append(request.url))
    started = monotonic()
    for _ in range(60):
        frame = {"type": "presence_changed", "data": {}}
        await house.redis.publish(f"state:pool:{uuid4()}", json.dumps(frame))
        await asyncio.sleep(0.05)
    assert 3 <= len(asked) <= 4 * (monotonic() - started) + 4


async def test_a_review_that_is_there_when_the_page_opens_is_acknowledged_in_a_hidden_tab_too(house: House) -> None:
    employee = await house.add("employee", "Ada King")
    boss = await house.add("supervisor", "Sue Park")
    async with house.db.transaction() as tx:
        review = await dispatch.file_review(tx, kind="question", title="Which visa?")
        await dispatch.assign(
            tx, review.id, actor=boss, employee_id=employee, rules=dispatch.rules_of(house.settings),
            ignore_capacity=True,
        )  # fmt: skip
    page = await (await house.context()).new_page()
    await page.add_init_script("Object.defineProperty(document, 'hidden', { get: () => true })")
    await house.sign_in("Ada King", page=page)
    await expect(page.locator("#review-form")).to_be_visible()
    async with asyncio.timeout(5):
        while True:
            async with house.db.transaction() as tx:
                (work,) = await dispatch.reviews_of(tx, employee)
            if work.assignment.delivered_at is not None:
                break
            await asyncio.sleep(0.1)
    assert work.assignment.seen_at is None


async def test_what_refreshes_itself_complains_to_nobody(house: House) -> None:
    await house.add("operator", "Olga Wren")
    page = await house.sign_in("Olga Wren")
    await page.route("**/operations/*", lambda route: route.abort())
    async with page.expect_event("requestfailed"):
        await page.evaluate("htmx.trigger('#system', 'refresh')")
    await page.wait_for_timeout(300)
    await expect(page.locator("#toasts .toast")).to_have_count(0)


async def test_what_only_the_machine_asked_for_is_refused_in_silence(house: House) -> None:
    """An acknowledgement that came too late is no word for the person; other notices are."""
    await house.add("employee", "Ada King")
    page = await (await house.context()).new_page()
    sockets: list[WebSocketRoute] = []

    def through(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    await page.route_web_socket("**/ws/realtime/", through)
    await house.sign_in("Ada King", page=page)
    await expect(page.locator("[data-live-state]")).to_have_text("live")
    for kind, words in (("assignment-lost", "It isn't open any more."), ("invalid", "That was no frame.")):
        data = {"level": "error", "kind": kind, "text": words}
        sockets[-1].send(json.dumps({"type": "system_notification", "data": data}))
    await expect(page.locator("#toasts .toast")).to_have_text(["That was no frame.✕"])
