"""Days at random: an imagined office on the real decide(), and the invariants that must hold after every step."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.dispatch.policy import lifecycle, sla
from app.dispatch.policy.decide import decide
from app.dispatch.policy.types import (
    Assign,
    Effect,
    GiveBack,
    Held,
    Lock,
    Miss,
    Outage,
    Pause,
    Person,
    Rules,
    Strand,
    TakeBack,
    Waiting,
    Warn,
)
from tests.dispatch.policy.build import T0, person, snapshot, uid

RULES = Rules(sla_seconds=60, sla_small_seconds=40, sla_warning_seconds=15, disconnect_grace_seconds=30)
people_ids = st.integers(1, 4)


class Office(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = T0
        self.people: dict[UUID, Person] = {uid(n): person(n, capacity=1 + n % 2, last_beat_at=T0) for n in range(1, 5)}
        self.states: dict[UUID, str] = {}
        self.reviews: dict[UUID, Waiting] = {}
        self.held: dict[UUID, Held] = {}
        self.missers: dict[UUID, set[UUID]] = {}
        self.strikes: list[tuple[UUID, UUID, datetime]] = []
        self.outages: list[Outage] = []
        self.credited: list[sla.Interval] = []
        self.warned: set[UUID] = set()
        self.count = 0

    # What happens around it
    @rule(priority=st.integers(0, 2), small=st.booleans())
    def arrives(self, priority: int, small: bool) -> None:
        self.count += 1
        review = uid(1000 + self.count)
        size = "small" if small else "large"
        self.reviews[review] = Waiting(
            review=review,
            pool=uid(1),
            size=size,
            priority=priority,
            queued_at=self.now,  # type: ignore[arg-type]  # a drawn literal
        )
        self.states[review] = "queued"

    @rule(seconds=st.integers(1, 45))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        for each in self.people.values():
            if each.presence == "assignable":
                self.people[each.id] = msgspec.structs.replace(each, last_beat_at=self.now)

    @rule(who=people_ids, presence=st.sampled_from(["assignable", "online", "offline", "unknown"]))
    def presence_changes(self, who: int, presence: str) -> None:
        self.people[uid(who)] = msgspec.structs.replace(self.people[uid(who)], presence=presence)

    @rule(who=people_ids)
    def comes_back(self, who: int) -> None:
        changes = {"availability": "available", "locked": False, "undelivered_run": 0}
        if self.people[uid(who)].locked:
            self.strikes = [s for s in self.strikes if s[1] != uid(who)]
        self.people[uid(who)] = msgspec.structs.replace(self.people[uid(who)], **changes)

    @rule(index=st.integers(0, 9))
    def acknowledges(self, index: int) -> None:
        late = [h for h in self.held.values() if h.delivered_at is None]
        if late and (one := late[index % len(late)]):
            self.held[one.assignment] = msgspec.structs.replace(one, delivered_at=self.now)
            self.people[one.employee] = msgspec.structs.replace(self.people[one.employee], undelivered_run=0)

    @rule(index=st.integers(0, 9))
    def completes(self, index: int) -> None:
        if self.held:
            self._close(list(self.held)[index % len(self.held)], "complete")

    @rule(component=st.sampled_from(["web", "valkey"]))
    def goes_down(self, component: str) -> None:
        if not any(o.component == component and o.end is None for o in self.outages):
            self.outages.append(Outage(component=component, start=self.now))

    @rule(index=st.integers(0, 3))
    def comes_up(self, index: int) -> None:
        down = [o for o in self.outages if o.end is None]
        if not down:
            return
        one = down[index % len(down)]
        self.outages[self.outages.index(one)] = msgspec.structs.replace(one, end=self.now)
        parts = sla.uncovered(sla.Interval(one.start, self.now), self.credited)
        self.credited += parts
        for held in list(self.held.values()):
            more = sla.extension(parts, held.assigned_at, held.deadline_at)
            self.held[held.assignment] = msgspec.structs.replace(
                held, deadline_at=held.deadline_at + more, warn_at=held.warn_at + more, grace_at=held.grace_at + more
            )

    # The dispatcher
    @rule()
    def wakes(self) -> None:
        seen = snapshot(
            list(self.people.values()),
            waiting=[r for r in self.reviews.values() if self.states[r.review] == "queued"],
            held=[
                msgspec.structs.replace(h, missed_by=frozenset(self.missers.get(h.review, ())))
                for h in self.held.values()
            ],
            outages=list(self.outages),
            strikes={who: sum(1 for s in self.strikes if s[1] == who) for who in self.people},
        )
        for effect in decide(seen, self.now, RULES):
            self._apply(effect)

    def _apply(self, effect: Effect) -> None:
        match effect:
            case Assign():
                self._assign(effect)
            case Warn(assignment=assignment):
                assert assignment not in self.warned
                self.warned.add(assignment)
                self.held[assignment] = msgspec.structs.replace(self.held[assignment], warned_at=self.now)
            case Miss():
                self._miss(effect)
            case TakeBack():
                assert self.held[effect.assignment].delivered_at is None
                self._exclude(effect.review, effect.employee, "undelivered")
                run = self.people[effect.employee].undelivered_run + 1
                self.people[effect.employee] = msgspec.structs.replace(
                    self.people[effect.employee], undelivered_run=run
                )
                self._close(effect.assignment, "give_back")
            case GiveBack():
                self._close(effect.assignment, "give_back")
            case Pause(employee=who):
                self.people[who] = msgspec.structs.replace(self.people[who], availability="paused")
            case Lock(employee=who):
                assert sum(1 for s in self.strikes if s[1] == who) >= RULES.strike_lock
                self.people[who] = msgspec.structs.replace(self.people[who], locked=True)
            case Strand(review=review, reason=reason):
                self.reviews[review] = msgspec.structs.replace(self.reviews[review], stranded=reason)

    def _assign(self, effect: Assign) -> None:
        who = self.people[effect.employee]
        assert (who.locked, who.availability, who.presence) == (False, "available", "assignable")
        assert effect.employee not in self.reviews[effect.review].excluded
        self.states[effect.review] = lifecycle.review_after(self.states[effect.review], "assign")
        self.count += 1
        self.held[uid(5000 + self.count)] = Held(
            assignment=uid(5000 + self.count),
            review=effect.review,
            employee=effect.employee,
            pool=effect.pool,
            assigned_at=effect.assigned_at,
            grace_at=effect.grace_at,
            warn_at=effect.warn_at,
            deadline_at=effect.deadline_at,
        )
        self.people[who.id] = msgspec.structs.replace(who, active=who.active + 1, last_assigned_at=self.now)

    def _miss(self, effect: Miss) -> None:
        held = self.held[effect.assignment]
        assert held.delivered_at is not None
        if effect.strike:
            assert not sla.lasting(self.outages)
            assert len(self.missers.get(effect.review, ())) < RULES.escalate_after
            ran = self._time_running(held)
            assert effect.reason != "missed" or ran >= self._promised(held)
            self.strikes.append((effect.assignment, effect.employee, self.now))
        self.missers.setdefault(effect.review, set()).add(effect.employee)
        self._exclude(effect.review, effect.employee, "missed")
        self._close(effect.assignment, "miss" if effect.then == "queued" else "escalate")

    def _time_running(self, held: Held) -> timedelta:
        down = timedelta(0)
        for part in sla.union(self.outages, self.now):
            start, end = max(part.start, held.assigned_at), min(part.end, self.now)
            down += max(end - start, timedelta(0))
        return (self.now - held.assigned_at) - down

    def _promised(self, held: Held) -> timedelta:
        return timedelta(seconds=40 if self.reviews[held.review].size == "small" else 60)

    def _exclude(self, review: UUID, who: UUID, reason: str) -> None:
        waiting = self.reviews[review]
        self.reviews[review] = msgspec.structs.replace(waiting, excluded=waiting.excluded | {who: reason})

    def _close(self, assignment: UUID, event: str) -> None:
        held = self.held.pop(assignment)
        self.states[held.review] = lifecycle.review_after(self.states[held.review], event)
        who = self.people[held.employee]
        self.people[who.id] = msgspec.structs.replace(who, active=who.active - 1)

    # What must always hold
    @invariant()
    def one_open_assignment_a_review(self) -> None:
        reviews = [held.review for held in self.held.values()]
        assert len(reviews) == len(set(reviews))
        assert {r for r, state in self.states.items() if state == "assigned"} == set(reviews)

    @invariant()
    def nobody_above_capacity(self) -> None:
        for who in self.people.values():
            assert who.active == sum(1 for held in self.held.values() if held.employee == who.id)
            assert 0 <= who.active <= who.capacity

    @invariant()
    def a_strike_per_assignment(self) -> None:
        assert len({s[0] for s in self.strikes}) == len(self.strikes)


Office.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestOffice = Office.TestCase
