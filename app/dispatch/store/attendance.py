"""What the presence wall shows of people beyond their rows: what they ended last, and what they missed last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, Uuid, all_, bindparam, case, func, or_, select, true

from app.accounts.models import app_user
from app.dispatch.models import assignment, employee
from app.platform.db import Tx

LOOKS_BACK = timedelta(days=30)
_NUMBER = re.compile(r"#(\d{1,18})")


_WITH_NAMES = employee.join(app_user, app_user.c.id == employee.c.user_id)


class Here(msgspec.Struct, frozen=True):
    """Who has a live connection, and what those without one are: Offline, or Unknown while the store can't tell."""

    people: list[UUID]
    others: str


def _state(here: Here) -> Any:
    """`policy.presence.state` in SQL, so that a wall of thousands is counted and put in order where it lies."""
    return case(
        (app_user.c.locked_at.is_not(None), "Locked"),
        (employee.c.user_id != all_(bindparam(None, here.people, ARRAY(Uuid))), here.others),
        (employee.c.availability == "paused", "Paused"),
        (employee.c.active >= employee.c.capacity, "Busy"),
        else_="Available",
    )


async def states(tx: Tx, here: Here) -> dict[str, int]:
    """How many people are in each state."""
    state = _state(here).label("state")
    rows = await tx.conn.execute(select(state, func.count()).select_from(_WITH_NAMES).group_by(state))
    return {row[0]: row[1] for row in rows}


class InLine(msgspec.Struct, frozen=True):
    """One of the wall: `place` in line, from 1, of those who are Available."""

    id: UUID
    state: str
    place: int


async def wall(
    tx: Tx, here: Here, *, words: str, order: Sequence[str], start: int, count: int
) -> tuple[list[InLine], int]:
    """So many of those whose name holds the words, or whose #number they are, and how many there are.

    In the order of the states given, the rest behind; those of one state by name, Available ones by their place.
    """
    state = _state(here).label("state")
    places = func.row_number().over(
        partition_by=state, order_by=(employee.c.last_assigned_at.nulls_first(), employee.c.user_id)
    )
    line = (
        select(employee.c.user_id, app_user.c.name, app_user.c.number, state, places.label("place"))
        .select_from(_WITH_NAMES)
        .subquery()
    )
    place = case((line.c.state == "Available", line.c.place), else_=0)
    rank = case({name: at for at, name in enumerate(order)}, value=line.c.state, else_=len(order))
    found = _called(words, line.c.name, line.c.number)
    query = select(line.c.user_id, line.c.state, place, func.count().over()).where(found)
    query = query.order_by(rank, place, func.lower(line.c.name), line.c.number)
    rows = (await tx.conn.execute(query.offset(start).limit(count))).all()
    if start and not rows:
        rows_before = await wall(tx, here, words=words, order=order, start=0, count=1)
        return [], rows_before[1]
    return [InLine(*row[:3]) for row in rows], rows[0][3] if rows else 0


def _called(words: str, name: Any, number: Any) -> Any:
    """The name holds the words, or the number is the one that they are; no words: anybody."""
    if not words:
        return true()
    told = _NUMBER.fullmatch(words)
    held = func.strpos(func.lower(name), func.lower(words)) > 0
    return or_(held, number == int(told[1])) if told else held


async def called(tx: Tx, words: str, count: int) -> tuple[list[UUID], int, int]:
    """So many whose name holds the words, or whose #number they are, the lent ones first; how many are; of all."""
    mine = _called(words, app_user.c.name, app_user.c.number)
    query = select(employee.c.user_id, func.count().over()).select_from(_WITH_NAMES).where(mine)
    query = query.order_by(employee.c.lent_from.is_(None), func.lower(app_user.c.name), app_user.c.number)
    rows = (await tx.conn.execute(query.limit(count))).all()
    everyone = (await tx.conn.execute(select(func.count()).select_from(employee))).scalar_one()
    return [row[0] for row in rows], rows[0][1] if rows else 0, int(everyone)


async def next_up(tx: Tx, here: Here, count: int) -> list[str]:
    """The names of those who are first in line."""
    query = select(app_user.c.name).select_from(_WITH_NAMES).where(_state(here) == "Available")
    query = query.order_by(employee.c.last_assigned_at.nulls_first(), employee.c.user_id).limit(count)
    return list((await tx.conn.execute(query)).scalars())


async def locked(tx: Tx) -> list[UUID]:
    """Whose account is locked."""
    query = select(employee.c.user_id).join(app_user, app_user.c.id == employee.c.user_id)
    return list((await tx.conn.execute(query.where(app_user.c.locked_at.is_not(None)))).scalars())


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
