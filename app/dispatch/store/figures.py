"""What one person has done, what the team does, and the search in it. The last 30 days, by the database's clock."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, case, extract, func, or_, select

from app.dispatch.models import assignment, review
from app.dispatch.store.reviews import as_work, works_query
from app.dispatch.types import Work
from app.platform.db import Transaction, Tx

_DONE = assignment.c.state == "completed"
_MISSED = assignment.c.state == "missed"
_IN_TIME = and_(_DONE, assignment.c.closed_at <= assignment.c.deadline_at)
# A verdict, or how it ended otherwise. What the review says may be somebody's who had it later.
_RESULT = case(
    (_DONE, assignment.c.closed_reason),
    (assignment.c.closed_reason.in_(("snooze", "escalate")), assignment.c.closed_reason),
    else_=assignment.c.state,
)
_TOOK = extract("epoch", assignment.c.closed_at - assignment.c.assigned_at)
_MONTH = func.clock_timestamp() - func.make_interval(0, 0, 0, 30)
_TODAY = assignment.c.closed_at >= func.date_trunc("day", func.clock_timestamp())


def _median(of: ColumnElement[Any], when: ColumnElement[bool]) -> Any:
    return func.percentile_cont(0.5).within_group(case((when, of)))


_FIGURES = (
    select(
        func.count().filter(_DONE).label("done"),
        func.count().filter(_MISSED).label("missed"),
        func.count().filter(_IN_TIME).label("in_time"),
        _median(_TOOK, _DONE).label("median"),
        func.count().filter(_DONE, _TODAY).label("done_today"),
        func.count().filter(_MISSED, _TODAY).label("missed_today"),
        func.count().filter(_IN_TIME, _TODAY).label("in_time_today"),
        _median(_TOOK, and_(_DONE, _TODAY)).label("median_today"),
    )
    .where(assignment.c.employee_id == bindparam("employee", type_=Uuid))
    .where(assignment.c.assigned_at > _MONTH)
)


async def figures(tx: Transaction, employee_id: UUID) -> Any:
    """done, missed, in_time and the median seconds of handling, of the last 30 days and (`…_today`) of today."""
    return (await tx.rows(_FIGURES, employee=employee_id))[0]


async def team(tx: Tx) -> Any:
    """people, and the medians of what each has done, of their share in time and of their median seconds."""
    each = (
        select(
            func.count().filter(_DONE).label("done"),
            (100.0 * func.count().filter(_IN_TIME) / func.count()).label("in_time"),
            _median(_TOOK, _DONE).label("took"),
        )
        .where(or_(_DONE, _MISSED), assignment.c.assigned_at > _MONTH)
        .group_by(assignment.c.employee_id)
        .subquery("each")
    )
    middle = (func.percentile_cont(0.5).within_group(each.c[name]).label(name) for name in ("done", "in_time", "took"))
    return (await tx.conn.execute(select(func.count().label("people"), *middle).select_from(each))).one()


async def history(
    tx: Tx, employee_id: UUID, limit: int, words: str = "", result: str = "", in_time: bool | None = None
) -> list[Work]:
    """A person's ended assignments, the latest first: those whose title has `words`, that ended with `result`.

    `result` is the person's own verdict, or how the assignment ended otherwise; `in_time` of those that were completed
    or missed.
    """
    query = _ended(employee_id)
    if words:
        query = query.where(review.c.title.icontains(words, autoescape=True))
    if result:
        query = query.where(_RESULT.is_not_distinct_from(result))
    if in_time is not None:
        late = or_(_MISSED, and_(_DONE, assignment.c.closed_at > assignment.c.deadline_at))
        query = query.where(_IN_TIME if in_time else late)
    rows = await tx.conn.execute(query.order_by(assignment.c.assigned_at.desc()).limit(limit))
    return [as_work(row) for row in rows]


async def ended(tx: Tx, employee_id: UUID, assignment_id: UUID) -> Work | None:
    """One of the person's ended assignments."""
    row = (await tx.conn.execute(_ended(employee_id).where(assignment.c.id == assignment_id))).one_or_none()
    return as_work(row) if row else None


def _ended(employee_id: UUID) -> Any:
    return works_query().where(assignment.c.employee_id == employee_id, assignment.c.state != "open")
