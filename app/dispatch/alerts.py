"""Telling supervisors, and the outside, that a review is late or stranded: once for each review and kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
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
        tell(told, "late", raised)
        await told.send(tx, wake=False)


def tell(told: Telling, kind: Literal["late", "stranded"], raised: Sequence[Alert]) -> None:
    """Of what has just been raised, once for each review; the boards look again in any case."""
    event = {"late": "ReviewLate", "stranded": "ReviewStranded"}[kind]
    for one in raised:
        told.pools.add(one.pool)
        if one.fresh:
            data = {"review": one.review, "title": one.title, "since": one.since, "reason": one.reason}
            told.pool(one.pool, f"review_{kind}", data)
            told.event(event, one.review, one.version, pool=one.pool, since=one.since, reason=one.reason)
            if kind == "late":
                told.note(one.review, "late", since=one.since)
