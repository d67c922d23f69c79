"""The main job from end to end: two people signed in at once, a real bot, one submission on the practice board."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from app.bench.rig import journeys
from app.bench.rig.stack import STAFF_PASSWORD, Stack, running

SEEKER = "jane@cabrank.test"
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest_asyncio.fixture(loop_scope="session")
async def stack() -> AsyncIterator[Stack]:
    async with running() as started:
        for name, role in {"operator": "operator", "sam": "supervisor", "ada": "employee"}.items():
            await started.add_user(f"{name}@cabrank.test", role)
        yield started


async def _page(browser: Browser, stack: Stack) -> Page:
    context = await browser.new_context(base_url=stack.address, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    return await context.new_page()


async def _sign_in(page: Page, email: str) -> None:
    await page.goto("/sign-in")
    await page.get_by_label("Mail address").fill(email)
    await page.get_by_label("Password").fill(STAFF_PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(lambda url: "/sign-in" not in url)


async def _sign_up(page: Page) -> None:
    """By hand: an account, then the sign-in that the page asks for."""
    await page.goto("/sign-up")
    await page.get_by_label("Your name").fill("Jane Roe")
    await page.get_by_label("Mail address").fill(SEEKER)
    await page.get_by_label("Password").fill(STAFF_PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await expect(page.locator(".notice.ok")).to_contain_text("Sign in")
    await _sign_in(page, SEEKER)


async def _upload(page: Page) -> None:
    """By hand: the resume into the drop zone, until the page by itself says that it was read."""
    await page.goto("/portal/profile")
    await page.locator("#resumes input[type=file]").set_input_files(journeys.RESUME)
    await expect(page.locator("#resumes .tag.ok")).to_have_text("read")


async def test_a_posting_comes_in_a_score_decides_and_a_bot_applies(browser: Browser, stack: Stack) -> None:
    seeker, desk, board = await _page(browser, stack), await _page(browser, stack), await _page(browser, stack)
    await _sign_up(seeker)
    client = await stack.sign_in(SEEKER)
    await journeys.tell(client, SEEKER)
    await _upload(seeker)

    await _sign_in(desk, "ada@cabrank.test")
    await desk.locator("#top").get_by_role("button", name=re.compile("Available|Pause")).first.click()
    await expect(desk.locator("#work h1")).to_contain_text("next")
    await _sign_in(board, "sam@cabrank.test")
    await expect(board.locator("#wall")).to_contain_text("ada")
    for page in (desk, board):
        await page.evaluate("window.same = true")

    await journeys.watch_boards(stack)

    approve = desk.get_by_role("button", name="Approve and apply")
    await expect(approve).to_be_visible(timeout=90_000)
    await expect(desk.locator("#top .meter b")).to_have_text(re.compile(r"(20:00|19:\d\d)"))
    await expect(board.locator("#reviews")).to_contain_text("ada")
    assert await desk.evaluate("window.same"), "the review arrived without a reload"
    assert await board.evaluate("window.same"), "the board followed without a reload"

    await seeker.goto("/portal/applications")
    reviewed = await _held(stack)
    await desk.keyboard.press("Control+Enter")
    found = await _applied(client, reviewed)
    await expect(seeker.locator("#applications")).to_contain_text(str(found.confirmation), timeout=30_000)
    await _counts_once(stack, found)
    await client.aclose()


async def _held(stack: Stack) -> str:
    """The application whose review the employee holds."""
    ada = await stack.sign_in("ada@cabrank.test")
    line = (await ada.get("/api/reviews/", params={"state": "assigned"})).json()["items"][0]
    await ada.aclose()
    return str(line["review"]["application_id"])


async def _applied(client: httpx.AsyncClient, application: str) -> journeys.Journey:
    """Until this very application is with the employer; the machine's own one is by then, too."""
    async with asyncio.timeout(90):
        while True:
            answer = (await client.get("/api/applications/", params={"limit": 100})).json()["items"]
            mine = {one["id"]: one for one in answer}[application]
            own = [one for one in answer if one["status"] == "applied" and (one["score"] or 0) >= 90]
            if mine["status"] == "applied" and own:
                found = await journeys.journeys(SEEKER, client)
                return next(one for one in found if one.number == mine["number"])
            await asyncio.sleep(0.3)


async def _counts_once(stack: Stack, found: journeys.Journey) -> None:
    told = await stack.practice_json(f"/control/submissions?email={SEEKER}")
    pairs = Counter(one["posting"] for one in told["submissions"])
    drafts = Counter(one["draft"] for one in told["arrivals"])
    assert set(pairs.values()) == {1}, "each vacancy got exactly one submission"
    assert set(drafts.values()) == {1}, "no form was sent twice"
    assert found.confirmation in {one["number"] for one in told["submissions"]}
