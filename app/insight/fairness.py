"""How evenly work was spread in an interval: assignments per available hour, by person and over all."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Select, func, or_, select

from app.accounts.models import app_user
from app.dispatch.models import assignment, duty, employee
from app.dispatch.policy.fairness import Spread, per_hour, spread
from app.insight import spreadsheet
from app.platform.db import Tx

COLUMNS: Final = ("number", "name", "assignments", "available_hours", "per_hour")


class Share(Struct, frozen=True, kw_only=True):
    """One person's part. `per_hour` None: they were available for too short a time to be compared."""

    employee: UUID
    number: int
    name: str
    assignments: int
    available_hours: float
    per_hour: float | None


class Fairness(Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """Whoever was available or got something from `start` up to `end`. Assignments that never arrived don't count."""

    start: datetime
    end: datetime
    spread: Spread
    people: list[Share]


async def fairness(tx: Tx, start: datetime, end: datetime) -> Fairness:
    """Of the assignments made in the interval; hours that run still are counted up to the database's now."""
    rows = (await tx.conn.execute(_shares(start, end))).all()
    people = [_share(row) for row in rows if row.assignments or row.seconds]
    rates = [one.per_hour for one in people if one.per_hour is not None]
    people.sort(key=lambda one: (-(one.per_hour or 0.0), one.number))
    return Fairness(start=start, end=end, spread=spread(rates), people=people)


def _shares(start: datetime, end: datetime) -> Select[Any]:
    given = [assignment.c.employee_id == employee.c.user_id, assignment.c.state != "undelivered"]
    given += [assignment.c.assigned_at >= start, assignment.c.assigned_at < end]
    until = func.least(func.coalesce(duty.c.ended_at, func.clock_timestamp()), end)
    there = func.greatest(0, func.extract("epoch", until - func.greatest(duty.c.started_at, start)))
    mine = (duty.c.employee_id == employee.c.user_id, duty.c.started_at < end)
    lasts = or_(duty.c.ended_at.is_(None), duty.c.ended_at > start)
    return select(
        employee.c.user_id,
        app_user.c.number,
        app_user.c.name,
        select(func.count()).where(*given).scalar_subquery().label("assignments"),
        select(func.coalesce(func.sum(there), 0)).where(*mine, lasts).scalar_subquery().label("seconds"),
    ).join(app_user, app_user.c.id == employee.c.user_id)


def _share(row: Any) -> Share:
    hours = float(row.seconds) / 3600
    rate = per_hour(row.assignments, hours)
    return Share(
        employee=row.user_id,
        number=row.number,
        name=row.name,
        assignments=row.assignments,
        available_hours=round(hours, 3),
        per_hour=None if rate is None else round(rate, 3),
    )


def as_csv(found: Fairness) -> str:
    """A line a person, for spreadsheets; empty where nobody is compared."""
    rows = [(one.number, one.name, one.assignments, one.available_hours, one.per_hour) for one in found.people]
    return spreadsheet.as_csv(COLUMNS, rows)
