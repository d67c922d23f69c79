"""What leaves with a commit of dispatch: events for other rooms, frames for people and boards, history for the review.

Collected while a verb runs, written at its end in one statement each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from app.dispatch.heartbeats import WAKE
from app.dispatch.store import turns
from app.platform import outbox
from app.platform.db import Transaction

TOPIC: Final = "reviews"


class Telling:
    """Collects; `send` writes."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.history: list[dict[str, Any]] = []
        self.pools: set[UUID] = set()
        self.refused = 0  # assignments that could not be opened any more

    def person(self, employee: UUID, type: str, data: dict[str, Any], pools: Sequence[UUID] = ()) -> None:
        """A durable frame to the person, and to the supervisors of these pools (who also learn whom it concerns)."""
        data = _plain(data)
        self.rows.append(outbox.frame_row(f"user:{employee}", type, data))
        for pool in pools:
            self.pool(pool, type, data | {"employee": str(employee)})

    def pool(self, pool: UUID, type: str, data: dict[str, Any]) -> None:
        """A durable frame to a pool's supervisors."""
        self.rows.append(outbox.frame_row(f"pool:{pool}", type, _plain(data)))
        self.pools.add(pool)

    def event(self, type: str, review: UUID, version: int = 0, **data: Any) -> None:
        """A domain event about a review."""
        row = outbox.event_row(type, topic=TOPIC, aggregate_id=review, version=version, data=_plain(data))
        self.rows.append(row)

    def note(
        self, review: UUID, kind: str, *, actor: UUID | None = None, assignment: UUID | None = None, **data: Any
    ) -> None:
        """A line in the review's history."""
        line = {"review_id": review, "kind": kind, "actor_id": actor, "assignment_id": assignment}
        self.history.append(line | {"data": _plain(data)})

    async def send(self, tx: Transaction, *, wake: bool = True) -> None:
        """Write it all; the boards of the pools learn that their queues changed, the dispatcher that it should look."""
        await turns.tell(tx, self.rows, self.history)
        for pool in sorted(self.pools):
            state(tx, pool, "queue_changed", {"pool": str(pool)})
        if wake:
            tx.hint(WAKE)


def state(tx: Transaction, pool: UUID, type: str, data: dict[str, Any], *, key: str = "") -> None:
    """A state frame to a pool's board: no cursor, the last one of a `key` wins."""
    told = {"type": type, "data": data} | ({"key": key} if key else {})
    tx.hint(f"state:pool:{pool}", msgspec.json.encode(told).decode())


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(data)
    return plain
