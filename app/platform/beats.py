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
from sqlalchemy import Column, Double, Float, String, Table, bindparam, extract, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from app.platform.db import Database, Transaction, metadata, moment

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


_NOW = func.clock_timestamp()
_SIGN = insert(process_beat).values(component=bindparam("component"), instance=bindparam("instance"))
_SIGN = _SIGN.on_conflict_do_update(
    index_elements=["component", "instance"],
    set_={
        "beat_at": _NOW,
        "longest_gap": func.greatest(process_beat.c.longest_gap, extract("epoch", _NOW - process_beat.c.beat_at)),
    },
)


async def beat(db: Database, component: str, instance: str) -> None:
    """One sign of life."""
    async with db.direct(begin=False) as tx:
        await tx.fetch(_SIGN, component=component, instance=instance)


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


_AGE = extract("epoch", func.clock_timestamp() - process_beat.c.beat_at).label("age")
_BEATS = (
    select(process_beat.c.component, process_beat.c.instance, process_beat.c.started_at, process_beat.c.beat_at, _AGE)
    .where(bindparam("within", type_=Double) > _AGE)
    .order_by(_AGE)
)


async def beats(tx: Transaction, *, within_seconds: float = 3600) -> list[Beat]:
    """Every process that gave a sign of life lately, newest first."""
    rows = await tx.fetch(_BEATS, within=within_seconds)
    return [Beat(component, instance, began, beat, float(age)) for component, instance, began, beat, age in rows]
