""" "Tell me on this device" in a real Chromium: the switch in each state, the worker, a message shown and clicked.

A private window has no notifications, so this browser keeps a profile. What it can't do here is to subscribe: that
wants the maker's service on the internet. That one call is a stand-in's, which a push service on loopback answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Worker, async_playwright, expect
from redis.asyncio import Redis
from sqlalchemy import func, select

from app import rooms
from app.applications import service as applications
from app.config import Settings
from app.platform.chromium import find
from app.platform.db import Database
from app.platform.objects import Objects
from app.push.models import push_subscription
from app.worker import serve
from tests.browser.chromium import ARGS
from tests.browser.house import House, free_port
from tests.browser.test_faces import faults
from tests.push.browser import Browser, Message, PushService, push_service

# `subscribe` alone is replaced; what it gave is what the browser then has, after a reload too.
SUBSCRIBES = """
const kept = () => JSON.parse(localStorage.getItem("subscribed"));
const drop = async () => localStorage.removeItem("subscribed");
const given = (found) => found && { toJSON: () => found, unsubscribe: drop };
PushManager.prototype.getSubscription = async () => given(kept());
PushManager.prototype.subscribe = async (options) => {
  const may = Notification.permission === "granted" && options.userVisibleOnly;
  if (!may) throw new DOMException("no", "NotAllowedError");
  localStorage.setItem("subscribed", JSON.stringify(DEVICE));
  localStorage.setItem("key", options.applicationServerKey);
  return given(kept());
};
"""
NO_PUSH = "delete window.PushManager"
SHOWN = """navigator.serviceWorker.ready.then((one) => one.getNotifications())
  .then((found) => found.map(({ title, body, tag, data }) => ({ title, body, tag, data })))"""

# Who asks Chromium for its notifications while it puts one up makes it drop that one: wait for it, then ask.
WATCHED = """() => {
  self.doors = [];
  self.shown = 0;
  const show = registration.showNotification.bind(registration);
  registration.showNotification = (...all) => show(...all).then(() => { shown += 1; });
  Clients.prototype.openWindow = async (url) => { doors.push(["open", url]); };
  WindowClient.prototype.focus = async function () { doors.push(["focus", this.url]); };
}"""
CLICK = """async () => {
  const [notification] = await registration.getNotifications();
  const event = new NotificationEvent("notificationclick", { notification });
  const done = new Promise((resolve) => { event.waitUntil = resolve; });
  dispatchEvent(event);
  await done;
  return [doors, (await registration.getNotifications()).length];
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def outside() -> AsyncIterator[PushService]:
    async with push_service() as service:
        yield service


@pytest_asyncio.fixture(loop_scope="session")
async def house(
    settings: Settings, db: Database, redis: Redis, objects: Objects, embedder_home: Path, outside: PushService
) -> AsyncIterator[House]:
    bind = f"127.0.0.1:{free_port()}"
    settings = msgspec.structs.replace(
        settings, home=embedder_home, bind=bind, public_url=f"http://{bind}", practice_origin=outside.origin
    )
    opened = House(settings, db, redis, objects, None)  # type: ignore[arg-type]  # this browser is opened below
    await opened.open()
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def profile(house: House, tmp_path: Path) -> AsyncIterator[BrowserContext]:
    chromium = find(None)
    if chromium is None:
        pytest.skip("no Chromium here; the README says how to get one")
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"),
            executable_path=str(chromium),
            args=ARGS,
            base_url=house.address,
            viewport={"width": 390, "height": 844},
        )
        context.on("console", lambda message: house._heard(message.text))
        context.on("weberror", lambda error: house.violations.append(str(error.error)))
        yield context
        await context.close()


class Seat:
    """A seeker at the news page, with a browser that can subscribe."""

    def __init__(self, house: House, context: BrowserContext, outside: PushService) -> None:
        self.house, self.context, self.outside = house, context, outside
        self.browser = Browser()
        self.device = self.browser.subscription(f"{outside.origin}/push/one")

    async def sit(self) -> Page:
        code = SUBSCRIBES.replace("DEVICE", msgspec.json.encode(self.device).decode())
        await self.context.add_init_script(code)
        page = await self.house.sign_in("Jane Roe", page=self.context.pages[0])
        await page.goto("/portal/news")
        return page

    async def may(self, setting: str) -> None:
        """Answer the browser's question before it is asked."""
        cdp = await self.context.new_cdp_session(self.context.pages[0])
        permission = {"name": "notifications"}
        await cdp.send("Browser.setPermission", {"permission": permission, "setting": setting})

    async def subscriptions(self) -> int:
        async with self.house.db.transaction() as tx:
            return int((await tx.conn.execute(select(func.count()).select_from(push_subscription))).scalar_one())

    async def came(self) -> Message:
        async with asyncio.timeout(20):
            while not self.outside.came:
                await asyncio.sleep(0.02)
        return self.outside.came[-1]


