"""The ledger of our own outages, and the time it gives back to open assignments.

Each group's dispatcher keeps its own: a gap in its own wakes (it was dead, or the database stood still), and intervals
in which nobody's web process or the store of presence answered. Overlapping ones are credited once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, case, delete, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from app.dispatch.models import assignment, outage, pool, pool_group, review, strike
from app.dispatch.policy.sla import Interval, uncovered
from app.dispatch.policy.types import Outage
from app.platform.beats import process_beat
from app.platform.db import Transaction, Tx
from app.platform.ids import new_id

GAP_SECONDS = 3.0  # a dispatcher wakes each second; a longer silence is an outage
MOST_PROCESSES = 100
WEB_GAP_SECONDS = 6.0  # a web process beats each second; a restart within this is none


class Wake(msgspec.Struct, frozen=True):
    """This wake's number and time, and the time of the one before (None: the first ever)."""

    version: int
    at: datetime
    before: datetime | None


class Moved(msgspec.Struct, frozen=True):
    """An assignment whose clock was set back."""

    assignment: UUID
    review: UUID
    employee: UUID
    pool: UUID
    deadline_at: datetime
    warn_at: datetime


async def wake(tx: Tx, group: UUID) -> Wake:
    """Count this wake and stamp it, by the database's clock."""
    locked = select(pool_group.c.beat_at, pool_group.c.version).where(pool_group.c.id == group)
    before = (await tx.conn.execute(locked.with_for_update(key_share=True))).one()
    stamp = (
        update(pool_group)
        .where(pool_group.c.id == group)
        .values(version=pool_group.c.version + 1, beat_at=func.clock_timestamp())
        .returning(pool_group.c.version, pool_group.c.beat_at)
    )
    row = (await tx.conn.execute(stamp)).one()
    return Wake(version=row.version, at=row.beat_at, before=before.beat_at)


async def web_beats(tx: Tx) -> dict[str, datetime]:
    """The last sign of life of each web process that gave one in the last hour; of the very last one in any case."""
    web = select(process_beat.c.instance, process_beat.c.beat_at).where(process_beat.c.component == "web")
    rows = (await tx.conn.execute(web.order_by(process_beat.c.beat_at.desc()).limit(MOST_PROCESSES))).all()
    return {row.instance: row.beat_at for row in rows}


async def lasting(tx: Tx, group: UUID) -> dict[str, datetime]:
    """The components that are down, since when."""
    query = select(outage.c.component, outage.c.started_at).where(
        outage.c.group_id == group, outage.c.ended_at.is_(None)
    )
    return {row.component: row.started_at for row in await tx.conn.execute(query)}


async def begin(tx: Tx, group: UUID, component: str, since: datetime) -> None:
    """The component is down; saying so twice changes nothing."""
    row = {"id": new_id(), "group_id": group, "component": component, "started_at": since}
    await tx.conn.execute(insert(outage).values(row).on_conflict_do_nothing())


async def end(tx: Tx, group: UUID, components: Sequence[str], at: datetime) -> None:
    """The components are up again."""
    mine = (outage.c.group_id == group, outage.c.component.in_(components), outage.c.ended_at.is_(None))
    await tx.conn.execute(update(outage).where(*mine).values(ended_at=func.greatest(outage.c.started_at, at)))


async def record(tx: Tx, group: UUID, component: str, gap: Interval) -> None:
    """An outage that is over already."""
    row = {"id": new_id(), "group_id": group, "component": component, "started_at": gap.start, "ended_at": gap.end}
    await tx.conn.execute(outage.insert(), [row])


async def unnoticed(tx: Tx, group: UUID, at: datetime) -> list[Outage]:
    """A silence of the dispatcher that no wake has recorded yet."""
    query = select(pool_group.c.beat_at).where(pool_group.c.id == group)
    before: datetime | None = (await tx.conn.execute(query)).scalar_one()
    silent = before is not None and (at - before).total_seconds() > GAP_SECONDS
    return [Outage(component="dispatcher", start=before)] if silent and before else []


async def struck_during(tx: Tx, group: UUID, start: datetime, end: datetime | None) -> dict[UUID, UUID]:
    """The strikes that count for assignments that ended within this time, and whose they are.

    They are locked: nobody else voids them.
    """
    ended = case((assignment.c.closed_reason == "missed", assignment.c.deadline_at), else_=assignment.c.closed_at)
    query = (
        select(strike.c.id, strike.c.employee_id)
        .join(assignment, assignment.c.id == strike.c.assignment_id)
        .join(review, review.c.id == assignment.c.review_id)
        .join(pool, pool.c.id == review.c.pool_id)
        .where(pool.c.group_id == group, strike.c.voided_at.is_(None), ended >= start)
        .where(strike.c.at >= start)  # nobody is struck before the end: the index finds the few of late
    )
    query = query.where(ended < end) if end else query
    rows = await tx.conn.execute(query.order_by(strike.c.id).with_for_update(of=strike, key_share=True))
    return {row.id: row.employee_id for row in rows}


