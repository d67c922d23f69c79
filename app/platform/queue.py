"""Background work: the row in PostgreSQL is the truth, arq only says "look now", a sweep finds what nobody looked at.

Every function takes the row's lease (`epoch`) and writes its last effect `WHERE epoch = mine`, so one that was thought
dead and comes back changes nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from arq.connections import ArqRedis
from prometheus_client import Counter, Histogram
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry as RedisRetry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy import and_, case, delete, func, literal, not_, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from app.platform.clock import monotonic
from app.platform.db import Database, Tx, reason
from app.platform.ids import new_id
from app.platform.outbox import current_trace, emit
from app.platform.task_table import task as task

log = structlog.get_logger(__name__)
CONNECT_SECONDS = 2.0
LEASE_SECONDS = 60.0
KEEP_DAYS = 7
Client = ArqRedis  # what `connect` gives; others needn't know arq to name it
_ENDED = Counter("cabrank_tasks_ended_total", "Background functions ended", ["kind", "how"])
_TOOK = Histogram("cabrank_task_seconds", "How long a background function ran", ["kind"])


class LeaseLost(Exception):
    """Somebody else has taken this work over; write nothing more."""


class Retry(Exception):
    """Not now: run again in `in_seconds`. Counts as an attempt unless `counts` is False: then it may go on for ever."""

    def __init__(self, why: str, *, in_seconds: float = 30, counts: bool = True) -> None:
        super().__init__(why)
        self.in_seconds = in_seconds
        self.counts = counts


class Dead(Exception):
    """This can't succeed: to the dead letters, where a person reads why."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The right to do one piece of work until the lease ends."""

    id: UUID
    kind: str
    key: str
    payload: dict[str, Any]
    epoch: int
    attempt: int


TaskHandler = Callable[[Claim], Awaitable[None]]


def queue_of(kind: str) -> str:
    """`match.posting` is served by the worker `match`."""
    return kind.split(".", 1)[0]


async def add(
    tx: Tx,
    kind: str,
    key: str,
    payload: dict[str, Any] | None = None,
    *,
    run_at: datetime | None = None,
    max_attempts: int = 5,
) -> UUID:
    """Ask for work. One open row per (kind, key): a second request joins it, or runs once more after a running one."""
    values = {
        "id": new_id(),
        "kind": kind,
        "key": key,
        "payload": payload or {},
        "max_attempts": max_attempts,
        "trace": current_trace(),
    }
    statement = insert(task).values(values | ({"run_at": run_at} if run_at else {}))
    joined = statement.on_conflict_do_update(
        index_elements=["kind", "key"],
        index_where=text("state IN ('queued', 'running')"),
        set_={
            "again": task.c.state == "running",
            "payload": statement.excluded.payload,
            "run_at": case(
                (task.c.state == "queued", func.least(task.c.run_at, statement.excluded.run_at)), else_=task.c.run_at
            ),
        },
    )
    found: UUID = (await tx.conn.execute(joined.returning(task.c.id))).scalar_one()
    if run_at is None:
        tx.hint(f"task:{queue_of(kind)}", str(found))
    return found


async def claim(db: Database, task_id: UUID, seconds: float = LEASE_SECONDS) -> Claim | None:
    """Take the row's lease, or None: done, not due, somebody else holds it, or it has had all its tries.

    A worker that dies puts nothing back, so what kills every worker is given up here.
    """
    now = func.clock_timestamp()
    free = or_(task.c.state == "queued", and_(task.c.state == "running", task.c.lease_until < now))
    statement = (
        update(task)
        .where(task.c.id == task_id, free, task.c.run_at <= now)
        .values(
            state="running",
            epoch=task.c.epoch + 1,
            attempts=case((task.c.again, 1), else_=task.c.attempts + 1),
            again=False,
            lease_until=now + timedelta(seconds=seconds),
        )
        .returning(
            task.c.id,
            task.c.kind,
            task.c.key,
            task.c.payload,
            task.c.epoch,
            task.c.attempts.label("attempt"),
            task.c.trace,
            (task.c.attempts > task.c.max_attempts).label("exhausted"),
        )
    )
    async with db.transaction() as tx:
        row = (await tx.conn.execute(statement)).mappings().first()
        if row is None:
            return None
        held = Claim(**{name: row[name] for name in Claim.__struct_fields__})
        if row["exhausted"]:
            await _give_up(tx, held)
            return None
    structlog.contextvars.bind_contextvars(trace=row["trace"] or str(row["id"]), task=str(row["id"]))
    return held


