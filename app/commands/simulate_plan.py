"""From the options of `cabrank simulate` to the day that they describe."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Final

from msgspec.structs import replace

from app.dispatch.simulation.imagine import Crew, Habits, Plan, hourly
from app.errors import Invalid

START: Final = datetime(2026, 1, 5, tzinfo=UTC)  # any Monday: nothing depends on the date
MOST_PEOPLE, MOST_REVIEWS, MOST_HOURS = 10_000, 10_000_000, 8_784


def plan_of(given: argparse.Namespace) -> Plan:
    """The day that the options describe. Raises Invalid."""
    check("hours", given.hours, 0.01, MOST_HOURS)
    check("capacity", given.capacity, 1, 100)
    habits = Habits(
        misses=_share("misses", given.misses),
        declines=_share("declines", given.declines),
        undelivered=_share("undelivered", given.undelivered),
        drops_per_hour=check("disconnections", given.disconnections, 0, 60),
    )
    check("misses, --declines and --undelivered together", habits.misses + habits.declines + habits.undelivered, 0, 1)
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
        people = int(check("people", 10 if given.people is None else given.people, 1, MOST_PEOPLE))
        return (Crew(people, 0.0, float(given.hours)),)
    crews = tuple(_crew(text) for text in given.shift)
    if given.people is not None:
        raise wrong("people", "Say --people or --shift, not both.")
    check("shift", sum(crew.people for crew in crews), 1, MOST_PEOPLE)
    return crews


def _crew(text: str) -> Crew:
    try:
        people, _, hours = text.partition("@")
        start, _, end = hours.partition("-")
        crew = Crew(int(people), float(start), float(end))
    except ValueError:
        raise wrong("shift", f"{text!r}: takes PEOPLE@FROM-TO in hours, such as 12@9-17.") from None
    if crew.people < 0 or not 0 <= crew.start < crew.end <= crew.start + 24 or crew.start >= 24:
        raise wrong("shift", f"{text!r}: begins within the day and lasts up to 24 hours.")
    return crew


def _with_reviews(plan: Plan, text: str) -> Plan:
    try:
        if not text.endswith("/h"):
            return replace(plan, reviews=int(check("reviews", int(text), 1, MOST_REVIEWS)))
        rates = tuple(float(rate) for rate in text.removesuffix("/h").split(","))
    except ValueError:
        raise wrong("reviews", f"{text!r}: takes a number, a rate (60/h), or one an hour (20,60,40/h).") from None
    if not all(0 <= rate <= MOST_REVIEWS for rate in rates):
        raise wrong("reviews", "No rate is below 0, or above ten million an hour.")
    found = replace(plan, rates=rates)
    check("reviews", sum(hourly(found)), 0.01, MOST_REVIEWS)
    return found


def _minutes(text: str) -> tuple[float, float]:
    try:
        small, large = (float(part) for part in text.split(","))
    except ValueError:
        raise wrong("minutes", f"{text!r}: takes SMALL,LARGE, such as 4,8.") from None
    return check("minutes", small, 0.01, 1440), check("minutes", large, 0.01, 1440)


def _share(name: str, share: float) -> float:
    return check(name, share, 0, 1)


def check(name: str, value: float, least: float, most: float) -> float:
    """The value itself. Raises Invalid."""
    if not least <= value <= most:  # NaN is refused as well
        raise wrong(name, f"{value:g} is not from {least:g} to {most:g}.")
    return value


def wrong(name: str, message: str) -> Invalid:
    """An option that can't be used, in one line."""
    return Invalid(f"--{name}: {message}")
