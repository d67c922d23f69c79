"""Verbs on people: who works here, whether they take work now, and locks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import func

from app.accounts import audit
from app.accounts import service as accounts
from app.dispatch import hours, loans
from app.dispatch.carry import carry_out, held_by, lock_person, pools_of
from app.dispatch.policy.types import Rules
from app.dispatch.store import defaults, effects, shifts, snapshot, staff
from app.dispatch.tell import Telling, state
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.platform.db import Tx
from app.words import gettext as _
from app.words import later

MOST_REASON = 60
STRIKES_VOID = "What locked it was our fault: too few strikes are left for a lock."


class AccountLocked(Conflict):
    """The person is locked; a supervisor unlocks."""

    kind = "account-locked"
    title = later("This account is locked until a supervisor has looked at it")


class NoSuchEmployee(NotFound):
    title = later("There is no such employee")


async def set_availability(
    tx: Tx, employee_id: UUID, availability: Literal["available", "paused"], reason: str = ""
) -> None:
    """Take work, or stop taking it; what is open stays open. The state is the person's, not the tab's.

    `reason` of a pause: break, training, end of shift, or their own words; the boards show it.
    Raises AccountLocked, Invalid.
    """
    if availability not in ("available", "paused"):
        raise Invalid(errors=[FieldError("state", _("Takes available or paused."))])
    reason = " ".join(reason.split()) if availability == "paused" else ""
    if len(reason) > MOST_REASON:
        raise Invalid(
            errors=[FieldError("reason", _("Say it in %(most_reason)s characters.", most_reason=MOST_REASON))]
        )
    await _enrolled(tx, employee_id)
    if availability == "available" and (await accounts.get_user(tx, employee_id)).locked_at is not None:
        raise AccountLocked(employee=str(employee_id))
    values: dict[str, Any] = {"availability": availability, "availability_reason": reason}
    if availability == "available":
        values["undelivered_run"] = 0
    await staff.change(tx, employee_id, availability_at=func.clock_timestamp(), **values)
    told = Telling()
    pools = await pools_of(tx, employee_id)
    told.person(employee_id, "availability_changed", {"state": availability, "reason": reason}, pools)
    for pool in pools:
        state(tx, pool, "presence_changed", {"pool": str(pool)})
    await told.send(tx)


async def _enrolled(tx: Tx, employee_id: UUID) -> None:
    """Everybody who is an employee has a place, from the first moment they are looked at."""
    if not await staff.exists(tx, employee_id):
        await defaults.ensure(tx)
        if not await staff.exists(tx, employee_id):
            raise NoSuchEmployee(employee=str(employee_id))


async def add_employee(
    tx: Tx,
    *,
    actor: UUID | None,
    email: str,
    password: str,
    name: str,
    pools: Sequence[str] = (),
    capacity: int = 1,
    skills: Sequence[str] = (),
) -> UUID:
    """A new employee, in `general` where no pool is named. Raises Invalid, EmailTaken."""
    check_capacity(capacity)
    user = await accounts.create_user(tx, email=email, name=name, role="employee", password=password)
    await enroll(tx, user.id, pools=pools, capacity=capacity, skills=skills)
    await audit.record(tx, actor=actor, action="employee.add", subject_type="user", subject_id=user.id)
    return user.id


async def enroll(
    tx: Tx, user_id: UUID, *, pools: Sequence[str] = (), capacity: int = 1, skills: Sequence[str] = ()
) -> None:
    """Give a user who is an employee their place: all of their pools are in one group. Raises Invalid."""
    await defaults.general_pool(tx)
    group, ids = await loans.place(tx, pools)
    await staff.enroll(tx, user_id, group, capacity, skills)
    await staff.set_pools(tx, user_id, ids)


def check_capacity(capacity: int) -> None:
    """Raises Invalid."""
    if not 0 <= capacity <= 100:
        raise Invalid(errors=[FieldError("capacity", _("Takes 0 to 100."))])


async def change_employee(
    tx: Tx,
    employee_id: UUID,
    *,
    actor: UUID,
    name: str | None = None,
    pools: Sequence[str] | None = None,
    capacity: int | None = None,
    skills: Sequence[str] | None = None,
    until: datetime | None = None,
    **more: Any,
) -> None:
    """Change what is given; the rest stays. Pools of another group `until` a time are a loan.

    `shift`: the person's hours, None for none of their own.

    Raises Invalid, Conflict, NoSuchEmployee.
    """
    if until is not None and pools is None:
        raise Invalid(errors=[FieldError("pools", _("A loan names the pools that it is to."))])
    await _enrolled(tx, employee_id)
    if pools is not None:  # first: a move locks the group before the person, as a wake does
        await loans.move(tx, employee_id, pools, until)
    if name is not None:
        await accounts.rename(tx, employee_id, name)
    if capacity is not None:
        check_capacity(capacity)
        await staff.set_capacity(tx, employee_id, capacity)
    if skills is not None:
        await staff.change(tx, employee_id, skills=list(skills))
    if "shift" in more:
        more["shift"] = hours.checked(more["shift"], "shift")
        await shifts.set_shift(tx, employee_id, more["shift"], await snapshot.now(tx))
    data = more | {"name": name, "pools": pools, "capacity": capacity, "skills": skills, "until": until}
    given = {key: value for key, value in data.items() if value is not None}
    action = "employee.change" if until is None else "employee.lend"
    data = msgspec.to_builtins(given)
    await audit.record(tx, actor=actor, action=action, subject_type="user", subject_id=employee_id, data=data)
    told = Telling()
    if until is not None:
        by = (await accounts.get_user(tx, actor)).name
        told.person(employee_id, "message", {"from": by, "text": _lent(pools or (), until)})
    await told.send(tx)


def _lent(pools: Sequence[str], until: datetime) -> str:
    return f"You are on loan to {', '.join(pools)} until {until.astimezone(UTC):%H:%M UTC on %d %b}."


async def bring_home(tx: Tx, employee_id: UUID, *, actor: UUID, reason: str = "") -> None:
    """End a person's loan by hand. Raises Conflict where there is none."""
    await _enrolled(tx, employee_id)
    await loans.bring_home(tx, employee_id, actor=actor, reason=reason)


