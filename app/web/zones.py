"""The time zone of who reads a page. The browser says it in a cookie (theme.js), and all that a request draws is drawn
in it: first loads, parts and pushes alike. Programs say none and get UTC."""

from __future__ import annotations

import re
from contextvars import ContextVar
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.words import date_words

_SAID = re.compile(r"(?:^|;\s*)zone=([A-Za-z0-9_+\-]{1,30}(?:/[A-Za-z0-9_+\-]{1,30}){0,2})(?:;|$)")
_HERE: ContextVar[tzinfo] = ContextVar("zone", default=UTC)


@lru_cache(maxsize=1000)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def enter(cookies: str) -> None:
    """From now on in this request; `cookies` is the request's header. Whatever is no zone is UTC."""
    said = _SAID.search(cookies)
    _HERE.set(_zone(said[1]) if said else UTC)


def here() -> tzinfo:
    return _HERE.get()


def name() -> str:
    """Such as Europe/Berlin, or UTC."""
    zone = here()
    return zone.key if isinstance(zone, ZoneInfo) else "UTC"


def local(moment: datetime) -> datetime:
    """As the reader's clock shows it."""
    return moment.astimezone(here())


def mark(moment: datetime) -> str:
    """What the zone is called at that moment: CET, or UTC-03:00 where it has no name of its own."""
    known = local(moment).tzname() or ""
    return known if known.isalpha() else _offset(moment)


def _offset(moment: datetime) -> str:
    return f"UTC{local(moment).isoformat()[-6:]}"


def told(moment: datetime | str, form: str = "%H:%M:%S") -> str:
    """In a sentence: "04:14:05 CET"; a text that is no moment as it is."""
    found = _moment(moment)
    return f"{date_words(local(found), form)} {mark(found)}" if found else str(moment)


def _moment(said: datetime | str) -> datetime | None:
    """RFC 3339; without a zone it is UTC, as it is stored."""
    try:
        found = said if isinstance(said, datetime) else datetime.fromisoformat(said)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def absolute(said: datetime | str) -> str:
    """All of it, for the hover: "2026-11-26 04:14:05 CET, UTC+01:00"."""
    if (moment := _moment(said)) is None:
        return str(said)
    known = mark(moment)
    further = "" if known == "UTC" or known.startswith("UTC") else f", {_offset(moment)}"
    return f"{local(moment):%Y-%m-%d %H:%M:%S} {known}{further}"
