"""Outbox, relay and consumers together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import Column, Table, Uuid, func, select, text, update

from app.platform import bus, live_streams, outbox, relay
from app.platform.bus import Consumer, Event
from app.platform.clock import utcnow
from app.platform.db import Database, Tx
from app.platform.ids import new_id
from app.platform.live_streams import LiveFrame

seen = Table("test_seen", outbox.metadata, Column("event_id", Uuid, nullable=False), keep_existing=True)
seen.metadata.remove(seen)  # not part of the product's schema


@asynccontextmanager
async def _running(db: Database, redis: Redis, consumer: Consumer) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(relay.run(db, redis, stop)),
        asyncio.create_task(bus.run_consumer(consumer, db, redis, stop)),
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def _emit(db: Database) -> UUID:
    async with db.transaction() as tx:
        return await outbox.emit(tx, "JobAccepted", topic="jobs.new", aggregate_id=new_id())


async def _settled(db: Database, count: int, seconds: float = 20) -> list[UUID]:
    async with asyncio.timeout(seconds):
        while True:
            async with db.transaction() as tx:
                rows = list((await tx.conn.execute(select(seen.c.event_id))).scalars())
            if len(rows) >= count:
                return rows
            await asyncio.sleep(0.05)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The relay gives whoever commits no time of their own."""
    monkeypatch.setattr(relay, "PATIENCE_SECONDS", 0.0)


@pytest.fixture
async def consumer(db: Database) -> Consumer:
    async with db.transaction() as tx:
        await tx.conn.execute(text("CREATE TABLE test_seen (event_id uuid NOT NULL)"))

    async def note(tx: Tx, event: Event) -> None:
        await tx.conn.execute(seen.insert().values(event_id=event.id))

    return Consumer("test", {"JobAccepted": note})


async def test_every_event_takes_effect_once(db: Database, redis: Redis, consumer: Consumer) -> None:
    async with _running(db, redis, consumer):
        sent = [await _emit(db) for _ in range(50)]
        rows = await _settled(db, 50)
        async with db.transaction() as tx:  # published again, as after a crash between publishing and marking
            await tx.conn.execute(update(outbox.outbox).values(published_at=None))
        await asyncio.sleep(1)
        rows = await _settled(db, 50)
    assert sorted(rows) == sorted(sent)


@pytest.mark.usefixtures("at_once")
async def test_what_an_emptied_valkey_lost_is_published_again(db: Database, redis: Redis, consumer: Consumer) -> None:
    async with _running(db, redis, Consumer("test", {})):  # registered, but listening to nothing: events stay unread
        pass
    await bus.register(db, consumer)
    sent = [await _emit(db) for _ in range(5)]
    assert await relay.publish_batch(db, redis) == 5
    await redis.flushall()
    async with _running(db, redis, consumer):
        rows = await _settled(db, 5)
    assert sorted(rows) == sorted(sent)


async def test_flushing_while_it_reads_loses_nothing(db: Database, redis: Redis, consumer: Consumer) -> None:
    async with _running(db, redis, consumer):
        sent = []
        for n in range(60):
            sent.append(await _emit(db))
            if n % 20 == 10:
                await redis.flushall()
        rows = await _settled(db, 60, 30)
    assert sorted(rows) == sorted(sent)


async def test_a_failing_handler_is_tried_again_and_records_nothing_meanwhile(
    db: Database, redis: Redis, consumer: Consumer
) -> None:
    calls = 0

    async def fails_once(tx: Tx, event: Event) -> None:
        nonlocal calls
        calls += 1
        await consumer.handlers["JobAccepted"](tx, event)
        if calls == 1:
            raise RuntimeError("half way")

    async with _running(db, redis, Consumer("test", {"JobAccepted": fails_once})):
        sent = await _emit(db)
        assert await _settled(db, 1) == [sent]
    assert calls == 2


@pytest.mark.usefixtures("at_once")
async def test_rows_are_settled_when_everybody_has_recorded_them(
    db: Database, redis: Redis, consumer: Consumer
) -> None:
    async with _running(db, redis, consumer):
        await _emit(db)
        await _settled(db, 1)
    await relay.publish_batch(db, redis)
    await relay.settle(db, redis)
    async with db.transaction() as tx:
        open_rows = (
            await tx.conn.execute(select(func.count()).where(outbox.outbox.c.settled_at.is_(None)))
        ).scalar_one()
    assert open_rows == 0


@pytest.mark.usefixtures("at_once")
async def test_an_unrecorded_row_is_never_settled(db: Database, redis: Redis, consumer: Consumer) -> None:
    await bus.register(db, consumer)
    await _emit(db)
    await relay.publish_batch(db, redis)
    await relay.settle(db, redis)
    async with db.transaction() as tx:
        assert (await tx.conn.execute(select(outbox.outbox.c.settled_at))).scalars().all() == [None]


def _event(name: str) -> Event:
    return Event(
        id=new_id(), type="JobAccepted", topic="jobs.new", at=utcnow(), aggregate_id=new_id(), data={"n": name}
    )


async def test_many_events_are_done_in_one_transaction_each_once(db: Database, consumer: Consumer) -> None:
    transactions: set[int] = set()

    async def note_all(tx: Tx, events: Sequence[Event]) -> None:
        transactions.add((await tx.conn.execute(text("SELECT txid_current()"))).scalar_one())
        await tx.conn.execute(seen.insert(), [{"event_id": event.id} for event in events])

    several = msgspec.structs.replace(consumer, together=note_all)
    events = [_event(str(n)) for n in range(5)]
    assert await bus.handle(db, several, events[2])
    assert await bus.handle_together(db, several, events)
    assert sorted(await _settled(db, 5)) == sorted(event.id for event in events)
    assert len(transactions) == 1


