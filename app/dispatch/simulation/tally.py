"""What a simulated day came to."""

from __future__ import annotations

import statistics
from array import array
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct

from app.dispatch.policy import fairness
from app.dispatch.policy.fairness import Spread
from app.dispatch.simulation.floor import Desk

POINTS: Final = 96  # of a day: one every quarter of an hour
LEAST_SECONDS: Final = 300.0


class Waits(Struct, frozen=True, kw_only=True):
    """Seconds from the filing of a review to its first assignment; of those still waiting, to the end of the day."""

    p50: float
    p90: float
    p99: float
    max: float


class Depth(Struct, frozen=True):
    """How many waited at `at`, and the most since the point before."""

    at: datetime
    queued: int
    most: int


class Person(Struct, frozen=True, kw_only=True):
    """One person's day. `utilisation`: the share of their hours at work with at least one review open."""

    employee: UUID
    number: int
    name: str
    assignments: int
    completed: int
    missed: int
    available_hours: float
    per_hour: float | None
    utilisation: float | None


class Report(Struct, frozen=True, kw_only=True):
    """Counts are of reviews (arrived, completed, escalated, stranded, waiting, open_at_end) or of assignments.

    `hit_percent`: completed in time, of all that were completed or missed. `waiting`: in the queue at the end.
    """

    start: datetime
    end: datetime
    arrived: int
    completed: int
    in_time: int
    hit_percent: float | None
    wait_seconds: Waits | None
    assignments: int
    missed: int
    strikes: int
    locks: int
    escalated: int
    stranded: int
    declined: int
    undelivered: int
    disconnected: int
    waiting: int
    open_at_end: int
    utilisation: float | None
    fairness: Spread
    people: list[Person]
    queue: list[Depth]


class Outcome(Struct, frozen=True):
    """A day's report, and each review's wait in seconds."""

    report: Report
    waits: array[float]

    def within(self, seconds: float) -> float:
        """The share of reviews that waited at most so long; 1.0 where none came."""
        return sum(wait <= seconds for wait in self.waits) / len(self.waits) if self.waits else 1.0


class Tally:
    """Counts while the day goes on."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start, self.end = start, end
        self.arrived = self.escalated = self.stranded = 0
        self.waits = array("d")
        self.depths: list[Depth] = []
        self._most = 0
        self._apart = timedelta(seconds=max(LEAST_SECONDS, (end - start).total_seconds() / POINTS))
        self.next_point = start + self._apart

    def depth(self, queued: int) -> None:
        """So many wait now."""
        self._most = max(self._most, queued)

    def pass_points(self, now: datetime, queued: int) -> None:
        """The day has come to `now`; until then so many have waited."""
        while self.next_point <= now:
            self.depths.append(Depth(self.next_point, queued, self._most))
            self._most = queued
            self.next_point += self._apart

    def outcome(self, desks: Sequence[Desk], waiting: int, never: Sequence[datetime]) -> Outcome:
        """The day is over with so many in the queue; `never`: since when those wait that nobody was ever given."""
        self.waits.extend((self.end - since).total_seconds() for since in never)
        people = [self._person(desk) for desk in desks]
        counts = sum((desk.counts for desk in desks), Counter[str]())
        rates = [person.per_hour for person in people if person.per_hour is not None]
        report = Report(
            start=self.start,
            end=self.end,
            wait_seconds=spread_of(self.waits),
            hit_percent=_percent(counts["in_time"], counts["completed"] + counts["missed"]),
            waiting=waiting,
            open_at_end=sum(len(desk.lying) for desk in desks),
            utilisation=self._utilisation(desks),
            fairness=fairness.spread(rates),
            people=people,
            queue=self.depths,
            arrived=self.arrived,
            escalated=self.escalated,
            stranded=self.stranded,
            **{name: counts[name] for name in _COUNTED},
        )
        return Outcome(report, self.waits)

    def _person(self, desk: Desk) -> Person:
        worker, counts, hours = desk.worker, desk.counts, desk.hours
        work, available = hours.of("work", self.end), hours.of("available", self.end) / 3600
        rate = fairness.per_hour(counts["assignments"] - counts["undelivered"], available)
        return Person(
            employee=worker.id,
            number=worker.number,
            name=worker.name,
            assignments=counts["assignments"] - counts["undelivered"],
            completed=counts["completed"],
            missed=counts["missed"],
            available_hours=round(available, 3),
            per_hour=None if rate is None else round(rate, 3),
            utilisation=round(hours.of("open", self.end) / work, 4) if work else None,
        )

    def _utilisation(self, desks: Sequence[Desk]) -> float | None:
        work = sum(desk.hours.of("work", self.end) for desk in desks)
        return round(sum(desk.hours.of("open", self.end) for desk in desks) / work, 4) if work else None


_COUNTED: Final = (
    *("completed", "in_time", "assignments", "missed", "strikes", "locks"),
    *("declined", "undelivered", "disconnected"),
)


def spread_of(waits: Sequence[float]) -> Waits | None:
    """p50, p90, p99 and the largest; None of nothing."""
    if not waits:
        return None
    cuts = statistics.quantiles(waits, n=100, method="inclusive") if len(waits) > 1 else [waits[0]] * 99
    found = {"p50": cuts[49], "p90": cuts[89], "p99": cuts[98], "max": max(waits)}
    return Waits(**{name: round(value, 3) for name, value in found.items()})


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None
