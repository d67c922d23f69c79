"""Who did what to whom, and why. Written in the transaction of the act itself; never changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.accounts import store
from app.accounts.store import Entry, Filter
from app.platform.db import Tx
from app.platform.ids import new_id

__all__ = ["Entry", "Filter", "entries", "record"]

EVERYTHING = Filter()


async def record(
    tx: Tx,
    *,
    actor: UUID | None,
    action: str,
    subject_type: str,
    subject_id: object,
    data: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Add a line. `actor` None is the system itself; `action` is a verb such as `user.lock`; no secrets in `data`."""
    values = {"id": new_id(), "actor_id": actor, "action": action, "subject_type": subject_type}
    await store.insert_entry(tx, values | {"subject_id": str(subject_id), "data": data or {}, "reason": reason})


async def entries(tx: Tx, *, before: UUID | None = None, limit: int = 50, only: Filter = EVERYTHING) -> list[Entry]:
    """The newest lines that `only` lets through, or those before the one with this id."""
    return await store.entries(tx, before, limit, only)
