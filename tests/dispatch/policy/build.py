"""Short names for building snapshots by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.dispatch.policy.types import Effect, Held, Outage, Person, Pool, Rules, Snapshot, Waiting

T0 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RULES = Rules()
POOL = UUID(int=1)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def uid(number: int) -> UUID:
    return UUID(int=number)


def person(number: int, **more: Any) -> Person:
    given: dict[str, Any] = {"capacity": 1, "presence": "assignable", "pools": frozenset({POOL})}
    return Person(id=uid(number), number=number, **(given | more))


def review(number: int, **more: Any) -> Waiting:
    given: dict[str, Any] = {"pool": POOL, "size": "large", "queued_at": at(number)}
    return Waiting(review=uid(1000 + number), **(given | more))


def held(number: int, employee: int, **more: Any) -> Held:
    given: dict[str, Any] = {
        "assigned_at": T0,
        "grace_at": at(10),
        "warn_at": at(900),
        "deadline_at": at(1200),
        "delivered_at": at(1),
    }
    return Held(
        assignment=uid(2000 + number), review=uid(1000 + number), employee=uid(employee), pool=POOL, **(given | more)
    )


def outage(start: float, end: float | None = None, component: str = "web") -> Outage:
    return Outage(component=component, start=at(start), end=None if end is None else at(end))


def snapshot(people: list[Person], **more: Any) -> Snapshot:
    pools = more.pop("pools", {POOL: Pool(id=POOL)})
    return Snapshot(version=1, people={p.id: p for p in people}, pools=pools, **more)


def of(effects: list[Effect], kind: type) -> list[Any]:
    return [effect for effect in effects if isinstance(effect, kind)]
