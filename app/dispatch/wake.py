"""The wakes of a group's dispatcher, each one transaction under its lease.

A quick one gives out what waits: it runs whenever something was filed or somebody became free. A whole one reckons the
outages first, then looks at the clocks, at the stranded and at the queue: each second, and when something is due.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog

from app.dispatch import alerts, duty, loans
from app.dispatch.carry import carry_out, open_assignments
from app.dispatch.policy.decide import decide, unproved
from app.dispatch.policy.presence import state as state_of
from app.dispatch.policy.types import Assign, Effect, Rules, Snapshot
from app.dispatch.reckon import Reckoning, reckon
from app.dispatch.roster import Roster
from app.dispatch.store import effects, ledger, shifts, snapshot, turns
from app.dispatch.store.turns import Look
from app.dispatch.tell import Telling, state
from app.platform import crashpoints
from app.platform.db import Transaction, Tx

log = structlog.get_logger(__name__)
BATCH = 500
QUICK_BATCH = 250
MARGIN = 8  # so many more than there were places: somebody may have become free, or be kept from the head of the queue
AGAIN = timedelta(seconds=0.05)  # where something waits for a web process's next sign of life, or more is due already
FEW = 50  # changes of presence that the boards are told one by one


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """What a group's dispatcher is and knows. `epoch` is that of its lease; `ttl` the life of presence in seconds."""

    group: UUID
    lease: str
    epoch: int
    rules: Rules
    ttl: float


class Woken(msgspec.Struct, frozen=True):
    """What a wake did (effects by kind), when it was, and when the next moment is that wants a whole look."""

    at: datetime
    did: dict[str, int]
    next_due: datetime | None = None


async def quick(tx: Transaction, office: Office, roster: Roster) -> Woken:
    """Give out the head of the queue to whoever is free: two statements, each guarded, no transaction needed.

    Raises LeaseLost.
    """
    most = min(QUICK_BATCH, roster.rotation.places() + MARGIN)
    seen = await roster.look(tx, most, paused=False)
    if not seen.queue or not roster.rotation.places():
        return Woken(at=seen.at, did={})
    snapshot = Snapshot(version=roster.version, waiting=seen.queue, settled=False)
    found = [one for one in decide(snapshot, seen.at, office.rules, roster.rotation) if isinstance(one, Assign)]
    told = Telling()
    crashpoints.here("dispatch.decided")
    await open_assignments(tx, found, seen.cards, told, lease=(office.lease, office.epoch), group=office.group)
    crashpoints.here("dispatch.opened")
    await told.send(tx, wake=False)
    return Woken(at=seen.at, did=_did(office, roster, found, told))


async def wake(tx: Tx, office: Office, roster: Roster) -> Woken:
    """Everything that is due, and the queue. Raises LeaseLost."""
    await turns.hold(tx, office.lease, office.epoch)
    stamp = await ledger.wake(tx, office.group)
    roster.version = stamp.version
    if not roster.rotation.people:  # a new tenure: whose web processes are to be reckoned with isn't known yet
        await roster.look(tx, 0, paused=False)
    reckoned = await reckon(tx, office.group, stamp, roster, office.rules)
    await loans.end_due(tx, office.group, roster)
    await roster.set_pools(tx)
    await effects.wake_snoozed(tx, list(roster.rotation.pools))
    seen = await roster.look(tx, BATCH, paused=True)
    shown = await _snapshot(tx, office, roster, seen, reckoned)
    found = decide(shown, seen.at, office.rules, roster.rotation)
    told = await carry_out(tx, found, cards=seen.cards, group=office.group)
    crashpoints.here("dispatch.carried_out")
    await shifts.roll(tx, shown.off_shift, seen.at)
    await told.send(tx, wake=False)
    await alerts.late_and_over(tx, roster.rotation.pools, seen.at)
    await duty.keep(tx, roster, seen.at)
    did = _did(office, roster, found, told)
    more = reckoned.more or (bool(did) and len(shown.held) >= BATCH)
    soon = seen.at + AGAIN if more or unproved(shown, seen.at) else None
    return Woken(at=seen.at, did=did, next_due=soon or await snapshot.next_due(tx, office.group, seen.at))


def _did(office: Office, roster: Roster, found: Collection[Effect], told: Telling) -> dict[str, int]:
    did = dict(Counter(type(effect).__name__ for effect in found))
    if did:
        log.info("dispatched", group=str(office.group), **{name.lower(): count for name, count in did.items()})
    if told.refused:
        log.warning("roster_was_wrong", group=str(office.group), refused=told.refused)
        roster.forget()
    return did


async def _snapshot(tx: Tx, office: Office, roster: Roster, seen: Look, reckoned: Reckoning) -> Snapshot:
    off_shift = await shifts.ended(tx, office.group)
    held = await snapshot.held_now(tx, office.group, seen.at, [*roster.away(), *off_shift], BATCH)
    known = roster.known()
    if any(one.employee not in known for one in held):
        await roster.welcome(tx)
        held = [one for one in held if one.employee in known]  # the rest when their processes are reckoned, too
    return Snapshot(
        version=roster.version,
        people=known,
        waiting=seen.queue,
        held=held,
        outages=reckoned.outages,
        strikes=await snapshot.counting_strikes(tx, {one.employee for one in held}, seen.at, office.rules),
        proved=reckoned.proved,
        settled=roster.presence is not None,
        off_shift=frozenset(off_shift),
    )


def presence_changed(tx: Transaction, roster: Roster, people: Collection[UUID]) -> None:
    """Tell the boards of the group who came, went or fell silent: one by one, or where they are many that they did."""
    rotation = roster.rotation
    if len(people) > FEW:
        for pool in rotation.pools:
            state(tx, pool, "presence_changed", {"pool": str(pool)})
        return
    for person in [rotation.people[one] for one in people if one in rotation.people]:
        for pool in person.pools & rotation.pools.keys():
            data = {"pool": str(pool), "employee": str(person.id), "state": state_of(person)}
            state(tx, pool, "presence_changed", data, key=str(person.id))
