"""The open reviews by risk, filtered and by position: what the SLA board reads a window of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Select, and_, case, false, func, or_, select, type_coerce

from app.accounts.models import app_user
from app.dispatch.models import assignment, review
from app.dispatch.store.boards import Line, line_of
from app.dispatch.store.reviews import ASSIGNMENT, reviews_query
from app.platform.db import Tx

_HOLDS = and_(assignment.c.review_id == review.c.id, assignment.c.state == "open")
_ALARMED = or_(review.c.stranded.is_not(None), and_(review.c.state == "queued", review.c.late_at.is_not(None)))
_NUMBER = re.compile(r"#?(\d{1,18})")
_NAMED = re.compile(r"#(\d{1,18})\s*$")


def _at(frozen: datetime | None) -> Any:
    """Where an assignment's clock stands: now, or where an incident stopped it."""
    now = func.statement_timestamp()
    return func.least(now, func.greatest(frozen, assignment.c.assigned_at)) if frozen else now


def risk(frozen: datetime | None) -> Any:
    """0 late, stranded, escalated or over; 1 warned; 2 running; 3 queued; 4 elsewhere."""
    at = _at(frozen)
    return case(
        (review.c.stranded == "pool_closed", 3),
        (or_(_ALARMED, review.c.state == "escalated", assignment.c.deadline_at <= at), 0),
        (assignment.c.id.is_(None), case((review.c.state == "queued", 3), else_=4)),
        (or_(assignment.c.warned_at.is_not(None), assignment.c.warn_at <= at), 1),
        else_=2,
    )


def _key(frozen: datetime | None) -> Any:
    """Within a risk: what is left of the clock, or the place in the queue. Clocks that stand still keep their order."""
    ends: Any = assignment.c.deadline_at
    if frozen:
        ends = ends - func.greatest(assignment.c.assigned_at - frozen, func.make_interval())
    in_queue = func.timezone("UTC", type_coerce(review.c.rank_at, DateTime))
    return case((assignment.c.id.is_not(None), ends), (review.c.state == "queued", in_queue), else_=review.c.queued_at)


def _person(person: str) -> Any:
    """“Ada King #12” by the number, anything else by a part of the name."""
    numbered = _NAMED.search(person)
    return app_user.c.number == int(numbered[1]) if numbered else app_user.c.name.icontains(person, autoescape=True)


def _words(words: str) -> Any:
    told = [review.c.title.icontains(words, autoescape=True), app_user.c.name.icontains(words, autoescape=True)]
    number = _NUMBER.fullmatch(words)
    return or_(*told, review.c.number == int(number[1])) if number else or_(*told)


def _wanted(pool: UUID | None, state: str, person: str, words: str, frozen: datetime | None) -> list[Any]:
    asked: list[Any] = [review.c.ended_at.is_(None)]
    if pool is not None:
        asked.append(review.c.pool_id == pool)
    if state == "risk":
        asked.append(risk(frozen) <= 1)
    elif state == "stranded":
        asked.append(
            or_(review.c.stranded.is_not(None), and_(review.c.state == "queued", review.c.late_at.is_not(None)))
        )
    elif state:
        asked.append(review.c.state == state)
    asked += [_person(person)] if person else []
    return [*asked, _words(words)] if words else asked


def _ordered(frozen: datetime | None, wanted: Sequence[Any]) -> Select[Any]:
    found = risk(frozen).label("risk")
    return (
        select(review.c.id, found)
        .outerjoin(assignment, _HOLDS)
        .outerjoin(app_user, app_user.c.id == assignment.c.employee_id)
        .where(*wanted)
        .order_by(found, _key(frozen), review.c.id)
    )


class Place:
    """A review of the board with its risk."""

    __slots__ = ("id", "risk")

    def __init__(self, id: UUID, risk: int) -> None:
        self.id, self.risk = id, risk


async def places(
    tx: Tx,
    *,
    pool: UUID | None,
    state: str,
    person: str,
    words: str,
    frozen: datetime | None,
    start: int,
    count: int,
) -> tuple[list[Place], int]:
    """So many of the open reviews from a position on, and how many there are. Past the end: none, and the number."""
    asked = _wanted(pool, state, person, words, frozen)
    rows = (await tx.conn.execute(_ordered(frozen, asked).offset(start).limit(count))).all()
    return [Place(row.id, row.risk) for row in rows], await _count(tx, asked, joined=bool(person or words or state))


async def _count(tx: Tx, asked: Sequence[Any], *, joined: bool) -> int:
    """Apart from the sorting, which would carry it along with every row."""
    query = select(func.count()).select_from(review)
    if joined:
        query = query.outerjoin(assignment, _HOLDS).outerjoin(app_user, app_user.c.id == assignment.c.employee_id)
    return int((await tx.conn.execute(query.where(*asked))).scalar_one())


async def risks(tx: Tx, ids: Sequence[UUID], frozen: datetime | None) -> list[Place]:
    """Those of these reviews that are still open, with their risk."""
    query = _ordered(frozen, [review.c.ended_at.is_(None), review.c.id.in_(ids) if ids else false()])
    return [Place(row.id, row.risk) for row in await tx.conn.execute(query)]


async def at_risk(tx: Tx, frozen: datetime | None) -> int:
    """How many open assignments are warned or over."""
    at = _at(frozen)
    close = or_(assignment.c.warned_at.is_not(None), assignment.c.warn_at <= at)
    query = select(func.count()).where(assignment.c.state == "open", close)
    return int((await tx.conn.execute(query)).scalar_one())


async def lines(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Line]:
    """These reviews with their open assignment, its person's name and its why."""
    query = (
        reviews_query(*(column.label(f"a_{column.key}") for column in ASSIGNMENT), app_user.c.name, assignment.c.why)
        .outerjoin(assignment, _HOLDS)
        .outerjoin(app_user, app_user.c.id == assignment.c.employee_id)
        .where(review.c.id.in_(ids))
    )
    found = [line_of(row) for row in await tx.conn.execute(query)] if ids else []
    return {line[0].id: line for line in found}
