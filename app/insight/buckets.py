"""A range of time cut into hours, days or weeks as a clock on somebody's wall shows them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from app.errors import FieldError, Invalid
from app.words import gettext as _

Bucket = Literal["hour", "day", "week"]
MOST_BUCKETS: Final = 800  # a month of hours, two years of days
LONGEST: Final = timedelta(days=1830)
_HOUR, _DAY, _WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
_LENGTHS: Final[dict[Bucket, timedelta]] = {"hour": _HOUR, "day": _DAY, "week": _WEEK}
_LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)


class Range(Struct, frozen=True, kw_only=True):
    """From `start` up to, not including, `end`; `edges` are where its buckets begin, the first of them at `start`.

    A bucket is a local hour, a local day, or a week from Monday, in `zone`; the outer ones may be cut short.
    """

    start: datetime
    end: datetime
    zone: str
    bucket: Bucket
    edges: list[datetime]

    @property
    def before(self) -> datetime:
        """Where the range of equal length begins that ends where this one starts."""
        return self.start - (self.end - self.start)


def zone_of(name: str) -> ZoneInfo:
    """Raises Invalid where there is no such time zone."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Invalid(
            errors=[FieldError("zone", _("Name a time zone such as Europe/London, or leave it out for UTC."))]
        ) from None


def usual(length: timedelta) -> Bucket:
    """What shows a range of this length well: at most about ninety points."""
    if length <= timedelta(days=3):
        return "hour"
    return "day" if length <= timedelta(days=93) else "week"


def cut(start: datetime, end: datetime, bucket: Bucket | None = None, zone: str = "UTC") -> Range:
    """Raises Invalid where the range is empty, too long, or has too many buckets."""
    where = zone_of(zone)
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if not timedelta(0) < end - start <= LONGEST or end >= _LATEST or start.year < 1900:
        raise Invalid(errors=[FieldError("from", _("Lies before `to`, by at most %(days)s days.", days=LONGEST.days))])
    bucket = bucket or usual(end - start)
    if (end - start) / _LENGTHS[bucket] > MOST_BUCKETS:
        raise Invalid(errors=[FieldError("bucket", _("Choose longer buckets, or a shorter range."))])
    inside = (edge for edge in _walk(start, bucket, where) if edge > start)
    edges = [start]
    for edge in inside:
        if edge >= end:
            break
        edges.append(edge)
    return Range(start=start, end=end, zone=zone, bucket=bucket, edges=edges)


def _walk(start: datetime, bucket: Bucket, zone: ZoneInfo) -> Iterator[datetime]:
    """The beginnings of buckets, in UTC, from the one that `start` lies in, for ever."""
    local = start.astimezone(zone)
    if bucket == "hour":
        edge = start - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        while True:
            yield edge
            edge += _HOUR
    day = local.date() - timedelta(days=local.weekday() if bucket == "week" else 0)
    while True:
        yield midnight(day, zone)
        day += _WEEK if bucket == "week" else _DAY


def midnight(day: date, zone: tzinfo) -> datetime:
    """When this day begins there, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
