"""Presence, the SLA clock, outages and strikes."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dispatch.policy import presence, sla, strikes
from app.dispatch.policy.sla import Interval
from app.dispatch.policy.types import Outage, Pool, Rules
from tests.dispatch.policy.build import POOL, RULES, T0, at, held, outage, person


@pytest.mark.parametrize(
    ("facts", "on_duty"),
    [
        ({}, True),
        ({"active": 1}, True),
        ({"presence": "online"}, True),
        ({"presence": "offline"}, False),
        ({"presence": "unknown"}, None),
        ({"availability": "paused"}, False),
        ({"availability": "paused", "presence": "unknown"}, False),
        ({"locked": True}, False),
    ],
)
def test_available_hours_are_those_online_and_neither_paused_nor_locked(facts: dict[str, Any], on_duty: Any) -> None:
    assert presence.on_duty(person(1, **facts)) is on_duty


@pytest.mark.parametrize(
    ("facts", "state", "obstacle"),
    [
        ({}, "Available", None),
        ({"active": 1}, "Busy", "at_capacity"),
        ({"presence": "online"}, "Available", "silent"),
        ({"presence": "offline"}, "Offline", "offline"),
        ({"presence": "unknown"}, "Unknown", "unknown"),
        ({"availability": "paused"}, "Paused", "paused"),
        ({"availability": "paused", "presence": "offline"}, "Offline", "offline"),
        ({"locked": True, "presence": "offline"}, "Locked", "locked"),
        ({"capacity": 3, "active": 2}, "Available", None),
    ],
)
def test_presence(facts: dict[str, Any], state: str, obstacle: str | None) -> None:
    assert presence.state(person(1, **facts)) == state
    assert presence.obstacle(person(1, **facts)) == obstacle


def test_clock_of_large_and_small() -> None:
    assert sla.sla_seconds("large", Pool(id=POOL), RULES) == 1200
    assert sla.sla_seconds("small", Pool(id=POOL), RULES) == 900
    assert sla.sla_seconds("small", Pool(id=POOL, sla_seconds=60), RULES) == 60
    clock = sla.clock(T0, 1200, RULES)
    assert (clock.grace_at, clock.warn_at, clock.deadline_at) == (at(10), at(900), at(1200))


def test_a_short_clock_is_not_warned_of_at_once() -> None:
    clock = sla.clock(T0, 60, RULES)
    assert (clock.warn_at, clock.deadline_at) == (at(30), at(60))


def test_union_counts_overlapping_outages_once() -> None:
    found = sla.union([outage(10, 30), outage(20, 40, "valkey"), outage(60, None, "dispatcher")], at(70))
    assert found == [Interval(at(10), at(40)), Interval(at(60), at(70))]


@pytest.mark.parametrize(
    ("credited", "left"),
    [
        ([], [(10, 40)]),
        ([(0, 50)], []),
        ([(0, 20)], [(20, 40)]),
        ([(30, 50)], [(10, 30)]),
        ([(15, 20), (25, 30)], [(10, 15), (20, 25), (30, 40)]),
        ([(50, 60)], [(10, 40)]),
    ],
)
def test_uncovered(credited: list[tuple[int, int]], left: list[tuple[int, int]]) -> None:
    found = sla.uncovered(Interval(at(10), at(40)), [Interval(at(a), at(b)) for a, b in credited])
    assert found == [Interval(at(a), at(b)) for a, b in left]


@pytest.mark.parametrize(
    ("parts", "seconds"),
    [
        ([(100, 200)], 100),
        ([(-50, 50)], 50),  # began before the assignment
        ([(-50, -10)], 0),
        ([(1300, 1400)], 0),  # after the deadline
        ([(1190, 1400)], 210),  # over the end
        ([(1190, 1290), (1250 + 45, 1300)], 105),  # the second is within the extended time
    ],
)
def test_extension(parts: list[tuple[int, int]], seconds: int) -> None:
    found = sla.extension([Interval(at(a), at(b)) for a, b in parts], T0, at(1200))
    assert found == timedelta(seconds=seconds)


spans = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 30)), max_size=12)


@given(spans)
def test_what_is_given_back_in_pieces_is_the_union(found: list[tuple[int, int]]) -> None:
    outages = [Outage(component="web", start=at(a), end=at(a + n)) for a, n in found]
    credited: list[Interval] = []
    for each in outages:
        credited += sla.uncovered(Interval(each.start, each.end or T0), credited)
    total = sum((part.end - part.start for part in credited), timedelta(0))
    whole = sum((part.end - part.start for part in sla.union(outages, at(500))), timedelta(0))
    assert total == whole
    ordered = sorted(credited)
    assert all(one.end <= two.start for one, two in itertools.pairwise(ordered))


@pytest.mark.parametrize(
    ("count", "level"), [(1, "noted"), (2, "noted"), (3, "warning"), (4, "violation"), (5, "violation")]
)
def test_levels(count: int, level: str) -> None:
    assert strikes.level(count, RULES) == level


def test_only_strikes_since_the_baseline_and_of_the_last_days_count() -> None:
    day = 86_400
    facts = [strikes.Fact(at(-31 * day)), strikes.Fact(at(-20 * day)), strikes.Fact(at(-2 * day))]
    facts += [strikes.Fact(at(-1 * day), voided=True), strikes.Fact(at(-10))]
    assert strikes.counting(facts, None, T0, RULES) == 3
    assert strikes.counting(facts, at(-5 * day), T0, RULES) == 2
    assert strikes.counting(facts, at(-2 * day), T0, RULES) == 1  # the strike of the unlock's own moment is before it
    assert strikes.counting(facts, None, T0, Rules(strike_days=1)) == 1


@pytest.mark.parametrize(
    ("facts", "outages", "reason"),
    [
        ({}, [], None),
        ({"delivered_at": None}, [], "undelivered"),
        ({}, [outage(1190, 1210)], "outage"),
        ({}, [outage(1190)], "outage"),
        ({}, [outage(100, 200)], None),
        ({"missed_by": frozenset({person(7).id, person(8).id})}, [], "escalated"),
    ],
)
def test_who_is_spared(facts: dict[str, Any], outages: list[Outage], reason: str | None) -> None:
    assert strikes.spared(held(1, 1, **facts), at(1200), outages, RULES) == reason
