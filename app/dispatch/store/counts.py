"""What the boards count of everything that is open, in one statement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Interval, bindparam, func, select

from app.dispatch.models import appeal, assignment, employee, strike
from app.dispatch.policy.types import Rules
from app.dispatch.store.open_reviews import at
from app.dispatch.store.strikes import still_count
from app.platform.db import Moment, Transaction


class Counts(msgspec.Struct, frozen=True):
    """Open assignments that are at risk or over, strikes that count, appeals that nobody has decided."""

    risk: int
    strikes: int
    appeals: int


def _counts(frozen: Any) -> Any:
    oldest = func.statement_timestamp() - bindparam("days", type_=Interval)
    counting = (
        select(func.count())
        .select_from(strike.join(employee, employee.c.user_id == strike.c.employee_id))
        .where(*still_count(oldest))
    )
    risk = select(func.count()).where(assignment.c.state == "open", assignment.c.warn_at <= at(frozen))
    appeals = select(func.count()).select_from(appeal).where(appeal.c.decided_at.is_(None))
    return select(*(one.scalar_subquery() for one in (risk, counting, appeals)))


_RUNNING, _STANDING_STILL = _counts(None), _counts(bindparam("frozen", type_=Moment))


async def counts(tx: Transaction, rules: Rules, frozen: datetime | None) -> Counts:
    """`frozen`: since when an incident makes the clocks stand still."""
    days = timedelta(days=rules.strike_days)
    if frozen is None:
        (row,) = await tx.fetch(_RUNNING, days=days)
    else:
        (row,) = await tx.fetch(_STANDING_STILL, days=days, frozen=frozen)
    return Counts(*row)
