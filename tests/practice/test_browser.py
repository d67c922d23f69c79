"""The form in a real Chromium: by hand, without scripts, and what a cut connection does to a naive bot."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Route, async_playwright

from app.platform import chromium
from tests.browser.chromium import ARGS
from tests.practice.conftest import BEST, PERSON, Caller

pytestmark = pytest.mark.browser
RESUME = b"%PDF-1.7\n" + bytes(range(256)) * 4096  # 1 MB: many packets


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    found = chromium.find(None)
    async with async_playwright() as play:
        started = await play.chromium.launch(executable_path=str(found) if found else None, args=ARGS)
        yield started
        await started.close()


async def fill(page: Page, url: str, resume: bytes = RESUME) -> None:
    """Everything but the last click."""
    await page.goto(url)
    await page.get_by_role("link", name="Apply for this job").first.click()
    labels = {"First Name": "first_name", "Last Name": "last_name", "Email": "email", "Phone": "phone",
              "Location (City)": "location"}  # fmt: skip
    for label, key in labels.items():
        await page.get_by_label(label).fill(PERSON[key])
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_label("Resume/CV").set_input_files(
        {"name": "jane.pdf", "mimeType": "application/pdf", "buffer": resume}
    )
    await page.get_by_label("visa sponsorship").select_option("No")
    await page.get_by_role("group", name="legally authorized").get_by_label("Yes").check()
    await page.get_by_label("How many years").fill("8")
    await page.get_by_label("earliest start date").fill("2099-01-31")
    await page.get_by_label("I agree").check()


async def send(page: Page) -> str:
    await page.get_by_role("button", name="Submit application").click()
    return (await page.locator("#confirmation_number").text_content()) or ""


async def let_through(route: Route) -> None:
    await route.continue_()


async def test_by_hand(board: Caller, browser: Browser) -> None:
    page = await browser.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    await fill(page, (await board.posting(BEST))["url"])
    assert await send(page) == "NW-20401"
    (shown,) = (await board.counted())["submissions"]
    assert (shown["sha256"], shown["received_count"]) == (hashlib.sha256(RESUME).hexdigest(), 1)
    assert shown["beacons"] >= 3
    assert wrong == []


async def test_without_scripts(board: Caller, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await fill(page, (await board.posting(BEST))["url"], b"%PDF-1.7 small")
    assert await send(page) == "NW-20401"


@pytest.mark.parametrize("switch", ["drop_after_receiving", "drop_reused_before_reading"])
async def test_chromium_sends_again_when_a_reused_connection_is_cut(
    board: Caller, browser: Browser, switch: str
) -> None:
    """The trap that a bot has to avoid: one click, one call of the route handler, two arrivals of the whole file."""
    page = await browser.new_page()
    calls: list[str] = []
    await page.context.route("**/submit", lambda route: calls.append(route.request.url) or let_through(route))
    await fill(page, (await board.posting(BEST))["url"])
    await board.behave(**{switch: 1})
    number = await send(page)
    counted = await board.counted()
    arrivals = [(a["outcome"], a["bytes"] > len(RESUME)) for a in counted["arrivals"]]
    twice = [("dropped", True), ("submitted", True)]
    assert arrivals == (twice if switch == "drop_after_receiving" else twice[1:])
    assert len(calls) == 1
    assert counted["arrivals"][0]["reused"] or switch == "drop_reused_before_reading"
    assert counted["submissions"][-1]["number"] == number
    assert {s["sha256"] for s in counted["submissions"]} == {hashlib.sha256(RESUME).hexdigest()}


async def test_an_employers_script_does_not_run(board: Caller, browser: Browser) -> None:
    posting = await board.posting(BEST)
    await board.behave(script_tags=posting["id"], fail_next=1)
    page = await browser.new_page()
    await page.goto(posting["url"])
    assert "owned" not in await page.title()
    assert (await board.get("/control/behaviour"))["fail_next"] == 1


@pytest.mark.parametrize("width", [1440, 390])
async def test_pages_fit_and_are_accessible(board: Caller, browser: Browser, width: int) -> None:
    page = await browser.new_page(viewport={"width": width, "height": 844})
    posting = await board.posting("intensive-care-nurse")
    broken = await board.draft(posting)
    for path in ("/", "/ashby/meadowmint", posting["url"], posting["url"] + "/apply", broken):
        await page.goto(str(board.client.base_url.join(path)))
        await looks_right(page, width)
    await page.get_by_role("button", name="Submit application").click()
    await page.get_by_role("alert").wait_for()
    await looks_right(page, width)


async def looks_right(page: Page, width: int) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    found: Any = await Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()