async def _give_up(tx: Tx, held: Claim) -> None:
    why = f"It was begun {held.attempt - 1} times and came to no end: its worker died or hung each time."
    log.warning("task_dead", kind=held.kind, key=held.key, why=why)
    ended = {"state": "dead", "finished_at": func.clock_timestamp(), "lease_until": None, "last_error": why}
    await tx.conn.execute(update(task).where(_mine(held)).values(ended | {"attempts": held.attempt - 1}))
    await _dead_lettered(tx, held)


def _mine(held: Claim) -> Any:
    return and_(task.c.id == held.id, task.c.epoch == held.epoch, task.c.state == "running")


async def hold(tx: Tx, held: Claim) -> None:
    """Make sure, in this transaction, that the work is still ours. Raises LeaseLost."""
    if (await tx.conn.execute(select(task.c.id).where(_mine(held)).with_for_update(read=True))).first() is None:
        raise LeaseLost(f"{held.kind} {held.key}")


async def finish(tx: Tx, held: Claim) -> None:
    """End the work in the transaction of its last effect. Raises LeaseLost; then nothing of it is written."""
    again = task.c.again
    statement = (
        update(task)
        .where(_mine(held))
        .values(
            state=case((again, "queued"), else_="done"),
            finished_at=case((again, None), else_=func.clock_timestamp()),
            attempts=case((again, 0), else_=task.c.attempts),
            again=False,
            lease_until=None,
            last_error=None,
        )
        .returning(task.c.state)
    )
    state = (await tx.conn.execute(statement)).scalar_one_or_none()
    if state is None:
        raise LeaseLost(f"{held.kind} {held.key}")
    if state == "queued":
        tx.hint(f"task:{queue_of(held.kind)}", str(held.id))


async def extend(db: Database, held: Claim, seconds: float = LEASE_SECONDS) -> None:
    """Keep the lease for `seconds` from now. Raises LeaseLost."""
    until = func.clock_timestamp() + timedelta(seconds=seconds)
    async with db.transaction() as tx:
        if (await tx.conn.execute(update(task).where(_mine(held)).values(lease_until=until))).rowcount == 0:
            raise LeaseLost(f"{held.kind} {held.key}")


def backoff(attempt: int) -> float:
    """Seconds before the next try: 2, 4, 8 … at most 300."""
    return min(300.0, 2.0 ** min(attempt, 10))


async def _put_back(db: Database, held: Claim, why: str, in_seconds: float, *, dead: bool, counts: bool = True) -> None:
    """Queue it again, or give it up; what was asked for while it ran is new work and has all its tries."""
    uncounted = 0 if counts else 1
    dead_now = and_(not_(task.c.again), or_(literal(dead), task.c.attempts - uncounted >= task.c.max_attempts))
    statement = (
        update(task)
        .where(_mine(held))
        .values(
            state=case((dead_now, "dead"), else_="queued"),
            finished_at=case((dead_now, func.clock_timestamp()), else_=None),
            attempts=case((task.c.again, 0), else_=task.c.attempts - uncounted),
            again=False,
            run_at=func.clock_timestamp() + timedelta(seconds=in_seconds),
            hinted_at=None,
            lease_until=None,
            last_error=why[:2000],
        )
        .returning(task.c.state)
    )
    async with db.transaction() as tx:
        state = (await tx.conn.execute(statement)).scalar_one_or_none()
        if state == "dead":
            await _dead_lettered(tx, held)
    _ENDED.labels(held.kind, state or "lost").inc()


async def _dead_lettered(tx: Tx, held: Claim) -> None:
    await emit(tx, "DeadLettered", topic="operations", aggregate_id=held.id, data={"kind": held.kind})


async def _keep(db: Database, held: Claim, lease: float) -> None:
    """Renew the lease while the function runs; an outage of the database is waited out, a lost lease is final."""
    while True:
        await asyncio.sleep(lease / 3)
        try:
            await extend(db, held, lease)
        except LeaseLost:
            return  # whoever runs learns it at the next write
        except (SQLAlchemyError, OSError) as why:
            log.warning("lease_not_renewed", kind=held.kind, why=reason(why))


