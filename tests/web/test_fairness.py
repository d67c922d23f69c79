"""Fairness as supervisors ask for it: as data, as a file, on the board."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from app.dispatch.models import duty
from app.dispatch.policy.types import Rules
from app.platform.db import Database
from tests.dispatch.floor import Floor
from tests.web.conftest import SignIn

NOW = datetime.now(UTC)


async def _office(db: Database, redis: Redis) -> None:
    floor = await Floor(db, redis, Rules()).open()
    for name in ("Ana", "Ben"):
        await floor.employee(name, capacity=5)
    await floor.wake()
    async with db.transaction() as tx:
        await tx.conn.execute(duty.update().values(started_at=duty.c.started_at - timedelta(hours=2)))
    for n in range(6):
        await floor.file(f"r{n}")
    await floor.settle()


async def test_the_spread_is_told_and_exported(signed_in: SignIn, db: Database, redis: Redis) -> None:
    await _office(db, redis)
    boss = await signed_in("supervisor")
    told = (await boss.get("/api/metrics/fairness")).json()
    assert [(one["name"], one["assignments"], round(one["per_hour"], 1)) for one in told["people"]] == [
        ("Ana", 3, 1.5), ("Ben", 3, 1.5),
    ]  # fmt: skip
    assert (told["spread"]["people"], round(told["spread"]["ratio"], 1), round(told["spread"]["jain"], 3)) == (2, 1, 1)
    span = datetime.fromisoformat(told["to"]) - datetime.fromisoformat(told["from"])
    assert span == timedelta(days=7)
    answer = await boss.get("/api/metrics/fairness", params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "fairness.csv" in answer.headers["content-disposition"]
    assert [line.split(",")[1:3] for line in answer.text.splitlines()] == [
        ["name", "assignments"], ["Ana", "3"], ["Ben", "3"],
    ]  # fmt: skip


async def test_an_interval_is_what_was_asked_for(signed_in: SignIn, db: Database, redis: Redis) -> None:
    await _office(db, redis)
    boss = await signed_in("supervisor")
    hour = {"from": (NOW - timedelta(minutes=90)).isoformat(), "to": (NOW - timedelta(hours=1)).isoformat()}
    told = (await boss.get("/api/metrics/fairness", params=hour)).json()
    assert [(one["assignments"], one["available_hours"]) for one in told["people"]] == [(0, 0.5), (0, 0.5)]
    ahead = {"to": (NOW + timedelta(days=400)).isoformat()}
    assert (await boss.get("/api/metrics/fairness", params=ahead)).json()["to"] < ahead["to"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-11-23T17:00:00"}, "from"),
        ({"from": "2026-11-20T00:00:00Z", "to": "2026-11-19T00:00:00Z"}, "from"),
        ({"from": "2020-11-20T00:00:00Z", "to": "2026-11-19T00:00:00Z"}, "from"),
        ({"from": "2999-01-01T00:00:00Z"}, "from"),
        ({"to": "0001-01-01T00:00:00Z"}, "from"),
        ({"from": "yesterday"}, "RFC3339"),
        ({"format": "xlsx"}, "format"),
    ],
)
async def test_nonsense_is_refused(signed_in: SignIn, query: dict[str, str], field: str) -> None:
    answer = await (await signed_in("supervisor")).get("/api/metrics/fairness", params=query)
    assert answer.status_code == 400
    assert field in answer.text


async def test_the_board_shows_it(signed_in: SignIn, db: Database, redis: Redis) -> None:
    boss = await signed_in("supervisor")
    assert "Nobody was available" in (await boss.get("/board/fairness")).text
    await _office(db, redis)
    assert 'hx-get="/board/fairness"' in (await boss.get("/board", follow_redirects=True)).text
    shown = (await boss.get("/board/fairness")).text
    assert "1.5 to 1.5, median 1.5 over 2 people" in shown
    assert "3 in 2.0 h" in shown
    async with db.transaction() as tx:
        assert len((await tx.conn.execute(select(duty.c.id))).all()) == 2
