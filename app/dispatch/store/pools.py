"""Pools: what they are for, how they give out, and for how long."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from app.dispatch.models import pool, pool_group
from app.dispatch.policy.routing import Place
from app.dispatch.types import PoolView
from app.errors import NotFound
from app.platform.db import Transaction, Tx
from app.platform.ids import new_id
from app.words import gettext as _

_POOL = (
    pool.c.id,
    pool.c.name,
    pool.c.region,
    pool.c.category,
    pool.c.strategy,
    pool.c.sla_seconds,
    pool.c.paused_at,
    pool_group.c.name.label("group"),
    pool.c.by_skills,
    pool.c.sla_small_seconds,
    pool.c.target_seconds,
    pool.c.hours,
)


_POOLS = select(*_POOL).join(pool_group, pool_group.c.id == pool.c.group_id).order_by(pool.c.name)


async def list_pools(tx: Transaction) -> list[PoolView]:
    """By name."""
    return [PoolView(**dict(row)) for row in await tx.fetch(_POOLS)]


async def add_pool(tx: Tx, group_name: str, values: dict[str, Any]) -> UUID | None:
    """A new pool in the group of that name, made where it is missing; None where the name is taken."""
    await tx.conn.execute(insert(pool_group).values(id=new_id(), name=group_name).on_conflict_do_nothing())
    group = select(pool_group.c.id).where(pool_group.c.name == group_name).scalar_subquery()
    row = {"id": new_id(), "group_id": group} | _nulls(values)
    statement = insert(pool).values(row).on_conflict_do_nothing().returning(pool.c.id)
    found: UUID | None = (await tx.conn.execute(statement)).scalar_one_or_none()
    return found


async def pause_pool(tx: Tx, pool_id: UUID, *, paused: bool) -> None:
    """Raises NotFound."""
    since = func.coalesce(pool.c.paused_at, func.clock_timestamp()) if paused else None
    done = await tx.conn.execute(update(pool).where(pool.c.id == pool_id).values(paused_at=since))
    if done.rowcount == 0:
        raise NotFound(_("There is no such pool."), pool=str(pool_id))


async def change_pool(tx: Tx, pool_id: UUID, values: dict[str, Any]) -> bool:
    """Write columns of a pool; False where another has its new name. Raises NotFound."""
    try:
        async with tx.conn.begin_nested():
            done = await tx.conn.execute(update(pool).where(pool.c.id == pool_id).values(_nulls(values)))
    except IntegrityError:
        return False
    if done.rowcount == 0:
        raise NotFound(_("There is no such pool."), pool=str(pool_id))
    return True


async def places(tx: Tx) -> list[Place]:
    """The pools that stand for a region or a category, the oldest first."""
    query = select(pool.c.id, pool.c.region, pool.c.category).order_by(pool.c.created_at, pool.c.id)
    rows = await tx.conn.execute(query.where(pool.c.region.is_not(None) | pool.c.category.is_not(None)))
    return [Place(row.id, row.region, row.category) for row in rows]


def _nulls(values: dict[str, Any]) -> dict[str, Any]:
    """No hours are a NULL, not the JSON of that name."""
    return values | ({"hours": null()} if values.get("hours", ...) is None else {})
