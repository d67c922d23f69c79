"""The ledger of strikes: append-only but for voiding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Select, Uuid, and_, any_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import app_user
from app.dispatch.models import appeal, assignment, employee, review, strike
from app.dispatch.policy.strikes import counts_since
from app.dispatch.policy.types import Rules
from app.dispatch.types import Appeal, StrikeView
from app.platform.db import Moment, Transaction, Tx
from app.platform.ids import new_id


async def owner(tx: Tx, strike_id: UUID) -> UUID | None:
    """Whose strike it is."""
    query = select(strike.c.employee_id).where(strike.c.id == strike_id)
    person: UUID | None = (await tx.conn.execute(query)).scalar_one_or_none()
    return person


async def open_appeal(tx: Tx, strike_id: UUID, statement: str) -> UUID | None:
    """A new appeal; None where there is one."""
    row = {"id": new_id(), "strike_id": strike_id, "statement": statement}
    fresh = insert(appeal).values(row).on_conflict_do_nothing().returning(appeal.c.id)
    opened: UUID | None = (await tx.conn.execute(fresh)).scalar_one_or_none()
    return opened


async def decide_appeal(tx: Tx, strike_id: UUID, decision: str, by: UUID | None, note: str) -> bool:
    """Decide the strike's open appeal; False where there is none."""
    values = {"decision": decision, "decided_by": by, "note": note, "decided_at": func.clock_timestamp()}
    mine = (appeal.c.strike_id == strike_id, appeal.c.decided_at.is_(None))
    return (await tx.conn.execute(update(appeal).where(*mine).values(values))).rowcount == 1


async def void(tx: Tx, ids: Sequence[UUID], by: UUID | None, reason: str) -> int:
    """Void those that are not voided yet; how many."""
    values = {"voided_at": func.clock_timestamp(), "voided_by": by, "void_reason": reason}
    done = await tx.conn.execute(
        update(strike).where(strike.c.id.in_(ids), strike.c.voided_at.is_(None)).values(values)
    )
    return done.rowcount


async def between(tx: Tx, start: datetime, end: datetime, *, lock: bool = False) -> list[UUID]:
    """The strikes of an interval that are not voided; with `lock` nobody else voids them before this commits."""
    query = select(strike.c.id).where(strike.c.at >= start, strike.c.at < end, strike.c.voided_at.is_(None))
    query = query.order_by(strike.c.id).with_for_update(key_share=True) if lock else query
    return [row[0] for row in await tx.conn.execute(query)]


def still_count(oldest: Any) -> tuple[Any, ...]:
    """Which strikes count, where `employee` is joined: not voided, later than `oldest` and than the last unlock."""
    baseline = employee.c.strikes_baseline_at
    return strike.c.voided_at.is_(None), strike.c.at > oldest, or_(baseline.is_(None), strike.c.at > baseline)


_APPEAL = (
    appeal.c.id.label("appeal_id"),
    appeal.c.statement,
    appeal.c.opened_at,
    appeal.c.decided_at,
    appeal.c.decision,
    appeal.c.note,
)


def _query() -> Select[Any]:
    return (
        select(strike, app_user.c.name, review.c.id.label("review_id"), review.c.title, *_APPEAL)
        .add_columns(employee.c.strikes_baseline_at)
        .join(employee, employee.c.user_id == strike.c.employee_id)
        .join(app_user, app_user.c.id == strike.c.employee_id)
        .join(assignment, assignment.c.id == strike.c.assignment_id)
        .join(review, review.c.id == assignment.c.review_id)
        .outerjoin(appeal, appeal.c.strike_id == strike.c.id)
        .order_by(strike.c.at.desc(), strike.c.id.desc())
    )


_COUNT = bindparam("count", type_=Integer)
_OF_PERSON = _query().where(strike.c.employee_id == bindparam("employee", type_=Uuid)).limit(_COUNT)
_WAITING = and_(appeal.c.id.is_not(None), appeal.c.decided_at.is_(None))
_LATEST = select(strike.c.id).order_by(strike.c.at.desc()).limit(_COUNT)
_RECENT = _query().where(or_(strike.c.id.in_(_LATEST), _WAITING))
_SOME = _query().where(strike.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))


async def of_person(tx: Transaction, employee_id: UUID, now: datetime, rules: Rules, limit: int) -> list[StrikeView]:
    """A person's strikes, the latest first."""
    return [_view(row, now, rules) for row in await tx.rows(_OF_PERSON, employee=employee_id, count=limit)]


async def recent(tx: Transaction, now: datetime, rules: Rules, limit: int) -> list[StrikeView]:
    """Everybody's strikes, the latest first; those with an open appeal are always among them."""
    return [_view(row, now, rules) for row in await tx.rows(_RECENT, count=limit)]


async def some(tx: Transaction, ids: Sequence[UUID], now: datetime, rules: Rules) -> list[StrikeView]:
    """These strikes, the latest first."""
    return [_view(row, now, rules) for row in await tx.rows(_SOME, ids=ids)] if ids else []


_COUNTING = (
    select(strike.c.employee_id, func.count())
    .join(employee, employee.c.user_id == strike.c.employee_id)
    .where(*still_count(bindparam("oldest", type_=Moment)))
    .group_by(strike.c.employee_id)
    .having(func.count() >= bindparam("least", type_=Integer))
)


async def counting(tx: Transaction, now: datetime, rules: Rules, *, least: int = 1) -> dict[UUID, int]:
    """How many strikes count, by person; of those who have at least so many."""
    rows = await tx.fetch(_COUNTING, oldest=counts_since(None, now, rules), least=least)
    return {row[0]: row[1] for row in rows}


def _view(row: Any, now: datetime, rules: Rules) -> StrikeView:
    counts = row.voided_at is None and row.at > counts_since(row.strikes_baseline_at, now, rules)
    return StrikeView(
        id=row.id,
        employee_id=row.employee_id,
        employee=row.name,
        assignment_id=row.assignment_id,
        review_id=row.review_id,
        review_title=row.title,
        at=row.at,
        level=row.level,
        count=row.count,
        counts=counts,
        evidence=row.evidence,
        voided_at=row.voided_at,
        void_reason=row.void_reason,
        appeal=_appeal(row),
    )


def _appeal(row: Any) -> Appeal | None:
    if row.appeal_id is None:
        return None
    return Appeal(
        id=row.appeal_id,
        strike_id=row.id,
        statement=row.statement,
        opened_at=row.opened_at,
        decided_at=row.decided_at,
        decision=row.decision,
        note=row.note,
    )
