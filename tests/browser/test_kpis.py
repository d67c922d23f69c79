"""A supervisor's page of figures in a real browser: its charts, its table, the ranges, the wall."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import insert, select

from app.dispatch.models import duty, pool
from app.platform.ids import new_id
from tests.browser.house import House
from tests.browser.test_faces import faults
from tests.insight.test_kpis import Books

NOW = datetime.now(UTC)


async def a_fortnight(house: House) -> Books:
    """Each day a little more than the day before, for twice seven days."""
    who = await house.add("seeker", "Jane Roe")
    employee = await house.add("employee", "Ada King")
    async with house.db.transaction() as tx:
        general, group = (await tx.conn.execute(select(pool.c.id, pool.c.group_id))).one()
        row = {"id": new_id(), "group_id": group, "employee_id": employee}
        await tx.conn.execute(insert(duty).values(row | {"started_at": NOW - timedelta(days=9), "ended_at": NOW}))
    books = Books(house.db, who, employee, general)
    for ago in range(14):
        at = NOW - timedelta(days=ago, minutes=5)
        for n in range(2 + (14 - ago) // 3):
            await books.posting(at)
            await books.assignment(
                at, took=240 + 60 * ((ago * 7 + n) % 9), state="missed" if ago + n == 9 else "completed"
            )
            await _sent(books, at, n, ago)
        if ago % 5 == 0:
            await books.strike(at)
    return books


async def _sent(books: Books, at: datetime, n: int, ago: int) -> UUID:
    status = ("applied", "interview", "rejected", "offer")[(n + ago) % 4]
    app = await books.application(at - timedelta(hours=3), at, status)
    if n % 3 == 0:
        await books.review(at - timedelta(hours=1), app)
    if status == "rejected":
        await books.event(app, at + timedelta(minutes=4), "rejected")
    return app


async def drawn(page: Page, charts: int = 6) -> None:
    await expect(page.locator("#figures canvas")).to_have_count(charts)
    await expect(page.locator("[data-live-state]")).to_have_text("live")


@pytest.mark.parametrize(("dark", "phone"), [(False, False), (True, True)])
async def test_figures_are_drawn_told_and_exported(house: House, dark: bool, phone: bool) -> None:
    await house.add("supervisor", "Sue Park")
    await a_fortnight(house)
    page = await house.sign_in("Sue Park", dark=dark, phone=phone)
    await page.goto("/kpis")
    await drawn(page)
    assert await faults(page) == []
    await page.locator("#figures summary").click()
    await expect(page.locator("#series tbody tr")).to_have_count(7)
    assert await faults(page) == [], "with its table"
    told = await page.locator("#series tbody tr td:nth-child(11)").all_inner_texts()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Export CSV").click()
    lines = list(csv.DictReader(io.StringIO((await (await download.value).path()).read_text())))
    assert [line["postings"] for line in lines] == told
    assert sum(map(int, told)) > 7
    assert house.violations == []


async def test_a_chart_reads_its_table_under_the_pointer_and_takes_the_theme(house: House) -> None:
    await house.add("supervisor", "Sue Park")
    await a_fortnight(house)
    page = await house.sign_in("Sue Park")
    await page.goto("/kpis")
    await drawn(page)
    chart = page.locator("figure", has=page.get_by_role("heading", name="Postings found"))
    await chart.locator(".u-over").hover()
    day, found = (await chart.locator(".readout").inner_text()).split(" · ")
    row = page.locator("#series tbody tr", has_text=day)
    assert await row.locator("td").nth(9).text_content() == found
    ink = "e => e.getContext('2d').getImageData(0, 0, e.width, e.height).data.join()"
    before = await chart.locator("canvas").evaluate(ink)
    await page.locator("nav.rail [data-theme-toggle]").click()
    await drawn(page)
    assert await chart.locator("canvas").evaluate(ink) != before


async def test_ranges_are_picked_and_a_wrong_one_is_told(house: House) -> None:
    await house.add("supervisor", "Sue Park")
    await a_fortnight(house)
    page = await house.sign_in("Sue Park")
    await page.locator("nav.rail").get_by_role("link", name="KPIs").click()
    await drawn(page)
    await page.get_by_role("link", name="30 days").click()
    await drawn(page)
    await expect(page.locator("#series tbody tr")).to_have_count(30)
    await page.get_by_label("From").fill("2026-01-05")
    await page.get_by_label("to", exact=True).fill("2026-01-01")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_role("alert").filter(has_text="This range can't be shown")).to_be_visible()
    await expect(page.get_by_label("From")).to_have_value("2026-01-05")
    await page.get_by_label("to", exact=True).fill("2026-01-11")
    await page.get_by_label("by").select_option("week")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator("#figures")).to_contain_text("Nothing happened in this time")
    await expect(page.locator("#series tbody tr")).to_have_count(1)
    await expect(page.locator("#figures .kpi b").first).to_have_text("–")


async def test_days_are_those_of_the_browsers_zone_until_another_is_asked_for(house: House) -> None:
    await house.add("supervisor", "Sue Park")
    context = await house.browser.new_context(base_url=house.address, timezone_id="Asia/Kolkata")
    page = await house.sign_in("Sue Park", page=await context.new_page())
    await page.goto("/kpis?range=today")
    await expect(page.locator("#figures")).to_contain_text("in Asia/")
    await page.get_by_role("link", name="Show in UTC").click()
    await expect(page.locator("#figures")).to_contain_text("in UTC")
    assert "range=today" in page.url
    await page.get_by_role("link", name="Show in Asia/").click()
    await expect(page.locator("#figures")).to_contain_text("in Asia/")


async def test_the_wall_shows_figures_alone_and_refreshes(house: House) -> None:
    await house.add("supervisor", "Sue Park")
    books = await a_fortnight(house)
    page = await house.sign_in("Sue Park")
    await page.goto("/kpis?range=7")
    await page.get_by_role("link", name="Wall mode").click()
    await drawn(page)
    await expect(page.locator("nav")).to_have_count(0)
    assert await faults(page) == []
    assert "every 30s" in str(await page.locator("#figures").get_attribute("hx-trigger"))
    tile = page.locator("#figures .kpi", has_text="Postings found").locator("b")
    before = int(await tile.inner_text())
    await books.posting(NOW - timedelta(minutes=1))
    await page.evaluate("htmx.trigger('#figures', 'refresh')")
    await expect(tile).to_have_text(str(before + 1))
    await drawn(page)
    await page.get_by_role("link", name="Leave wall mode").click()
    await expect(page.locator("nav.rail")).to_be_visible()
    assert house.violations == []


async def test_figures_that_do_not_come_are_told_and_asked_for_again(house: House) -> None:
    await house.add("supervisor", "Sue Park")
    await a_fortnight(house)
    page = await house.sign_in("Sue Park")
    await page.route("**/kpis/figures*", lambda route: route.fulfill(status=503, body="away"))
    await page.goto("/kpis")
    alert = page.get_by_role("alert").filter(has_text="could not be fetched")
    await expect(alert).to_be_visible()
    await expect(page.locator("#figures")).not_to_contain_text("Counting", use_inner_text=True)
    await page.unroute("**/kpis/figures*")
    await page.get_by_role("button", name="Try again").click()
    await drawn(page)
    await expect(alert).to_be_hidden()