async def test_switched_on_told_and_switched_off(house: House, profile: BrowserContext, outside: PushService) -> None:
    me, posting, seat = await house.seeker_with_resume(), await house.posting(), Seat(house, profile, outside)
    await house.matched(me, posting)
    page = await seat.sit()
    switch = page.get_by_role("switch", name="Tell me on this device")
    await expect(page.locator("#device-says")).to_contain_text("Off.")
    await expect(switch).not_to_be_checked()
    assert await page.evaluate("navigator.serviceWorker.getRegistration().then((one) => !one)"), "not before the click"
    await seat.may("granted")
    await switch.focus()
    await page.keyboard.press("Space")
    await expect(page.locator("#device-says")).to_contain_text("On.")
    await expect(switch).to_be_checked()
    await expect(switch).to_be_focused()
    assert await faults(page) == []
    assert await seat.subscriptions() == 1
    scope = await page.evaluate("navigator.serviceWorker.ready.then((one) => one.scope)")
    assert scope == f"{house.address}/"

    told = await pushed(seat, me, posting.id)
    (worker,) = profile.service_workers
    await worker.evaluate(WATCHED)
    await delivered(seat, page, worker, told)
    (shown,) = await page.evaluate(SHOWN)
    assert shown["title"] == "Your application is with the employer"
    assert shown["body"] == "Senior Backend Engineer · Northwind Payments\nNumber CB-20418"

    assert await worker.evaluate(CLICK) == [[["open", f"{house.address}{shown['data']}"]], 0]

    await page.reload()
    await expect(page.locator("#device-says")).to_contain_text("On.")
    await switch.uncheck()
    await expect(page.locator("#device-says")).to_contain_text("Off.")
    await page.wait_for_function("() => !localStorage.getItem('subscribed')")
    assert await seat.subscriptions() == 0
    assert house.violations == []


async def pushed(seat: Seat, me: Any, posting: Any) -> str:
    """What the push service gets for a change, as this browser alone can read it."""
    process = seat.house.process
    worker = asyncio.create_task(serve("hooks", rooms.hooks(process), process))
    async with seat.house.db.transaction() as tx:
        app = await applications.approve(tx, seeker_id=me, posting_id=posting, score=94, resume_version_id=None)
    async with seat.house.db.transaction() as tx:
        await applications.transition(tx, app.id, "applied", source="bot", changes={"confirmation": "CB-20418"})
    came = await seat.came()
    assert not worker.done()
    return seat.browser.read(came.body).decode()


async def delivered(seat: Seat, page: Page, worker: Worker, told: str) -> None:
    """Hand it to the worker, as the maker's service would; over when its message is up."""
    before = await worker.evaluate("shown")
    cdp = await seat.context.new_cdp_session(page)
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def heard(event: dict[str, Any]) -> None:
        for one in event["registrations"]:
            if not found.done() and not one["isDeleted"]:
                found.set_result(one["registrationId"])

    cdp.on("ServiceWorker.workerRegistrationUpdated", heard)
    await cdp.send("ServiceWorker.enable")
    registration = await asyncio.wait_for(found, 10)
    message = {"origin": seat.house.address, "registrationId": registration, "data": told}
    await cdp.send("ServiceWorker.deliverPushMessage", message)
    async with asyncio.timeout(20):
        while await worker.evaluate("shown") == before:
            await asyncio.sleep(0.02)


async def test_a_click_leads_to_the_page_that_is_open_and_never_to_another_site(
    house: House, profile: BrowserContext, outside: PushService
) -> None:
    await house.seeker_with_resume()
    seat = Seat(house, profile, outside)
    page = await seat.sit()
    await seat.may("granted")
    await page.get_by_role("switch").check()
    await expect(page.locator("#device-says")).to_contain_text("On.")
    await page.reload()  # a page is the worker's once it was loaded after it
    (worker,) = profile.service_workers
    await worker.evaluate(WATCHED)
    told = {"title": "The employer invites you", "body": "Engineer", "tag": "1"}
    for url in ("/portal/news", "//elsewhere.example/x", "https://elsewhere.example/x", "@elsewhere.example/x"):
        await delivered(seat, page, worker, msgspec.json.encode(told | {"url": url}).decode())
        doors, left = await worker.evaluate(CLICK)
        assert left == 0
    assert doors[0] == ["focus", f"{house.address}/portal/news"]
    assert len(doors) == 4
    assert all(url.startswith(f"{house.address}/") for _, url in doors), doors


async def test_what_the_browser_blocks_is_said(house: House, profile: BrowserContext, outside: PushService) -> None:
    await house.seeker_with_resume()
    seat = Seat(house, profile, outside)
    page = await seat.sit()
    await seat.may("denied")
    await page.reload()
    await expect(page.locator("#device")).to_contain_text("Blocked by this browser")
    await expect(page.get_by_role("switch")).to_have_count(0)
    assert await faults(page) == []
    await seat.may("prompt")
    await page.reload()
    await page.get_by_role("switch").click()
    await expect(page.locator("#device-says")).to_contain_text("the browser's question was closed")
    await expect(page.get_by_role("switch")).not_to_be_checked()
    assert await seat.subscriptions() == 0


@pytest.mark.parametrize(
    ("lacks", "says"),
    [
        (f"{NO_PUSH}; Object.defineProperty(window, 'isSecureContext', {{ value: false }})", "only over https"),
        (NO_PUSH, "Another browser may have them"),
    ],
)
async def test_where_it_is_not_possible_that_is_said(
    house: House, profile: BrowserContext, outside: PushService, lacks: str, says: str
) -> None:
    await house.seeker_with_resume()
    page = await Seat(house, profile, outside).sit()
    await profile.add_init_script(lacks)
    await page.reload()
    await expect(page.locator("#device")).to_contain_text(says)
    await expect(page.get_by_role("switch")).to_have_count(0)
    assert await faults(page) == []
