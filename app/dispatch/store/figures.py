"""What one person has done, what the team does, and the search in it. The last 30 days, by the database's clock."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, case, extract, func, or_, select

from app.dispatch.models import assignment, review
from app.dispatch.store.reviews import ASSIGNMENT, REVIEW, as_assignment, as_review, reviews_query
from app.dispatch.types import Work
from app.platform.db import Transaction, Tx

_DONE = assignment.c.state == "completed"
_MISSED = assignment.c.state == "missed"
_IN_TIME = and_(_DONE, assignment.c.closed_at <= assignment.c.deadline_at)
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

    `result` is a verdict, or how the assignment ended otherwise; `in_time` of those that were completed or missed.
    """
    query = reviews_query(*(column.label(f"a_{column.key}") for column in ASSIGNMENT), func.clock_timestamp())
    query = query.join(assignment, assignment.c.review_id == review.c.id)
    query = query.where(assignment.c.employee_id == employee_id, assignment.c.state != "open")
    if words:
        query = query.where(review.c.title.icontains(words, autoescape=True))
    if result:
        verdict = and_(_DONE, review.c.outcome["verdict"].astext == result)
        query = query.where(or_(verdict, assignment.c.state == result))
    if in_time is not None:
        late = or_(_MISSED, and_(_DONE, assignment.c.closed_at > assignment.c.deadline_at))
        query = query.where(_IN_TIME if in_time else late)
    rows = await tx.conn.execute(query.order_by(assignment.c.assigned_at.desc()).limit(limit))
    return [Work(assignment=as_assignment(row[len(REVIEW) :]), review=as_review(row), now=row[-1]) for row in rows]
