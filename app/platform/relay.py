"""Makes sure of what was committed: that every frame and event was told, and every event recorded by its consumers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import Row, and_, case, delete, func, not_, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.platform import bus, crashpoints, live_streams
from app.platform.beats import process_beat
from app.platform.clock import monotonic
from app.platform.db import Database, Tx
from app.platform.events import Event
from app.platform.hints import add_told
from app.platform.live_streams import LiveFrame
from app.platform.outbox import LIVE, consumed_event, consumer, outbox

log = structlog.get_logger(__name__)
BATCH = 500
TELL_SECONDS = 10.0
LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 0.3  # whoever committed a row tells it; one that is older and not marked is told here
SETTLE_EVERY = 1.0  # seconds between looks at what nobody recorded
FIRST_PATIENCE = 4.0  # seconds before an unrecorded event is published again; doubles each time
DOUBLINGS = 8  # so the patience ends at 17 minutes; an event is never given up
STUCK_AFTER = 12  # attempts; from then on each is logged as an error
KEEP_DAYS = 1
_RELAYED = Counter("cabrank_outbox_relayed_total", "Outbox rows published that nobody had told", ["topic"])


def _event(row: Row[Any]) -> Event:
    return Event(
        id=row.id,
        type=row.type,
        topic=row.topic,
        at=row.at,
        aggregate_id=row.aggregate_id,
        version=row.version,
        data=row.data,
    )


async def _untold(redis: Redis, rows: Sequence[Any]) -> list[UUID]:
    """Those that are not known to have been told: as a rule none, and then that is all there is to do."""
    keys = [live_streams.told_key(row.id) if row.topic == LIVE else bus.told_key(row.id) for row in rows]
    return [row.id for row, told in zip(rows, await redis.mget(keys), strict=True) if told is None]


async def _tell(tx: Tx, redis: Redis, ids: list[UUID]) -> None:
    """In one round trip, in the order in which they were written; what was told before stays as it was."""
    query = select(outbox).where(outbox.c.id.in_(ids)).order_by(outbox.c.at)
    rows = list((await tx.conn.execute(query)).all())
    pipe = redis.pipeline(transaction=False)
    add_told(pipe, [_frame(row) if row.topic == LIVE else _event(row) for row in rows])
    await pipe.execute()
    for row in rows:
        _RELAYED.labels(row.topic).inc()


async def _publish_again(redis: Redis, rows: list[Row[Any]]) -> None:
    pipe = redis.pipeline(transaction=False)
    for row in rows:
        bus.publish(pipe, _event(row))
    await pipe.execute()


def _frame(row: Row[Any]) -> LiveFrame:
    return LiveFrame(row.stream, row.id, row.at, row.type, row.data)


def _left() -> Any:
    """What whoever committed it has had the time to tell: it was told, or it is told now."""
    told_by_now = outbox.c.at < func.clock_timestamp() - timedelta(seconds=PATIENCE_SECONDS)
    return and_(outbox.c.published_at.is_(None), told_by_now)


async def publish_batch(db: Database, redis: Redis) -> int:
    """Tell what is left and mark it; returns how many. A crash between leaves rows to tell again, which is harmless."""
    waiting = select(outbox.c.id, outbox.c.topic).where(_left()).order_by(outbox.c.at).limit(BATCH)
    async with db.transaction() as tx:
        rows = list((await tx.conn.execute(waiting.with_for_update(skip_locked=True))).all())
        if rows:
            async with asyncio.timeout(TELL_SECONDS):  # no transaction stays open over a connection that died
                if untold := await _untold(redis, rows):
                    await _tell(tx, redis, untold)
            crashpoints.here("relay.published")
            await _mark(tx, rows)
    return len(rows)


async def _mark(tx: Tx, rows: Sequence[Any]) -> None:
    """Published; a frame, which nobody records, is settled with it."""
    now = func.clock_timestamp()
    settled = case((outbox.c.topic == LIVE, now))
    values = {"published_at": now, "attempts": outbox.c.attempts + 1, "settled_at": settled}
    await tx.conn.execute(update(outbox).where(outbox.c.id.in_([row.id for row in rows])).values(values))


def _unrecorded() -> Any:
    """A consumer of the last week that listens to the row's type has not recorded it."""
    mine = and_(consumed_event.c.event_id == outbox.c.id, consumed_event.c.consumer == consumer.c.name)
    recorded = select(consumed_event.c.event_id).where(mine).correlate(outbox, consumer).exists()
    alive = consumer.c.seen_at > func.clock_timestamp() - timedelta(days=7)
    listens = and_(consumer.c.types.has_key(outbox.c.type), alive)
    return select(consumer.c.name).where(listens, not_(recorded)).correlate(outbox).exists()


