"""`cabrank simulate`: imagined and recorded days on the dispatcher's own decision code."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from app.commands import simulate_shown as shown
from app.config import Settings
from app.dispatch.rules import rules_of
from app.dispatch.simulate import simulate as simulated
from app.dispatch.simulation.imagine import Crew, Habits, Plan, hourly, imagine, scaled
from app.dispatch.simulation.sizing import Sized, size, target_of
from app.dispatch.simulation.tally import Outcome
from app.errors import Invalid
from app.process import settings_of

START: Final = datetime(2026, 1, 5, tzinfo=UTC)  # any Monday: nothing depends on the date
MOST_PEOPLE, MOST_REVIEWS, MOST_HOURS = 10_000, 10_000_000, 8_784
Day = Callable[[int | None, int], Outcome]
"""A day with so many people (None: as planned) and that seed."""


def simulate(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Run one day, or size a shift; 0, or 1 where no number of people meets the target."""
    settings = settings_of(environ)
    target = target_of(given.target) if given.target else None
    _check("seeds", given.seeds, 1, 100)
    day = _imagined(given, settings)
    if target is None:
        _show(given, day(None, given.seed), None)
        return 0
    sized = size(day, target, range(given.seed, given.seed + given.seeds), _most(given))
    if sized.people is None:
        _show(given, None, sized)
        return 1
    _show(given, day(sized.people, given.seed), sized)
    return 0


def _imagined(given: argparse.Namespace, settings: Settings) -> Day:
    plan, rules = plan_of(given), rules_of(settings)

    def day(people: int | None, seed: int) -> Outcome:
        staffed = plan if people is None else scaled(plan, people)
        return simulated(imagine(staffed, Random(seed)), rules)  # noqa: S311 - imagined, not secret

    return day


def _most(given: argparse.Namespace) -> int:
    """More people than there are reviews change nothing."""
    plan = plan_of(given)
    return min(MOST_PEOPLE, plan.reviews or math.ceil(2 * sum(hourly(plan))))


def plan_of(given: argparse.Namespace) -> Plan:
    """The day that the options describe. Raises Invalid."""
    _check("hours", given.hours, 0.01, MOST_HOURS)
    _check("capacity", given.capacity, 1, 100)
    habits = Habits(
        misses=_share("misses", given.misses),
        declines=_share("declines", given.declines),
        undelivered=_share("undelivered", given.undelivered),
        drops_per_hour=_check("disconnections", given.disconnections, 0, 60),
    )
    _check("misses, --declines and --undelivered together", habits.misses + habits.declines + habits.undelivered, 0, 1)
    small, large = _minutes(given.minutes)
    plan = Plan(
        start=START,
        hours=given.hours,
        crews=_crews(given),
        rates=(1.0,),
        capacity=given.capacity,
        strategy=given.strategy,
        small_minutes=small,
        large_minutes=large,
        habits=habits,
    )
    return _with_reviews(plan, given.reviews)


def _crews(given: argparse.Namespace) -> tuple[Crew, ...]:
    if not given.shift:
        people = int(_check("people", 10 if given.people is None else given.people, 1, MOST_PEOPLE))
        return (Crew(people, 0.0, float(given.hours)),)
    crews = tuple(_crew(text) for text in given.shift)
    if given.people is not None:
        raise _wrong("people", "Say --people or --shift, not both.")
    _check("shift", sum(crew.people for crew in crews), 1, MOST_PEOPLE)
    return crews


def _crew(text: str) -> Crew:
    try:
        people, _, hours = text.partition("@")
        start, _, end = hours.partition("-")
        crew = Crew(int(people), float(start), float(end))
    except ValueError:
        raise _wrong("shift", f"{text!r}: takes PEOPLE@FROM-TO in hours, such as 12@9-17.") from None
    if crew.people < 0 or not 0 <= crew.start < crew.end <= crew.start + 24 or crew.start >= 24:
        raise _wrong("shift", f"{text!r}: begins within the day and lasts up to 24 hours.")
    return crew


def _with_reviews(plan: Plan, text: str) -> Plan:
    try:
        if not text.endswith("/h"):
            return replace(plan, reviews=int(_check("reviews", int(text), 1, MOST_REVIEWS)))
        rates = tuple(float(rate) for rate in text.removesuffix("/h").split(","))
    except ValueError:
        raise _wrong("reviews", f"{text!r}: takes a number, a rate (60/h), or one an hour (20,60,40/h).") from None
    if not all(0 <= rate <= MOST_REVIEWS for rate in rates):
        raise _wrong("reviews", "No rate is below 0, or above ten million an hour.")
    found = replace(plan, rates=rates)
    _check("reviews", sum(hourly(found)), 0.01, MOST_REVIEWS)
    return found


def _minutes(text: str) -> tuple[float, float]:
    try:
        small, large = (float(part) for part in text.split(","))
    except ValueError:
        raise _wrong("minutes", f"{text!r}: takes SMALL,LARGE, such as 4,8.") from None
    return _check("minutes", small, 0.01, 1440), _check("minutes", large, 0.01, 1440)


def _share(name: str, share: float) -> float:
    return _check(name, share, 0, 1)


def _check(name: str, value: float, least: float, most: float) -> float:
    if not least <= value <= most:  # NaN is refused as well
        raise _wrong(name, f"{value:g} is not from {least:g} to {most:g}.")
    return value


def _wrong(name: str, message: str) -> Invalid:
    return Invalid(f"--{name}: {message}")


def _show(given: argparse.Namespace, outcome: Outcome | None, sized: Sized | None) -> None:
    if given.json:
        told: dict[str, Any] = {"sized": msgspec.to_builtins(sized)} if sized else {}
        told |= {"seed": given.seed} | (msgspec.to_builtins(outcome.report) if outcome else {})
        json.dump(told, sys.stdout)
        print()
        return
    for line in shown.sized(sized, given.target) if sized else ():
        print(line)
    for line in shown.report(outcome.report) if outcome else ():
        print(line)
