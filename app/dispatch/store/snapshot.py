"""Rows → snapshot, in a handful of indexed queries, whatever the number of people or reviews.

What may be changed is locked on the way (`SKIP LOCKED`: what a person is completing at this moment is left alone).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, literal, or_, select

from app.accounts.models import app_user
from app.dispatch.heartbeats import Presence
from app.dispatch.models import (
    assignment,
    employee,
    pool,
    pool_member,
    review,
    review_exclusion,
    strike,
)
from app.dispatch.policy.strikes import counts_since
from app.dispatch.policy.types import Held, Outage, Person, Pool, Rules, Snapshot, Waiting
from app.platform.db import Tx

BATCH = 200


async def now(tx: Tx) -> datetime:
    """The database's clock: the only one that deadlines are compared with."""
    moment: datetime = (await tx.conn.execute(select(func.clock_timestamp()))).scalar_one()
    return moment


async def load(
    tx: Tx,
    group: UUID,
    at: datetime,
    rules: Rules,
    *,
    presence: Presence | None,
    ttl: float,
    outages: list[Outage],
    version: int,
) -> Snapshot:
    """What the group's dispatcher decides on; the assignments and reviews in it are locked by this transaction.

    `presence` None: the store of presence doesn't answer, so nobody's is known.
    """
    people = await _people(tx, group, presence, ttl)
    gone = [p.id for p in people.values() if p.active and (p.presence == "offline" or p.locked)]
    held = await _held(tx, group, at, gone)
    return Snapshot(
        version=version,
        people=people,
        pools=await pools(tx, group),
        waiting=await _waiting(tx, group, at),
        held=held,
        outages=outages,
        strikes=await counting_strikes(tx, {h.employee for h in held}, at, rules),
        settled=presence is not None,
    )


async def anything_to_do(tx: Tx, group: UUID, at: datetime) -> bool:
    """A cheap look before the snapshot: a queued review, an assignment that is due, or anybody who holds one."""
    mine = select(pool.c.id).where(pool.c.group_id == group)
    queued = select(literal(1)).where(review.c.state == "queued", review.c.pool_id.in_(mine))
    snoozed = select(literal(1)).where(review.c.state == "snoozed", review.c.snoozed_until <= at)
    held = select(literal(1)).where(employee.c.active > 0, employee.c.home_group == group)
    due = select(literal(1)).where(assignment.c.state == "open", assignment.c.due_at <= at)
    return bool((await tx.conn.execute(select(or_(*(q.exists() for q in (queued, snoozed, held, due)))))).scalar_one())


async def pools(tx: Tx, group: UUID | None = None) -> dict[UUID, Pool]:
    """The pools as the policy sees them, of one group or of all."""
    query = select(pool.c.id, pool.c.strategy, pool.c.sla_seconds, pool.c.paused_at)
    rows = await tx.conn.execute(query.where(pool.c.group_id == group) if group else query)
    return {
        row.id: Pool(id=row.id, strategy=row.strategy, sla_seconds=row.sla_seconds, paused=row.paused_at is not None)
        for row in rows
    }


_PERSON = (
    employee.c.user_id,
    app_user.c.number,
    app_user.c.locked_at,
    employee.c.capacity,
    employee.c.active,
    employee.c.availability,
    employee.c.skills,
    employee.c.last_assigned_at,
    employee.c.undelivered_run,
)


async def _people(tx: Tx, group: UUID, presence: Presence | None, ttl: float) -> dict[UUID, Person]:
    member_pools = func.array_agg(pool_member.c.pool_id).filter(pool_member.c.pool_id.is_not(None)).label("pools")
    query = (
        select(*_PERSON, member_pools)
        .join(app_user, app_user.c.id == employee.c.user_id)
        .outerjoin(pool_member, pool_member.c.employee_id == employee.c.user_id)
        .where(employee.c.home_group == group)
        .group_by(employee.c.user_id, app_user.c.id)
    )
    return {row.user_id: person_of(row, presence, ttl) for row in await tx.conn.execute(query)}


def person_of(row: Any, presence: Presence | None, ttl: float) -> Person:
    """A person from the columns of `_PERSON` and `pools`."""
    return Person(
        id=row.user_id,
        number=row.number,
        capacity=row.capacity,
        active=row.active,
        presence=presence.of(row.user_id, ttl) if presence else "unknown",
        availability=row.availability,
        locked=row.locked_at is not None,
        pools=frozenset(row.pools or ()),
        skills=frozenset(row.skills),
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


async def _held(tx: Tx, group: UUID, at: datetime, gone: Sequence[UUID]) -> list[Held]:
    due = assignment.c.due_at <= at
    query = (
        select(*_HELD, review.c.pool_id)
        .join(review, review.c.id == assignment.c.review_id)
        .join(pool, pool.c.id == review.c.pool_id)
        .where(assignment.c.state == "open", pool.c.group_id == group)
        .where(or_(due, assignment.c.employee_id.in_(gone)) if gone else due)
        .order_by(assignment.c.due_at)
        .limit(BATCH)
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


async def _waiting(tx: Tx, group: UUID, at: datetime) -> list[Waiting]:
    """The head of each pool's queue, oldest within priority first; stranded ones apart, so that they block nobody."""
    rows = [
        *await _head(tx, group, review.c.stranded.is_(None)),
        *await _head(tx, group, review.c.stranded.is_not(None)),
    ]
    excluded = await _exclusions(tx, [row.id for row in rows], at)
    return [
        Waiting(
            review=row.id,
            pool=row.pool_id,
            size=row.size,
            queued_at=row.queued_at,
            priority=row.priority,
            excluded=excluded.get(row.id, {}),
            preferred=row.preferred_employee,
            stranded=row.stranded,
        )
        for row in rows
    ]


async def _head(tx: Tx, group: UUID, which: Any) -> list[Any]:
    head = (
        select(review)
        .where(review.c.state == "queued", review.c.pool_id == pool.c.id, which)
        .order_by(review.c.priority.desc(), review.c.queued_at, review.c.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
        .lateral()
    )
    query = select(head).select_from(pool).join(head, literal(True)).where(pool.c.group_id == group)
    return list((await tx.conn.execute(query)).all())


async def counting_strikes(tx: Tx, people: Collection[UUID], at: datetime, rules: Rules) -> dict[UUID, int]:
    """How many strikes count, by person; those without any are left out."""
    if not people:
        return {}
    oldest = counts_since(None, at, rules)
    query = (
        select(strike.c.employee_id, func.count())
        .join(employee, employee.c.user_id == strike.c.employee_id)
        .where(strike.c.employee_id.in_(people), strike.c.voided_at.is_(None), strike.c.at > oldest)
        .where(or_(employee.c.strikes_baseline_at.is_(None), strike.c.at > employee.c.strikes_baseline_at))
        .group_by(strike.c.employee_id)
    )
    return {row[0]: row[1] for row in await tx.conn.execute(query)}


async def next_due(tx: Tx, group: UUID, at: datetime) -> datetime | None:
    """The nearest moment at which an open assignment or a snoozed review of the group wants a look."""
    mine = select(pool.c.id).where(pool.c.group_id == group)
    due = select(func.min(assignment.c.due_at)).where(assignment.c.state == "open", assignment.c.due_at > at)
    snoozed = select(func.min(review.c.snoozed_until)).where(review.c.state == "snoozed", review.c.pool_id.in_(mine))
    moment: datetime | None = (
        await tx.conn.execute(select(func.least(due.scalar_subquery(), snoozed.scalar_subquery())))
    ).scalar_one()
    return moment
