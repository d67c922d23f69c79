"""The bus: Valkey Streams with consumer groups, and consumers that record each event with its effect.

Delivery is at least once and in no order. Nothing is acknowledged in Valkey: what a consumer has done stands in
PostgreSQL, in the transaction that did it, and the relay publishes again what is not recorded there. So one mechanism
covers a consumer that died, a trimmed stream and a Valkey that came back empty.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
import structlog
from prometheus_client import Counter
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from app.platform import outbox
from app.platform.beats import instance_name
from app.platform.clock import monotonic
from app.platform.db import Database, Tx
from app.platform.events import Event

__all__ = ["Consumer", "Event", "publish", "run_consumer"]

log = structlog.get_logger(__name__)
KEPT_EVENTS = 50_000
TOLD_SECONDS = 120
BATCH = 64
QUIET_SECONDS = 0.05  # after others' events, or many done together: busy traffic then wakes it twenty times a second
REGISTER_SECONDS = 3600.0  # a consumer that the relay has not heard of for a week counts as gone
_HANDLED = Counter("cabrank_events_handled_total", "Events handled by consumers", ["consumer", "type", "how"])
EventHandler = Callable[[Tx, Event], Awaitable[None]]
EventsHandler = Callable[[Tx, Sequence[Event]], Awaitable[None]]


# Which topic each event type travels on is the emitter's word.
TOPICS = ("jobs.raw", "jobs.new", "matches", "applications", "reviews", "accounts", "operations")


class Consumer(msgspec.Struct, frozen=True):
    """A durable listener. Each handler runs in one transaction with the record of the event's id.

    `topics`: where the events of the handlers' types come; others' traffic doesn't wake it. `together`: does many of
    them in one transaction, twenty times a second at most; where that fails each is handled by itself.
    """

    name: str
    handlers: Mapping[str, EventHandler]
    topics: Sequence[str] = TOPICS
    together: EventsHandler | None = None


def stream_of(topic: str) -> str:
    return f"bus:{topic}"


# Many events in one go, each told at most once. KEYS: two of each.
_ONCE = f"""
for i = 1, #ARGV do
  if redis.call('SET', KEYS[2 * i - 1], 1, 'NX', 'EX', {TOLD_SECONDS}) then
    redis.call('XADD', KEYS[2 * i], 'MAXLEN', '~', {KEPT_EVENTS}, '*', 'e', ARGV[i])
  end
end
"""
AT_ONCE = 100  # events a script: others wait for about a millisecond


def told_key(event_id: UUID) -> str:
    """There while the event is known to have been told."""
    return f"bus:told:{event_id}"


def publish_once(pipe: Any, events: Sequence[Event]) -> None:
    """Add the events to their topics' streams, by way of a pipeline, but for those that were in the last minutes."""
    for some in (events[at : at + AT_ONCE] for at in range(0, len(events), AT_ONCE)):
        keys = [key for one in some for key in (told_key(one.id), stream_of(one.topic))]
        pipe.eval(_ONCE, len(keys), *keys, *(msgspec.json.encode(one) for one in some))


def publish(pipe: Any, event: Event) -> None:
    """Add the event to its topic's stream, by way of a pipeline, whether or not it was there before."""
    pipe.xadd(stream_of(event.topic), {"e": msgspec.json.encode(event)}, maxlen=KEPT_EVENTS, approximate=True)


async def register(db: Database, consumer: Consumer) -> None:
    """Tell the relay that this consumer exists and what it has to record."""
    row = {"name": consumer.name, "types": sorted(consumer.handlers)}
    statement = insert(outbox.consumer).values(row)
    update = {"types": row["types"], "seen_at": func.clock_timestamp()}
    async with db.transaction() as tx:
        await tx.conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_=update))


async def _make_groups(redis: Redis, consumer: Consumer) -> None:
    for topic in consumer.topics:
        try:
            await redis.xgroup_create(stream_of(topic), consumer.name, id="0", mkstream=True)
        except ResponseError as why:
            if "BUSYGROUP" not in str(why):
                raise


async def handle(db: Database, consumer: Consumer, event: Event) -> bool:
    """Record and do, in one transaction; False when it was already done. Raises what the handler raises."""
    handler = consumer.handlers.get(event.type)
    if handler is None:
        return False
    async with db.transaction() as tx:
        if not await outbox.first_time(tx, consumer.name, event.id):
            return False
        await handler(tx, event)
    return True


async def _one(db: Database, consumer: Consumer, event: Event) -> None:
    structlog.contextvars.bind_contextvars(trace=str(event.id), event=event.type)
    try:
        done = await handle(db, consumer, event)
        _HANDLED.labels(consumer.name, event.type, "done" if done else "skipped").inc()
    except Exception:  # the process's edge: the event stays unrecorded, so the relay brings it again, ever later
        log.exception("event_failed", consumer=consumer.name, event_id=str(event.id))
        _HANDLED.labels(consumer.name, event.type, "failed").inc()
    finally:
        structlog.contextvars.unbind_contextvars("trace", "event")


async def _read(redis: Redis, consumer: Consumer) -> list[Event]:
    """What came, at most BATCH; waits a second for something."""
    streams: dict[Any, Any] = {stream_of(topic): ">" for topic in consumer.topics}
    answer = await redis.xreadgroup(consumer.name, instance_name(), streams, count=BATCH, block=1000, noack=True)
    raw = [fields[b"e"] for _, entries in answer or [] for _, fields in entries if b"e" in fields]
    return [msgspec.json.decode(one, type=Event) for one in raw]


async def handle_together(db: Database, consumer: Consumer, events: Sequence[Event]) -> bool:
    """Record and do all of them in one transaction; False where they are to be done one by one."""
    if consumer.together is None or len(events) < 2:
        return False
    try:
        async with db.transaction() as tx:
            fresh = await outbox.first_times(tx, consumer.name, [event.id for event in events])
            once = {event.id: event for event in events if event.id in fresh}  # the same may have come twice
            await consumer.together(tx, list(once.values()))
    except Exception:  # the process's edge, as for one: which of them it was is seen when each is done by itself
        log.exception("events_failed", consumer=consumer.name, count=len(events))
        return False
    for event in events:
        _HANDLED.labels(consumer.name, event.type, "done" if event.id in fresh else "skipped").inc()
    return True


async def _work_off(consumer: Consumer, db: Database, came: Sequence[Event], parallel: int) -> None:
    mine = [event for event in came if event.type in consumer.handlers]
    if not await handle_together(db, consumer, mine):
        for first in range(0, len(mine), parallel):
            await asyncio.gather(*(_one(db, consumer, event) for event in mine[first : first + parallel]))
    if came and (consumer.together is not None or not mine):
        await asyncio.sleep(QUIET_SECONDS)


async def run_consumer(
    consumer: Consumer, db: Database, redis: Redis, stop: asyncio.Event, *, parallel: int = 4
) -> None:
    """Read and handle until `stop`. Lives through the absence of Valkey and of PostgreSQL."""
    register_at = 0.0
    while not stop.is_set():
        try:
            if monotonic() >= register_at:
                await register(db, consumer)
                await _make_groups(redis, consumer)
                register_at = monotonic() + REGISTER_SECONDS
            await _work_off(consumer, db, await _read(redis, consumer), parallel)
        except (RedisError, SQLAlchemyError, OSError, TimeoutError) as why:
            register_at = 0.0  # NOGROUP after an emptied Valkey, or an engine that restarts
            log.warning("consumer_waits", consumer=consumer.name, why=f"{type(why).__name__}: {why}"[:200])
            await asyncio.sleep(0.25)
