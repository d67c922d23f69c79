"""Fairness from rows: hours clipped to the interval, what arrived counted, everybody listed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest_asyncio
from redis.asyncio import Redis

from app.dispatch.models import assignment, duty, review
from app.dispatch.policy.fairness import Spread
from app.dispatch.policy.types import Rules
from app.insight.fairness import Fairness, Share, as_csv, fairness
from app.platform.db import Database
from app.platform.ids import new_id
from tests.dispatch.floor import Floor

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest_asyncio.fixture
async def floor(db: Database, redis: Redis) -> Floor:
    return await Floor(db, redis, Rules()).open()


def _at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


async def _on_duty(floor: Floor, who: UUID, start: float, end: float | None) -> None:
    row = {"id": new_id(), "group_id": floor.group, "employee_id": who, "started_at": _at(start)}
    async with floor.db.transaction() as tx:
        await tx.conn.execute(duty.insert().values(row | {"ended_at": None if end is None else _at(end)}))


async def _given(floor: Floor, who: UUID, *hours: float, state: str = "completed") -> None:
    general = await floor.general()
    for at in hours:
        ended = {"state": "completed", "ended_at": _at(at)}
        filed = {"id": new_id(), "pool_id": general, "kind": "question", "size": "small", "title": "x"} | ended
        times = dict.fromkeys(("assigned_at", "grace_at", "warn_at", "deadline_at", "closed_at"), _at(at))
        row = {"id": new_id(), "review_id": filed["id"], "employee_id": who, "state": state} | times
        async with floor.db.transaction() as tx:
            await tx.conn.execute(review.insert().values(filed))
            await tx.conn.execute(assignment.insert().values(row))


async def _read(floor: Floor, start: float, end: float) -> Fairness:
    async with floor.db.transaction() as tx:
        return await fairness(tx, _at(start), _at(end))


async def test_rates_are_of_what_arrived_over_the_hours_inside(floor: Floor) -> None:
    ana, ben = await floor.employee("Ana", here=False), await floor.employee("Ben", here=False)
    for start, end in ((-5, -4), (-1, 2), (3, 3.5), (7, 20)):
        await _on_duty(floor, ana, start, end)
    await _on_duty(floor, ben, 0, None)
    await _given(floor, ana, -0.5, 0, 1, 3.2, 8)
    await _given(floor, ana, 1.5, state="undelivered")
    await _given(floor, ben, 1, 2, 3, 4, 5, 6, 7, 7.5)
    found = await _read(floor, 0, 8)
    assert [(one.name, one.assignments, one.available_hours, one.per_hour) for one in found.people] == [
        ("Ben", 8, 8.0, 1.0), ("Ana", 3, 3.5, 0.857),
    ]  # fmt: skip
    assert (found.spread.people, found.spread.least, found.spread.most) == (2, 0.857, 1.0)
    assert found.spread.ratio == 1.1669


async def test_hardly_there_is_listed_and_not_compared_and_who_wasnt_is_left_out(floor: Floor) -> None:
    ana, ben, _ = [await floor.employee(name, here=False) for name in ("Ana", "Ben", "Eve")]
    await _on_duty(floor, ana, 0, 0.1)
    await _given(floor, ana, 0.05)
    await _given(floor, ben, 1)
    found = await _read(floor, 0, 8)
    assert [(one.name, one.assignments, one.per_hour) for one in found.people] == [("Ana", 1, None), ("Ben", 1, None)]
    assert found.spread.people == 0
    assert (await _read(floor, 10, 20)).people == []


async def test_hours_that_run_still_end_now(floor: Floor) -> None:
    await floor.employee("Ana")
    await floor.wake()
    async with floor.db.transaction() as tx:
        await tx.conn.execute(duty.update().values(started_at=duty.c.started_at - timedelta(hours=2)))
    found = await _read(floor, 0, 24 * 365 * 20)
    assert [round(one.available_hours, 1) for one in found.people] == [2.0]


def test_a_spreadsheet_reckons_nothing() -> None:
    shares = [
        Share(employee=new_id(), number=n, name=name, assignments=3, available_hours=1.5, per_hour=rate)
        for n, (name, rate) in enumerate([("Ana", 2.0), ('=HYPERLINK("x")', None), ("Ben, Jr.", 1.0)], 1)
    ]
    told = as_csv(Fairness(start=NOON, end=_at(1), spread=Spread(people=0), people=shares))
    assert told.split("\r\n") == [
        "number,name,assignments,available_hours,per_hour",
        "1,Ana,3,1.5,2.0",
        '2,"\'=HYPERLINK(""x"")",3,1.5,',
        '3,"Ben, Jr.",3,1.5,1.0',
        "",
    ]