def _impatient() -> Any:
    waited = func.clock_timestamp() - outbox.c.published_at
    patience = FIRST_PATIENCE * func.power(2, func.least(outbox.c.attempts - 1, DOUBLINGS))
    at_least = outbox.c.published_at < func.statement_timestamp() - timedelta(seconds=FIRST_PATIENCE)  # by the index
    return and_(at_least, waited > func.make_interval(0, 0, 0, 0, 0, 0, patience))


async def settle(db: Database, redis: Redis) -> int:
    """Close the rows that everyone has recorded and publish again the ones that somebody lacks; returns the latter."""
    open_rows = and_(outbox.c.published_at.is_not(None), outbox.c.settled_at.is_(None))
    async with db.transaction() as tx:
        recorded = update(outbox).where(open_rows, or_(outbox.c.topic == LIVE, not_(_unrecorded())))
        await tx.conn.execute(recorded.values(settled_at=func.clock_timestamp()))
        late = select(outbox).where(open_rows, _impatient()).order_by(outbox.c.published_at).limit(BATCH)
        rows = list((await tx.conn.execute(late.with_for_update(skip_locked=True))).all())
        if rows:
            log.info("events_published_again", count=len(rows))
            for row in rows:
                if row.attempts >= STUCK_AFTER:
                    log.error("event_stuck", type=row.type, event_id=str(row.id), attempts=row.attempts)
            await _publish_again(redis, rows)
            await _mark(tx, rows)
    return len(rows)


def _nobody_asks(before: Any) -> Any:
    """An old record whose event is gone; while the event is there, its record keeps it from being done twice."""
    still = select(outbox.c.id).where(outbox.c.id == consumed_event.c.event_id).exists()
    return and_(consumed_event.c.at < before, not_(still))


async def prune(db: Database) -> int:
    """Forget settled rows, then their records, and processes long gone; returns how many rows went."""
    old = func.clock_timestamp() - timedelta(days=KEEP_DAYS)
    async with db.transaction() as tx:
        gone = await tx.conn.execute(delete(outbox).where(outbox.c.settled_at.is_not(None), outbox.c.at < old))
        await tx.conn.execute(delete(consumed_event).where(_nobody_asks(old - timedelta(days=KEEP_DAYS))))
        await tx.conn.execute(delete(process_beat).where(process_beat.c.beat_at < old - timedelta(days=KEEP_DAYS)))
    return gone.rowcount


async def _turn(db: Database, redis: Redis, settle_at: float) -> tuple[int, float]:
    moved = await publish_batch(db, redis)
    if monotonic() >= settle_at:
        await settle(db, redis)
        settle_at = monotonic() + SETTLE_EVERY
    return moved, settle_at


async def run(db: Database, redis: Redis, stop: asyncio.Event) -> None:
    """The relay process's loop: each half second, and at once while there is more than a batch."""
    settle_at = 0.0
    while not stop.is_set():
        try:
            moved, settle_at = await _turn(db, redis, settle_at)
        except (RedisError, SQLAlchemyError, OSError, TimeoutError) as why:
            log.warning("relay_waits", why=f"{type(why).__name__}: {why}"[:200])
            moved = 0
        if moved < BATCH:
            try:
                await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue
