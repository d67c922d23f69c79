"""The record of available hours on real rows: who was there when, whatever happens to the dispatcher."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from app.dispatch import background, service
from app.dispatch.models import duty, outage, own_outage
from app.dispatch.roster import Roster
from app.platform.clock import utcnow
from app.platform.ids import new_id
from tests.dispatch.floor import TTL, Floor


async def _record(floor: Floor, who: UUID) -> list[Any]:
    query = select(duty.c.started_at, duty.c.ended_at).where(duty.c.employee_id == who).order_by(duty.c.started_at)
    async with floor.db.transaction() as tx:
        return list((await tx.conn.execute(query)).all())


async def _availability(floor: Floor, who: UUID, state: Any) -> None:
    async with floor.db.transaction() as tx:
        await service.set_availability(tx, who, state)
    await floor.wake()


async def _now(floor: Floor) -> datetime:
    async with floor.db.transaction() as tx:
        now: datetime = (await tx.conn.execute(select(func.clock_timestamp()))).scalar_one()
    return now


async def test_an_interval_runs_from_available_to_paused(floor: Floor) -> None:
    before = await _now(floor)
    ana = await floor.employee("Ana")
    await floor.wake()
    await floor.wake()
    ((started_at, ended_at),) = await _record(floor, ana)
    assert before < started_at < await _now(floor)
    assert ended_at is None
    await _availability(floor, ana, "paused")
    await floor.wake()
    ((_, ended_at),) = await _record(floor, ana)
    assert started_at < ended_at < await _now(floor)
    await _availability(floor, ana, "available")
    assert [end is None for _, end in await _record(floor, ana)] == [False, True]


async def test_it_is_kept_for_longer_than_fairness_looks_back(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    await floor.wake()
    for days in (399, 401):
        await _availability(floor, ana, "paused")
        back = duty.c.started_at - timedelta(days=days)
        async with floor.db.transaction() as tx:
            closed = update(duty).where(duty.c.ended_at > func.clock_timestamp() - timedelta(days=1))
            await tx.conn.execute(closed.values(started_at=back, ended_at=duty.c.ended_at - timedelta(days=days)))
        await _availability(floor, ana, "available")
    assert await background.prune(floor.db) == 1
    assert await background.prune(floor.db) == 0
    assert [end is None for _, end in await _record(floor, ana)] == [False, True]


async def test_busy_is_available_and_locked_is_not(floor: Floor) -> None:
    ana, boss = await floor.employee("Ana"), await floor.user("Boss", "supervisor")
    await floor.file()
    await floor.settle()
    assert await floor.open_of(ana)
    assert [end for _, end in await _record(floor, ana)] == [None]
    async with floor.db.transaction() as tx:
        await service.lock(tx, ana, actor=boss, reason="a look")
    await floor.wake()
    assert [end is None for _, end in await _record(floor, ana)] == [False]


async def test_whoever_is_gone_was_there_until_their_last_beat(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    await floor.wake()
    async with floor.db.transaction() as tx:
        await tx.conn.execute(update(duty).values(started_at=duty.c.started_at - timedelta(hours=1)))
    await floor.leave(ana, age=120)
    await floor.wake()
    ((_, ended_at),) = await _record(floor, ana)
    assert timedelta(seconds=115) < utcnow() - ended_at < timedelta(seconds=180)


async def test_unknown_presence_neither_begins_nor_ends_anything(floor: Floor) -> None:
    ana, ben = await floor.employee("Ana"), await floor.employee("Ben", here=False)
    await floor.wake()
    await floor.wake(blind=True)
    async with floor.db.transaction() as tx:
        await service.set_availability(tx, ben, "available")
    await floor.wake(blind=True)
    assert [end for _, end in await _record(floor, ana)] == [None]
    assert await _record(floor, ben) == []


async def test_a_new_dispatcher_goes_on_with_the_record(floor: Floor) -> None:
    ana, ben = await floor.employee("Ana"), await floor.employee("Ben")
    await floor.wake()
    async with floor.db.transaction() as tx:
        await service.set_availability(tx, ben, "paused")
    floor.roster = Roster(floor.group, TTL)
    await floor.wake()
    assert [end for _, end in await _record(floor, ana)] == [None]
    assert [end is None for _, end in await _record(floor, ben)] == [False]
    floor.roster.forget()
    await floor.quick()
    await _availability(floor, ana, "paused")
    assert [end is None for _, end in await _record(floor, ana)] == [False]


async def test_what_was_rolled_back_is_written_at_the_next_wake(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    before, floor.epoch = floor.epoch, floor.epoch + 1
    floor.roster.see(await floor.presence())
    try:
        await floor.wake()
    except Exception:  # as the leader does
        floor.roster.forget()
    floor.epoch = before
    await floor.wake()
    assert len(await _record(floor, ana)) == 1


async def test_who_moves_to_another_group_is_on_duty_there(floor: Floor) -> None:
    ana, boss = await floor.employee("Ana"), await floor.user("Boss", "supervisor")
    await floor.wake()
    async with floor.db.transaction() as tx:
        await service.add_pool(tx, actor=boss, name="far", group="far")
        await service.change_employee(tx, ana, actor=boss, pools=["far"])
    floor.roster.forget()
    await floor.wake()
    assert [end is None for _, end in await _record(floor, ana)] == [False]


async def test_a_second_look_finds_nothing_to_write(floor: Floor) -> None:
    for n in range(3):
        await floor.employee(f"P{n}")
    await floor.wake()
    assert floor.roster.noted == set()
    assert floor.roster.on_duty == set(floor.roster.rotation.people)
    assert new_id() not in floor.roster.on_duty


async def test_outages_are_kept_as_long_and_those_of_single_people_for_two_months(floor: Floor) -> None:
    ana = await floor.employee("Ana", here=False)
    now = await _now(floor)
    async with floor.db.transaction() as tx:
        for table, days in ((outage, (399, 401)), (own_outage, (59, 61))):
            for ago in days:
                at = now - timedelta(days=ago)
                whose = {"employee_id": ana} if table is own_outage else {"component": "web"}
                row = {"group_id": floor.group, "started_at": at, "ended_at": at, "credited": True}
                await tx.conn.execute(table.insert().values(row | whose))
    assert await background.prune(floor.db) == 2
    assert await background.prune(floor.db) == 0
