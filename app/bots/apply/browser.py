"""Chromium: one per worker, a fresh context for each application, no way out but the proxy. Playwright lives here."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Playwright,
    Request,
    Response,
    Route,
    WebSocket,
    WebSocketRoute,
    async_playwright,
)
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from app.bots.apply import dom, form, starter
from app.bots.apply.form import Button, Field, FormPage
from app.bots.apply.gate import Gate, Verdict, facts, fingerprint
from app.bots.apply.sites import Asked, Look
from app.platform import crashpoints
from app.platform.chromium import find
from app.platform.egress.guard import Guard
from app.platform.egress.proxy import Proxy

log = structlog.get_logger(__name__)
RECYCLE_AFTER: Final = 25
ACTION_SECONDS: Final = 15.0
OPEN_SECONDS: Final = 45.0
# The word on which Chromium leaves the page as it is; others replace it by a page of its own.
_BLOCKED: Final = "aborted"
Arm = Callable[[dict[str, Any]], Awaitable[None]]


class BrowserGone(Exception):
    """Chromium or the page is no longer there, or doesn't do what it is told; the message says what."""


class NoChromium(Exception):
    """There is no Chromium on this machine."""


class Chromium:
    """Launches on first use, again after a crash of the browser or its driver, and afresh after so many applications;
    one that is worn ends with the last application that is still at work in it."""

    def __init__(self, configured: str | None, *, recycle_after: int = RECYCLE_AFTER) -> None:
        self._configured = configured
        self._recycle_after = recycle_after
        self._lock = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._used = 0
        self._open: Counter[Browser] = Counter()

    async def close(self) -> None:
        """End the browser and its driver."""
        async with self._lock:
            if self._browser is not None:
                await _ended(self._browser.close())
            await self._end_driver()
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None

    async def _end_driver(self) -> None:
        driver, self._playwright, self._browser = self._playwright, None, None
        if driver is not None:
            await _ended(driver.stop())

    async def _ready(self) -> Browser:
        """The browser to work in, counted as used; give it back with `_done`."""
        async with self._lock:
            old = self._browser
            if old is None or not old.is_connected() or self._used >= self._recycle_after:
                self._browser, self._used = None, 0
                if old is not None and not self._open[old]:
                    await _ended(old.close())
                old = self._browser = await self._launch()
            self._used += 1
            self._open[old] += 1
            return old

    async def _done(self, browser: Browser) -> None:
        self._open[browser] -= 1
        if not self._open[browser]:
            del self._open[browser]
            if browser is not self._browser:
                await _ended(browser.close())

    async def _launch(self) -> Browser:
        found = find(self._configured)
        if found is None:
            raise NoChromium(
                "No Chromium was found. Install the package chromium, or set CABRANK_CHROMIUM to its path."
            )
        try:
            return await self._start(found)
        except PlaywrightError as why:
            log.warning("chromium_starts_again", why=_first_line(why))
            await self._end_driver()  # a driver that died fails every launch from then on
            return await self._start(found)

    async def _start(self, found: Path) -> Browser:
        if self._playwright is None:
            self._playwright = await async_playwright().start()
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="cabrank-chromium-")
        return await self._playwright.chromium.launch(**starter.launch(found, Path(self._folder.name)))

    @asynccontextmanager
    async def _context(self, **settings: Any) -> AsyncIterator[BrowserContext]:
        browser, context = await self._fresh(settings)
        try:
            yield context
        finally:
            await _ended(context.close())
            await self._done(browser)

    async def _fresh(self, settings: dict[str, Any], *, again: bool = True) -> tuple[Browser, BrowserContext]:
        """A context of its own. A browser that is no longer there is found out here, and another one taken."""
        browser = await self._ready()
        try:
            return browser, await browser.new_context(**settings)
        except BaseException as why:
            gone = isinstance(why, PlaywrightError)
            self._browser = None if gone and browser is self._browser else self._browser
            await self._done(browser)
            if not (gone and again):
                raise
        return await self._fresh(settings, again=False)

    @asynccontextmanager
    async def session(self, guard: Guard, gate: Gate, arm: Arm, **more: Any) -> AsyncIterator["Session"]:
        """A browser context of its own behind a proxy of its own, gone with all its traces at the end.

        `arm` is awaited with the facts of the submitting request before it leaves; if it raises, nothing leaves.
        """
        try:
            async with Proxy(guard) as proxy, self._context(**starter.context(proxy.login) | more) as context:
                with tempfile.TemporaryDirectory(prefix="cabrank-upload-") as folder:
                    session = Session(context, proxy, gate, arm, Path(folder))
                    await session.start()
                    try:
                        yield session
                    finally:
                        session.end()
        except PlaywrightError as why:
            raise BrowserGone(_first_line(why)) from why