async def lock(tx: Tx, employee_id: UUID, *, actor: UUID, reason: str) -> bool:
    """Lock the account; what the person holds goes back into the queue. False: it was locked. Raises Invalid."""
    _need(reason)
    await _enrolled(tx, employee_id)
    told = await carry_out(tx, await held_by(tx, [employee_id], set(), "locked"), actor=actor)
    locked = await lock_person(tx, employee_id, told, actor=actor, reason=reason)
    if not locked:  # but from now on it is the supervisor's lock, whatever becomes of the strikes
        await audit.record(
            tx, actor=actor, action="user.lock", subject_type="user", subject_id=employee_id, reason=reason
        )
    await told.send(tx)
    return locked


async def unlock(tx: Tx, employee_id: UUID, *, actor: UUID, reason: str) -> bool:
    """Unlock; earlier strikes stay visible and stop counting. False: it wasn't locked. Raises Invalid."""
    _need(reason)
    await _enrolled(tx, employee_id)
    return await _unlock(tx, employee_id, actor, reason, strikes_baseline_at=func.clock_timestamp())


async def unlock_wronged(tx: Tx, people: Collection[UUID], at: datetime, rules: Rules) -> list[UUID]:
    """Unlock those of them whom their strikes locked and who, some being void now, have too few for it; returns them.

    What still counts goes on counting. Whom a supervisor locked stays locked.
    """
    if not people:
        return []
    await staff.touch(tx, sorted(people))  # nobody locks or unlocks them meanwhile
    left = await snapshot.counting_strikes(tx, people, at, rules)
    wronged = [one for one in sorted(people) if left.get(one, 0) < rules.strike_lock]
    return [
        one
        for one in wronged
        if await accounts.locked_by_itself(tx, one) and await _unlock(tx, one, None, STRIKES_VOID)
    ]


async def _unlock(tx: Tx, employee_id: UUID, actor: UUID | None, reason: str, **changes: Any) -> bool:
    await staff.touch(tx, [employee_id])  # the person before the account, as whoever locks it does
    if not await accounts.unlock(tx, employee_id, actor=actor, reason=reason):
        return False
    await staff.change(tx, employee_id, availability_reason="", **changes)
    told = Telling()
    told.person(employee_id, "account_unlocked", {"reason": reason}, await pools_of(tx, employee_id))
    await told.send(tx)
    return True


def _need(reason: str) -> None:
    if not reason.strip():
        raise Invalid(errors=[FieldError("reason", _("Say why; it is kept."))])


async def drain(tx: Tx, employee_id: UUID, *, actor: UUID, reason: str) -> None:
    """Give the person nothing new; what they hold they may finish."""
    await _enrolled(tx, employee_id)
    if await effects.pause(tx, [employee_id], "drained"):
        told = Telling()
        data = {"state": "paused", "reason": "drained"}
        told.person(employee_id, "availability_changed", data, await pools_of(tx, employee_id))
        await told.send(tx)
    await audit.record(
        tx, actor=actor, action="employee.drain", subject_type="user", subject_id=employee_id, reason=reason
    )


async def message(tx: Tx, employee_id: UUID, *, actor: UUID, text: str) -> None:
    """A line from a supervisor to the person's page."""
    _need(text)
    await _enrolled(tx, employee_id)
    sender = await accounts.get_user(tx, actor)
    told = Telling()
    told.person(employee_id, "message", {"from": sender.name, "text": text.strip()[:1000]})
    await told.send(tx, wake=False)
