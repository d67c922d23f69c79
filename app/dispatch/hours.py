"""Weekly hours in a time zone: `{"zone": "Europe/London", "week": {"mon": "09:00-12:30 13:30-17:00", …}}`.

A day that is left out or empty is closed; an end before its start, or the same, is on the next day; 24:00 is midnight.
Here hours become moments, so that the policy only compares times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from app.errors import FieldError, Invalid
from app.words import gettext as _

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FAR: Final = datetime(9999, 1, 1, tzinfo=UTC)
_PART: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-(?:([01]?\d|2[0-3]):([0-5]\d)|24:00)")
_AHEAD: Final = 9  # days that are looked at; a week has seven, and one more begins before it


class Span(msgspec.Struct, frozen=True, order=True):
    """From `start` up to, not including, `end`."""

    start: datetime
    end: datetime


def checked(given: Mapping[str, Any] | None, path: str = "hours") -> dict[str, Any] | None:
    """The hours as they are kept; None where no day has any. Raises Invalid with every field that is wrong."""
    if given is None:
        return None
    zone, week = str(given.get("zone") or "UTC").strip(), given.get("week") or {}
    if not isinstance(week, Mapping) or not all(isinstance(text, str) for text in week.values()):
        raise Invalid(
            errors=[FieldError(f"{path}.week", _("Takes a text for each of %(days)s.", days=", ".join(DAYS)))]
        )
    wrong = [] if zone in _zones() else [FieldError(f"{path}.zone", _("Name a time zone, such as Europe/London."))]
    wrong += [
        FieldError(f"{path}.week.{day}", _("The days are %(days)s.", days=", ".join(DAYS)))
        for day in week
        if day not in DAYS
    ]
    tidy = {day: " ".join(week.get(day, "").replace(",", " ").split()) for day in DAYS}
    for day, name in zip(DAYS, NAMES, strict=True):
        if not all(_PART.fullmatch(part) for part in tidy[day].split()):
            wrong.append(
                FieldError(f"{path}.week.{day}", _("Write %(name)s's hours like 09:00-12:30 13:30-17:00.", name=name))
            )
    if wrong:
        raise Invalid(errors=wrong)
    week = {day: text for day, text in tidy.items() if text}
    return {"zone": zone, "week": week} if week else None


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "Factory"})  # names, but not of a place


def span(hours: Mapping[str, Any] | None, at: datetime) -> Span | None:
    """The open time that `at` is in, or the next one. None: there are no hours, so it is always open."""
    if hours is None:
        return None
    zone = ZoneInfo(hours["zone"])
    today = at.astimezone(zone).date()
    joined: list[Span] = []
    for one in sorted(_spans(hours["week"], zone, today)):
        if joined and one.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, one.end))
        else:
            joined.append(one)
    return next((one for one in joined if one.end > at), Span(FAR, FAR))


def _spans(week: Mapping[str, str], zone: ZoneInfo, today: date) -> Iterator[Span]:
    for ahead in range(-1, _AHEAD):
        day = today + timedelta(days=ahead)
        for part in week.get(DAYS[day.weekday()], "").split():
            first, last = (_clock(text) for text in part.split("-"))
            start, end = _at(day, *first, zone), _at(day + timedelta(days=last <= first), *last, zone)
            yield Span(start, max(start, end))  # where the change of the clocks leaves it out, it is over at once


def _clock(text: str) -> tuple[int, int]:
    hour, __, minute = text.partition(":")
    return int(hour), int(minute)


def _at(day: date, hour: int, minute: int, zone: ZoneInfo) -> datetime:
    day += timedelta(days=hour // 24)
    return datetime.combine(day, time(hour % 24, minute), zone).astimezone(UTC)
