"""What the presence wall shows of people beyond their rows: what they ended last, and what they missed last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, BigInteger, Integer, Select, String, Uuid, all_, any_, bindparam, case, func, or_, select

from app.accounts.models import app_user
from app.dispatch.models import assignment, employee
from app.dispatch.store.boards import contains
from app.platform.db import Transaction, Tx

LOOKS_BACK = timedelta(days=30)
_NUMBER = re.compile(r"#(\d{1,18})")
_ORDER = ("Available", "Busy", "Paused", "Locked")
_WITH_NAMES = employee.join(app_user, app_user.c.id == employee.c.user_id)


class Here(msgspec.Struct, frozen=True):
    """Who has a live connection, and what those without one are: Offline, or Unknown while the store can't tell."""

    people: list[UUID]
    others: str

    def given(self) -> dict[str, Any]:
        """As the statements' parameters."""
        return {"here": self.people, "others": self.others}


# `policy.presence.state` in SQL, so that a wall of thousands is counted and put in order where it lies.
_STATE = case(
    (app_user.c.locked_at.is_not(None), "Locked"),
    (employee.c.user_id != all_(bindparam("here", type_=ARRAY(Uuid))), bindparam("others", type_=String)),
    (employee.c.availability == "paused", "Paused"),
    (employee.c.active >= employee.c.capacity, "Busy"),
    else_="Available",
).label("state")


_STATES = select(_STATE, func.count()).select_from(_WITH_NAMES).group_by(_STATE)


async def states(tx: Transaction, here: Here) -> dict[str, int]:
    """How many people are in each state."""
    return {row[0]: row[1] for row in await tx.fetch(_STATES, **here.given())}


_STATES_OF = select(employee.c.user_id, _STATE).select_from(_WITH_NAMES)
_STATES_OF = _STATES_OF.where(employee.c.user_id == any_(bindparam("ids", type_=ARRAY(Uuid))))


async def states_of(tx: Transaction, here: Here, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The state of each of these people."""
    if not ids:
        return {}
    mine = Here(sorted(set(ids).intersection(here.people)), here.others)
    return {row[0]: row[1] for row in await tx.fetch(_STATES_OF, ids=ids, **mine.given())}


class InLine(msgspec.Struct, frozen=True):
    """One of the wall: `place` in line, from 1, of those who are Available."""

    id: UUID
    name: str
    state: str
    place: int


def _wall(*, some: bool) -> Select[Any]:
    """Everybody, in the order of `_ORDER`; those of one state by name, Available ones by their place.

    With `some`, of those who are asked for; how many they are stands in each row.
    """
    by = (employee.c.last_assigned_at.nulls_first(), employee.c.user_id)
    places = func.row_number().over(partition_by=_STATE, order_by=by)
    who = (employee.c.user_id, app_user.c.name, app_user.c.number)
    line = select(*who, _STATE, places.label("place")).select_from(_WITH_NAMES).cte("line")
    place = case((line.c.state == "Available", line.c.place), else_=0).label("place")
    rank = case({name: at for at, name in enumerate(_ORDER)}, value=line.c.state, else_=len(_ORDER))
    by_state = select(line.c.state, func.count().label("number")).group_by(line.c.state).subquery()
    states = select(func.jsonb_object_agg(by_state.c.state, by_state.c.number)).scalar_subquery()
    query = select(line.c.user_id, line.c.name, line.c.state, place, states)
    query = query.order_by(rank, place, func.lower(line.c.name), line.c.number)
    if some:
        words, number = bindparam("words", type_=String), bindparam("number", type_=BigInteger)
        query = query.add_columns(func.count().over()).where(_called(words, number, line.c.name, line.c.number))
    return query.offset(bindparam("start", type_=Integer)).limit(bindparam("count", type_=Integer))


async def wall(
    tx: Transaction, here: Here, *, words: str, start: int, count: int
) -> tuple[list[InLine], int, dict[str, int]]:
    """So many of those whose name holds the words, or whose #number they are; how many those are; all by state."""
    given = here.given() | {"start": start, "count": count}
    if words:
        rows = await tx.fetch(_SOME, words=words, number=_number(words), **given)
    else:
        rows = await tx.fetch(_EVERYBODY, **given)
    if rows:
        by_state = rows[0][4]
        return [InLine(*row[:4]) for row in rows], rows[0][5] if words else sum(by_state.values()), by_state
    return [], (await wall(tx, here, words=words, start=0, count=1))[1] if start else 0, await states(tx, here)


def _number(words: str) -> int:
    told = _NUMBER.fullmatch(words)
    return int(told[1]) if told else 0


def _called(words: Any, number: Any, their_name: Any, their_number: Any) -> Any:
    """The name holds the words, which are nothing with anybody, or the number is theirs."""
    return or_(contains(their_name, words), their_number == number)


_EVERYBODY, _SOME = _wall(some=False), _wall(some=True)


async def called(tx: Tx, words: str, count: int) -> tuple[list[UUID], int, int]:
    """So many whose name holds the words, or whose #number they are, the lent ones first; how many are; of all."""
    mine = _called(words, _number(words), app_user.c.name, app_user.c.number)
    query = select(employee.c.user_id, func.count().over()).select_from(_WITH_NAMES).where(mine)
    query = query.order_by(employee.c.lent_from.is_(None), func.lower(app_user.c.name), app_user.c.number)
    rows = (await tx.conn.execute(query.limit(count))).all()
    everyone = (await tx.conn.execute(select(func.count()).select_from(employee))).scalar_one()
    return [row[0] for row in rows], rows[0][1] if rows else 0, int(everyone)


async def next_up(tx: Transaction, here: Here, count: int) -> list[str]:
    """The names of those who are first in line."""
    line, *_ = await wall(tx, here, words="", start=0, count=count)
    return [one.name for one in line if one.state == "Available"]


_LOCKED = select(employee.c.user_id).select_from(_WITH_NAMES).where(app_user.c.locked_at.is_not(None))


async def locked(tx: Transaction) -> list[UUID]:
    """Whose account is locked."""
    return [row[0] for row in await tx.fetch(_LOCKED)]


_ENDED = (
    select(assignment.c.employee_id, func.max(assignment.c.closed_at))
    .add_columns(func.max(assignment.c.closed_at).filter(assignment.c.state == "missed"))
    .where(assignment.c.employee_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .where(assignment.c.assigned_at > func.statement_timestamp() - LOOKS_BACK)
    .group_by(assignment.c.employee_id)
)


async def ended(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, tuple[datetime | None, datetime | None]]:
    """By person: when their last assignment ended, and when they missed one last, within the last 30 days."""
    return {row[0]: (row[1], row[2]) for row in await tx.fetch(_ENDED, ids=ids)} if ids else {}


async def find(tx: Tx, *, number: int | None = None, name: str = "") -> list[UUID]:
    """Employees by their number, or by their whole name."""
    who = app_user.c.number == number if number is not None else func.lower(app_user.c.name) == name.lower()
    query = select(employee.c.user_id).select_from(_WITH_NAMES).where(who)
    return [row[0] for row in await tx.conn.execute(query.limit(2))]
