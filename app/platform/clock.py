"""The one place that reads a clock. Deadlines are compared by the database's clock, never by this one."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def utcnow() -> datetime:
    """The process's wall clock, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never go backwards, for durations inside one process."""
    return time.monotonic()
