"""Bring the ledgers of outages up to now, before anything is allowed to run out."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog

from app.dispatch import appeals, people
from app.dispatch.heartbeats import Presence
from app.dispatch.policy.sla import Interval, lasting
from app.dispatch.policy.types import Outage, Rules
from app.dispatch.roster import Roster
from app.dispatch.store import ledger, own
from app.dispatch.store.ledger import Moved
from app.dispatch.tell import Telling
from app.platform.db import Tx

log = structlog.get_logger(__name__)
PART, PART_PEOPLE = 1000, 200  # open assignments, and people, that one wake gives time back to
OUR_FAULT = "A part of ours was down when it ended."


class Reckoning(msgspec.Struct, frozen=True):
    """`proved`: until when each connected person's own web processes are known to run, `outages`: for the decision,
    `more`: there's time to give back that was too much for this wake."""

    proved: dict[UUID, datetime]
    outages: list[Outage]
    more: bool


async def reckon(tx: Tx, group: UUID, stamp: ledger.Wake, roster: Roster, rules: Rules) -> Reckoning:
    """What was down, and what that gives back."""
    if stamp.before is not None and (stamp.at - stamp.before).total_seconds() > ledger.GAP_SECONDS:
        log.warning("outage", component="dispatcher", since=stamp.before.isoformat())
        await ledger.record(tx, group, "dispatcher", Interval(stamp.before, stamp.at))
        await _make_good(tx, group, Outage(component="dispatcher", start=stamp.before, end=stamp.at), stamp.at, rules)
    beats = await ledger.web_beats(tx)
    down = _down(stamp.at, beats, roster.presence)
    known = await ledger.lasting(tx, group)
    for component in down.keys() - known.keys():
        log.warning("outage", component=component, since=down[component].isoformat())
        await ledger.begin(tx, group, component, down[component])
        await _make_good(tx, group, Outage(component=component, start=down[component]), stamp.at, rules)
    ended = sorted(known.keys() & {"web", "valkey"} - down.keys())
    if ended:
        await ledger.end(tx, group, ended, stamp.at)
    proved = _proved(roster, beats, stamp.at - timedelta(seconds=roster.ttl))
    await _own(tx, group, stamp.at, {} if down else proved, roster.ttl)
    could = await give_back(tx, group, rules.delivery_grace_seconds)
    now_known = await outages(tx, group, stamp.at)
    return Reckoning(proved=proved, outages=now_known, more=could and lasting(now_known))


async def _make_good(tx: Tx, group: UUID, down: Outage, at: datetime, rules: Rules) -> None:
    """An outage is known only after a while: whoever was struck meanwhile wasn't to blame, nor locked for good."""
    struck = await ledger.struck_during(tx, group, down.start, down.end)
    for strike in struck:
        await appeals.void(tx, strike, actor=None, reason=OUR_FAULT)
    unlocked = await people.unlock_wronged(tx, set(struck.values()), at, rules)
    if unlocked:
        log.warning("unlocked_wronged", people=[str(one) for one in unlocked])


def _down(at: datetime, beats: dict[str, datetime], presence: Presence | None) -> dict[str, datetime]:
    down = {} if presence is not None else {"valkey": at}
    last = max(beats.values(), default=None)
    if last is not None and (at - last).total_seconds() > ledger.WEB_GAP_SECONDS:
        down["web"] = last
    return down


def _proved(roster: Roster, beats: dict[str, datetime], oldest: datetime) -> dict[UUID, datetime]:
    """The last sign of life of each holder's own web processes, as long as it is our fault that they are silent.

    Left out are who is connected to none that ever beat, and who has had the time to find another.
    """
    if roster.presence is None:
        return {}
    found = {}
    for person in [*roster.rotation.holders, *roster.guests]:
        own_beats = [beats[name] for name in roster.presence.processes_of(person) if name in beats]
        if own_beats and max(own_beats) > oldest:
            found[person] = max(own_beats)
    return found


async def _own(tx: Tx, group: UUID, at: datetime, proved: dict[UUID, datetime], ttl: float) -> None:
    """Whoever's own processes have been silent for too long has an outage of their own, for the time to live at most.

    Longer than that nobody needs to find another process: from then on it is their own absence.
    """
    oldest, newest = at - timedelta(seconds=ttl), at - timedelta(seconds=ledger.WEB_GAP_SECONDS)
    silent = {person: since for person, since in proved.items() if oldest < since < newest}
    known = await own.lasting(tx, group)
    begun = {person: since for person, since in silent.items() if person not in known}
    if begun:
        log.warning("own_outages", people=len(begun), since=min(begun.values()).isoformat())
        await own.begin(tx, group, begun)
    ended = [person for person in known if person not in silent]
    if ended:
        await own.end(tx, group, ended, at, ttl)


async def give_back(tx: Tx, group: UUID, grace_seconds: int) -> bool:
    """Credit what has ended, and tell the people whose deadlines it moved: a part of them, the next wake the next.

    A wake that took on tens of thousands at once would last so long that it were an outage itself. Nothing is credited
    while anything lasts (False): it may reach back before what has ended, and bring that within a clock's reach.
    """
    if await ledger.lasting(tx, group):
        return False
    moved: list[Moved] = await ledger.give_back(tx, group, grace_seconds, PART)
    if not await ledger.uncredited(tx, group):
        moved += await own.give_back(tx, group, grace_seconds, PART_PEOPLE)
    told = Telling()
    for one in moved:
        data = {"review": one.review, "assignment": one.assignment, "why": "outage"}
        data |= {"deadline_at": one.deadline_at, "warn_at": one.warn_at}
        told.person(one.employee, "review_deadline_changed", data)
        told.pools.add(one.pool)  # a board looks once, however many clocks were moved
        told.note(one.review, "deadline_changed", assignment=one.assignment, deadline_at=one.deadline_at)
    await told.send(tx, wake=False)
    return True


async def outages(tx: Tx, group: UUID, at: datetime) -> list[Outage]:
    """All that a decision may have to look at, as far as it concerns the whole group.

    What hasn't been given back to everybody yet is as good as lasting: until then no clock tells the truth.
    """
    known = await ledger.recent(tx, group, at)
    since = await own.uncredited(tx, group)
    return known if since is None else [*known, Outage(component="own", start=since)]
