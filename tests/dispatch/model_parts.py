"""The parts of the model: reviews, assignments, people, strikes, outages; and how spans of time are put together."""

from __future__ import annotations

from dataclasses import dataclass, field

SLA = {"large": 1200.0, "small": 900.0}
WARNING, GRACE, DISCONNECT, REST = 300.0, 10.0, 180.0, 60.0
AGEING = 600.0
SILENCE, WEB_SILENCE = 3.0, 6.0
LOCKS_AT, MISSERS, UNDELIVERED = 4, 2, 2
Span = tuple[float, float]


class Refused(Exception):
    """The act is not possible, and changes nothing."""


@dataclass
class Piece:
    """A review."""

    number: int
    pool: int
    size: str
    priority: int
    queued: float
    state: str = "queued"
    kept: dict[int, tuple[str, float | None]] = field(default_factory=dict)  # from whom: why, until when
    missers: set[int] = field(default_factory=set)
    preferred: int | None = None
    until: float = 0.0
    stranded: bool = False

    @property
    def rank(self) -> tuple[float, int]:
        return (self.queued - AGEING * self.priority, self.number)


@dataclass
class Post:
    """An open assignment."""

    who: int
    at: float
    grace: float
    warn: float
    deadline: float
    delivered: float | None = None
    warned: bool = False


@dataclass
class Hand:
    """An employee."""

    capacity: int
    pools: set[int]
    available: bool = True
    locked: bool = False
    by_strikes: bool = False  # what locked it, where it is
    overrides: int = 0
    turn: int = -1
    run: int = 0
    baseline: int = 0


@dataclass
class Blow:
    """A strike. `end`: when its assignment ended."""

    who: int
    end: float
    voided: bool = False


@dataclass
class Outage:
    component: str
    start: float
    end: float | None = None
    credited: bool = False

    def over(self, moment: float) -> bool:
        return self.start <= moment and (self.end is None or self.end > moment)


def union(spans: list[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def without(spans: list[Span], taken: list[Span]) -> list[Span]:
    for low, high in taken:
        cut = [[(start, min(end, low)), (max(start, high), end)] for start, end in spans]
        spans = [one for pair in cut for one in pair if one[0] < one[1]]
    return spans
