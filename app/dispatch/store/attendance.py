"""What the presence wall shows of people beyond their rows: what they ended last, and what they missed last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.accounts.models import app_user
from app.dispatch.models import assignment, employee
from app.dispatch.store.staff import people_query
from app.platform.db import Tx

LOOKS_BACK = timedelta(days=30)


_EVERYONE = select(
    employee.c.user_id,
    employee.c.capacity,
    employee.c.active,
    employee.c.availability,
    employee.c.last_assigned_at,
    app_user.c.number,
    app_user.c.name,
    app_user.c.locked_at,
).join(app_user, app_user.c.id == employee.c.user_id)


async def everyone(tx: Tx) -> list[Any]:
    """What the state of each and the order of the wall need, of everybody."""
    return list((await tx.conn.execute(_EVERYONE)).all())


async def locked(tx: Tx) -> list[UUID]:
    """Whose account is locked."""
    query = select(employee.c.user_id).join(app_user, app_user.c.id == employee.c.user_id)
    return list((await tx.conn.execute(query.where(app_user.c.locked_at.is_not(None)))).scalars())


async def people(tx: Tx, ids: Sequence[UUID]) -> list[Any]:
    """Rows of `people_query`, of these."""
    return list((await tx.conn.execute(people_query().where(employee.c.user_id.in_(ids)))).all()) if ids else []


async def ended(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, tuple[datetime | None, datetime | None]]:
    """By person: when their last assignment ended, and when they missed one last, within the last 30 days."""
    if not ids:
        return {}
    missed = func.max(assignment.c.closed_at).filter(assignment.c.state == "missed")
    query = (
        select(assignment.c.employee_id, func.max(assignment.c.closed_at), missed)
        .where(assignment.c.employee_id.in_(ids), assignment.c.assigned_at > func.statement_timestamp() - LOOKS_BACK)
        .group_by(assignment.c.employee_id)
    )
    return {row[0]: (row[1], row[2]) for row in await tx.conn.execute(query)}


async def find(tx: Tx, *, number: int | None = None, name: str = "") -> list[UUID]:
    """Employees by their number, or by their whole name."""
    who = app_user.c.number == number if number is not None else func.lower(app_user.c.name) == name.lower()
    query = select(employee.c.user_id).join(app_user, app_user.c.id == employee.c.user_id).where(who)
    return [row[0] for row in await tx.conn.execute(query.limit(2))]
