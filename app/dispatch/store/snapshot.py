"""Rows → what the policy looks at, by indexed queries, whatever the number of people or reviews.

What may be changed is locked on the way (`SKIP LOCKED`: what a person is completing at this moment is left alone).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, bindparam, func, or_, select

from app.dispatch.heartbeats import Presence
from app.dispatch.models import (
    assignment,
    employee,
    pool,
    review,
    review_exclusion,
    strike,
)
from app.dispatch.policy.strikes import counts_since
from app.dispatch.policy.types import Held, Person, Rules
from app.dispatch.store.strikes import still_count
from app.platform.db import Moment, Transaction, Tx

_NOW = select(func.clock_timestamp())


async def now(tx: Transaction) -> datetime:
    """The database's clock: the only one that deadlines are compared with."""
    moment: datetime = (await tx.fetch(_NOW))[0][0]
    return moment


def person_of(row: Any, presence: Presence | None, ttl: float) -> Person:
    """A person from a row of `staff.people`."""
    return Person(
        id=row.user_id,
        number=row.number,
        capacity=row.capacity,
        active=row.active,
        presence=presence.of(row.user_id, ttl) if presence else "unknown",
        availability=row.availability,
        locked=row.locked_at is not None,
        pools=frozenset(row.pools or ()),
        skills=frozenset(skill.casefold() for skill in row.skills),
        last_assigned_at=row.last_assigned_at,
        last_beat_at=presence.last_beat(row.user_id) if presence else None,
        undelivered_run=row.undelivered_run,
    )


_HELD = (
    assignment.c.id,
    assignment.c.review_id,
    assignment.c.employee_id,
    assignment.c.assigned_at,
    assignment.c.grace_at,
    assignment.c.warn_at,
    assignment.c.deadline_at,
    assignment.c.delivered_at,
    assignment.c.seen_at,
    assignment.c.warned_at,
)


async def held_now(tx: Tx, group: UUID, at: datetime, away: Sequence[UUID], most: int) -> list[Held]:
    """The open assignments of the group that are due, and those of people who are away: locked, the nearest first."""
    due = assignment.c.due_at <= at
    query = (
        select(*_HELD, review.c.pool_id)
        .join(review, review.c.id == assignment.c.review_id)
        .join(pool, pool.c.id == review.c.pool_id)
        .where(assignment.c.state == "open", pool.c.group_id == group)
        .where(or_(due, assignment.c.employee_id.in_(away)) if away else due)
        .order_by(assignment.c.due_at, assignment.c.id)  # one who is locked at the first misses no other
        .limit(most)
        .with_for_update(of=assignment, skip_locked=True, key_share=True)
    )
    rows = (await tx.conn.execute(query)).all()
    missers = await _exclusions(tx, [row.review_id for row in rows], at, only="missed")
    return [held_of(row, missers.get(row.review_id, {})) for row in rows]


def held_of(row: Any, missed_by: Collection[UUID]) -> Held:
    """An open assignment from the columns of `_HELD` and `pool_id`."""
    return Held(
        assignment=row.id,
        review=row.review_id,
        employee=row.employee_id,
        pool=row.pool_id,
        assigned_at=row.assigned_at,
        grace_at=row.grace_at,
        warn_at=row.warn_at,
        deadline_at=row.deadline_at,
        delivered_at=row.delivered_at,
        seen_at=row.seen_at,
        warned_at=row.warned_at,
        missed_by=frozenset(missed_by),
    )


async def held(tx: Tx, assignment_id: UUID) -> Held:
    """One open assignment; its row has been locked before."""
    query = (
        select(*_HELD, review.c.pool_id)
        .join(review, review.c.id == assignment.c.review_id)
        .where(assignment.c.id == assignment_id)
    )
    row = (await tx.conn.execute(query)).one()
    missers = await _exclusions(tx, [row.review_id], await now(tx), only="missed")
    return held_of(row, missers.get(row.review_id, {}))


async def _exclusions(
    tx: Tx, reviews: Sequence[UUID], at: datetime, only: str | None = None
) -> dict[UUID, dict[UUID, str]]:
    """By review: who is excluded, and why."""
    if not reviews:
        return {}
    rests = or_(review_exclusion.c.until.is_(None), review_exclusion.c.until > at)
    query = select(review_exclusion.c.review_id, review_exclusion.c.employee_id, review_exclusion.c.reason)
    query = query.where(and_(review_exclusion.c.review_id.in_(reviews), rests))
    found: dict[UUID, dict[UUID, str]] = {}
    for row in await tx.conn.execute(query.where(review_exclusion.c.reason == only) if only else query):
        found.setdefault(row.review_id, {})[row.employee_id] = row.reason
    return found


_COUNTING = (
    select(strike.c.employee_id, func.count())
    .join(employee, employee.c.user_id == strike.c.employee_id)
    .where(strike.c.employee_id == any_(bindparam("people", type_=ARRAY(Uuid))))
    .where(*still_count(bindparam("oldest", type_=Moment)))
    .group_by(strike.c.employee_id)
)


async def counting_strikes(tx: Tx, people: Collection[UUID], at: datetime, rules: Rules) -> dict[UUID, int]:
    """How many strikes count, by person; those without any are left out."""
    if not people:
        return {}
    rows = await tx.fetch(_COUNTING, people=list(people), oldest=counts_since(None, at, rules))
    return {row[0]: row[1] for row in rows}


async def next_due(tx: Tx, group: UUID, at: datetime) -> datetime | None:
    """The nearest moment at which an open assignment or a snoozed review of the group wants a look."""
    mine = select(pool.c.id).where(pool.c.group_id == group)
    due = select(func.min(assignment.c.due_at)).where(assignment.c.state == "open", assignment.c.due_at > at)
    snoozed = select(func.min(review.c.snoozed_until)).where(review.c.state == "snoozed", review.c.pool_id.in_(mine))
    moment: datetime | None = (
        await tx.conn.execute(select(func.least(due.scalar_subquery(), snoozed.scalar_subquery())))
    ).scalar_one()
    return moment