async def recent(tx: Tx, group: UUID, at: datetime) -> list[Outage]:
    """What ended within the day, and what lasts or hasn't been given back to everybody yet (without an end)."""
    query = select(outage.c.component, outage.c.started_at, outage.c.ended_at, outage.c.credited).where(
        outage.c.group_id == group, or_(~outage.c.credited, outage.c.ended_at > at - timedelta(days=1))
    )
    return [
        Outage(component=r.component, start=r.started_at, end=r.ended_at if r.credited else None)
        for r in await tx.conn.execute(query)
    ]


_HOUR = func.clock_timestamp() - timedelta(hours=1)
_SHOWN = (
    select(outage.c.component, outage.c.started_at.label("start"), outage.c.ended_at.label("end"))
    .join(pool_group, pool_group.c.id == outage.c.group_id)
    .where(outage.c.component != "incident", or_(outage.c.ended_at.is_(None), outage.c.ended_at > _HOUR))
    .order_by(outage.c.started_at)
)


async def shown(tx: Transaction) -> list[Outage]:
    """Every group's outages that last or ended within the hour, for the boards; an incident has its own banner."""
    return [Outage(**dict(row)) for row in await tx.fetch(_SHOWN)]


async def give_back(tx: Tx, group: UUID, grace_seconds: int, most: int) -> list[Moved]:
    """Credit what has ended: the open assignments that it touched get that time back, once.

    At most so many of them now, in the order of their reviews; the ledger keeps how far that was.
    """
    moved: dict[UUID, Moved] = {}
    while most > 0 and (one := await uncredited(tx, group)) is not None:
        parts = uncovered(Interval(one.started_at, one.ended_at), await credited(tx, group, one.started_at))
        holders = await _holders(tx, group, one, most) if parts else {}
        for part in parts:
            found = await move(tx, part, grace_seconds, assignment.c.id.in_(list(holders)))
            moved |= {each.assignment: each for each in found}
        through = {"credited": len(holders) < most, "credited_to": max(holders.values(), default=one.credited_to)}
        await tx.conn.execute(update(outage).where(outage.c.id == one.id).values(through))
        most -= len(holders)
    return list(moved.values())


async def uncredited(tx: Tx, group: UUID) -> Any:
    """The outage to give back next (its row; None: all have been): one that was in part, or the first that began."""
    new = select(outage).where(outage.c.group_id == group, outage.c.ended_at.is_not(None), ~outage.c.credited)
    in_part_first = (outage.c.credited_to.is_(None), outage.c.started_at)
    return (await tx.conn.execute(new.order_by(*in_part_first).limit(1))).one_or_none()


async def _holders(tx: Tx, group: UUID, one: Any, most: int) -> dict[UUID, UUID]:
    """The next open assignments that an outage may have touched, and their reviews."""
    query = (
        select(assignment.c.id, assignment.c.review_id)
        .join(review, review.c.id == assignment.c.review_id)
        .join(pool, pool.c.id == review.c.pool_id)
        .where(assignment.c.state == "open", pool.c.group_id == group, assignment.c.assigned_at < one.ended_at)
        .where(assignment.c.review_id > one.credited_to if one.credited_to else true())
    )
    rows = await tx.conn.execute(query.order_by(assignment.c.review_id).limit(most))
    return {row.id: row.review_id for row in rows}


async def credited(tx: Tx, group: UUID, since: datetime) -> list[Interval]:
    """What of the group's outages has been given back, as far as it reaches after `since`."""
    query = select(outage.c.started_at, outage.c.ended_at).where(
        outage.c.group_id == group, outage.c.credited, outage.c.ended_at >= since
    )
    return [Interval(row.started_at, row.ended_at) for row in await tx.conn.execute(query)]


async def move(tx: Tx, part: Interval, grace_seconds: int, whose: ColumnElement[bool]) -> list[Moved]:
    """One UPDATE: those of these clocks that ran in the interval are set back by the time they ran."""
    given: Any = part.end - func.greatest(part.start, assignment.c.assigned_at)
    arrived_by = func.greatest(assignment.c.grace_at + given, part.end + timedelta(seconds=grace_seconds))
    statement = (
        update(assignment)
        .where(assignment.c.review_id == review.c.id, whose)
        .where(assignment.c.state == "open", assignment.c.assigned_at < part.end, assignment.c.deadline_at > part.start)
        .values(
            deadline_at=assignment.c.deadline_at + given,
            warn_at=assignment.c.warn_at + given,
            grace_at=func.least(arrived_by, assignment.c.deadline_at + given),
        )
        .returning(
            assignment.c.id,
            assignment.c.review_id,
            assignment.c.employee_id,
            review.c.pool_id,
            assignment.c.deadline_at,
            assignment.c.warn_at,
        )
    )
    return [Moved(*row) for row in await tx.conn.execute(statement)]


async def prune(tx: Tx, days: int) -> int:
    """Forget what ended longer ago; how many."""
    old = outage.c.ended_at < func.clock_timestamp() - timedelta(days=days)
    return (await tx.conn.execute(delete(outage).where(outage.c.credited, old))).rowcount
