"""What a simulated day is made of: who is there when, what arrives, and what people do with what they get."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from app.dispatch.policy.types import Pool, Size


class Span(Struct, frozen=True):
    """From `start` up to, not including, `end`."""

    start: datetime
    end: datetime


class Worker(Struct, frozen=True, kw_only=True):
    """An employee of a day. `pace` multiplies the seconds that a review takes; `drops` are lost connections.

    `planned`: dispatch knows the ends of the shifts, and prefers people whose shift lasts as long as the clock.
    """

    id: UUID
    number: int
    name: str = ""
    capacity: int = 1
    pools: frozenset[UUID] = frozenset()
    skills: frozenset[str] = frozenset()
    shifts: tuple[Span, ...] = ()
    drops: tuple[Span, ...] = ()
    pace: float = 1.0
    planned: bool = False


class Arrival(Struct, frozen=True, kw_only=True):
    """A review that is filed at `at`; `seconds` of work for somebody of pace 1."""

    id: UUID
    at: datetime
    pool: UUID
    size: Size
    seconds: float
    priority: int = 0
    skills: frozenset[str] = frozenset()


class Attempt(Struct, frozen=True):
    """What a person does with an assignment, `after` so many seconds at it.

    done; declined; never: arrives and is never finished; undelivered: doesn't even arrive.
    """

    kind: Literal["done", "declined", "never", "undelivered"]
    after: float = 0.0


Conduct = Callable[[Worker, Arrival], Attempt]
"""Asked once an assignment, in the order in which they are made."""


class Customs(Struct, frozen=True, kw_only=True):
    """Seconds: until a page acknowledges; until somebody paused for silence is back; until a supervisor unlocks."""

    ack_seconds: float = 0.3
    return_seconds: float = 300.0
    unlock_seconds: float = 3600.0


class Day(Struct, frozen=True, kw_only=True):
    """Everything that comes from outside. `arrivals` in the order of their times; they are read once."""

    start: datetime
    end: datetime
    pools: dict[UUID, Pool]
    workers: list[Worker]
    arrivals: Iterable[Arrival]
    conduct: Conduct
    customs: Customs = Customs()
