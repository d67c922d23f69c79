"""The open reviews by risk, filtered and by position: what the SLA board reads a window of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Integer,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    union_all,
)

from app.accounts.models import app_user
from app.dispatch.models import BOARD_SINCE, BOARD_TURN, ON_BOARD, assignment, review
from app.dispatch.store.boards import Line, contains, line_of
from app.dispatch.store.reviews import ASSIGNMENT, reviews_query
from app.platform.db import Moment, Tx

_HOLDS = and_(assignment.c.review_id == review.c.id, assignment.c.state == "open")
_HELD = assignment.c.id.is_not(None)
_NUMBER = re.compile(r"#?(\d{1,18})")
_NAMED = re.compile(r"#(\d{1,18})\s*$")
# What is late, stranded or escalated stands in turn 0, what people have in 1, the queue in 2, the rest in 3.
_TURN, _SINCE = literal_column(BOARD_TURN, Integer), literal_column(BOARD_SINCE, Moment)
_MINE = 1


def at(frozen: Any) -> Any:
    """Where an assignment's clock stands: now, or where an incident stopped it."""
    now = func.statement_timestamp()
    return now if frozen is None else func.least(now, func.greatest(frozen, assignment.c.assigned_at))


def _ends(frozen: datetime | None) -> Any:
    """In an incident clocks that stand still keep their order: those given before it by what was left of them."""
    ends: Any = assignment.c.deadline_at
    return ends - func.greatest(assignment.c.assigned_at - frozen, func.make_interval()) if frozen else ends


def _person(person: str) -> Any:
    """“Ada King #12” by the number, anything else by a part of the name."""
    numbered = _NAMED.search(person)
    return app_user.c.number == int(numbered[1]) if numbered else contains(app_user.c.name, person)


def _words(words: str) -> Any:
    """In the title, or in the name of whoever has it. Names are looked at once each, not once a review (17 → 5 ms)."""
    theirs = select(assignment.c.review_id).join(app_user, app_user.c.id == assignment.c.employee_id)
    theirs = theirs.where(assignment.c.state == "open", contains(app_user.c.name, words))
    told = [contains(review.c.title, words), review.c.id.in_(theirs)]
    number = _NUMBER.fullmatch(words)
    return or_(*told, review.c.number == int(number[1])) if number else or_(*told)


def _wanted(pool: UUID | None, state: str, person: str, words: str, frozen: datetime | None) -> list[Any]:
    asked: list[Any] = [review.c.ended_at.is_(None)]
    if pool is not None:
        asked.append(review.c.pool_id == pool)
    if state == "risk":
        asked.append(case((_HELD, assignment.c.warn_at <= at(frozen)), else_=_TURN == 0))
    elif state == "stranded":
        asked.append(
            or_(review.c.stranded.is_not(None), and_(review.c.state == "queued", review.c.late_at.is_not(None)))
        )
    elif state:
        asked.append(review.c.state == state)
    asked += [_person(person)] if person else []
    return [*asked, _words(words)] if words else asked


def _ordered(frozen: datetime | None, wanted: Sequence[Any]) -> Select[Any]:
    """Whatever is wanted: all of it is looked at."""
    return (
        select(review.c.id)
        .outerjoin(assignment, _HOLDS)
        .outerjoin(app_user, app_user.c.id == assignment.c.employee_id)
        .where(*wanted)
        .order_by(case((_HELD, _MINE), else_=_TURN), case((_HELD, _ends(frozen)), else_=_SINCE), review.c.id)
    )


def _first() -> Select[Any]:
    """All that is open, in the same order: no more of it is looked at than the window's end needs."""
    most = bindparam("start", type_=Integer) + bindparam("count", type_=Integer)
    turn, since = _TURN.label("turn"), _SINCE.label("since")
    theirs = select(assignment.c.review_id.label("id"), literal(_MINE).label("turn"), assignment.c.deadline_at)
    theirs = theirs.where(assignment.c.state == literal_column("'open'"))
    others = select(review.c.id, turn, since).where(text(ON_BOARD)).order_by(_TURN, _SINCE, review.c.id).limit(most)
    theirs = theirs.order_by(assignment.c.deadline_at, assignment.c.review_id).limit(most)
    both = union_all(select(others.subquery()), select(theirs.subquery())).subquery()
    query = select(both.c.id).order_by(both.c.turn, both.c.since, both.c.id)
    return query.offset(bindparam("start", type_=Integer)).limit(bindparam("count", type_=Integer))


_FIRST = _first()
_OPEN = select(func.count()).select_from(review).where(review.c.ended_at.is_(None))


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
    total: int | None = None,
) -> tuple[list[UUID], int]:
    """So many of the open reviews from a position on, and how many there are. Past the end: none, and the number.

    `total` of all that are open, where it is known.
    """
    if not (pool or state or person or words or frozen):
        rows = await tx.fetch(_FIRST, start=start, count=count)
        return [row[0] for row in rows], (await tx.fetch(_OPEN))[0][0] if total is None else total
    wanted = _ordered(frozen, _wanted(pool, state, person, words, frozen))
    found = (await tx.conn.execute(wanted.add_columns(func.count().over()).offset(start).limit(count))).all()
    if not found and start:
        counted = select(func.count()).select_from(wanted.order_by(None).subquery())
        return [], (await tx.conn.execute(counted)).scalar_one()
    return [row[0] for row in found], found[0][1] if found else 0


async def still_open(tx: Tx, ids: Sequence[UUID]) -> list[UUID]:
    """Those of these reviews that are still open, in the board's order."""
    return list((await tx.conn.execute(_ordered(None, [review.c.ended_at.is_(None), review.c.id.in_(ids)]))).scalars())


_LINES = (
    reviews_query(*(column.label(f"a_{column.key}") for column in ASSIGNMENT), app_user.c.name, assignment.c.why)
    .outerjoin(assignment, _HOLDS)
    .outerjoin(app_user, app_user.c.id == assignment.c.employee_id)
    .where(review.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
)


async def lines(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Line]:
    """These reviews with their open assignment, its person's name and its why."""
    found = [line_of(row) for row in await tx.fetch(_LINES, ids=ids)] if ids else []
    return {line[0].id: line for line in found}
