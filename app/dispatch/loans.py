"""Loans: a person works for another group until a time, and comes back by themselves or by hand.

A person belongs to one group at a time. The dispatcher of the group that they leave draws its people up anew at its
next whole wake; until then what it would give them is refused by the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.accounts import audit
from app.accounts import service as accounts
from app.dispatch.carry import pools_of
from app.dispatch.models import GENERAL
from app.dispatch.roster import Roster
from app.dispatch.store import loans as store
from app.dispatch.store import snapshot, staff
from app.dispatch.store.loans import Home
from app.dispatch.tell import Telling, state
from app.errors import Conflict, FieldError, Invalid
from app.platform.db import Tx
from app.words import gettext as _


async def place(tx: Tx, pools: Sequence[str]) -> tuple[UUID, list[UUID]]:
    """The group of these pools (`general` where none is named), and their ids. Raises Invalid."""
    ids = [await staff.find_pool(tx, name) for name in pools or [GENERAL]]
    groups = {await staff.group_of_pool(tx, pool) for pool in ids}
    if len(groups) > 1:
        raise Invalid(errors=[FieldError("pools", _("All of a person's pools are in one group."))])
    return groups.pop(), ids


async def move(tx: Tx, person: UUID, pools: Sequence[str], until: datetime | None) -> None:
    """Into these pools: for good, or until a time where they are another group's. Raises Invalid, Conflict."""
    group, ids = await place(tx, pools)
    before = await _leaving(tx, person, group)
    loan = before if group == before.group and before.lent_from else None  # only its pools change
    if until is not None:
        loan = await _loan(tx, person, before, group, until)
    left = await pools_of(tx, person)
    await store.settle_in(tx, person, group, ids, loan)
    _shown(tx, {*left, *ids})


async def _leaving(tx: Tx, person: UUID, group: UUID) -> Home:
    """Where they have been, locked in the order of a wake: the group's row first."""
    before = await store.home_of(tx, person)
    if before.group != group:
        await store.leave(tx, before.group)
    now = await store.home_of(tx, person, lock=True)
    if now.group != before.group:
        raise Conflict(_("Somebody moved this person just now; look again."), employee=str(person))
    return now


async def _loan(tx: Tx, person: UUID, before: Home, group: UUID, until: datetime) -> Home:
    if until.tzinfo is None or until <= await snapshot.now(tx):
        raise Invalid(
            errors=[FieldError("until", _("Give a time to come, with its zone, such as 2026-11-23T17:00:00Z."))]
        )
    lender = before.lent_from or before.group
    if lender == group:
        raise Invalid(
            errors=[FieldError("until", _("A loan is to another group; these pools are in the person's own."))]
        )
    pools = before.lent_pools if before.lent_from else await store.pools_of(tx, person)
    return Home(group, lender, pools, until)


async def bring_home(tx: Tx, person: UUID, *, actor: UUID, reason: str = "") -> None:
    """End a loan by hand. Raises Conflict where there is none."""
    before = await store.home_of(tx, person)
    await store.leave(tx, before.group)
    before = await store.home_of(tx, person, lock=True)
    if before.lent_from is None:
        raise Conflict(_("This person isn't on loan."), employee=str(person))
    await _home(tx, [person], actor=actor, reason=reason)


async def end_due(tx: Tx, group: UUID, roster: Roster) -> None:
    """Part of a whole wake: send those home whose loan is over, and forget those who have left."""
    look = await store.look(tx, group)
    if look.ended:
        await _home(tx, await store.ended(tx, group), actor=None)
    if look.ended or look.moves != roster.moves:
        roster.forget()
    roster.moves = look.moves


async def _home(tx: Tx, people: Sequence[UUID], *, actor: UUID | None, reason: str = "") -> None:
    shown = {pool for one in people for pool in await pools_of(tx, one)}
    await store.come_home(tx, people)
    told = Telling()
    by = (await accounts.get_user(tx, actor)).name if actor else "Cabrank"
    for one in people:
        told.person(one, "message", {"from": by, "text": "Your loan has ended: you work for your own group again."})
        await audit.record(
            tx, actor=actor, action="employee.return", subject_type="user", subject_id=one, reason=reason or None
        )
        shown |= set(await pools_of(tx, one))
    _shown(tx, shown)
    await told.send(tx)


def _shown(tx: Tx, pools: set[UUID]) -> None:
    for pool in sorted(pools):
        state(tx, pool, "presence_changed", {"pool": str(pool)})
