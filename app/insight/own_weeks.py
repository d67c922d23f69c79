"""A seeker's own weeks: what went out, what was answered, how long an answer took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from app.applications.models import application, application_event
from app.platform.db import Tx

WEEKS: Final = 8
ANSWERS: Final = ("interview", "offer", "rejected")
INVITED: Final = ("interview", "offer")


class Week(msgspec.Struct, frozen=True):
    """From Monday on, UTC."""

    begins: date
    applied: int
    answered: int


class OwnWeeks(msgspec.Struct, frozen=True):
    """The last WEEKS weeks, the oldest first. `days` is the median time until an answer; None while there is none."""

    weeks: list[Week]
    applied: int
    answered: int
    invited: int
    days: float | None


async def of_seeker(tx: Tx, seeker_id: UUID) -> OwnWeeks:
    """Of the applications that were sent within the weeks shown."""
    now: datetime = (await tx.conn.execute(select(func.clock_timestamp()))).scalar_one()
    first = _monday(now.date()) - timedelta(weeks=WEEKS - 1)
    of_app = (application_event.c.application_id == application.c.id, application_event.c.to_status.in_(ANSWERS))
    answered = select(func.min(application_event.c.at)).where(*of_app).scalar_subquery()
    invited = select(func.count()).select_from(application_event)
    invited = invited.where(of_app[0], application_event.c.to_status.in_(INVITED))
    query = select(
        application.c.applied_at, answered.label("answered_at"), (invited.scalar_subquery() > 0).label("invited")
    ).where(application.c.seeker_id == seeker_id, application.c.applied_at >= first)
    return reckoned((await tx.conn.execute(query)).all(), first)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def reckoned(rows: Sequence[Any], first: date) -> OwnWeeks:
    """`rows` have applied_at, answered_at and invited. Pure."""
    begins = [first + timedelta(weeks=number) for number in range(WEEKS)]
    sent = [_monday(row.applied_at.date()) for row in rows]
    back = [_monday(row.answered_at.date()) for row in rows if row.answered_at]
    took = [(row.answered_at - row.applied_at).total_seconds() / 86_400 for row in rows if row.answered_at]
    return OwnWeeks(
        weeks=[Week(day, sent.count(day), back.count(day)) for day in begins],
        applied=len(rows),
        answered=len(took),
        invited=sum(bool(row.invited) for row in rows),
        days=round(max(0.0, median(took)), 1) if took else None,
    )
