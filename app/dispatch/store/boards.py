"""Set-wise reading for boards and figures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, and_, bindparam, func, select

from app.accounts.models import app_user
from app.dispatch.hours import FAR, span
from app.dispatch.models import assignment, pool, review
from app.dispatch.store.reviews import ASSIGNMENT, REVIEW, as_assignment, as_review, as_work, reviews_query, works_query
from app.dispatch.types import Assignment, Depth, Review, Work
from app.platform.db import Transaction, Tx

Line = tuple[Review, Assignment | None, str | None, dict[str, Any]]


async def open_reviews(
    tx: Tx,
    *,
    states: Collection[str] | None = None,
    pool_id: UUID | None = None,
    employee_id: UUID | None = None,
    before: int | None = None,
    limit: int = 500,
) -> list[Line]:
    """Reviews with their open assignment, its person's name and its why; without `states` all that have not ended."""
    holds = and_(assignment.c.review_id == review.c.id, assignment.c.state == "open")
    query = (
        reviews_query(*(column.label(f"a_{column.key}") for column in ASSIGNMENT), app_user.c.name, assignment.c.why)
        .outerjoin(assignment, holds)
        .outerjoin(app_user, app_user.c.id == assignment.c.employee_id)
        .where(review.c.state.in_(states) if states else review.c.ended_at.is_(None))
    )
    if pool_id is not None:
        query = query.where(review.c.pool_id == pool_id)
    if employee_id is not None:
        query = query.where(assignment.c.employee_id == employee_id)
    if before is not None:
        query = query.where(review.c.number < before)
    order = (
        review.c.number.desc()
        if states or before is not None
        else func.coalesce(assignment.c.deadline_at, review.c.queued_at)
    )
    return [line_of(row) for row in await tx.conn.execute(query.order_by(order).limit(limit))]


def line_of(row: Any) -> Line:
    """From the columns of REVIEW, ASSIGNMENT, the name and the why."""
    start, end = len(REVIEW), len(REVIEW) + len(ASSIGNMENT)
    held = as_assignment(row[start:end]) if row[start] is not None else None
    return as_review(row), held, row[end], row[end + 1] or {}


_WORK = (
    works_query()
    .where(assignment.c.employee_id == bindparam("employee", type_=Uuid), assignment.c.state == "open")
    .order_by(assignment.c.deadline_at)
    .limit(bindparam("count", type_=Integer))
)


async def work_of(tx: Transaction, employee_id: UUID, *, limit: int) -> list[Work]:
    """A person's open assignments with their reviews, by deadline."""
    rows = await tx.fetch(_WORK, employee=employee_id, count=limit)
    return [as_work(row) for row in rows]


def _in(state: str) -> Any:
    return func.count().filter(review.c.state == state)


_DEPTHS = (
    select(pool.c.id, pool.c.name, pool.c.paused_at, _in("queued"), _in("assigned"))
    .add_columns(func.count().filter(review.c.stranded != "pool_closed"), _in("escalated"))
    .add_columns(func.min(review.c.queued_at).filter(review.c.state == "queued"))
    .add_columns(func.count().filter(review.c.late_at.is_not(None)), pool.c.target_seconds, pool.c.hours)
    .add_columns(func.count(review.c.id))
    .outerjoin(review, and_(review.c.pool_id == pool.c.id, review.c.ended_at.is_(None)))
    .group_by(pool.c.id)
    .order_by(pool.c.name)
)


async def depths(tx: Transaction, now: datetime) -> list[Depth]:
    """Each pool's queue."""
    return [
        Depth(
            pool_id=row[0],
            pool=row[1],
            paused=row[2] is not None,
            queued=row[3],
            assigned=row[4],
            stranded=row[5],
            escalated=row[6],
            oldest_at=row[7],
            oldest_seconds=(now - row[7]).total_seconds() if row[7] else 0.0,
            target_seconds=row[9],
            **(hours := _open(row[10], now)),
            late=0 if hours["closed"] else row[8],
            open=row[11],
        )
        for row in await tx.fetch(_DEPTHS)
    ]


_HOURS = select(pool.c.id, pool.c.hours).where(pool.c.hours.is_not(None))


async def closed(tx: Transaction, now: datetime) -> dict[UUID, datetime | None]:
    """The pools outside their hours, and until when; None where no hours come."""
    spans = {row[0]: _open(row[1], now) for row in await tx.fetch(_HOURS)}
    return {each: found["closed_until"] for each, found in spans.items() if found["closed"]}


def _open(hours: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    found = span(hours, now)
    if found is None or found.start <= now:
        return {"closed": False, "closed_until": None}
    return {"closed": True, "closed_until": None if found.start == FAR else found.start}
