"""SQL of batches: what waits, what runs, and what may begin next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import case, column, func, insert, select, table, update

from app.applications.models import application, application_batch, application_batch_item
from app.platform.db import Tx
from app.platform.ids import new_id

_posting = table("posting", column("id"), column("number"), column("company"), column("title"))
_item = application_batch_item


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `told`: the counts of the last frame about it."""

    id: UUID
    seeker_id: UUID
    state: str
    max_concurrent: int
    delay_seconds: int
    auto_customize: bool
    follow_external_links: bool
    told: dict[str, Any]
    created_at: datetime
    last_started_at: datetime | None
    ended_at: datetime | None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One posting of it. `status`, `progress` and `confirmation` are its application's, once it has one."""

    batch_id: UUID
    position: int
    posting_id: UUID
    posting_number: int
    title: str
    company: str
    score: float | None
    state: str
    why: str
    application_id: UUID | None
    application_number: int | None
    status: str | None
    progress: int | None
    confirmation: str | None


class Counts(msgspec.Struct, frozen=True):
    """`running` are being applied for; `sent` are with the employer; `person` wait for somebody, here or the seeker."""

    total: int
    waiting: int
    running: int
    sent: int
    person: int
    not_sent: int


async def create(tx: Tx, values: dict[str, Any], items: Sequence[dict[str, Any]]) -> Batch:
    batch_id = new_id()
    await tx.conn.execute(insert(application_batch).values(id=batch_id, **values))
    numbered = [{"batch_id": batch_id, "position": place, **one} for place, one in enumerate(items)]
    await tx.conn.execute(insert(_item).values(numbered))
    found = await load(tx, batch_id)
    assert found is not None, "the row was inserted in this transaction"  # noqa: S101 - narrows the type, can't fail
    return found


async def load(tx: Tx, batch_id: UUID, *, lock: bool = False) -> Batch | None:
    query = select(application_batch).where(application_batch.c.id == batch_id)
    row = (await tx.conn.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    return None if row is None else Batch(**row)


async def latest_open(tx: Tx, seeker_id: UUID) -> Batch | None:
    mine = (application_batch.c.seeker_id == seeker_id, application_batch.c.state == "open")
    query = select(application_batch).where(*mine).order_by(application_batch.c.created_at.desc()).limit(1)
    row = (await tx.conn.execute(query)).mappings().one_or_none()
    return None if row is None else Batch(**row)


async def open_ones(tx: Tx, limit: int = 500) -> list[UUID]:
    """The oldest first."""
    query = select(application_batch.c.id).where(application_batch.c.state == "open")
    return list((await tx.conn.execute(query.order_by(application_batch.c.created_at).limit(limit))).scalars())


async def change(tx: Tx, batch_id: UUID, values: dict[str, Any], *, ended: bool = False) -> None:
    values = values | ({"ended_at": func.clock_timestamp()} if ended else {})
    await tx.conn.execute(update(application_batch).where(application_batch.c.id == batch_id).values(values))


async def items(tx: Tx, batch_id: UUID) -> list[Item]:
    query = select(
        *(_item.c[name] for name in ("batch_id", "position", "posting_id", "score", "state", "why", "application_id")),
        _posting.c.number.label("posting_number"),
        _posting.c.title,
        _posting.c.company,
        application.c.number.label("application_number"),
        *(application.c[name] for name in ("status", "progress", "confirmation")),
    ).join_from(_item, _posting, _posting.c.id == _item.c.posting_id)
    query = query.outerjoin(application, application.c.id == _item.c.application_id)
    rows = await tx.conn.execute(query.where(_item.c.batch_id == batch_id).order_by(_item.c.position))
    return [Item(**{**row, "score": None if row["score"] is None else float(row["score"])}) for row in rows.mappings()]


async def may_begin(tx: Tx, batch: Batch, free: int) -> list[Item]:
    """Those next in line, as many as are allowed now: by the pause, by what runs, by the day's free slots."""
    waited = func.extract("epoch", func.clock_timestamp() - application_batch.c.last_started_at)
    query = select(func.coalesce(waited, batch.delay_seconds)).where(application_batch.c.id == batch.id)
    if float((await tx.conn.execute(query)).scalar_one()) < batch.delay_seconds:
        return []
    room = min(batch.max_concurrent - (await counts(tx, batch.id)).running, free)
    most = room if batch.delay_seconds == 0 else min(room, 1)
    waiting = [item for item in await items(tx, batch.id) if item.state == "waiting"]
    return waiting[: max(0, most)]


async def end_item(tx: Tx, item: Item, state: str, why: str) -> None:
    mine = (_item.c.batch_id == item.batch_id, _item.c.position == item.position)
    await tx.conn.execute(update(_item).where(*mine).values(state=state, why=why[:500]))


async def started(tx: Tx, item: Item, application_id: UUID) -> None:
    mine = (_item.c.batch_id == item.batch_id, _item.c.position == item.position)
    await tx.conn.execute(update(_item).where(*mine).values(state="started", application_id=application_id))
    await change(tx, item.batch_id, {"last_started_at": func.clock_timestamp()})


async def stop_waiting(tx: Tx, batch_id: UUID, why: str) -> None:
    mine = (_item.c.batch_id == batch_id, _item.c.state == "waiting")
    await tx.conn.execute(update(_item).where(*mine).values(state="cancelled", why=why))


async def unfinished(tx: Tx, batch_id: UUID) -> bool:
    """Whether something waits to begin, or is being applied for."""
    found = await counts(tx, batch_id)
    return bool(found.waiting or found.running)


async def counts(tx: Tx, batch_id: UUID) -> Counts:
    status = application.c.status
    kind = case(
        (_item.c.state == "waiting", "waiting"),
        (_item.c.state != "started", "not_sent"),
        (status == "applying", "running"),
        (status.in_(("in_review", "needs_attention")), "person"),
        (status.in_(("applied", "interview", "offer", "rejected")), "sent"),
        else_="not_sent",
    ).label("kind")
    query = select(kind, func.count()).join_from(
        _item, application, application.c.id == _item.c.application_id, isouter=True
    )
    rows = await tx.conn.execute(query.where(_item.c.batch_id == batch_id).group_by(kind))
    found: dict[str, int] = {name: int(count) for name, count in rows}
    kinds = {name: found.get(name, 0) for name in ("waiting", "running", "sent", "person", "not_sent")}
    return Counts(total=sum(found.values()), **kinds)
