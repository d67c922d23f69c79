"""Set-wise reading for boards and figures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, Uuid, and_, bindparam, func, select, text

from app.accounts.models import app_user
from app.dispatch.hours import FAR, span
from app.dispatch.models import ON_BOARD, assignment, pool, review
from app.dispatch.store.reviews import ASSIGNMENT, REVIEW, as_assignment, as_review, as_work, reviews_query, works_query
from app.dispatch.types import Assignment, Depth, Review, Work
from app.platform.db import Transaction, Tx

Line = tuple[Review, Assignment | None, str | None, dict[str, Any]]


def contains(column: Any, words: Any) -> Any:
    """Whatever the case, and with nothing in it that is a pattern; half of what ILIKE takes."""
    return func.strpos(func.lower(column), func.lower(words)) > 0


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


def _depths() -> Select[Any]:
    """What people have is whatever else is open: only the others are looked at, by the board's index."""
    queued = review.c.state == "queued"
    others = (
        select(review.c.pool_id, func.count().label("all"), func.count().filter(queued).label("queued"))
        .add_columns(func.count().filter(review.c.stranded != "pool_closed").label("stranded"))
        .add_columns(func.count().filter(review.c.state == "escalated").label("escalated"))
        .add_columns(func.min(review.c.queued_at).filter(queued).label("oldest_at"))
        .add_columns(func.count().filter(queued, review.c.late_at.is_not(None)).label("late"))
        .where(text(ON_BOARD))
        .group_by(review.c.pool_id)
        .subquery()
    )
    counted = select(review.c.pool_id, func.count().label("all")).where(review.c.ended_at.is_(None))
    every = counted.group_by(review.c.pool_id).subquery()
    open_, here = func.coalesce(every.c.all, 0), pool.outerjoin(every, every.c.pool_id == pool.c.id)
    here = here.outerjoin(others, others.c.pool_id == pool.c.id)
    kinds = [func.coalesce(others.c[name], 0) for name in ("queued", "stranded", "escalated", "late")]
    return (
        select(pool.c.id, pool.c.name, pool.c.paused_at, pool.c.target_seconds, pool.c.hours, others.c.oldest_at)
        .add_columns(open_, open_ - func.coalesce(others.c.all, 0), *kinds)
        .select_from(here)
        .order_by(pool.c.name)
    )


_DEPTHS = _depths()


async def depths(tx: Transaction, now: datetime) -> list[Depth]:
    """Each pool's queue."""
    return [_depth(row, now) for row in await tx.fetch(_DEPTHS)]


def _depth(row: Any, now: datetime) -> Depth:
    pool_id, name, paused_at, target_seconds, hours, oldest_at, every, assigned, queued, stranded, escalated, late = row
    told = _open(hours, now)
    return Depth(
        pool_id=pool_id,
        pool=name,
        paused=paused_at is not None,
        queued=queued,
        assigned=assigned,
        stranded=stranded,
        escalated=escalated,
        oldest_at=oldest_at,
        oldest_seconds=(now - oldest_at).total_seconds() if oldest_at else 0.0,
        target_seconds=target_seconds,
        late=0 if told["closed"] else late,
        open=every,
        **told,
    )


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
