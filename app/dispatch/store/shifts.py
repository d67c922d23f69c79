"""People's shifts: weekly hours, and the end of the shift that is on or comes next as a moment with an index."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, null, select, update

from app.dispatch.hours import span
from app.dispatch.models import THIS_XID, employee
from app.platform.db import Tx

MOST = 200


async def ended(tx: Tx, group: UUID) -> list[UUID]:
    """Those of the group whose shift has just ended."""
    query = select(employee.c.user_id).where(
        employee.c.home_group == group, employee.c.shift_until <= func.statement_timestamp()
    )
    return [row[0] for row in await tx.conn.execute(query.order_by(employee.c.shift_until).limit(MOST))]


async def roll(tx: Tx, people: Collection[UUID], at: datetime) -> None:
    """Their next shift."""
    if not people:
        return
    query = select(employee.c.user_id, employee.c.shift).where(employee.c.user_id.in_(people))
    for row in (await tx.conn.execute(query.order_by(employee.c.user_id).with_for_update(key_share=True))).all():
        await set_shift(tx, row.user_id, row.shift, at)


async def set_shift(tx: Tx, person: UUID, shift: dict[str, Any] | None, at: datetime) -> None:
    """These are the person's hours now."""
    now = span(shift, at)
    values = {"shift": null() if shift is None else shift, "shift_until": now.end if now else None}
    mine = employee.c.user_id == person
    await tx.conn.execute(update(employee).where(mine).values(**values, changed_xid=THIS_XID))
