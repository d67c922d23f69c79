"""How a person's day was spent."""

from __future__ import annotations

from datetime import datetime


class Hours:
    """Seconds of a person's day by kind: at `work`, `available`, with something `open`. Kinds run until turned off."""

    __slots__ = ("_seconds", "_since")

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._since: dict[str, datetime] = {}

    def turn(self, kind: str, on: bool, now: datetime) -> None:
        """From now on it is so, or isn't any more."""
        if on:
            self._since.setdefault(kind, now)
        elif kind in self._since:
            self._seconds[kind] = self.of(kind, now)
            del self._since[kind]

    def of(self, kind: str, now: datetime) -> float:
        """Seconds of this kind until now."""
        since = self._since.get(kind)
        return self._seconds.get(kind, 0.0) + ((now - since).total_seconds() if since else 0.0)
