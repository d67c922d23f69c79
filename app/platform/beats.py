"""Signs of life: one row per process, beaten by the database's clock, read by health and by fair clocks."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec
import structlog
from redis.exceptions import RedisError
from sqlalchemy import Column, Float, String, Table, extract, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from app.platform.db import Database, Tx, metadata, moment

log = structlog.get_logger(__name__)
BEAT_SECONDS = 1.0
# Nothing of a connected person runs out before their web process is known to have run until then.
QUICK_BEATS = {"web": 0.1}

process_beat = Table(
    "process_beat",
    metadata,
    Column("component", String(40), primary_key=True),
    Column("instance", String(120), primary_key=True),
    moment("started_at", now=True),
    moment("beat_at", now=True),
    Column("longest_gap", Float, nullable=False, server_default="0"),
)


class Beat(msgspec.Struct, frozen=True):
    """A process's last sign of life; `age` in seconds by the database's clock."""

    component: str
    instance: str
    started_at: datetime
    beat_at: datetime
    age: float


def instance_name() -> str:
    """This process among all: host and pid."""
    return f"{socket.gethostname()}:{os.getpid()}"


async def beat(db: Database, component: str, instance: str) -> None:
    """One sign of life."""
    now = func.clock_timestamp()
    statement = insert(process_beat).values(component=component, instance=instance)
    gap = func.greatest(process_beat.c.longest_gap, extract("epoch", now - process_beat.c.beat_at))
    async with db.transaction() as tx:
        await tx.conn.execute(
            statement.on_conflict_do_update(
                index_elements=["component", "instance"], set_={"beat_at": now, "longest_gap": gap}
            )
        )


async def keep_beating(
    db: Database, component: str, stop: asyncio.Event, reach: Callable[[], Awaitable[object]] | None = None
) -> None:
    """Beat each second, a web process more often, until `stop`; the database's absence is what missing beats tell.

    `reach` fails while the process can't do its work, so that it gives no sign of life either.
    """
    instance = instance_name()
    while not stop.is_set():
        try:
            if reach is not None:
                async with asyncio.timeout(BEAT_SECONDS):
                    await reach()
            await beat(db, component, instance)
        except (SQLAlchemyError, RedisError, OSError, TimeoutError) as why:
            log.warning("beat_missed", component=component, why=type(why).__name__)
        try:
            await asyncio.wait_for(stop.wait(), QUICK_BEATS.get(component, BEAT_SECONDS))
        except TimeoutError:
            continue


async def beats(tx: Tx, *, within_seconds: float = 3600) -> list[Beat]:
    """Every process that gave a sign of life lately, newest first."""
    age = extract("epoch", func.clock_timestamp() - process_beat.c.beat_at).label("age")
    columns = (process_beat.c.component, process_beat.c.instance, process_beat.c.started_at, process_beat.c.beat_at)
    rows = await tx.conn.execute(select(*columns, age).where(age < within_seconds).order_by(age))
    return [Beat(row.component, row.instance, row.started_at, row.beat_at, float(row.age)) for row in rows]
