"""The clock of an assignment, and the time that our own outages give back."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from app.dispatch.policy.types import Outage, Pool, Rules, Size


class Clock(Struct, frozen=True):
    """When the assignment must have arrived, when the warning is due, when it ends."""

    grace_at: datetime
    warn_at: datetime
    deadline_at: datetime


class Interval(Struct, frozen=True, order=True):
    """From `start` up to, not including, `end`."""

    start: datetime
    end: datetime


def sla_seconds(size: Size, pool: Pool | None, rules: Rules) -> int:
    """How long a review of this size may take; the pool's own target wins."""
    small = pool.sla_small_seconds if pool is not None and size == "small" else None
    own = small or (pool.sla_seconds if pool is not None else None)
    if own is not None:
        return own
    return rules.sla_seconds if size == "large" else rules.sla_small_seconds


def clock(now: datetime, seconds: int, rules: Rules) -> Clock:
    """The times of an assignment made now. The warning never comes before half of the time is over."""
    whole, warning, grace = _spans(seconds, rules.sla_warning_seconds, rules.delivery_grace_seconds)
    deadline = now + whole
    return Clock(grace_at=now + grace, warn_at=deadline - warning, deadline_at=deadline)


@functools.cache  # a handful of pools, asked with every assignment
def _spans(seconds: int, warning: int, grace: int) -> tuple[timedelta, timedelta, timedelta]:
    return (
        timedelta(seconds=seconds),
        timedelta(seconds=min(float(warning), seconds / 2)),
        timedelta(seconds=min(grace, seconds)),
    )


def union(outages: Iterable[Outage], now: datetime) -> list[Interval]:
    """The outages as disjoint intervals in order; one that lasts ends now. Overlapping ones count once."""
    merged: list[Interval] = []
    for each in sorted(Interval(o.start, o.end or now) for o in outages):
        if merged and each.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, each.end))
        elif each.end > each.start:
            merged.append(each)
    return merged


def uncovered(interval: Interval, credited: Iterable[Interval]) -> list[Interval]:
    """The parts of `interval` that no credited one covers: what is still to be given back."""
    parts, start = [], interval.start
    for other in sorted(credited):
        if other.start > start and start < interval.end:
            parts.append(Interval(start, min(other.start, interval.end)))
        start = max(start, other.end)
    if start < interval.end:
        parts.append(Interval(start, interval.end))
    return parts


def extension(parts: Iterable[Interval], assigned_at: datetime, deadline_at: datetime) -> timedelta:
    """What disjoint outages give back to an assignment, oldest first: the time it was open and running."""
    given = timedelta(0)
    for part in sorted(parts):
        if part.start < deadline_at + given and part.end > assigned_at:
            given += part.end - max(part.start, assigned_at)
    return given


def lasting(outages: Iterable[Outage]) -> bool:
    """Whether something of ours is down at this moment."""
    return any(outage.end is None for outage in outages)


def covers(outages: Iterable[Outage], moment: datetime) -> bool:
    """Whether something of ours was down at `moment`."""
    return any(o.start <= moment and (o.end is None or o.end > moment) for o in outages)
