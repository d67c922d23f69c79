"""Where people belong: their home group, and the loans that change it for a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import func, select, update

from app.dispatch.models import employee, pool_group, pool_member
from app.dispatch.store import staff
from app.platform.db import Transaction, Tx


class Look(msgspec.Struct, frozen=True):
    """How often people have left the group, and whether a loan to it has ended."""

    moves: int
    ended: bool


_LOOK: Final = """
SELECT g.moves, EXISTS (SELECT 1 FROM employee e WHERE e.home_group = g.id AND e.lent_until <= statement_timestamp())
FROM pool_group g WHERE g.id = $1
"""


async def look(tx: Transaction, group: UUID) -> Look:
    """One indexed look a second, whatever the number of people."""
    return Look(*await (await tx.driver()).fetchrow(_LOOK, group))


class Home(msgspec.Struct, frozen=True):
    """A person's group, and on a loan the one and the pools that they come back to."""

    group: UUID
    lent_from: UUID | None
    lent_pools: list[str]
    lent_until: datetime | None


def _homes(*where: Any) -> Any:
    columns = (employee.c.home_group, employee.c.lent_from, employee.c.lent_pools, employee.c.lent_until)
    return select(*columns).where(*where)


async def home_of(tx: Tx, person: UUID, *, lock: bool = False) -> Home:
    """Where the person belongs now; with `lock` until this commits."""
    query = _homes(employee.c.user_id == person)
    return Home(*(await tx.conn.execute(query.with_for_update(key_share=True) if lock else query)).one())


async def leave(tx: Tx, group: UUID) -> None:
    """Somebody leaves: the group's dispatcher draws its people up anew. Comes before the person's row is locked."""
    await tx.conn.execute(update(pool_group).where(pool_group.c.id == group).values(moves=pool_group.c.moves + 1))


async def settle_in(tx: Tx, person: UUID, group: UUID, pools: Sequence[UUID], loan: Home | None) -> None:
    """The person belongs to the group from now on; `loan` says where they come back to, None that they don't."""
    values: dict[str, Any] = {"lent_from": None, "lent_pools": [], "lent_until": None}
    if loan is not None:
        values = {"lent_from": loan.lent_from, "lent_pools": loan.lent_pools, "lent_until": loan.lent_until}
    await staff.set_pools(tx, person, pools)
    await staff.change(tx, person, home_group=group, **values)


async def pools_of(tx: Tx, person: UUID) -> list[str]:
    """The pools they are in, as a loan keeps them."""
    query = select(pool_member.c.pool_id).where(pool_member.c.employee_id == person)
    return sorted(str(row[0]) for row in await tx.conn.execute(query))


async def ended(tx: Tx, group: UUID, most: int = 200) -> list[UUID]:
    """Those whose loan to the group is over, locked."""
    query = select(employee.c.user_id).where(
        employee.c.home_group == group, employee.c.lent_until <= func.statement_timestamp()
    )
    rows = await tx.conn.execute(query.order_by(employee.c.user_id).limit(most).with_for_update(key_share=True))
    return [row[0] for row in rows]


_HOME: Final = """
WITH home AS (
  UPDATE employee SET home_group = lent_from, lent_from = NULL, lent_until = NULL,
    changed_xid = pg_current_xact_id()::text::bigint
  WHERE user_id = ANY($1) AND lent_from IS NOT NULL RETURNING user_id, lent_pools
), gone AS (
  DELETE FROM pool_member m USING home h WHERE m.employee_id = h.user_id
    AND NOT h.lent_pools ? m.pool_id::text
)
INSERT INTO pool_member (pool_id, employee_id)
SELECT p.id, h.user_id FROM home h CROSS JOIN LATERAL jsonb_array_elements_text(h.lent_pools) AS l(pool)
JOIN pool p ON p.id::text = l.pool ON CONFLICT DO NOTHING
"""


async def come_home(tx: Transaction, people: Sequence[UUID]) -> None:
    """Back to the group and the pools that lent them."""
    await (await tx.driver()).execute(_HOME, list(people))
