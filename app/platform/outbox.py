"""What must happen after a commit is a row written in that commit.

Two kinds share the table: domain events, which the relay puts on the bus until every consumer has recorded them, and
live frames (topic `live`), one line in a person's stream each. Whoever committed tells both at once; the relay tells
what nobody seems to have told, and marks what was. No order is promised.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from app.platform.clock import utcnow
from app.platform.db import Transaction, id_column, metadata, moment
from app.platform.events import Event
from app.platform.ids import new_id
from app.platform.live_streams import LiveFrame

LIVE = "live"

outbox = Table(
    "outbox",
    metadata,
    id_column(),
    Column("topic", String(40), nullable=False),
    Column("type", String(60), nullable=False),
    Column("stream", String(80)),
    Column("aggregate_id", Uuid),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("data", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("trace", String(64)),
    moment("at", now=True),
    moment("published_at", nullable=True),
    moment("settled_at", nullable=True),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Index("ix_outbox_unpublished", "at", postgresql_where=text("published_at IS NULL")),
    Index(
        "ix_outbox_unsettled", "published_at", postgresql_where=text("published_at IS NOT NULL AND settled_at IS NULL")
    ),
    Index("ix_outbox_at", "at"),
)

# Which durable consumers exist and what they listen to, so that the relay knows who still has to record an event.
consumer = Table(
    "consumer",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("types", JSONB, nullable=False),
    moment("seen_at", now=True),
)

consumed_event = Table(
    "consumed_event",
    metadata,
    Column("event_id", Uuid, nullable=False),
    Column("consumer", String(60), nullable=False),
    moment("at", now=True),
    UniqueConstraint("event_id", "consumer"),
    Index("ix_consumed_event_at", "at"),
)


class Row(msgspec.Struct, frozen=True):
    """An outbox row with its id, and what of it is told after the commit."""

    id: UUID
    values: dict[str, Any]
    told: LiveFrame | Event


def stamped(rows: list[dict[str, Any]]) -> list[Row]:
    """The rows with their ids."""
    trace, now = current_trace(), utcnow()
    return [_row(new_id(), row | {"trace": trace}, now) for row in rows]


def _row(row_id: UUID, row: dict[str, Any], now: datetime) -> Row:
    told: LiveFrame | Event
    if row["topic"] == LIVE:
        told = LiveFrame(row["stream"], row_id, now, row["type"], row["data"])
    else:
        facts = {name: row[name] for name in ("type", "topic", "aggregate_id", "version", "data")}
        told = Event(id=row_id, at=now, **facts)
    return Row(row_id, row | {"id": row_id, "data": msgspec.json.encode(row["data"]).decode()}, told)


def columns(rows: Iterable[Row]) -> list[list[Any]]:
    """The values of COLUMNS, for an INSERT from unnest."""
    return [[row.values[name] for row in rows] for name in COLUMNS]


def current_trace() -> str | None:
    """The request or event id this code runs under, so that a chain of events can be followed in the logs."""
    trace = structlog.contextvars.get_contextvars().get("trace")
    return str(trace)[:64] if trace else None


async def emit(
    tx: Transaction, type: str, *, topic: str, aggregate_id: UUID, version: int = 0, data: dict[str, Any] | None = None
) -> UUID:
    """Record a domain event in this commit; the relay delivers it at least once. Returns its id."""
    row = event_row(type, topic=topic, aggregate_id=aggregate_id, version=version, data=data or {})
    (event_id,) = await write_all(tx, [row])
    return event_id


async def frame(tx: Transaction, stream: str, type: str, data: dict[str, Any]) -> None:
    """Record a durable live frame for `user:<uuid>` or `pool:<uuid>`; sockets get it with a cursor."""
    await write_all(tx, [frame_row(stream, type, data)])


def event_row(type: str, *, topic: str, aggregate_id: UUID, version: int = 0, data: dict[str, Any]) -> dict[str, Any]:
    """An event for `write_all`."""
    return {
        "topic": topic,
        "type": type,
        "stream": None,
        "aggregate_id": aggregate_id,
        "version": version,
        "data": data,
    }


def frame_row(stream: str, type: str, data: dict[str, Any]) -> dict[str, Any]:
    """A live frame for `write_all`."""
    return {"topic": LIVE, "type": type, "stream": stream, "aggregate_id": None, "version": 0, "data": data}


COLUMNS = ("id", "topic", "type", "stream", "aggregate_id", "version", "data", "trace")
_WRITE = """
INSERT INTO outbox (id, topic, type, stream, aggregate_id, version, data, trace)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::int[], $7::jsonb[], $8::text[])
"""


async def write_all(tx: Transaction, rows: list[dict[str, Any]]) -> list[UUID]:
    """Record many events and frames at once, in their order; returns their ids."""
    if not rows:
        return []
    written = stamped(rows)
    await (await tx.driver()).execute(_WRITE, *columns(written))
    tx.told += [row.told for row in written]
    return [row.id for row in written]


_FIRST_TIMES = """
INSERT INTO consumed_event (event_id, consumer) SELECT id, $1 FROM unnest($2::uuid[]) AS e(id)
ON CONFLICT DO NOTHING RETURNING event_id
"""


async def first_times(tx: Transaction, consumer_name: str, events: Iterable[UUID]) -> set[UUID]:
    """Record that `consumer_name` handles these events, in the transaction of their effects; those that are new."""
    rows = await (await tx.driver()).fetch(_FIRST_TIMES, consumer_name, sorted(events))
    return {row["event_id"] for row in rows}


async def first_time(tx: Transaction, consumer_name: str, event_id: UUID) -> bool:
    """`first_times` of one."""
    return bool(await first_times(tx, consumer_name, [event_id]))
