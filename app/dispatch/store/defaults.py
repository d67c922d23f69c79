"""What is always there: the group and the pool `general`, and a place in dispatch for every employee."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Uuid, bindparam, literal, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import app_user
from app.dispatch.models import GENERAL, employee, pool, pool_group, pool_member
from app.platform.db import Tx
from app.platform.ids import new_id

_GENERAL = select(pool.c.id).where(pool.c.name == GENERAL)


async def general_pool(tx: Tx) -> UUID:
    """The id of the pool `general`, made together with its group where it is missing."""
    rows = await tx.fetch(_GENERAL)
    pool_id: UUID | None = rows[0][0] if rows else None
    if pool_id is None:
        await tx.conn.execute(insert(pool_group).values(id=new_id(), name=GENERAL).on_conflict_do_nothing())
        group = select(pool_group.c.id).where(pool_group.c.name == GENERAL).scalar_subquery()
        await tx.conn.execute(insert(pool).values(id=new_id(), name=GENERAL, group_id=group).on_conflict_do_nothing())
        pool_id = (await tx.conn.execute(_GENERAL)).scalar_one()
    return pool_id


async def ensure(tx: Tx) -> UUID:
    """The general pool, and a row for every user who is an employee and has none; returns the pool's id."""
    general = await general_pool(tx)
    group = select(pool.c.group_id).where(pool.c.id == bindparam("pool", general, Uuid)).scalar_subquery()
    missing = select(app_user.c.id, group).where(
        app_user.c.role == "employee", app_user.c.id.not_in(select(employee.c.user_id))
    )
    await tx.conn.execute(insert(employee).from_select(["user_id", "home_group"], missing).on_conflict_do_nothing())
    homeless = select(literal(general, Uuid), employee.c.user_id).where(
        employee.c.user_id.not_in(select(pool_member.c.employee_id))
    )
    fill = insert(pool_member).from_select(["pool_id", "employee_id"], homeless)
    await tx.conn.execute(fill.on_conflict_do_nothing())
    return general


async def groups(tx: Tx) -> list[UUID]:
    """Every pool group."""
    return [row[0] for row in await tx.conn.execute(select(pool_group.c.id).order_by(pool_group.c.name))]
