"""When each person was available for work: intervals, begun and ended by their group's dispatcher, never rewritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.platform.db import Transaction
from app.platform.ids import new_id

_OPEN: Final = "SELECT employee_id FROM duty WHERE group_id = $1 AND ended_at IS NULL"

_BEGIN: Final = """
INSERT INTO duty (id, group_id, employee_id, started_at)
SELECT id, $1, person, $4 FROM unnest($2::uuid[], $3::uuid[]) AS d(id, person)
ON CONFLICT (employee_id, group_id) WHERE ended_at IS NULL DO NOTHING
"""

_PRUNE: Final = "DELETE FROM duty WHERE ended_at < clock_timestamp() - make_interval(days => $1)"

_END: Final = """
UPDATE duty d SET ended_at = greatest(d.started_at, e.at)
FROM unnest($2::uuid[], $3::timestamptz[]) AS e(person, at)
WHERE d.group_id = $1 AND d.employee_id = e.person AND d.ended_at IS NULL
"""


async def open_of(tx: Transaction, group: UUID) -> set[UUID]:
    """Who is available as far as the record goes."""
    return {row["employee_id"] for row in await (await tx.driver()).fetch(_OPEN, group)}


async def begin(tx: Transaction, group: UUID, people: Sequence[UUID], at: datetime) -> None:
    """These are available from `at` on."""
    if people:
        await (await tx.driver()).execute(_BEGIN, group, [new_id() for _ in people], list(people), at)


async def end(tx: Transaction, group: UUID, people: Mapping[UUID, datetime]) -> None:
    """These aren't any more, since the time that is given."""
    if people:
        await (await tx.driver()).execute(_END, group, list(people), list(people.values()))


async def prune(tx: Transaction, days: int) -> int:
    """Forget what ended longer ago; how many."""
    told: str = await (await tx.driver()).execute(_PRUNE, days)
    return int(told.rpartition(" ")[2])
