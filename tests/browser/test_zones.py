"""Two people in two time zones read one moment, each by their own clock: at once, after a push, after a swap."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.async_api import Locator, Page, expect
from sqlalchemy import func, update

from app.dispatch.heartbeats import WAKE
from app.dispatch.models import assignment
from tests.browser.house import House
from tests.browser.test_acts import at_work
from tests.browser.test_faces import time_runs_out

# Each text that any <time> of the page ever had, from its first paint on.
WATCHED = """(() => {
  const said = (window.everSaid = new Set());
  const look = () => document.querySelectorAll("time").forEach((one) => said.add(one.dateTime + "|" + one.textContent));
  const all = { childList: true, subtree: true, characterData: true, attributes: true };
  new MutationObserver(look).observe(document, all);
})()"""


async def _in(house: House, zone: str) -> Page:
    context = await house.browser.new_context(base_url=house.address, timezone_id=zone)
    context.set_default_timeout(15_000)
    context.on("weberror", lambda error: house.violations.append(str(error.error)))
    await context.add_init_script(WATCHED)
    return await context.new_page()


async def _right(time: Locator, zone: str) -> None:
    """It says the moment by the clock there, and on hover all of it."""
    moment = datetime.fromisoformat(str(await time.get_attribute("datetime")))
    there = moment.astimezone(ZoneInfo(zone))
    assert moment.tzinfo is not None
    await expect(time).to_have_text(re.compile(f"{there:%H:%M}"))
    await expect(time).to_have_attribute("title", re.compile(f"^{there:%Y-%m-%d %H:%M:%S} .*UTC[+]"))


async def _never_wrong(page: Page, zone: str) -> None:
    """No time was ever shown by another clock, not for a moment."""
    said = await page.evaluate("[...window.everSaid]")
    assert said
    for moment, words in (one.split("|") for one in said):
        assert f"{datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)):%H:%M}" in words


async def test_each_reads_times_by_their_own_clock(house: House) -> None:
    here, there = "Europe/Berlin", "Asia/Kolkata"
    ada, _ = await at_work(house, await _in(house, here))
    await _right(ada.locator("#top time"), here)
    await house.add("supervisor", "Sue Park")
    sue = await house.sign_in("Sue Park", page=await _in(house, there))

    async with house.db.transaction() as tx:
        warned = update(assignment).where(assignment.c.state == "open")
        await tx.conn.execute(warned.values(warn_at=func.clock_timestamp()))
        tx.hint(WAKE)
    await expect(ada.locator("#top")).to_contain_text("Warned at")  # pushed
    for time in await ada.locator("#top time").all():
        await _right(time, here)
    await sue.locator("#rows tr[data-id] .cut").first.click()
    await expect(sue.locator(".history time").first).to_be_visible()  # swapped in
    await _right(sue.locator(".history time").first, there)

    await time_runs_out(house)
    await expect(ada.locator("#work h1")).to_contain_text("You are")
    await ada.goto("/desk/history")
    await _right(ada.locator("#past time").first, here)
    await _right(ada.locator("#strikes .facts time").first, here)
    await expect(ada.locator("#strikes .facts")).to_contain_text(re.compile(r"\d\d:\d\d:\d\d CES?T"))
    await _never_wrong(ada, here)
    await _never_wrong(sue, there)
    assert house.violations == []


async def test_who_has_travelled_reads_by_the_new_clock_at_once(house: House) -> None:
    ada, _ = await at_work(house, await _in(house, "Europe/Berlin"))
    state = await ada.context.storage_state()
    context = await house.browser.new_context(base_url=house.address, timezone_id="Asia/Kolkata", storage_state=state)
    await context.add_init_script(WATCHED)
    page = await context.new_page()
    await page.goto("/desk")
    await expect(page.locator("html")).to_have_attribute("data-zone", re.compile("Asia/"))
    await _right(page.locator("#top time"), "Asia/Kolkata")
    await _never_wrong(page, "Asia/Kolkata")
