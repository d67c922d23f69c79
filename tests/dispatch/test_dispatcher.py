"""The process itself: leases, hints, a standby, a store of presence that is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from app.config import Settings
from app.dispatch import dispatcher, service
from app.dispatch.leader import Leader
from app.dispatch.models import employee, pool_group
from app.dispatch.policy.types import Rules
from app.dispatch.reporter import Reporter
from app.platform import lease
from app.platform.clock import monotonic
from app.platform.db import Database
from app.platform.embedded import Valkey
from app.platform.queue import connect
from tests.dispatch.floor import Floor


@asynccontextmanager
async def running(settings: Settings, db: Database, redis: Redis) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    task = asyncio.create_task(dispatcher.run(settings, db, redis, stop))
    yield stop
    stop.set()
    await asyncio.wait_for(task, 10)


@asynccontextmanager
async def reporting(redis: Redis, *people: object) -> AsyncIterator[Reporter]:
    """A web process with a socket for each of the people."""
    reporter, stop = Reporter(redis, "web:real"), asyncio.Event()
    for person in people:
        reporter.touch(f"s{person}", person)  # type: ignore[arg-type]  # an id
    task = asyncio.create_task(reporter.run(stop))
    yield reporter
    stop.set()
    await task


async def until(check: Callable[[], Awaitable[object]], seconds: float = 10) -> float:
    """How long it took until `check` held."""
    start = monotonic()
    while not await check():
        assert monotonic() - start < seconds, "it never came"
        await asyncio.sleep(0.02)
    return monotonic() - start


async def free(floor: Floor) -> None:
    """The floor's own hold of the lease ends."""
    await lease.release(floor.db, floor.lease, floor.epoch)


async def test_a_filed_review_is_assigned_on_the_hint(
    floor: Floor, settings: Settings, db: Database, redis: Redis
) -> None:
    ana = await floor.employee("Ana", here=False)
    await free(floor)
    async with running(settings, db, redis), reporting(redis, ana):
        async with db.transaction() as tx:
            await service.set_availability(tx, ana, "available")
        await asyncio.sleep(1.5)  # it leads and it is idle
        await floor.file()
        took = await until(lambda: floor.open_of(ana))
    assert took < 0.9  # by the hint, not by the second
    await floor.check()


