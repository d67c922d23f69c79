"""The range of time that a page of figures shows: picked by a word or by two dates, in the zone of who asks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlencode

from msgspec import Struct

from app.errors import FieldError, Invalid
from app.insight.buckets import Range, cut, midnight, zone_of
from app.web import zones
from app.words import gettext as _
from app.words import later

Pick = Literal["today", "7", "30", "own"]
Cut = Literal["", "hour", "day", "week"]  # empty: what fits the range
_BACK: Final[dict[str, int]] = {"today": 0, "7": 6, "30": 29}
NAMES: Final[dict[Pick, str]] = {"today": later("today"), "7": later("7 days"), "30": later("30 days")}


class Asked(Struct, frozen=True, kw_only=True):
    """As the page's address says it; without a zone it is the reader's.

    `start` and `end` are dates, both inside, and count where `pick` is own.
    """

    pick: Pick = "7"
    start: str = ""
    end: str = ""
    bucket: Cut = ""
    zone: str = "UTC"
    wall: bool = False

    def query(self, **other: object) -> str:
        """The address's query of this, or of another pick."""
        said: dict[str, object] = {"range": self.pick, "from": self.start, "to": self.end}
        said |= {"bucket": self.bucket, "zone": self.zone, "wall": "1" if self.wall else ""} | other
        usual = ("zone", zones.name())
        return urlencode({name: value for name, value in said.items() if value and (name, value) != usual})


def period(asked: Asked, now: datetime) -> Range:
    """Whole days there, the last one up to now. Raises Invalid."""
    zone = zone_of(asked.zone)
    today = now.astimezone(zone).date()
    if asked.pick == "own":
        first, last = day(asked.start, "from"), day(asked.end, "to")
        if first > last or first > today:
            raise Invalid(errors=[FieldError("from", _("The first day comes after the last one, or after today."))])
    else:
        first, last = today - timedelta(days=_BACK[asked.pick]), today
    end = min(midnight(last + timedelta(days=1), zone), now)
    return cut(midnight(first, zone), end, asked.bucket or None, asked.zone)


def day(text: str, path: str) -> date:
    """A date as a field of dates sends it. Raises Invalid."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 1900 < found.year < 9000:
        raise Invalid(errors=[FieldError(path, _("Choose the days from the calendar, or write them like 2026-11-23."))])
    return found
