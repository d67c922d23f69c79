"""People and the pools they are in, one at a time and as lists."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import app_user
from app.dispatch.models import THIS_XID, employee, pool, pool_group, pool_member
from app.errors import Invalid
from app.platform.db import Transaction, Tx
from app.words import gettext as _


async def find_pool(tx: Tx, pool_name: str | UUID) -> UUID:
    """A pool by its name or id. Raises Invalid."""
    query = select(pool.c.id)
    query = query.where(pool.c.id == pool_name if isinstance(pool_name, UUID) else pool.c.name == pool_name)
    found: UUID | None = (await tx.conn.execute(query)).scalar_one_or_none()
    if found is None:
        raise Invalid(_("There is no pool %(pool_name)s.", pool_name=pool_name), pool=str(pool_name))
    return found


async def group_of_pool(tx: Tx, pool_id: UUID) -> UUID:
    """The group a pool is in."""
    group: UUID = (await tx.conn.execute(select(pool.c.group_id).where(pool.c.id == pool_id))).scalar_one()
    return group


async def enroll(tx: Tx, user_id: UUID, group: UUID, capacity: int, skills: Sequence[str]) -> None:
    """An employee's place in dispatch."""
    row = {"user_id": user_id, "home_group": group, "capacity": capacity, "skills": list(skills)}
    fresh = insert(employee).values(row)
    again = row | {"changed_xid": THIS_XID}
    await tx.conn.execute(fresh.on_conflict_do_update(index_elements=["user_id"], set_=again))


async def touch(tx: Tx, people: Sequence[UUID]) -> None:
    """Something about these people changed that is not in their rows: their dispatcher looks at them again."""
    await tx.conn.execute(update(employee).where(employee.c.user_id.in_(people)).values(changed_xid=THIS_XID))


async def set_pools(tx: Tx, user_id: UUID, pools: Sequence[UUID]) -> None:
    """The pools a person belongs to."""
    await touch(tx, [user_id])
    await tx.conn.execute(delete(pool_member).where(pool_member.c.employee_id == user_id))
    rows = [{"pool_id": pool_id, "employee_id": user_id} for pool_id in dict.fromkeys(pools)]
    await tx.conn.execute(pool_member.insert(), rows)


async def exists(tx: Tx, user_id: UUID) -> bool:
    """Whether this user has a place in dispatch."""
    query = select(employee.c.user_id).where(employee.c.user_id == user_id)
    return (await tx.conn.execute(query)).first() is not None


async def change(tx: Tx, user_id: UUID, **values: Any) -> bool:
    """Write columns of a person; False where there is none."""
    done = await tx.conn.execute(update(employee).where(employee.c.user_id == user_id).values(**values))
    return done.rowcount == 1


async def set_capacity(tx: Tx, user_id: UUID, capacity: int) -> bool:
    """A smaller capacity than what is open takes nothing away: the difference stands as an override until it closes."""
    above = func.greatest(0, employee.c.active - capacity)
    return await change(tx, user_id, capacity=capacity, overrides=above)


def people_query() -> Select[Any]:
    """Every employee with their user, their group, who lent them, and their pools."""
    home, lender = pool_group.alias("home"), pool_group.alias("lender")
    return (
        select(employee, app_user.c.number, app_user.c.name, app_user.c.email, app_user.c.locked_at)
        .add_columns(func.array_agg(pool_member.c.pool_id).filter(pool_member.c.pool_id.is_not(None)).label("pools"))
        .add_columns(home.c.name.label("group"), lender.c.name.label("lender"))
        .join(app_user, app_user.c.id == employee.c.user_id)
        .join(home, home.c.id == employee.c.home_group)
        .outerjoin(lender, lender.c.id == employee.c.lent_from)
        .outerjoin(pool_member, pool_member.c.employee_id == employee.c.user_id)
        .group_by(employee.c.user_id, app_user.c.id, home.c.id, lender.c.id)
        .order_by(app_user.c.number)
    )


_ALL = people_query()
_SOME = _ALL.where(employee.c.user_id == any_(bindparam("ids", type_=ARRAY(Uuid))))


async def people(tx: Transaction, ids: Collection[UUID] | None = None) -> list[Any]:
    """Rows of `people_query`, of all or of these."""
    if ids is None:
        return await tx.rows(_ALL)
    return await tx.rows(_SOME, ids=list(ids)) if ids else []