async def test_a_fault_in_one_group_does_not_stop_the_others(
    floor: Floor, settings: Settings, db: Database, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await floor.employee("Ana", here=False)
    async with db.transaction() as tx:
        bad = (await tx.conn.execute(pool_group.insert().values(name="bad").returning(pool_group.c.id))).scalar_one()
    await free(floor)
    turn, failed = Leader.turn, []

    async def turn_or_fail(leader: Leader, hint: asyncio.Event) -> float:
        if leader.office.group == bad and len(failed) < 2:
            failed.append(leader.office.epoch)
            raise KeyError("a fault of ours")
        return await turn(leader, hint)

    monkeypatch.setattr(Leader, "turn", turn_or_fail)
    async with running(settings, db, redis), reporting(redis, ana):
        async with db.transaction() as tx:
            await service.set_availability(tx, ana, "available")
        await floor.file()
        await until(lambda: floor.open_of(ana))
        woken = select(pool_group.c.version).where(pool_group.c.id == bad, pool_group.c.version > 0)

        async def works_again() -> object:
            async with db.transaction() as tx:
                return (await tx.conn.execute(woken)).scalar_one_or_none()

        await until(works_again, 20)
    assert len(failed) == 2
    await floor.check()


async def test_what_fails_in_one_process_is_led_by_another(
    floor: Floor, settings: Settings, db: Database, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await free(floor)
    stop = asyncio.Event()
    bad, good = (dispatcher.Loop(settings, db, redis, floor.group, stop) for _ in range(2))
    turn, failed = Leader.turn, []

    async def turn_or_fail(leader: Leader, hint: asyncio.Event) -> float:
        if bad.leads:
            failed.append(leader.office.epoch)
            raise KeyError("a fault of this process")
        return await turn(leader, hint)

    monkeypatch.setattr(Leader, "turn", turn_or_fail)
    first = asyncio.create_task(bad.run())
    await until(lambda: asyncio.sleep(0, bool(failed)))
    second = asyncio.create_task(good.run())
    await until(lambda: asyncio.sleep(0, good.leads), 4)
    await asyncio.sleep(3)
    assert good.leads
    assert len(failed) < 3
    stop.set()
    good.wake.set()
    await asyncio.gather(first, second)


async def test_the_life_of_an_assignment_by_the_clock_alone(
    floor: Floor, settings: Settings, db: Database, redis: Redis
) -> None:
    quick = msgspec.structs.replace(settings, sla_seconds=3, sla_small_seconds=3, sla_warning_seconds=1)
    ana = await floor.employee("Ana")
    await free(floor)
    async with running(quick, db, redis), reporting(redis, ana):
        filed = await floor.file()
        await until(lambda: floor.open_of(ana))
        await floor.ack(ana)
        await until(lambda: floor.frames("review_warning", f"user:{ana}"))
        await until(lambda: floor.frames("strike_recorded", f"user:{ana}"))
    assert (await floor.review(filed.id)).misses == 1
    await floor.check()


async def test_the_standby_takes_over_within_five_seconds(
    floor: Floor, settings: Settings, db: Database, redis: Redis
) -> None:
    ana = await floor.employee("Ana")
    await lease.beat(db, floor.lease, floor.epoch)  # a leader that dies now, without a word
    async with running(settings, db, redis), reporting(redis, ana):
        await floor.file()
        assert await until(lambda: _led_by_another(floor)) < 5
        await until(lambda: floor.open_of(ana))
    await floor.check()


async def _led_by_another(floor: Floor) -> bool:
    async with floor.db.transaction() as tx:
        epoch = (await tx.conn.execute(select(lease.lease.c.epoch))).scalar_one()
    return int(epoch) > floor.epoch


async def test_two_processes_and_a_clean_handover(floor: Floor, settings: Settings, db: Database, redis: Redis) -> None:
    people = [await floor.employee(f"P{n}", capacity=3) for n in range(3)]
    await free(floor)
    async with reporting(redis, *people), running(settings, db, redis):
        async with running(settings, db, redis):
            for n in range(6):
                await floor.file(f"r{n}")
            await until(lambda: _assigned(floor, 6))
        await floor.file("after one stopped")
        await until(lambda: _assigned(floor, 7))
    await floor.check()


async def _assigned(floor: Floor, count: int) -> bool:
    return len(await floor.frames("ReviewAssigned")) == count


async def test_a_flush_in_the_midst_takes_nothing_from_anybody(
    floor: Floor, settings: Settings, db: Database, redis: Redis
) -> None:
    ana, ben = await floor.employee("Ana"), await floor.employee("Ben", here=False)
    await free(floor)
    async with running(settings, db, redis), reporting(redis, ana):
        await floor.file()
        await until(lambda: floor.open_of(ana))
        await floor.ack(ana)
        await redis.flushall()
        await asyncio.sleep(1.5)
        assert await floor.open_of(ana) is not None
        async with db.transaction() as tx:
            await service.set_availability(tx, ben, "available")
        async with reporting(redis, ana, ben):
            await floor.file("after the flush")
            await until(lambda: floor.open_of(ben))
    assert await floor.frames("review_revoked") == []
    await floor.check()


async def test_a_valkey_that_is_killed_and_comes_back_empty_takes_nothing_from_anybody(
    settings: Settings, db: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("valkey")
    valkey = Valkey(home, durable=False)
    valkey.start()
    redis = connect(valkey.url)
    floor = await Floor(db, redis, Rules()).open()
    ana, ben = await floor.employee("Ana"), await floor.employee("Ben")
    await free(floor)
    async with running(settings, db, redis):
        async with reporting(redis, ana, ben):
            for n in range(2):
                await floor.file(f"r{n}")
            await until(lambda: floor.open_of(ana))
            await until(lambda: floor.open_of(ben))
            await floor.ack(ana)
            await floor.ack(ben)
            assert valkey.process is not None
            valkey.process.kill()
            valkey.process.wait()
        valkey.start()
        async with reporting(redis, ana):
            await until(lambda: _is(floor, ana, "assignable"))
            assert (await floor.presence()).of(ben, 35) == "unknown"  # not offline: we don't know
            await asyncio.sleep(1.5)  # whole wakes
            assert await floor.open_of(ana) is not None
            assert await floor.open_of(ben) is not None
    assert await floor.frames("review_revoked") == []
    await floor.check()
    await redis.aclose()
    valkey.stop()


async def _is(floor: Floor, who: UUID, state: str) -> bool:
    return (await floor.presence()).of(who, 35) == state


async def test_new_employees_get_their_place(floor: Floor, settings: Settings, db: Database, redis: Redis) -> None:
    await free(floor)
    cleo = await floor.user("Cleo")
    async with running(settings, db, redis):
        await until(lambda: _has_place(floor, cleo))


async def _has_place(floor: Floor, who: object) -> bool:
    async with floor.db.transaction() as tx:
        found = await tx.conn.execute(select(employee.c.user_id).where(employee.c.user_id == who))
        return found.first() is not None
