"""Incident mode as the bots know it: while one lasts that stops submissions, nothing may be armed.

Whoever arms holds a shared lock until its commit, whoever begins an incident the exclusive one: what was armed before
is committed when the incident begins, and what comes after it sees it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.applications.models import incident
from app.errors import AppError
from app.platform.db import Transaction, Tx
from app.platform.ids import new_id
from app.words import later

LOCK = 0x1C1D


class OnHold(AppError):
    """No submission may leave: a supervisor has stopped them for as long as an incident lasts."""

    kind = "submissions-stopped"
    title = later("Submissions are stopped for now")


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident; `ended_at` None while it lasts."""

    id: UUID
    reason: str
    stop_submissions: bool
    freeze_clocks: bool
    started_by: UUID
    started_at: datetime
    ended_by: UUID | None
    ended_at: datetime | None


_COLUMNS = tuple(incident.c[name] for name in Incident.__struct_fields__)


def _incident(row: Any) -> Incident | None:
    return Incident(**row._mapping) if row is not None else None


_CURRENT = select(*_COLUMNS).where(incident.c.ended_at.is_(None))


async def current(tx: Transaction) -> Incident | None:
    """The incident that lasts."""
    rows = await tx.fetch(_CURRENT)
    return Incident(**dict(rows[0])) if rows else None


async def last(tx: Tx) -> Incident | None:
    """The incident that ended last, within a day."""
    day = func.statement_timestamp() - func.make_interval(0, 0, 0, 1)
    query = select(*_COLUMNS).where(incident.c.ended_at > day).order_by(incident.c.ended_at.desc()).limit(1)
    return _incident((await tx.conn.execute(query)).one_or_none())


async def check(tx: Tx, *, arming: bool = True) -> None:
    """In the transaction that arms: nothing may leave while submissions are stopped. Raises OnHold.

    `arming` False: only a look ahead, which keeps no incident waiting.
    """
    if arming:
        await tx.conn.execute(select(func.pg_advisory_xact_lock_shared(LOCK)))
    query = select(incident.c.id).where(incident.c.ended_at.is_(None), incident.c.stop_submissions)
    if (found := (await tx.conn.execute(query)).scalar_one_or_none()) is not None:
        raise OnHold(incident=str(found))


async def begin(tx: Tx, *, by: UUID, reason: str, stop_submissions: bool, freeze_clocks: bool) -> Incident | None:
    """A new incident; None while another lasts."""
    await tx.conn.execute(select(func.pg_advisory_xact_lock(LOCK)))
    row = {"id": new_id(), "reason": reason, "started_by": by}
    row |= {"stop_submissions": stop_submissions, "freeze_clocks": freeze_clocks}
    fresh = insert(incident).values(row).on_conflict_do_nothing().returning(*_COLUMNS)
    return _incident((await tx.conn.execute(fresh)).one_or_none())


async def end(tx: Tx, *, by: UUID) -> Incident | None:
    """The incident that lasted; None where none did."""
    statement = update(incident).where(incident.c.ended_at.is_(None))
    statement = statement.values(ended_by=by, ended_at=func.clock_timestamp())
    return _incident((await tx.conn.execute(statement.returning(*_COLUMNS))).one_or_none())
