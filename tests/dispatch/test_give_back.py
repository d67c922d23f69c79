"""After an outage over more open assignments than one wake can tell: each gets the time back once, nobody pays."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.dispatch import reckon
from app.dispatch.models import assignment, outage
from app.dispatch.roster import Roster
from tests.dispatch.floor import TTL, Floor
from tests.dispatch.test_due_process import holds, let_go, open_of, strikes
from tests.dispatch.test_own_outages import _web


@pytest.fixture(autouse=True)
def three_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reckon, "PART", 3)
    monkeypatch.setattr(reckon, "PART_PEOPLE", 2)


async def deadlines(floor: Floor) -> dict[UUID, datetime]:
    query = select(assignment.c.id, assignment.c.deadline_at).where(assignment.c.state == "open")
    async with floor.db.transaction() as tx:
        return {row.id: row.deadline_at for row in await tx.conn.execute(query)}


async def given(floor: Floor, before: dict[UUID, datetime]) -> list[float]:
    after = await deadlines(floor)
    assert after.keys() == before.keys()
    return sorted(round((after[one] - before[one]).total_seconds(), 1) for one in before)


async def test_the_clocks_stand_still_until_all_have_got_it(floor: Floor) -> None:
    await holds(floor, capacity=7, reviews=7)
    await floor.age(1250)  # 50 seconds over their end, of which 200 were our silence
    before = await deadlines(floor)
    await floor.silence(200)
    first = await floor.wake()
    assert first.did == {}
    assert first.next_due is not None
    assert (first.next_due - first.at).total_seconds() < 0.2
    assert [round(one) for one in await given(floor, before)] == [0] * 4 + [200] * 3
    floor.roster = Roster(floor.group, TTL)  # another process takes over
    assert (await floor.wake()).did == {}
    last = await floor.wake()
    assert last.did == {"Warn": 7}
    assert [round(one) for one in await given(floor, before)] == [200] * 7
    assert len(await floor.frames("review_deadline_changed")) == 7
    await floor.settle()
    assert [round(one) for one in await given(floor, before)] == [200] * 7
    assert await strikes(floor) == []
    await floor.check()


async def test_letting_go_of_what_has_not_got_it_yet_costs_nothing(floor: Floor) -> None:
    ana = await holds(floor, capacity=5, reviews=5)
    await floor.age(1000)
    before = await deadlines(floor)
    await floor.silence(200)
    await floor.wake()
    late = max((row for row in await open_of(floor, ana)), key=lambda row: row.review_id)
    assert late.deadline_at == before[late.id]
    await let_go(floor, ana, late)
    assert await strikes(floor) == []
    assert (await floor.review(late.review_id)).misses == 0
    await floor.check()


async def test_an_outage_that_begins_meanwhile_is_given_back_after_it(floor: Floor) -> None:
    await holds(floor, capacity=7, reviews=7)
    await floor.age(500)
    before = await deadlines(floor)
    await floor.silence(100)
    await floor.wake()
    await floor.silence(20)  # lies within the hundred: it gives nothing more
    for _ in range(8):
        await floor.wake()
    assert [round(one) for one in await given(floor, before)] == [100] * 7
    wakes = 0
    await floor.silence(10)
    async with floor.db.transaction() as tx:  # two that lie within the one before: they cost no wake of their own
        now = (await tx.conn.execute(select(func.clock_timestamp()))).scalar_one()
        for name in ("web", "valkey"):
            row = {"group_id": floor.group, "component": name, "started_at": now - timedelta(seconds=8)}
            await tx.conn.execute(outage.insert().values(row | {"ended_at": now - timedelta(seconds=4)}))
    while (await floor.wake()).next_due and not await _all_credited(floor):
        wakes += 1
    assert wakes <= 3
    async with floor.db.transaction() as tx:
        assert set((await tx.conn.execute(select(outage.c.credited))).scalars()) == {True}
    await floor.check()


async def _all_credited(floor: Floor) -> bool:
    async with floor.db.transaction() as tx:
        return set((await tx.conn.execute(select(outage.c.credited))).scalars()) == {True}


async def test_so_are_the_outages_of_single_people(floor: Floor) -> None:
    people = [await floor.employee(name) for name in ("Ana", "Ben", "Cid", "Dot", "Eve")]
    for n in range(len(people)):
        await floor.file(f"r{n}")
    await floor.settle()
    for person in people:
        await floor.ack(person)
    await floor.age(1190)
    await floor.settle()
    before = await deadlines(floor)
    await _web(floor, "other", 0)  # not theirs: it's no outage of all
    await _web(floor, "web", 20)
    await floor.wake()
    await _web(floor, "web", 0)
    await floor.age(15)
    before = {one: at - timedelta(seconds=15) for one, at in before.items()}
    assert (await floor.wake()).did == {}
    assert [round(one) for one in await given(floor, before)] == [0] * 3 + [20] * 2
    assert (await floor.wake()).did == {}
    assert (await floor.wake()).did == {}
    assert [round(one) for one in await given(floor, before)] == [20] * 5
    assert await strikes(floor) == []
    await floor.check()
