"""Imagined days: the same seed is the same day, and what is drawn has the shape that was asked for."""

from __future__ import annotations

import statistics
from datetime import timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dispatch.policy.types import Rules
from app.dispatch.simulate import simulate
from app.dispatch.simulation.imagine import Crew, Habits, Plan, imagine, scaled
from tests.dispatch.simulation.build import NINE

PLAN = Plan(start=NINE, hours=8, crews=(Crew(5, 0, 8),), rates=(40.0,))


def _with(**changes: Any) -> Plan:
    return msgspec.structs.replace(PLAN, **changes)


def test_the_same_seed_is_the_same_day_and_another_is_not() -> None:
    one, same, other = (simulate(imagine(PLAN, Random(seed)), Rules()) for seed in (1, 1, 2))
    assert (one.report, one.waits) == (same.report, same.waits)
    assert one.report != other.report


def test_an_explained_day_is_the_same_day() -> None:
    plain, explained = (simulate(imagine(PLAN, Random(1)), Rules(), explained=why) for why in (False, True))
    assert plain.report == explained.report


def test_arrivals_do_not_depend_on_who_is_there() -> None:
    few, many = imagine(PLAN, Random(1)), imagine(scaled(PLAN, 50), Random(1))
    assert (len(few.workers), len(many.workers)) == (5, 50)
    assert list(few.arrivals) == list(many.arrivals)


def test_arrivals_follow_the_rates_in_order_and_sizes_their_shares() -> None:
    arrivals = list(imagine(_with(rates=(0.0, 300.0), hours=100), Random(1)).arrivals)
    offsets = [(one.at - NINE) / timedelta(hours=1) for one in arrivals]
    assert offsets == sorted(offsets)
    assert {int(offset) % 2 for offset in offsets} == {1}
    assert len(arrivals) == pytest.approx(15_000, rel=0.05)
    large = [one.seconds for one in arrivals if one.size == "large"]
    assert len(large) / len(arrivals) == pytest.approx(0.7, abs=0.02)
    assert statistics.fmean(large) == pytest.approx(480, rel=0.03)


def test_a_total_is_exact_and_spread_as_the_rates_say() -> None:
    arrivals = list(imagine(_with(reviews=4000, rates=(1.0, 3.0), hours=2.5), Random(1)).arrivals)
    assert len(arrivals) == 4000
    per_hour = [sum(int((one.at - NINE) / timedelta(hours=1)) == hour for one in arrivals) for hour in range(3)]
    assert [round(count / 4000, 1) for count in per_hour] == [0.2, 0.7, 0.1]


def test_crews_come_each_day_and_past_midnight() -> None:
    workers = imagine(_with(crews=(Crew(1, 9, 17), Crew(1, 22, 30)), hours=48), Random(1)).workers
    shifts = [
        [((s.start - NINE) / timedelta(hours=1), (s.end - NINE) / timedelta(hours=1)) for s in w.shifts]
        for w in workers
    ]
    assert shifts == [[(9, 17), (33, 41)], [(0, 6), (22, 30), (46, 48)]]


def test_people_are_shared_out_among_the_crews() -> None:
    plan = _with(crews=(Crew(6, 0, 4), Crew(3, 4, 8)))
    assert [crew.people for crew in scaled(plan, 5).crews] == [4, 1]
    assert [crew.people for crew in scaled(plan, 90).crews] == [60, 30]


habits = st.builds(
    Habits,
    misses=st.floats(0, 0.3),
    declines=st.floats(0, 0.3),
    undelivered=st.floats(0, 0.3),
    drops_per_hour=st.floats(0, 5),
    drop_seconds=st.floats(1, 600),
)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 1000), habits, st.integers(1, 6), st.integers(1, 3), st.floats(1, 90),
    st.sampled_from(["round_robin", "least_loaded"]),
)  # fmt: skip
def test_nothing_is_lost_on_any_day(
    seed: int, habits: Habits, people: int, capacity: int, rate: float, strategy: Any
) -> None:
    crews = (Crew(people, 0, 5), Crew(1, 3, 8))
    plan = _with(habits=habits, crews=crews, capacity=capacity, rates=(rate,), strategy=strategy)
    outcome = simulate(imagine(plan, Random(seed)), Rules())
    report = outcome.report
    assert report.arrived == report.completed + report.escalated + report.open_at_end + report.waiting
    assert len(outcome.waits) == report.arrived
    assert report.strikes <= report.missed
    assert all(one.utilisation is None or 0 <= one.utilisation <= 1 for one in report.people)
    assert all(0 <= one.available_hours <= 8 for one in report.people)