async def test_a_bad_one_among_many_keeps_none_of_the_others(db: Database, redis: Redis, consumer: Consumer) -> None:
    async def note(tx: Tx, event: Event) -> None:
        if event.data["n"] == "bad":
            raise KeyError("bad")
        await consumer.handlers["JobAccepted"](tx, event)

    async def note_all(tx: Tx, events: Sequence[Event]) -> None:
        for event in events:
            await note(tx, event)

    several = msgspec.structs.replace(consumer, handlers={"JobAccepted": note}, together=note_all)
    events = [_event("good"), _event("bad"), _event("good")]
    await bus._work_off(several, db, events, parallel=2)
    assert sorted(await _settled(db, 2)) == sorted(event.id for event in events if event.data["n"] == "good")
    async with db.transaction() as tx:
        assert await outbox.first_time(tx, "test", events[1].id)


async def test_frames_are_numbered_without_gaps_and_replayed_from_a_cursor(db: Database, redis: Redis) -> None:
    stream = live_streams.user_stream(new_id())
    start = await live_streams.head(redis, stream)
    async with db.transaction() as tx:
        for n in range(3):
            await outbox.frame(tx, stream, "message", {"n": n})
    await relay.publish_batch(db, redis)
    frames = await live_streams.read_since(redis, stream, start)
    assert [frame["data"]["n"] for frame in frames] == [0, 1, 2]
    assert [frame["cursor"].rsplit("-", 1)[1] for frame in frames] == ["1", "2", "3"]
    assert len(await live_streams.read_since(redis, stream, frames[0]["cursor"])) == 2


def _frame(stream: str, n: int = 0) -> LiveFrame:
    return LiveFrame(stream, new_id(), utcnow(), "message", {"n": n})


async def test_a_frame_told_twice_is_there_once(redis: Redis) -> None:
    stream = live_streams.user_stream(new_id())
    start = await live_streams.head(redis, stream)
    frame = _frame(stream, 7)
    assert await live_streams.append(redis, frame) is not None
    assert await live_streams.append(redis, frame) is None
    (only,) = await live_streams.read_since(redis, stream, start)
    assert only["id"] == str(frame.id)


async def test_a_frame_leaves_with_its_commit_and_the_relay_tells_what_was_lost(db: Database, redis: Redis) -> None:
    stream = live_streams.user_stream(new_id())
    start = await live_streams.head(redis, stream)
    async with db.transaction() as tx:
        await outbox.frame(tx, stream, "message", {"n": 1})
    assert [f["data"]["n"] for f in await live_streams.read_since(redis, stream, start)] == [1]
    lonely = Database(db.engine.url.render_as_string(hide_password=False), pool_size=3)
    async with lonely.direct() as direct:
        await outbox.write_all(direct, [outbox.frame_row(stream, "message", {"n": 2})])
    await lonely.dispose()
    await asyncio.sleep(relay.PATIENCE_SECONDS + 0.1)
    assert await relay.publish_batch(db, redis) == 2
    assert [f["data"]["n"] for f in await live_streams.read_since(redis, stream, start)] == [1, 2]
    assert await relay.publish_batch(db, redis) == 0


@pytest.mark.parametrize("cursor", ["", "nonsense", "other-1", "-1"])
async def test_a_foreign_cursor_wants_a_snapshot(redis: Redis, cursor: str) -> None:
    with pytest.raises(live_streams.SnapshotRequired):
        await live_streams.read_since(redis, live_streams.user_stream(new_id()), cursor)


async def test_a_generation_ends_with_its_store(redis: Redis) -> None:
    stream = live_streams.user_stream(new_id())
    cursor = await live_streams.append(redis, _frame(stream))
    assert cursor is not None
    await redis.flushall()
    with pytest.raises(live_streams.SnapshotRequired):
        await live_streams.read_since(redis, stream, cursor)


async def test_trimmed_frames_want_a_snapshot(redis: Redis) -> None:
    stream = live_streams.user_stream(new_id())
    first = await live_streams.append(redis, _frame(stream))
    assert first is not None
    for n in range(500):
        await live_streams.append(redis, _frame(stream, n), kept=100)
    with pytest.raises(live_streams.SnapshotRequired):
        await live_streams.read_since(redis, stream, first)


async def test_an_event_is_never_given_up(db: Database, redis: Redis, consumer: Consumer) -> None:
    await bus.register(db, consumer)
    event = await _emit(db)
    await relay.publish_batch(db, redis)
    hour = text("clock_timestamp() - interval '1 hour'")
    async with db.transaction() as tx:
        await tx.conn.execute(update(outbox.outbox).values(attempts=500, published_at=hour))
    assert await relay.settle(db, redis) == 1
    async with _running(db, redis, consumer):
        assert await _settled(db, 1) == [event]


async def test_the_record_of_what_was_done_outlives_its_event(db: Database, redis: Redis, consumer: Consumer) -> None:
    await bus.register(db, consumer)
    event = await _emit(db)
    async with db.transaction() as tx:
        assert await outbox.first_time(tx, "test", event)
        long_ago = text("clock_timestamp() - interval '9 days'")
        await tx.conn.execute(update(outbox.consumed_event).values(at=long_ago))
    await relay.prune(db)
    async with db.transaction() as tx:
        assert not await outbox.first_time(tx, "test", event)
