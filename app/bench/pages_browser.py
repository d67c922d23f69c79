"""What of `cabrank bench pages` needs a browser: when a change is painted, and what a shift leaves in memory."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from playwright.async_api import BrowserContext, CDPSession, Page, async_playwright

from app.bench.rig.crowd import Crowd
from app.bench.rig.report import spread
from app.bench.rig.stack import STAFF_PASSWORD, NotReady
from app.dispatch import service as dispatch
from app.platform.chromium import find
from app.platform.clock import monotonic, utcnow
from app.platform.db import Tx

PAINTED, PAUSE, PATIENCE = 40, 0.8, 10.0
SHIFT_REVIEWS, WARM_REVIEWS = 120, 20
EMPLOYEE = "shift@bench.test"
# The moment of the frame after the one in which the words stand on the page, in milliseconds since 1970.
_WATCH = """() => {
  window.painted = {};
  new MutationObserver(() => {
    for (const [, n] of document.querySelector("#reviews").textContent.matchAll(/Painted (\\d+)\\./g))
      if (!(n in painted)) {
        painted[n] = 0;
        requestAnimationFrame(() => setTimeout(() => (painted[n] = performance.timeOrigin + performance.now())));
      }
  }).observe(document.querySelector("#reviews"), { subtree: true, childList: true, characterData: true });
}"""


@asynccontextmanager
async def _context(crowd: Crowd) -> AsyncIterator[BrowserContext]:
    found = find(crowd.stack.environ.get("CABRANK_CHROMIUM"))
    if found is None:
        raise NotReady("No Chromium was found. Install the package chromium, or set CABRANK_CHROMIUM to its path.")
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=found, chromium_sandbox=os.geteuid() != 0)
        try:
            yield await browser.new_context(base_url=crowd.stack.address, viewport={"width": 1440, "height": 900})
        finally:
            await browser.close()


async def _sign_in(context: BrowserContext, email: str) -> Page:
    page = await context.new_page()
    await page.goto("/sign-in")
    await page.get_by_label("Mail address").fill(email)
    await page.get_by_label("Password").fill(STAFF_PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


async def _file(crowd: Crowd, title: str, pool: str | None = None) -> float:
    """Seconds since 1970 at the commit of a new review."""
    async with crowd.db.engine.connect() as conn:
        tx = Tx(conn)
        async with conn.begin():
            await dispatch.file_review(tx, kind="question", title=title, pool=pool)
        at = utcnow().timestamp()
    await crowd.db.hints.send(tx.hints, tx.told)
    return at


async def _painted(crowd: Crowd, page: Page) -> dict[str, Any]:
    """Commit of a new review → its row is on the screen, on a board that shows what is called so."""
    await page.goto("/board?q=Painted")
    await page.locator("[data-live-state]", has_text="live").wait_for()
    await page.evaluate(_WATCH)
    took, missing = [], 0
    for n in range(PAINTED):
        await asyncio.sleep(PAUSE)
        committed = await _file(crowd, f"Painted {n}.")
        until, at = monotonic() + PATIENCE, 0.0
        while not at and monotonic() < until:
            await asyncio.sleep(0.02)
            at = await page.evaluate("n => painted[n] ?? 0", str(n))
        missing += not at
        took += [at / 1000 - committed] if at else []
    return spread(took) | {"not_painted": missing}


async def _heap(cdp: CDPSession) -> dict[str, float]:
    """What is left after a collection: MB of objects, nodes, listeners."""
    await cdp.send("HeapProfiler.collectGarbage")
    told = {one["name"]: one["value"] for one in (await cdp.send("Performance.getMetrics"))["metrics"]}
    heap = round(told["JSHeapUsedSize"] / 2**20, 2)
    return {"heap_mb": heap, "nodes": told["Nodes"], "listeners": told["JSEventListeners"]}


async def _reviewed(crowd: Crowd, page: Page, client: httpx.AsyncClient, pool: str, count: int) -> None:
    """So many reviews come to the desk and are completed, each seen on the page and gone from it."""
    for n in range(count):
        await _file(crowd, f"Shift {n}", pool)
        here = page.locator("#work [data-assignment]").first
        await here.wait_for(timeout=20_000)
        mine = (await client.get("/api/reviews/", params={"state": "assigned"})).json()["items"][0]
        body: dict[str, Any] = {
            "assignment": await here.get_attribute("data-assignment"),
            "verdict": "answered",
            "answers": [],
        }
        (await client.post(f"/api/reviews/{mine['review']['id']}/complete", json=body)).raise_for_status()
        await here.wait_for(state="detached", timeout=20_000)


async def _shift(crowd: Crowd, context: BrowserContext, supervisor: httpx.AsyncClient) -> dict[str, Any]:
    """A desk in which a month's reviews come and go, as fast as they can."""
    pool = (await supervisor.post("/api/pools/", json={"name": "Shift"})).raise_for_status().json()
    person = {"email": EMPLOYEE, "password": STAFF_PASSWORD, "name": "Shift", "pools": ["Shift"], "capacity": 1}
    (await supervisor.post("/api/employees/", json=person)).raise_for_status()
    client = await crowd.stack.sign_in(EMPLOYEE)
    page = await _sign_in(context, EMPLOYEE)
    await page.get_by_role("button", name="Go Available").click()
    cdp = await context.new_cdp_session(page)
    await cdp.send("Performance.enable")
    await _reviewed(crowd, page, client, pool["name"], WARM_REVIEWS)
    before = await _heap(cdp)
    await _reviewed(crowd, page, client, pool["name"], SHIFT_REVIEWS)
    after = await _heap(cdp)
    await client.aclose()
    grown = round(after["heap_mb"] - before["heap_mb"], 2)
    return {"reviews": SHIFT_REVIEWS, "before": before, "after": after, "grown_mb": grown}


async def measure(crowd: Crowd, supervisor: str) -> dict[str, Any]:
    """Both, one after the other, in browsers of their own."""
    async with _context(crowd) as context:
        painted = await _painted(crowd, await _sign_in(context, supervisor))
    client = await crowd.stack.sign_in(supervisor)
    try:
        async with _context(crowd) as context:
            return {"commit_to_painted_ms": painted, "shift": await _shift(crowd, context, client)}
    finally:
        await client.aclose()
