"""Strikes after the fact: the employee's appeal, the supervisor's decision."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.accounts import audit
from app.dispatch.carry import pools_of
from app.dispatch.store import strikes
from app.dispatch.tell import Telling
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.platform.db import Tx
from app.words import gettext as _
from app.words import later


class NoSuchStrike(NotFound):
    title = later("There is no such strike, or it isn't yours")


async def appeal(tx: Tx, employee_id: UUID, strike_id: UUID, statement: str) -> UUID:
    """The person's word on a strike of theirs, once. Raises NoSuchStrike, Invalid, Conflict."""
    text = statement.strip()
    if not 1 <= len(text) <= 4000:
        raise Invalid(errors=[FieldError("statement", _("Say in up to 4000 characters why it should not count."))])
    if await strikes.owner(tx, strike_id) != employee_id:
        raise NoSuchStrike(strike=str(strike_id))
    opened = await strikes.open_appeal(tx, strike_id, text)
    if opened is None:
        raise Conflict(_("There is an appeal on this strike already."), strike=str(strike_id))
    told = Telling()
    for pool in await pools_of(tx, employee_id):
        told.pool(pool, "appeal_opened", {"appeal": opened, "strike": strike_id, "employee": employee_id})
    await told.send(tx, wake=False)
    return opened


async def void(tx: Tx, strike_id: UUID, *, actor: UUID | None, reason: str) -> None:
    """The strike stops counting and stays visible; an open appeal is decided by it. `actor` None: the dispatcher.

    Raises NoSuchStrike, Conflict.
    """
    _need(reason)
    person = await _owner(tx, strike_id)
    if not await strikes.void(tx, [strike_id], actor, reason):
        raise Conflict(_("It was voided before."), strike=str(strike_id))
    await strikes.decide_appeal(tx, strike_id, "void", actor, reason)
    await _decided(tx, person, strike_id, "void", actor, reason)


async def uphold(tx: Tx, strike_id: UUID, *, actor: UUID, reason: str) -> None:
    """The appeal is refused, with a reason; the strike goes on counting. Raises NoSuchStrike, Conflict."""
    _need(reason)
    person = await _owner(tx, strike_id)
    if not await strikes.decide_appeal(tx, strike_id, "uphold", actor, reason):
        raise Conflict(_("There is no open appeal on this strike."), strike=str(strike_id))
    await _decided(tx, person, strike_id, "uphold", actor, reason)


async def void_interval(tx: Tx, start: datetime, end: datetime, *, actor: UUID, reason: str) -> int:
    """Void every strike recorded in an interval; how many. Raises Invalid."""
    _need(reason)
    if end <= start:
        raise Invalid(errors=[FieldError("to", _("Takes a time after `from`."))])
    ids = await strikes.between(tx, start, end, lock=True)
    for strike_id in ids:
        await void(tx, strike_id, actor=actor, reason=reason)
    return len(ids)


async def _owner(tx: Tx, strike_id: UUID) -> UUID:
    person = await strikes.owner(tx, strike_id)
    if person is None:
        raise NoSuchStrike(strike=str(strike_id))
    return person


async def _decided(tx: Tx, person: UUID, strike_id: UUID, decision: str, actor: UUID | None, reason: str) -> None:
    await audit.record(
        tx, actor=actor, action=f"strike.{decision}", subject_type="strike", subject_id=strike_id, reason=reason
    )
    told = Telling()
    data = {"strike": strike_id, "decision": decision, "reason": reason}
    told.person(person, "strike_decided", data, await pools_of(tx, person))
    await told.send(tx, wake=False)


def _need(reason: str) -> None:
    if not reason.strip():
        raise Invalid(errors=[FieldError("reason", _("Say why; it is kept."))])
