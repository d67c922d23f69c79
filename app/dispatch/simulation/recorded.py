"""A day as it was: what its rows say, for `replay.py`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from app.dispatch.policy.types import Pool, Size


class Filed(Struct, frozen=True, kw_only=True):
    """A review. `seconds` it took whoever completed it, `waited` until its first assignment; None: neither happened."""

    id: UUID
    at: datetime
    pool: UUID
    size: Size
    priority: int
    skills: frozenset[str]
    seconds: float | None
    waited: float | None


class Employed(Struct, frozen=True, kw_only=True):
    """A person, and when they were available: from, to."""

    id: UUID
    number: int
    name: str
    capacity: int
    pools: frozenset[UUID]
    skills: frozenset[str]
    available: list[tuple[datetime, datetime]]


class Recorded(Struct, frozen=True, kw_only=True):
    """What happened from `start` up to `end`. `ends`: how the assignments made in it ended, and how many did so."""

    start: datetime
    end: datetime
    pools: dict[UUID, Pool]
    people: list[Employed]
    reviews: list[Filed]
    ends: dict[str, int]
