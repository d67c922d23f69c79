"""What the policy promises over long runs: turns go round, nothing starves, nobody gets too much, clocks only gain."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.dispatch.policy import sla
from app.dispatch.policy.decide import decide
from app.dispatch.policy.presence import obstacle
from app.dispatch.policy.rotation import Rotation
from app.dispatch.policy.sla import Interval
from app.dispatch.policy.types import AGEING_SECONDS, Assign, Outage, Person, Pool, Waiting
from tests.dispatch.policy.build import POOL, RULES, T0, at, of, person, review, snapshot, uid

STRATEGIES = st.sampled_from(["round_robin", "least_loaded"])


class Rank:
    """Equal people who take turns: `give` lets one decision choose, `free` ends what is held."""

    def __init__(self, people: list[Person], strategy: str = "round_robin", *, keeps: bool = True) -> None:
        self.pools = {POOL: Pool(id=POOL, strategy=strategy)}  # type: ignore[arg-type]  # a drawn literal
        self.people = {one.id: one for one in people}
        self.kept = Rotation(self.pools, people) if keeps else None
        self.turns: list[UUID] = []
        self.count = 0

    def give(self, waiting: list[Waiting], now: datetime) -> list[Assign]:
        seen = snapshot(list(self.people.values()), waiting=waiting, pools=self.pools)
        found = of(decide(seen, now, RULES, self.kept), Assign)
        for one in found:
            who = self.people[one.employee]
            self.people[who.id] = replace(who, active=who.active + 1, last_assigned_at=one.turn_at)
        self.turns += [one.employee for one in found]
        return found

    def arrive(self, count: int, now: datetime) -> list[Assign]:
        fresh = [review(self.count + n, queued_at=now) for n in range(count)]
        self.count += count
        return self.give(fresh, now)

    def free(self, who: UUID) -> None:
        self.people[who] = replace(self.people[who], active=self.people[who].active - 1)
        if self.kept is not None:
            self.kept.put(self.people[who])


@settings(max_examples=150, deadline=None)
@given(st.integers(2, 7), st.integers(1, 3), st.lists(st.integers(1, 9), max_size=40), STRATEGIES, st.booleans())
def test_equal_people_differ_by_one_at_most(
    people: int, capacity: int, batches: list[int], strategy: str, keeps: bool
) -> None:
    rank = Rank([person(n, capacity=capacity) for n in range(people)], strategy, keeps=keeps)
    for n, wanted in enumerate(batches):
        given_out = rank.arrive(min(wanted, people * capacity), at(n))
        assert len(given_out) == min(wanted, people * capacity)
        counts = Counter(rank.turns)
        assert max(counts[uid(p)] for p in range(people)) - min(counts[uid(p)] for p in range(people)) <= 1
        for one in given_out:
            rank.free(one.employee)


@settings(max_examples=150, deadline=None)
@given(st.integers(2, 5), st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=10, max_size=80))
def test_nobody_is_passed_over_twice_while_free(people: int, acts: list[tuple[bool, int]]) -> None:
    """However long each keeps what they have: who is free all along gets one before another gets a second."""
    rank = Rank([person(n) for n in range(people)])
    since: dict[UUID, list[UUID]] = {one: [] for one in rank.people}  # given to others while this one was free
    for n, (arrives, which) in enumerate(acts):
        busy = [one for one in rank.people.values() if one.active]
        if arrives and len(busy) < people:
            (turn,) = rank.arrive(1, at(n))
            since[turn.employee] = []
            for one in rank.people.values():
                if not one.active:
                    since[one.id].append(turn.employee)
                    assert max(Counter(since[one.id]).values()) == 1
        elif busy:
            rank.free(busy[which % len(busy)].id)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3), st.integers(20, 300), st.integers(0, 8), st.integers(-2, 2))
def test_a_low_priority_is_given_out_however_many_higher_come(
    above: int, every: int, backlog: int, priority: int
) -> None:
    """One place frees as each higher one arrives: the bound is its ageing and what stood before it already."""
    rank = Rank([person(1)])
    low = review(0, queued_at=T0, priority=priority)
    queue = [review(1 + n, queued_at=at(-n), priority=priority + above) for n in range(backlog)] + [low]
    bound = AGEING_SECONDS * above + every * (backlog + 2)
    for tick in range(math.ceil(bound / every) + 1):
        queue.append(review(100 + tick, queued_at=at(tick * every), priority=priority + above))
        (turn,) = rank.give(queue, at(tick * every))
        queue = [one for one in queue if one.review != turn.review]
        rank.free(turn.employee)
        if turn.review == low.review:
            assert tick * every <= bound
            return
    raise AssertionError("it starved")


facts = st.builds(
    lambda number, **more: person(number, **more),
    st.integers(1, 8),
    capacity=st.integers(0, 4),
    active=st.integers(0, 5),
    availability=st.sampled_from(["available", "available", "paused"]),
    presence=st.sampled_from(["assignable", "assignable", "online", "offline", "unknown"]),
    locked=st.booleans(),
    last_assigned_at=st.one_of(st.none(), st.integers(0, 100).map(at)),
)
queues = st.lists(st.dictionaries(st.integers(1, 8).map(uid), st.just("missed"), max_size=4), max_size=25)


@settings(max_examples=300, deadline=None)
@given(st.lists(facts, max_size=8, unique_by=lambda one: one.id), queues, STRATEGIES)
def test_nobody_gets_more_than_their_capacity_and_no_place_stays_empty(
    people: list[Person], excluded: list[dict[UUID, str]], strategy: str
) -> None:
    queue = [review(n, excluded=kept) for n, kept in enumerate(excluded)]
    rank = Rank(people, strategy)
    found = rank.give(queue, at(500))
    before = {one.id: one for one in people}
    by_person = Counter(one.employee for one in found)
    for who, count in by_person.items():
        assert obstacle(before[who]) is None
        assert before[who].active + count <= before[who].capacity
    assert len({one.review for one in found}) == len(found)
    given_to = {one.review: one.employee for one in found}
    for waiting in queue:
        assert given_to.get(waiting.review) not in waiting.excluded
        if waiting.review not in given_to:
            left = [one for one in rank.people.values() if obstacle(one) is None and one.id not in waiting.excluded]
            assert left == []


spans = st.lists(st.tuples(st.integers(-40, 160), st.integers(1, 40)), max_size=10)
SLA = 60


def _intervals(found: list[tuple[int, int]]) -> list[Interval]:
    return [Interval(at(a), at(a + n)) for a, n in found]


def _outages(found: list[tuple[int, int]]) -> list[Outage]:
    return [Outage(component=f"c{n}", start=one.start, end=one.end) for n, one in enumerate(_intervals(found))]


def _total(parts: list[Interval]) -> timedelta:
    return sum((part.end - part.start for part in parts), timedelta(0))


def _by_hand(found: list[tuple[int, int]]) -> datetime:
    """Second by second: the clock stands still in each that an outage covers."""
    left, now = SLA, 0
    while left:
        left -= not any(a <= now < a + n for a, n in found)
        now += 1
    while any(a < now < a + n for a, n in found):  # over its end: the rest of it is given back as well
        now += 1
    return at(now)


def _deadline(parts: list[Interval]) -> datetime:
    return at(SLA) + sla.extension(parts, T0, at(SLA))


@settings(max_examples=400, deadline=None)
@given(spans)
def test_a_clock_stands_still_exactly_while_something_is_down(found: list[tuple[int, int]]) -> None:
    assert _deadline(sla.union(_outages(found), at(500))) == _by_hand(found)


@settings(max_examples=400, deadline=None)
@given(spans, st.tuples(st.integers(-40, 160), st.integers(1, 40)))
def test_one_more_outage_never_makes_a_deadline_earlier(found: list[tuple[int, int]], more: tuple[int, int]) -> None:
    """It may bring others within reach, so all of them together are the bound."""
    whole = sla.union(_outages([*found, more]), at(500))
    before, after = _deadline(sla.union(_outages(found), at(500))), _deadline(whole)
    assert before <= after <= at(SLA) + _total(whole)


@settings(max_examples=400, deadline=None)
@given(spans)
def test_credited_one_by_one_as_they_end_nothing_counts_twice(found: list[tuple[int, int]]) -> None:
    deadline, credited = at(SLA), list[Interval]()
    for one in sorted(_intervals(found), key=lambda one: one.end):
        parts = sla.uncovered(one, credited)
        more = sla.extension(parts, T0, deadline)
        assert timedelta(0) <= more <= one.end - one.start
        deadline, credited = deadline + more, credited + parts
    whole = sla.union(_outages(found), at(500))
    assert _total(credited) == _total(whole)
    assert deadline <= at(SLA) + _total(whole)
    assert all(a.end <= b.start for a, b in itertools.pairwise(sorted(credited)))


@given(st.integers(1, 90_000), st.integers(0, 3600), st.integers(1, 60))
def test_a_clock_is_in_order(seconds: int, warning: int, grace: int) -> None:
    rules: Any = replace(RULES, sla_warning_seconds=warning, delivery_grace_seconds=grace)
    clock = sla.clock(T0, seconds, rules)
    assert T0 < clock.grace_at <= clock.deadline_at == at(seconds)
    assert at(seconds / 2) <= clock.warn_at <= clock.deadline_at
