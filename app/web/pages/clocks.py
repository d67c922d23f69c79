"""What a meter needs to be right on first paint; the page then runs it by the server's time (meter.js). Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from app.words import gettext as _
from app.words import ngettext as _n

LAST_MINUTE = 60


class Clock(msgspec.Struct, frozen=True):
    """Moments in RFC 3339, the digits and the share left (0-100) now, and the state: "", warn or risk."""

    start: str
    warn: str
    deadline: str
    text: str
    percent: float
    state: str


def digits(seconds: float) -> str:
    """mm:ss, never below zero."""
    left = max(0, int(seconds))
    return f"{left // 60:02}:{left % 60:02}"


def took(seconds: float) -> str:
    """m:ss, whole seconds, never below zero."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02}"


def clock(assigned_at: datetime, warn_at: datetime, deadline_at: datetime, now: datetime) -> Clock:
    """The clock of one assignment."""
    left = (deadline_at - now).total_seconds()
    whole = max(1.0, (deadline_at - assigned_at).total_seconds())
    state = "risk" if left <= LAST_MINUTE else "warn" if now >= warn_at else ""
    percent = round(max(0.0, min(100.0, 100 * left / whole)), 1)
    return Clock(assigned_at.isoformat(), warn_at.isoformat(), deadline_at.isoformat(), digits(left), percent, state)


def waited(since: datetime, now: datetime) -> str:
    """How long ago, for a person: 2:10, 3 h 05 min, 2 days."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02}"
    if seconds < 172_800:
        return _("%(hours)s h %(minutes)s min", hours=seconds // 3600, minutes=f"{seconds % 3600 // 60:02}")
    return _n("%(n)s days", "%(n)s days", seconds // 86_400)