async def run(
    db: Database,
    handlers: Mapping[str, TaskHandler],
    task_id: UUID,
    lease: float = LEASE_SECONDS,
    *,
    seconds: float | None = None,
) -> None:
    """Do one piece of work: claim, handle, finish, or put back with the reason. The edge of a background function.

    `seconds`: how long the function may take; the lease is renewed for that long.
    """
    held = await claim(db, task_id, lease)
    if held is None:
        return
    keeper = asyncio.create_task(_keep(db, held, lease))
    started = monotonic()
    try:
        await _in_time(handlers[held.kind], held, seconds)
        await _finish_if_open(db, held)
        _ENDED.labels(held.kind, "done").inc()
    except LeaseLost:
        log.warning("lease_lost", kind=held.kind, key=held.key)
        _ENDED.labels(held.kind, "lost").inc()
    except Retry as why:
        log.info("task_retries", kind=held.kind, key=held.key, why=str(why), in_seconds=why.in_seconds)
        await _put_back(db, held, str(why), why.in_seconds, dead=False, counts=why.counts)
    except Dead as why:
        log.warning("task_dead", kind=held.kind, key=held.key, why=str(why))
        await _put_back(db, held, str(why), 0, dead=True)
    except Exception as why:  # the process's edge: whatever it was, the row says so and the worker goes on
        log.exception("task_failed", kind=held.kind, key=held.key, attempt=held.attempt)
        await _put_back(db, held, reason(why), backoff(held.attempt), dead=False)
    finally:
        keeper.cancel()
        _TOOK.labels(held.kind).observe(monotonic() - started)
        structlog.contextvars.unbind_contextvars("trace", "task")


async def _in_time(handler: TaskHandler, held: Claim, seconds: float | None) -> None:
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            await handler(held)
    except TimeoutError as why:
        if not limit.expired():
            raise
        raise Retry(f"It took longer than {seconds:g} s", in_seconds=backoff(held.attempt)) from why


async def _finish_if_open(db: Database, held: Claim) -> None:
    async with db.transaction() as tx:
        if (await tx.conn.execute(select(task.c.id).where(_mine(held)))).first() is not None:
            await finish(tx, held)


async def sweep(db: Database, *, limit: int = 500) -> int:
    """Hint again at what is due and nobody looked at for 3 s; returns how many. The scheduler calls it."""
    now = func.clock_timestamp()
    waits = and_(task.c.state == "queued", task.c.run_at <= now)
    lost = and_(task.c.state == "running", task.c.lease_until < now)
    quiet = or_(task.c.hinted_at.is_(None), task.c.hinted_at < now - timedelta(seconds=3))
    due = (
        select(task.c.id)
        .where(or_(waits, lost), quiet)
        .order_by(task.c.run_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    async with db.transaction() as tx:
        rows = await tx.conn.execute(
            update(task)
            .where(task.c.id.in_(due.scalar_subquery()))
            .values(hinted_at=now)
            .returning(task.c.id, task.c.kind)
        )
        found = rows.all()
        for row in found:
            tx.hint(f"task:{queue_of(row.kind)}", str(row.id))
    return len(found)


async def prune(db: Database) -> int:
    """Forget what was done more than KEEP_DAYS ago; returns how many rows went. Dead letters stay for a person."""
    old = task.c.finished_at < func.clock_timestamp() - timedelta(days=KEEP_DAYS)
    async with db.transaction() as tx:
        return (await tx.conn.execute(delete(task).where(task.c.state == "done", old))).rowcount


async def replay(tx: Tx, task_id: UUID, payload: dict[str, Any] | None = None) -> bool:
    """Put a dead letter back to work, mended if `payload` is given. False: it isn't dead."""
    values: dict[str, Any] = {"state": "queued", "attempts": 0, "run_at": func.clock_timestamp(), "finished_at": None}
    if payload is not None:
        values["payload"] = payload
    statement = update(task).where(task.c.id == task_id, task.c.state == "dead").values(values).returning(task.c.kind)
    kind = (await tx.conn.execute(statement)).scalar_one_or_none()
    if kind is not None:
        tx.hint(f"task:{queue_of(kind)}", str(task_id))
    return kind is not None


def serialize(value: dict[str, Any]) -> bytes:
    """arq's messages as JSON: its default is pickle."""
    return json.dumps(value, default=str).encode()


def deserialize(raw: bytes) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(raw)
    return value


def arq_queue(name: str) -> str:
    """The Valkey key of a worker's queue."""
    return f"arq:{name}"


def connect(url: str) -> ArqRedis:
    """A Valkey client for everything (it also speaks arq). Lives through the server's absence: OSError is retried."""
    retry = RedisRetry(ExponentialBackoff(cap=1, base=0.05), 6)
    pool = ConnectionPool.from_url(
        url,
        retry=retry,
        retry_on_error=[RedisConnectionError, RedisTimeoutError, OSError],
        health_check_interval=30,
        socket_connect_timeout=CONNECT_SECONDS,
    )
    return ArqRedis(pool, job_serializer=serialize, job_deserializer=deserialize)
