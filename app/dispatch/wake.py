"""One wake of a group's dispatcher: lock the lease, reckon the outages, load, decide, write, commit."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from app.dispatch.carry import carry_out
from app.dispatch.heartbeats import Presence
from app.dispatch.policy.decide import decide
from app.dispatch.policy.sla import Interval
from app.dispatch.policy.types import Rules
from app.dispatch.store import effects, ledger, snapshot
from app.dispatch.tell import Telling, state
from app.platform import lease
from app.platform.db import Tx

log = structlog.get_logger(__name__)


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """What a group's dispatcher is and knows. `epoch` is that of its lease; `ttl` the life of presence in seconds."""

    group: UUID
    lease: str
    epoch: int
    rules: Rules
    ttl: float


class Woken(msgspec.Struct, frozen=True):
    """What a wake did (effects by kind), when it was, and when the next moment is that wants a look."""

    at: datetime
    did: dict[str, int]
    next_due: datetime | None = None


async def wake(tx: Tx, office: Office, presence: Presence | None) -> Woken:
    """One transaction's worth. `presence` None: its store doesn't answer. Raises LeaseLost."""
    await lease.hold(tx, office.lease, office.epoch)
    stamp = await ledger.wake(tx, office.group)
    await _reckon(tx, office, stamp, presence)
    if not await snapshot.anything_to_do(tx, office.group, stamp.at):
        return Woken(at=stamp.at, did={}, next_due=await snapshot.next_due(tx, office.group, stamp.at))
    pools = await snapshot.pools(tx, office.group)
    await effects.wake_snoozed(tx, list(pools))
    seen = await snapshot.load(
        tx,
        office.group,
        stamp.at,
        office.rules,
        presence=presence,
        ttl=office.ttl,
        outages=await ledger.recent(tx, office.group, stamp.at),
        version=stamp.version,
    )
    found = decide(seen, stamp.at, office.rules)
    told = await carry_out(tx, found)
    await told.send(tx, wake=False)
    did = Counter(type(effect).__name__ for effect in found)
    if did:
        log.info("dispatched", group=str(office.group), **{name.lower(): count for name, count in did.items()})
    return Woken(at=stamp.at, did=dict(did), next_due=await snapshot.next_due(tx, office.group, stamp.at))


async def _reckon(tx: Tx, office: Office, stamp: ledger.Wake, presence: Presence | None) -> None:
    """Bring the ledger of outages up to now, before anything is allowed to run out."""
    if stamp.before is not None and (stamp.at - stamp.before).total_seconds() > ledger.GAP_SECONDS:
        log.warning("outage", component="dispatcher", since=stamp.before.isoformat())
        await ledger.record(tx, office.group, "dispatcher", Interval(stamp.before, stamp.at))
    down = await _down(tx, stamp.at, presence)
    known = await ledger.lasting(tx, office.group)
    for component in down.keys() - known.keys():
        log.warning("outage", component=component, since=down[component].isoformat())
        await ledger.begin(tx, office.group, component, down[component])
    ended = sorted(known.keys() & {"web", "valkey"} - down.keys())
    if ended:
        await ledger.end(tx, office.group, ended, stamp.at)
    await _give_back(tx, office)


async def _down(tx: Tx, at: datetime, presence: Presence | None) -> dict[str, datetime]:
    down = {} if presence is not None else {"valkey": at}
    web = await ledger.web_beat(tx)
    if web is not None and (at - web).total_seconds() > ledger.WEB_GAP_SECONDS:
        down["web"] = web
    return down


async def _give_back(tx: Tx, office: Office) -> None:
    told = Telling()
    for one in await ledger.give_back(tx, office.group, office.rules.delivery_grace_seconds):
        data = {"review": one.review, "assignment": one.assignment, "why": "outage"}
        data |= {"deadline_at": one.deadline_at, "warn_at": one.warn_at}
        told.person(one.employee, "review_deadline_changed", data, [one.pool])
        told.note(one.review, "deadline_changed", assignment=one.assignment, deadline_at=one.deadline_at)
    await told.send(tx, wake=False)


async def presence_changed(tx: Tx, group: UUID) -> None:
    """Tell the boards of the group that somebody came, went or fell silent."""
    for pool in await snapshot.pools(tx, group):
        state(tx, pool, "presence_changed", {"pool": str(pool)})
