"""Several postings at once, for the API and the pages: what is asked for, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from app.applications import batches, service
from app.applications.batch_store import Batch, Counts, Item
from app.applications.batches import Plan, Wanted
from app.bots.match import service as matching
from app.config import Settings
from app.errors import FieldError, Invalid
from app.platform.db import Tx
from app.postings import service as postings
from app.words import gettext as _


class BatchView(msgspec.Struct, frozen=True, kw_only=True):
    """A batch with its postings in their order."""

    batch: Batch
    counts: Counts
    items: list[Item]


async def wanted(tx: Tx, seeker_id: UUID, numbers: Sequence[int]) -> list[Wanted]:
    """The postings by their numbers, with the scores on file; each once. Raises NotFound, Invalid."""
    if len(numbers) > batches.MOST:
        raise Invalid(errors=[FieldError("job_ids", _("Name at most %(most)s postings.", most=batches.MOST))])
    found = []
    for number in dict.fromkeys(numbers):
        posting = await postings.by_number(tx, number)
        match = await matching.match(tx, seeker_id, posting.id)
        found.append(Wanted(posting.id, match.score if match else None))
    return found


async def begin(tx: Tx, seeker_id: UUID, numbers: Sequence[int], plan: Plan, settings: Settings) -> BatchView:
    """Keep the batch and begin its first; the scheduler goes on from there."""
    batch = await batches.create(tx, seeker_id, await wanted(tx, seeker_id, numbers), plan)
    await batches.advance(tx, batch.id, settings.daily_applications)
    return await view(tx, seeker_id, batch.id)


async def view(tx: Tx, seeker_id: UUID, batch_id: UUID) -> BatchView:
    """Raises NotFound for anybody else's."""
    batch = await batches.owned(tx, seeker_id, batch_id)
    counts, items = await batches.counts(tx, batch_id), await batches.items(tx, batch_id)
    return BatchView(batch=batch, counts=counts, items=items)


async def left_today(tx: Tx, seeker_id: UUID, settings: Settings) -> int:
    """How many more go out within the day."""
    return max(0, settings.daily_applications - await service.approved_today(tx, seeker_id))
