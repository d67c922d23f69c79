"""The ledger of outages that concern one person alone: their own web processes were silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.dispatch.models import assignment, own_outage, pool, review
from app.dispatch.policy.sla import Interval, uncovered
from app.dispatch.store import ledger
from app.dispatch.store.ledger import Moved
from app.platform.db import Tx
from app.platform.ids import new_id


async def lasting(tx: Tx, group: UUID) -> dict[UUID, datetime]:
    """Whose last, since when."""
    query = select(own_outage.c.employee_id, own_outage.c.started_at).where(
        own_outage.c.group_id == group, own_outage.c.ended_at.is_(None), ~own_outage.c.credited
    )
    return {row.employee_id: row.started_at for row in await tx.conn.execute(query)}


async def begin(tx: Tx, group: UUID, since: Mapping[UUID, datetime]) -> None:
    """These people's processes are silent; saying so twice changes nothing."""
    rows = [{"id": new_id(), "group_id": group, "employee_id": who, "started_at": at} for who, at in since.items()]
    await tx.conn.execute(insert(own_outage).on_conflict_do_nothing(), rows)


async def end(tx: Tx, group: UUID, people: Sequence[UUID], at: datetime, most_seconds: float) -> None:
    """They are connected again, or have had the time to be."""
    until = func.least(at, own_outage.c.started_at + timedelta(seconds=most_seconds))
    mine = (own_outage.c.group_id == group, own_outage.c.employee_id.in_(people), own_outage.c.ended_at.is_(None))
    await tx.conn.execute(
        update(own_outage).where(*mine).values(ended_at=func.greatest(own_outage.c.started_at, until))
    )


async def give_back(tx: Tx, group: UUID, grace_seconds: int, most: int) -> list[Moved]:
    """Credit what has ended, of so many people at most, less what an outage of the whole group has given back already.

    To be called once nothing is left of those.
    """
    new = select(own_outage.c.id).where(*_new(group)).order_by(own_outage.c.started_at, own_outage.c.id).limit(most)
    fresh = (
        update(own_outage)
        .where(own_outage.c.id.in_(new))
        .values(credited=True)
        .returning(own_outage.c.employee_id, own_outage.c.started_at, own_outage.c.ended_at)
    )
    people: dict[Interval, list[UUID]] = {}
    for row in await tx.conn.execute(fresh):
        people.setdefault(Interval(row.started_at, row.ended_at), []).append(row.employee_id)
    if not people:
        return []
    covered = await ledger.credited(tx, group, min(people).start)
    moved: list[Moved] = []
    for interval, theirs in people.items():
        for part in uncovered(interval, covered):
            mine = and_(assignment.c.employee_id.in_(theirs), pool.c.id == review.c.pool_id, pool.c.group_id == group)
            moved += await ledger.move(tx, part, grace_seconds, mine)
    return moved


async def uncredited(tx: Tx, group: UUID) -> datetime | None:
    """Since when there is something that has ended and is still to be given back."""
    first: datetime | None = (
        await tx.conn.execute(select(func.min(own_outage.c.started_at)).where(*_new(group)))
    ).scalar_one()
    return first


def _new(group: UUID) -> tuple[ColumnElement[bool], ...]:
    return (own_outage.c.group_id == group, own_outage.c.ended_at.is_not(None), ~own_outage.c.credited)


async def prune(tx: Tx, days: int) -> int:
    """Forget what ended longer ago; how many."""
    old = own_outage.c.ended_at < func.clock_timestamp() - timedelta(days=days)
    return (await tx.conn.execute(delete(own_outage).where(own_outage.c.credited, old))).rowcount
