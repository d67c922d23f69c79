from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from arq.connections import ArqRedis
from redis.asyncio import Redis
from sqlalchemy import select

from app.config import Settings
from app.platform import queue
from app.platform.bus import Consumer, Event
from app.platform.db import Database, Tx
from app.platform.ids import new_id
from app.platform.objects import Objects
from app.platform.outbox import emit
from app.platform.queue import Claim, task
from app.platform.relay import publish_batch
from app.process import Process
from app.worker import Room, serve


@asynccontextmanager
async def working(room: Room, settings: Settings, db: Database, redis: Redis) -> AsyncIterator[None]:
    assert isinstance(redis, ArqRedis)
    process = Process(settings, db, redis, Objects.in_memory(), asyncio.Event())
    serving = asyncio.create_task(serve("test", room, process))
    yield
    process.stop.set()
    await serving


async def states(db: Database) -> list[str]:
    async with db.transaction() as tx:
        return list((await tx.conn.execute(select(task.c.state))).scalars())


async def until_done(db: Database, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while set(await states(db)) != {"done"}:
            await asyncio.sleep(0.05)


class Noted:
    """A handler that notes what ran, and how many at once."""

    def __init__(self, takes: float = 0.0) -> None:
        self.keys: list[str] = []
        self.takes = takes
        self.now = self.most = 0

    async def __call__(self, claim: Claim) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.takes)
        self.now -= 1
        self.keys.append(claim.key)


async def test_each_row_runs_once_however_often_it_is_hinted_at(settings: Settings, db: Database, redis: Redis) -> None:
    handler = Noted(takes=0.02)
    async with working(Room({"test.do": handler}, at_once=3), settings, db, redis):
        for n in range(30):
            async with db.transaction() as tx:
                found = await queue.add(tx, "test.do", str(n))
                for _ in range(5):
                    tx.hint("task:test", str(found))
        await until_done(db)
    assert sorted(handler.keys, key=int) == [str(n) for n in range(30)]
    assert handler.most <= 3


async def test_a_flushed_valkey_loses_no_work(settings: Settings, db: Database, redis: Redis) -> None:
    handler = Noted()
    async with db.transaction() as tx:
        for n in range(20):
            await queue.add(tx, "test.do", str(n))
    await redis.flushall()
    async with working(Room({"test.do": handler}), settings, db, redis):
        await asyncio.sleep(0.3)
        assert handler.keys == []
        await queue.sweep(db)
        await until_done(db)
    assert len(handler.keys) == 20


async def test_a_stop_lets_what_runs_end_and_starts_nothing_more(
    settings: Settings, db: Database, redis: Redis
) -> None:
    handler = Noted(takes=0.5)
    async with working(Room({"test.do": handler}, at_once=1), settings, db, redis):
        async with db.transaction() as tx:
            for n in range(3):
                await queue.add(tx, "test.do", str(n))
        async with asyncio.timeout(5):
            while not handler.now:
                await asyncio.sleep(0.01)
    assert len(handler.keys) == 1
    assert sorted(await states(db)) == ["done", "queued", "queued"]


async def test_a_function_that_hangs_is_put_back_and_holds_nobody_up(
    settings: Settings, db: Database, redis: Redis
) -> None:
    hanging = Noted(takes=60)
    async with working(Room({"test.do": hanging}, at_once=1, timeout=0.3), settings, db, redis):
        async with db.transaction() as tx:
            slow = await queue.add(tx, "test.do", "slow")
            await queue.add(tx, "test.do", "next")
        async with asyncio.timeout(5):
            while hanging.now < 2:  # the second began: the first was let go of
                await asyncio.sleep(0.05)
        async with db.transaction() as tx:
            row = (await tx.conn.execute(select(task).where(task.c.id == slow))).mappings().one()
        assert (row["state"], row["attempts"], row["last_error"]) == ("queued", 1, "It took longer than 0.3 s")


async def test_a_part_that_ends_unasked_ends_the_worker(settings: Settings, db: Database, redis: Redis) -> None:
    """Then the supervisor starts a whole one: half a worker looks alive and does nothing."""
    broken = Consumer("test", None)  # type: ignore[arg-type]  # a room's mistake: registering it raises
    assert isinstance(redis, ArqRedis)
    process = Process(settings, db, redis, Objects.in_memory(), asyncio.Event())
    closed = asyncio.Event()

    async def close() -> None:
        closed.set()

    with pytest.raises(TypeError):
        await asyncio.wait_for(serve("test", Room({}, [broken], close=close), process), 5)
    assert closed.is_set()


async def test_the_rooms_consumers_hear_the_bus(settings: Settings, db: Database, redis: Redis) -> None:
    heard: list[Event] = []

    async def note(tx: Tx, event: Event) -> None:
        heard.append(event)

    async with working(Room({}, [Consumer("test", {"Something": note})]), settings, db, redis):
        async with db.transaction() as tx:
            await emit(tx, "Something", topic="matches", aggregate_id=new_id())
        async with asyncio.timeout(10):
            while not heard:
                await publish_batch(db, redis)
                await asyncio.sleep(0.1)
