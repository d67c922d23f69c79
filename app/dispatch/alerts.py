"""Telling supervisors, and the outside, that a review is late or stranded: once for each review and kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from app.dispatch.policy.types import Pool
from app.dispatch.store import alerts as store
from app.dispatch.store.alerts import Alert
from app.dispatch.tell import Telling
from app.platform.db import Transaction


async def late_and_over(tx: Transaction, pools: Mapping[UUID, Pool], now: datetime) -> None:
    """Part of a whole wake: raise what has become late in those of the pools that are open, clear what is over."""
    await store.over(tx, pools)
    raised = await store.late(tx, [one.id for one in pools.values() if not one.closed(now)])
    if raised:
        told = Telling()
        _tell(told, "late", raised)
        await told.send(tx, wake=False)


async def stranded(tx: Transaction, reviews: Collection[UUID], told: Telling) -> None:
    """These have just been stranded."""
    _tell(told, "stranded", await store.stranded(tx, reviews))


def _tell(told: Telling, kind: str, raised: Sequence[Alert]) -> None:
    event = {"late": "ReviewLate", "stranded": "ReviewStranded"}[kind]
    for one in raised:
        told.pools.add(one.pool)
        if one.fresh:
            data = {"review": one.review, "title": one.title, "since": one.since, "reason": one.reason}
            told.pool(one.pool, f"review_{kind}", data)
            told.event(event, one.review, one.version, pool=one.pool, since=one.since, reason=one.reason)
            if kind == "late":
                told.note(one.review, "late", since=one.since)
