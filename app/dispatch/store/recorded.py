"""A day as it was, from its rows, to be lived through again. Reads only."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text

from app.dispatch.models import assignment, duty, pool, review
from app.dispatch.policy.types import Pool
from app.dispatch.simulation.recorded import Employed, Filed, Recorded
from app.dispatch.store import staff
from app.platform.db import Tx

READ_ONLY: Final = text("SET TRANSACTION READ ONLY")


async def read(tx: Tx, start: datetime, end: datetime) -> Recorded:
    """The interval; the transaction can't write from here on."""
    await tx.conn.execute(READ_ONLY)
    return Recorded(
        start=start,
        end=end,
        pools=await _pools(tx),
        people=await _people(tx, start, end),
        reviews=await _reviews(tx, start, end),
        ends=await _ends(tx, start, end),
    )


async def _pools(tx: Tx) -> dict[UUID, Pool]:
    columns = (pool.c.id, pool.c.strategy, pool.c.by_skills, pool.c.sla_seconds, pool.c.sla_small_seconds)
    return {row.id: Pool(**row._mapping) for row in await tx.conn.execute(select(*columns))}


async def _people(tx: Tx, start: datetime, end: datetime) -> list[Employed]:
    there = await _available(tx, start, end) or await _at_work(tx, start, end)
    return [
        Employed(
            id=row.user_id,
            number=row.number,
            name=row.name,
            capacity=row.capacity,
            pools=frozenset(row.pools or ()),
            skills=frozenset(skill.casefold() for skill in row.skills),
            available=there[row.user_id],
        )
        for row in await staff.people(tx)
        if row.user_id in there
    ]


async def _available(tx: Tx, start: datetime, end: datetime) -> dict[UUID, list[tuple[datetime, datetime]]]:
    ended = func.coalesce(duty.c.ended_at, func.clock_timestamp())
    spans = (func.greatest(duty.c.started_at, start), func.least(ended, end))
    query = select(duty.c.employee_id, *spans).where(duty.c.started_at < end, ended > start).order_by(duty.c.started_at)
    return _grouped(await tx.conn.execute(query))


async def _at_work(tx: Tx, start: datetime, end: datetime) -> dict[UUID, list[tuple[datetime, datetime]]]:
    """From before the record of available hours: whoever got something was there all the time."""
    inside = (assignment.c.assigned_at >= start, assignment.c.assigned_at < end)
    rows = await tx.conn.execute(select(assignment.c.employee_id).where(*inside).distinct())
    return {row.employee_id: [(start, end)] for row in rows}


def _grouped(rows: Any) -> dict[UUID, list[tuple[datetime, datetime]]]:
    found: dict[UUID, list[tuple[datetime, datetime]]] = {}
    for person, since, until in rows:
        spans = found.setdefault(person, [])
        if spans and spans[-1][1] >= since:  # two groups' records of a move may overlap for a moment
            spans[-1] = (spans[-1][0], max(spans[-1][1], until))
        else:
            spans.append((since, until))
    return found


async def _reviews(tx: Tx, start: datetime, end: datetime) -> list[Filed]:
    mine = assignment.c.review_id == review.c.id
    took = func.extract("epoch", assignment.c.closed_at - assignment.c.assigned_at)
    seconds = select(func.min(took)).where(mine, assignment.c.state == "completed").scalar_subquery()
    first = select(func.min(assignment.c.assigned_at)).where(mine).scalar_subquery()
    waited = func.extract("epoch", first - review.c.queued_at)
    columns = (review.c.id, review.c.queued_at, review.c.pool_id, review.c.size, review.c.priority, review.c.skills)
    query = select(*columns, seconds.label("seconds"), waited.label("waited"))
    query = query.where(review.c.queued_at >= start, review.c.queued_at < end)
    rows = await tx.conn.execute(query.order_by(review.c.queued_at, review.c.id))
    return [_filed(row) for row in rows]


def _filed(row: Any) -> Filed:
    return Filed(
        id=row.id,
        at=row.queued_at,
        pool=row.pool_id,
        size=row.size,
        priority=row.priority,
        skills=frozenset(row.skills),
        seconds=None if row.seconds is None else float(row.seconds),
        waited=None if row.waited is None else float(row.waited),
    )


async def _ends(tx: Tx, start: datetime, end: datetime) -> dict[str, int]:
    inside = (assignment.c.assigned_at >= start, assignment.c.assigned_at < end)
    query = select(assignment.c.state, func.count()).where(*inside).group_by(assignment.c.state)
    return {row[0]: row[1] for row in await tx.conn.execute(query)}