async def _ended(closing: Awaitable[None]) -> None:
    """Close what may be gone or hang: then it is not waited for."""
    try:
        async with asyncio.timeout(ACTION_SECONDS):
            await closing
    except (PlaywrightError, TimeoutError) as why:
        log.info("not_closed_in_order", why=_first_line(why))


def _first_line(why: BaseException) -> str:
    return (str(why).splitlines() or [type(why).__name__])[0]


class Session:
    """One browser context at work on one form.

    `begun` is set when a submitting request was met, `settled` once it is known whether it may go: then `armed` is
    that request, or `refusal` says why not. `answered` is set with its `status` (None: no answer came). `strayed` is
    the address of a submitting request that came when none was due.
    """

    def __init__(self, context: BrowserContext, proxy: Proxy, gate: Gate, arm: Arm, folder: Path) -> None:
        self.context = context
        self.proxy = proxy
        self.gate = gate
        self.arm = arm
        self._folder = folder
        self.armed: Request | None = None
        self.begun = asyncio.Event()
        self.settled = asyncio.Event()
        self.answered = asyncio.Event()
        self.status: int | None = None
        self.refusal: Exception | None = None
        self.strayed: str | None = None
        self.last_status: int | None = None
        self._sent: set[str] = set()
        self._sockets: list[WebSocket] = []
        self._page: Page | None = None
        self._watching: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self.context.set_default_timeout(ACTION_SECONDS * 1000)
        await self.context.route("**/*", self._route)
        if self.gate.rehearsal:
            await self.context.route_web_socket("**/*", _deaf)
        self.context.on("page", self._opened)
        self.context.on("response", self._response)
        self._page = await self.context.new_page()

    def end(self) -> None:
        """Let nothing more out, and let go of what still waits."""
        self.gate.phase = "over"
        self.settled.set()
        self.answered.set()

    @property
    def page(self) -> Page:
        if self._page is None or self._page.is_closed():
            raise BrowserGone("the page was closed")
        return self._page

    def _opened(self, page: Page) -> None:
        """A form that opens its answer in a new tab: look there from now on."""
        self._page = page
        page.on("websocket", lambda socket: self._sockets.append(socket))
        page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))

    def _response(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and request.frame == self.page.main_frame:
            self.last_status = response.status

    async def _route(self, route: Route, request: Request) -> None:
        """The gate at work. An armed request is never unrouted, and whatever comes meanwhile waits for its answer."""
        try:
            await self._one(route, request)
        except PlaywrightError as why:
            log.debug("request_was_gone", why=_first_line(why))

    async def _one(self, route: Route, request: Request) -> None:
        asked = await _asked(request)
        verdict = self.gate.decide(asked)
        if verdict == "arm" and self.armed is None and not self.begun.is_set():
            await self._arm_and_go(route, request, asked)
            return
        if verdict == "arm" or (self.begun.is_set() and not self.answered.is_set()):
            # A second unsafe request, or any other while the first is out: on a connection that is used again
            # Chromium might send the first one twice.
            await self.answered.wait()
            verdict = self._afterwards(asked)
        if verdict == "pass":
            await route.continue_()
        else:
            self.strayed = asked.url if verdict == "stray" else self.strayed
            await route.abort(_BLOCKED)

    def _afterwards(self, asked: Asked) -> Verdict:
        """Decided anew, for arming may have been refused meanwhile. What a page sends again by itself stays here."""
        verdict = self.gate.decide(asked)
        if verdict != "arm":
            return verdict
        repeated = fingerprint(asked) in self._sent
        self._sent.add(fingerprint(asked))
        return "block" if repeated else "pass"

    async def _arm_and_go(self, route: Route, request: Request, asked: Asked) -> None:
        self.begun.set()
        self._sent.add(fingerprint(asked))
        crashpoints.here("apply.before_arm")
        try:
            await self.arm(facts(asked))
        except Exception as why:  # noqa: BLE001 - whatever it was, nothing may leave; the walk raises it again
            self.refusal = why
            self.end()
            await route.abort(_BLOCKED)
            return
        self.armed = request
        self.settled.set()
        crashpoints.here("apply.after_arm")
        self.proxy.close_all()
        await route.continue_()
        crashpoints.here("apply.after_continue")
        watch = asyncio.create_task(self._watch(request))
        self._watching.add(watch)
        watch.add_done_callback(self._watching.discard)

    async def _watch(self, request: Request) -> None:
        try:
            response = await request.response()
            self.status = response.status if response is not None else None
        except PlaywrightError as why:
            log.info("armed_request_lost", why=_first_line(why))
        finally:
            self.answered.set()

    @property
    def over_socket(self) -> bool:
        """Whether the page talks with its own site over a socket, where no request can be stopped and armed."""
        host = urlsplit(self.page.url).hostname
        return any(not one.is_closed() and urlsplit(one.url).hostname == host for one in self._sockets)

    async def open(self, url: str) -> int | None:
        """Go there; the status of the page. Raises BrowserGone where nothing answers."""
        try:
            response = await self.page.goto(url, wait_until="domcontentloaded", timeout=OPEN_SECONDS * 1000)
        except PlaywrightError as why:
            raise BrowserGone(_first_line(why)) from why
        return response.status if response is not None else None

    async def read(self) -> FormPage:
        """The form on the page as it stands now."""
        return form.read(await self._evaluate(dom.READ_FORM))

    async def look(self) -> Look:
        raw = await self._evaluate(dom.READ_PAGE)
        return Look(raw["url"], raw["title"], raw["text"], raw["number"], raw["form"])

    async def _evaluate(self, script: str) -> Any:
        """Run a reading script; while the page changes under it, or its body hasn't come yet, once more."""
        for _ in range(100):
            try:
                if (found := await self.page.evaluate(script)) is not None:
                    return found
            except PlaywrightError as why:
                if "context was destroyed" not in str(why) and "navigat" not in str(why):
                    raise BrowserGone(_first_line(why)) from why
            await asyncio.sleep(0.1)
        raise BrowserGone("the page doesn't come to rest")

    async def fill(self, field: Field, values: tuple[str, ...]) -> None:
        """Put the values in, as a person would. Raises BrowserGone where the control doesn't take them."""
        control = self.page.locator(f'[data-cabrank-field="{field.index}"]')
        try:
            if field.kind in ("radio", "checkbox", "checkboxes"):
                await self._choose(control, field, values)
            elif field.kind == "select":
                await control.first.select_option(value=values[0])
            elif field.kind == "combobox":
                await self._pick(control.first, values[0])
            else:
                await control.first.fill(values[0])
                await control.first.blur()
        except PlaywrightTimeout as why:
            raise BrowserGone(f"“{field.label}” can't be filled") from why

    async def _choose(self, control: Locator, field: Field, values: tuple[str, ...]) -> None:
        for place, option in enumerate(field.options):
            one, wanted = control.nth(place), option.value in values
            if await one.is_checked() == wanted or (field.kind == "radio" and not wanted):
                continue
            if await one.is_visible():
                await one.set_checked(wanted)
            else:  # drawn by the page's own means: its label is what a person clicks
                await one.evaluate("(el) => (el.labels && el.labels[0] || el).click()")

    async def _pick(self, control: Locator, text: str) -> None:
        """A list that opens on typing; only an entry that reads the same is taken."""
        await control.click()
        await control.press_sequentially(text, delay=15)
        entry = self.page.get_by_role("option", name=text, exact=True).first
        await entry.click(timeout=10_000)

    async def attach(self, field: Field, filename: str, data: bytes) -> None:
        """Put a file in: from a folder of its own, so that the whole file goes out under the name that we chose."""
        path = self._folder / filename
        path.write_bytes(data)
        try:
            await self.page.locator(f'[data-cabrank-field="{field.index}"]').first.set_input_files(path)
        except PlaywrightTimeout as why:
            raise BrowserGone(f"“{field.label}” doesn't take the file") from why

    async def click(self, button: Button) -> None:
        """Click and don't wait for what comes of it."""
        try:
            control = self.page.locator(f'[data-cabrank-button="{button.index}"]').first
            await control.click(no_wait_after=True)
        except PlaywrightTimeout as why:
            raise BrowserGone(f"the button “{button.label}” can't be clicked") from why

    async def screenshot(self) -> bytes | None:
        """The whole page as PNG; None where it can't be had."""
        try:
            return await self.page.screenshot(full_page=True, timeout=ACTION_SECONDS * 1000)
        except (PlaywrightError, BrowserGone) as why:
            log.info("no_screenshot", why=_first_line(why))
            return None


async def _deaf(socket: WebSocketRoute) -> None:
    """A rehearsal's page may talk to a socket that leads nowhere."""
    await socket.close()


async def _asked(request: Request) -> Asked:
    body = None if request.method in ("GET", "HEAD", "OPTIONS") else request.post_data_buffer
    return Asked(request.url, request.method, request.resource_type, request.is_navigation_request(), body)
