"""Figures as supervisors ask for them: live, over a range, as a file, on their page."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis
from sqlalchemy import insert, select

from app.dispatch.models import pool
from app.dispatch.policy.types import Rules
from app.platform.db import Database
from app.postings.models import source
from app.seekers.models import seeker
from tests.dispatch.floor import Floor
from tests.insight.test_kpis import Books
from tests.web.conftest import SignIn

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def books(db: Database, redis: Redis) -> Books:
    floor = await Floor(db, redis, Rules()).open()
    employee, who = await floor.employee("Ana", here=False), await floor.user("Sam", "seeker")
    async with db.transaction() as tx:
        await tx.conn.execute(insert(seeker).values(user_id=who))
        general = (await tx.conn.execute(select(pool.c.id))).scalar_one()
    return Books(db, who, employee, general)


async def test_live_figures_and_each_pools_queue(signed_in: SignIn, db: Database, redis: Redis) -> None:
    floor = await Floor(db, redis, Rules()).open()
    old = await floor.file("an old one")
    await floor.file("a new one")
    async with db.transaction() as tx:
        row = {"kind": "greenhouse", "token": "x", "name": "X", "last_run_at": datetime.now(UTC)}
        await tx.conn.execute(insert(source).values(row))
        await tx.conn.execute(insert(source).values(row | {"token": "y", "last_run_at": NOW - DAY}))
    told = (await (await signed_in("supervisor")).get("/api/metrics/live")).json()
    assert (told["active_scrapers"], told["pending_reviews"], told["postings_found_per_minute"]) == (1, 2, 0.0)
    (general,) = told["pools"]
    assert (general["pool"], general["queued"], general["assigned"]) == ("general", 2, 0)
    assert datetime.fromisoformat(general["oldest_at"]) == old.queued_at
    assert 0 < general["oldest_seconds"] < 60


async def test_a_range_its_buckets_and_the_one_before(signed_in: SignIn, books: Books) -> None:
    for back in (1, 1, 3, 4, 9):
        await books.posting(NOW - back * DAY)
    boss = await signed_in("supervisor")
    asked = {"from": (NOW - 3.5 * DAY).isoformat(), "to": NOW.isoformat(), "bucket": "day", "zone": "Asia/Kolkata"}
    told = (await boss.get("/api/metrics/kpis", params=asked)).json()
    assert (told["zone"], told["bucket"]) == ("Asia/Kolkata", "day")
    assert (told["figures"]["postings"], told["before"]["postings"]) == (3, 1)
    assert datetime.fromisoformat(told["before_from"]) == datetime.fromisoformat(told["from"]) - 3.5 * DAY
    assert sum(point["figures"]["postings"] for point in told["series"]) == 3
    inner = [datetime.fromisoformat(point["from"]) for point in told["series"]][1:]
    assert {(at.hour, at.minute) for at in inner} == {(18, 30)}, "midnight there"
    assert told["figures"]["sla_rate"] is None
    usual = (await boss.get("/api/metrics/kpis")).json()
    assert (usual["zone"], usual["bucket"], usual["figures"]["postings"]) == ("UTC", "day", 4)


async def test_the_same_series_as_a_file(signed_in: SignIn, books: Books) -> None:
    await books.assignment(NOW - DAY, 90)
    boss = await signed_in("supervisor")
    asked = {"from": (NOW - 2 * DAY).isoformat(), "to": NOW.isoformat(), "bucket": "day"}
    answer = await boss.get("/api/metrics/kpis", params=asked | {"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    told = (await boss.get("/api/metrics/kpis", params=asked)).json()["series"]
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [line["completed"] for line in lines] == [str(point["figures"]["completed"]) for point in told]
    assert [line["handling_median"] for line in lines if line["completed"] == "1"] == ["90.0"]
    assert {line["sla_rate"] for line in lines if line["completed"] == "0"} == {""}


@pytest.mark.parametrize(
    ("asked", "path"),
    [({"from": "2026-01-01T00:00:00"}, "from"), ({"zone": "Atlantis"}, "zone"),
     ({"to": "0001-01-01T00:00:00Z"}, "from"),
     ({"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "from"),
     ({"from": "2026-01-01T00:00:00Z", "to": "2026-09-01T00:00:00Z", "bucket": "hour"}, "bucket")],
)  # fmt: skip
async def test_what_cannot_be_shown_is_refused_by_its_field(
    signed_in: SignIn, asked: dict[str, str], path: str
) -> None:
    answer = await (await signed_in("supervisor")).get("/api/metrics/kpis", params=asked)
    assert (answer.status_code, [one["path"] for one in answer.json()["errors"]]) == (400, [path])


@pytest.mark.parametrize("role", ["employee", "seeker", "operator"])
async def test_figures_are_the_supervisors(signed_in: SignIn, role: str) -> None:
    person = await signed_in(role)
    for path in ("/api/metrics/live", "/api/metrics/kpis", "/api/metrics/kpis?format=csv", "/kpis", "/kpis/figures"):
        assert (await person.get(path)).status_code == 403, path


async def test_the_page_says_none_where_there_is_none(signed_in: SignIn, books: Books) -> None:
    boss = await signed_in("supervisor")
    empty = (await boss.get("/kpis/figures?range=today")).text
    assert "Nothing happened in this time" in empty
    assert "<b>–</b>" in empty
    assert "0 %" not in empty.replace("100 %", "")
    await books.assignment(NOW - timedelta(seconds=5), 60, state="missed")
    assert "<b>0 %</b>" in (await boss.get("/kpis/figures?range=7")).text
    assert (await boss.get("/kpis?range=own&from=2026-01-09&to=2026-01-01")).status_code == 400
    assert (await boss.get("/kpis?range=own&from=soon&to=")).status_code == 400
