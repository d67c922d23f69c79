"""Days that never were, drawn from a seeded generator: the same plan and the same seed are the same day."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from random import Random
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from app.dispatch.policy.types import Pool, Size, Strategy
from app.dispatch.simulation.types import Arrival, Attempt, Conduct, Customs, Day, Span, Worker

POOL: Final = UUID(int=1)
HOUR: Final = 3600.0
DAY: Final = 24
_PERSON, _REVIEW = 1 << 40, 1 << 60  # apart, and in the order of their numbers


class Crew(Struct, frozen=True):
    """So many people who work from hour to hour of each day; beyond 24 is the next day."""

    people: int
    start: float
    end: float


class Habits(Struct, frozen=True, kw_only=True):
    """What people do: shares of assignments, and lost connections an hour with their mean length in seconds."""

    misses: float = 0.01
    declines: float = 0.02
    undelivered: float = 0.002
    decline_seconds: float = 30.0
    drops_per_hour: float = 0.1
    drop_seconds: float = 60.0
    pace_spread: float = 0.2


class Plan(Struct, frozen=True, kw_only=True):
    """A day to imagine. `rates`: reviews an hour, hour by hour, from the start again when they run out.

    `reviews`, where given, is their exact number, spread as the rates say. Minutes of work are means of lognormals
    whose logarithm deviates by `sigma`.
    """

    start: datetime
    hours: float
    crews: tuple[Crew, ...]
    rates: tuple[float, ...]
    reviews: int | None = None
    capacity: int = 1
    strategy: Strategy = "round_robin"
    sla_seconds: int | None = None
    large_share: float = 0.7
    urgent_share: float = 0.05
    small_minutes: float = 4.0
    large_minutes: float = 8.0
    sigma: float = 0.4
    habits: Habits = Habits()
    customs: Customs = Customs()


def imagine(plan: Plan, chance: Random) -> Day:
    """The day. What arrives doesn't depend on who is there, so that staffs are compared on the same work."""
    work, staff, conduct = (Random(chance.getrandbits(64)) for _ in range(3))  # noqa: S311 - imagined, not secret
    return Day(
        start=plan.start,
        end=plan.start + timedelta(hours=plan.hours),
        pools={POOL: Pool(id=POOL, strategy=plan.strategy, sla_seconds=plan.sla_seconds)},
        workers=workers(plan, staff),
        arrivals=arrivals(plan, work),
        conduct=by_habit(plan.habits, conduct),
        customs=plan.customs,
    )


def workers(plan: Plan, chance: Random) -> list[Worker]:
    """Everybody, crew after crew."""
    crews = [crew for crew in plan.crews for _ in range(crew.people)]
    return [_worker(number, crew, plan, chance) for number, crew in enumerate(crews, 1)]


def _worker(number: int, crew: Crew, plan: Plan, chance: Random) -> Worker:
    pace = _lognormal(1.0, plan.habits.pace_spread, chance)
    shifts = tuple(_shifts(crew, plan))
    drops = tuple(chain.from_iterable(_drops(shift, plan.habits, chance) for shift in shifts))
    return Worker(
        id=UUID(int=_PERSON + number),
        number=number,
        name=f"#{number}",
        capacity=plan.capacity,
        pools=frozenset({POOL}),
        shifts=shifts,
        drops=drops,
        pace=pace,
        planned=True,
    )


def _shifts(crew: Crew, plan: Plan) -> Iterator[Span]:
    for day in range(-1, math.ceil(plan.hours / DAY)):
        start, end = max(0.0, day * DAY + crew.start), min(plan.hours, day * DAY + crew.end)
        if start < end:
            yield Span(plan.start + timedelta(hours=start), plan.start + timedelta(hours=end))


def _drops(shift: Span, habits: Habits, chance: Random) -> Iterator[Span]:
    at, end = 0.0, (shift.end - shift.start).total_seconds()
    while (rate := habits.drops_per_hour / HOUR) > 0:  # the smallest numbers come to nothing by it
        at += chance.expovariate(rate)
        back = at + chance.expovariate(1 / habits.drop_seconds)
        if back >= end:
            return
        yield Span(shift.start + timedelta(seconds=at), shift.start + timedelta(seconds=back))
        at = back


def arrivals(plan: Plan, chance: Random) -> Iterator[Arrival]:
    """Reviews in the order of their times, each with the work that is in it."""
    offsets = _poisson(plan, chance) if plan.reviews is None else _exactly(plan.reviews, plan, chance)
    for number, offset in enumerate(offsets, 1):
        size: Size = "large" if chance.random() < plan.large_share else "small"
        minutes = plan.large_minutes if size == "large" else plan.small_minutes
        yield Arrival(
            id=UUID(int=_REVIEW + number),
            at=plan.start + timedelta(seconds=offset),
            pool=POOL,
            size=size,
            seconds=_lognormal(minutes * 60, plan.sigma, chance),
            priority=1 if chance.random() < plan.urgent_share else 0,
        )


def _poisson(plan: Plan, chance: Random) -> Iterator[float]:
    """Seconds from the start; the waiting time forgets, so each hour begins afresh."""
    for hour, rate in enumerate(hourly(plan)):
        at, end = hour * HOUR, min(hour + 1, plan.hours) * HOUR
        while rate / HOUR > 0 and (at := at + chance.expovariate(rate / HOUR)) < end:
            yield at


def _exactly(count: int, plan: Plan, chance: Random) -> Iterator[float]:
    rates = hourly(plan)
    lengths = [min(1.0, plan.hours - hour) for hour in range(len(rates))]
    weights = [rate * length for rate, length in zip(rates, lengths, strict=True)]
    hours = chance.choices(range(len(rates)), weights, k=count)
    yield from sorted((hour + chance.random() * lengths[hour]) * HOUR for hour in hours)


def hourly(plan: Plan) -> list[float]:
    """The rate of every hour of the day."""
    return [plan.rates[hour % len(plan.rates)] for hour in range(math.ceil(plan.hours))]


def by_habit(habits: Habits, chance: Random) -> Conduct:
    """People who do as their habits say."""
    lost = habits.undelivered
    missed = lost + habits.misses
    declined = missed + habits.declines

    def attempt(worker: Worker, arrival: Arrival) -> Attempt:
        drawn = chance.random()
        if drawn >= declined:
            return Attempt("done", arrival.seconds * worker.pace)
        if drawn >= missed:
            return Attempt("declined", chance.expovariate(1 / habits.decline_seconds))
        return Attempt("never" if drawn >= lost else "undelivered")

    return attempt


def _lognormal(mean: float, sigma: float, chance: Random) -> float:
    return math.exp(chance.gauss(math.log(mean) - sigma * sigma / 2, sigma))


def scaled(plan: Plan, people: int) -> Plan:
    """The plan with so many people in all, shared out among its crews as they are now (the first get the rest)."""
    shares = _shares([crew.people for crew in plan.crews], people)
    crews = tuple(Crew(count, crew.start, crew.end) for count, crew in zip(shares, plan.crews, strict=True))
    return replace(plan, crews=crews)


def _shares(weights: Sequence[int], people: int) -> list[int]:
    whole = sum(weights)
    shares = [people * weight // whole for weight in weights]
    for n in range(people - sum(shares)):
        shares[n % len(shares)] += 1
    return shares
