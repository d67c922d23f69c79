"""The decision: from a snapshot, the time and the rules to effects. Nothing else goes in, nothing else comes out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from app.dispatch.policy import explain, sla, strikes
from app.dispatch.policy.rotation import Rotation
from app.dispatch.policy.types import (
    Assign,
    Effect,
    GiveBack,
    Held,
    Lapse,
    Lock,
    Miss,
    Outage,
    Pause,
    Person,
    Rules,
    Snapshot,
    Strand,
    TakeBack,
    Waiting,
    Warn,
)

FURTHER: Final = 64  # so many in line are looked at for somebody whose shift lasts


def decide(
    snapshot: Snapshot, now: datetime, rules: Rules, rotation: Rotation | None = None, *, explained: bool = True
) -> list[Effect]:
    """What is to be done now: first about open assignments, then about the queue in the order of its rank.

    `rotation` lives on from decision to decision and knows the snapshot's people; without one it is made of them.
    Without `explained` the record of a choice holds its rule alone: who chose nobody sees pays for no runners-up.
    """
    if rotation is None:
        rotation = Rotation(snapshot.pools, snapshot.people.values())
    effects = _on_shifts(snapshot)
    if snapshot.settled and not sla.lasting(snapshot.outages):
        effects += _on_clocks(snapshot, now, rules)
    if effects:
        rotation.bar({effect.employee for effect in effects if isinstance(effect, Lock | Pause | TakeBack)})
    for waiting in _ranked(snapshot.waiting):
        turn_at = now + timedelta(microseconds=len(effects))  # apart, so that turns within one decision have an order
        effects += _on_waiting(waiting, rotation, snapshot.version, now, turn_at, rules, explained)
    return effects


def _ranked(queue: list[Waiting]) -> list[Waiting]:
    return sorted(queue, key=lambda waiting: waiting.rank) if len(queue) > 1 else queue


def _on_shifts(snapshot: Snapshot) -> list[Effect]:
    """A shift that has ended pauses its person. What they acknowledged they may finish; the rest goes back."""
    if not snapshot.off_shift:
        return []
    left = [held for held in snapshot.held if _left_behind(held, snapshot)]
    effects: list[Effect] = [_give_back(held, "revoked", "shift_ended", exclude=False) for held in left]
    return effects + [Pause(employee=person, reason="shift_ended") for person in sorted(snapshot.off_shift)]


def _left_behind(held: Held, snapshot: Snapshot) -> bool:
    return held.employee in snapshot.off_shift and held.delivered_at is None


def _on_clocks(snapshot: Snapshot, now: datetime, rules: Rules) -> list[Effect]:
    counts = dict(snapshot.strikes)
    holders = (snapshot.people.get(held.employee) for held in snapshot.held)
    runs = {person.id: person.undelivered_run for person in holders if person is not None}
    effects: list[Effect] = []
    locked: set[UUID] = set()
    for held in (one for one in snapshot.held if not _left_behind(one, snapshot)):
        if held.employee in locked:  # what they held goes on without further strikes
            effects.append(_give_back(held, "revoked", "locked", exclude=True))
            continue
        found = _on_held(held, snapshot, now, rules, counts.get(held.employee, 0))
        for effect in list(found):
            if isinstance(effect, Miss) and effect.strike:
                counts[held.employee] = effect.strike.count
            elif isinstance(effect, Lock):
                locked.add(held.employee)
            elif isinstance(effect, TakeBack):
                runs[held.employee] = runs.get(held.employee, 0) + 1
                if runs[held.employee] == rules.undelivered_pause:
                    found.append(Pause(employee=held.employee, reason="undelivered"))
        effects += found
    return effects


def _on_held(held: Held, snapshot: Snapshot, now: datetime, rules: Rules, before: int) -> list[Effect]:
    person = snapshot.people.get(held.employee)
    if person is not None and person.locked:
        return [_give_back(held, "revoked", "locked", exclude=True)]
    proved = min(now, snapshot.proved.get(held.employee, now))
    if held.delivered_at is None:
        return _on_undelivered(held, person, proved, rules)
    if held.deadline_at <= proved:
        return missed(
            held, person, "missed", now=held.deadline_at, outages=snapshot.outages, before=before, rules=rules
        )
    if held.deadline_at <= now:
        return []  # over, but not yet known to be through no fault of ours
    if person is not None and _gone(held, person, snapshot.outages, now, rules):
        return let_go(held, person, "disconnected", now=now, outages=snapshot.outages, before=before, rules=rules)
    if held.warned_at is None and held.warn_at <= now:
        return [Warn(assignment=held.assignment, review=held.review, employee=held.employee)]
    return []


def unproved(snapshot: Snapshot, now: datetime) -> bool:
    """Whether something is over and waits for the proof that it was no fault of ours."""
    proved = ((held, snapshot.proved.get(held.employee, now)) for held in snapshot.held)
    return any(_end(held) <= now and _end(held) > until for held, until in proved)


def _end(held: Held) -> datetime:
    return held.deadline_at if held.delivered_at else min(held.grace_at, held.deadline_at)


def _on_undelivered(held: Held, person: Person | None, now: datetime, rules: Rules) -> list[Effect]:
    if person is not None and person.presence == "unknown":
        return []  # the store of presence has just come back: the frame may still be on its way
    if _end(held) > now:
        return []
    rest = now + timedelta(seconds=rules.undelivered_rest_seconds)
    return [TakeBack(assignment=held.assignment, review=held.review, employee=held.employee, rest_until=rest)]


def _gone(held: Held, person: Person, outages: list[Outage], now: datetime, rules: Rules) -> bool:
    """Offline for longer than the grace, counted from our last outage at the earliest."""
    if person.presence != "offline":
        return False
    since = [held.delivered_at or held.assigned_at, person.last_beat_at or held.assigned_at]
    since += [outage.end for outage in outages if outage.end is not None]
    return now - max(since) >= timedelta(seconds=rules.disconnect_grace_seconds)


def missed(
    held: Held, person: Person | None, reason: str, *, now: datetime, outages: list[Outage], before: int, rules: Rules
) -> list[Effect]:
    """The assignment counts as Missed. `now` is the moment it ended, `before` the strikes that count so far."""
    deserved = strikes.spared(held, now, outages, rules) is None
    strike = strikes.strike(held, person, reason, before, rules, outages) if deserved else None
    missers = held.missed_by | {held.employee}
    then: Literal["queued", "escalated"] = "escalated" if len(missers) >= rules.escalate_after else "queued"
    effects: list[Effect] = [
        Miss(
            assignment=held.assignment,
            review=held.review,
            employee=held.employee,
            reason=reason,
            then=then,
            strike=strike,
        )
    ]
    if strike is not None and strike.level == "violation":
        effects.append(Lock(employee=held.employee, strikes=strike.count))
    return effects


def let_go(
    held: Held,
    person: Person | None,
    verb: Literal["released", "declined", "disconnected"],
    *,
    now: datetime,
    outages: list[Outage],
    before: int,
    rules: Rules,
) -> list[Effect]:
    """The person gave it up. After the warning that counts as Missed, unless we were down."""
    warned = held.warned_at is not None or held.warn_at <= now
    if warned and held.delivered_at is not None and not sla.covers(outages, now):
        return missed(held, person, verb, now=now, outages=outages, before=before, rules=rules)
    state: Literal["released", "declined", "revoked"] = "revoked" if verb == "disconnected" else verb
    return [_give_back(held, state, verb, exclude=verb != "disconnected")]


def _give_back(
    held: Held, state: Literal["released", "declined", "revoked"], reason: str, *, exclude: bool
) -> GiveBack:
    return GiveBack(
        assignment=held.assignment,
        review=held.review,
        employee=held.employee,
        state=state,
        reason=reason,
        exclude=exclude,
    )


def _on_waiting(
    waiting: Waiting,
    rotation: Rotation,
    version: int,
    now: datetime,
    turn_at: datetime,
    rules: Rules,
    explained: bool,
) -> list[Effect]:
    pool = rotation.pools[waiting.pool]
    if pool.paused or pool.closed(now):
        return _strand(waiting, rotation, now)
    clock = sla.clock(now, sla.sla_seconds(waiting.size, pool, rules), rules)
    ranked = rotation.ranked(waiting, explain.SHOWN + 1 if explained else 1)
    chosen, rule = _preferred(waiting, rotation, clock.deadline_at), "preferred"
    if chosen is None:
        chosen, rule = _in_time(ranked, waiting, rotation, clock.deadline_at), pool.strategy
    if chosen is None:
        return _strand(waiting, rotation, now)
    others = [person for person in ranked if person.id != chosen.id][: explain.SHOWN]
    why = explain.bare(rule, version)
    if explained:
        why = explain.why(rotation, waiting, chosen, others, rule, version, clock.deadline_at)
    rotation.give(chosen.id, turn_at)
    return [
        Assign(
            review=waiting.review,
            employee=chosen.id,
            pool=waiting.pool,
            assigned_at=now,
            turn_at=turn_at,
            grace_at=clock.grace_at,
            warn_at=clock.warn_at,
            deadline_at=clock.deadline_at,
            why=why,
        )
    ]


def _in_time(ranked: list[Person], waiting: Waiting, rotation: Rotation, deadline: datetime) -> Person | None:
    """The first whose shift lasts as long as the clock; where nobody's does, the first in line."""
    if not ranked or rotation.lasts(ranked[0], deadline):
        return ranked[0] if ranked else None
    further = rotation.ranked(waiting, FURTHER)
    return next((person for person in further if rotation.lasts(person, deadline)), ranked[0])


def _preferred(waiting: Waiting, rotation: Rotation, deadline: datetime) -> Person | None:
    wanted = waiting.preferred
    if wanted is None or wanted in waiting.excluded or not rotation.free(wanted):
        return None
    person = rotation.people[wanted]
    return person if rotation.line(waiting).fits(person) and rotation.lasts(person, deadline) else None


def _strand(waiting: Waiting, rotation: Rotation, now: datetime) -> list[Effect]:
    reason = rotation.stranded(waiting, now)
    if reason == "all_excluded" and "declined" in waiting.excluded.values():
        return [Lapse(review=waiting.review)]
    unknown = rotation.line(waiting).obstacles["unknown"] > 0
    if reason == waiting.stranded or (unknown and reason is not None):
        return []
    return [Strand(review=waiting.review, reason=reason)]
