"""`cabrank bench simulate`: a million reviews for a thousand employees, on one core.

Weeks of three shifts with everything that a day has: priorities, misses, declines, lost connections, locks. Beside it,
in the same run: the floor (the same arrivals and handling times through two plain heaps: no rules, no reasons, no
clocks), what the records of why cost, and what a decision costs with a rotation that is made anew each time.
"""

from __future__ import annotations

import heapq
import resource
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from msgspec.structs import replace

from app.bench.rig.report import machine, show
from app.dispatch.policy.decide import decide
from app.dispatch.policy.types import Person, Rules, Snapshot, Waiting
from app.dispatch.simulate import simulate
from app.dispatch.simulation.imagine import POOL, Crew, Plan, imagine
from app.dispatch.simulation.types import Day

REVIEWS: Final = 1_000_000
SAMPLE: Final = 100_000
ANEW: Final = 200
RATE: Final = 2_000.0
SEED: Final = 1
PLAN: Final = Plan(
    start=datetime(2026, 1, 5, tzinfo=UTC),
    hours=REVIEWS / RATE,
    crews=(Crew(334, 0, 8), Crew(333, 8, 16), Crew(333, 16, 24)),
    rates=(RATE,),
    reviews=REVIEWS,
)
GOAL_SECONDS: Final = 60.0


def _day(reviews: int) -> Day:
    return imagine(replace(PLAN, reviews=reviews, hours=reviews / RATE), Random(SEED))  # noqa: S311 - imagined


def _timed(act: Callable[[], Any]) -> tuple[Any, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    answer = act()
    return answer, time.perf_counter() - wall, time.process_time() - cpu


def _floor(day: Day) -> int:
    """Whoever has been free longest takes the next review; two heaps, and nothing else of what dispatch is."""
    free = [(day.start, worker.number) for worker in day.workers[: len(day.workers) // len(PLAN.crews)]]
    heapq.heapify(free)
    busy: list[tuple[datetime, int]] = []
    for arrival in day.arrivals:
        now = arrival.at
        while busy and (busy[0][0] <= now or not free):
            now, number = heapq.heappop(busy)
            heapq.heappush(free, (now, number))
        _, number = heapq.heappop(free)
        heapq.heappush(busy, (now + timedelta(seconds=arrival.seconds), number))
    return len(busy)


def _anew() -> int:
    """Decisions about one review each, for a thousand people, with everything drawn up from the snapshot."""
    people = {worker.id: _person(worker.id, worker.number) for worker in _day(1).workers}
    for n in range(ANEW):
        now = PLAN.start + timedelta(seconds=n)
        waiting = Waiting(review=POOL, pool=POOL, size="large", queued_at=now)
        seen = Snapshot(version=n, people=people, pools=_day(1).pools, waiting=[waiting])
        decide(seen, now, Rules())
    return ANEW


def _person(id: Any, number: int) -> Person:
    return Person(id=id, number=number, capacity=1, presence="assignable", pools=frozenset({POOL}))


def _rate(reviews: int, wall: float, cpu: float) -> dict[str, float]:
    return {
        "seconds": round(wall, 2),
        "cpu_seconds": round(cpu, 2),
        "a_second": round(reviews / wall),
        "cpu_us_each": round(cpu / reviews * 1e6, 2),
    }


def measure(reviews: int = REVIEWS, sample: int = SAMPLE) -> dict[str, Any]:
    """`reviews` in one go; the comparisons on `sample` of them."""
    told: dict[str, Any] = {"bench": "simulate", "machine": machine(), "people": 1000, "reviews": reviews}
    outcome, *took = _timed(lambda: simulate(_day(reviews), Rules()))
    told["million" if reviews == REVIEWS else "run"] = _rate(reviews, *took)
    told["goal_seconds"] = GOAL_SECONDS
    _, *took = _timed(lambda: _floor(_day(sample)))
    told["floor_two_heaps"] = _rate(sample, *took)
    _, *took = _timed(lambda: simulate(_day(sample), Rules()))
    told["sample"] = _rate(sample, *took)
    told["sample_to_floor"] = round(told["sample"]["cpu_us_each"] / told["floor_two_heaps"]["cpu_us_each"], 2)
    _, *took = _timed(lambda: simulate(_day(sample), Rules(), explained=True))
    told["sample_with_why"] = _rate(sample, *took)
    _, *took = _timed(_anew)
    told["decide_made_anew"] = _rate(ANEW, *took)
    told["resident_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    report = outcome.report
    counted = ("arrived", "completed", "missed", "strikes", "locks", "escalated", "declined", "disconnected")
    told["day"] = {name: getattr(report, name) for name in counted}
    told["day"] |= {"utilisation": report.utilisation, "gini": report.fairness.gini, "jain": report.fairness.jain}
    return told


def run(environ: Mapping[str, str], *, as_json: bool) -> int:
    """Measure and print; 0."""
    show(measure(), as_json=as_json)
    return 0
