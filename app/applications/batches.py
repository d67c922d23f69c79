"""Several postings that a seeker asked to apply for at once: begun a few at a time, with pauses, and never twice.

The rows are the truth: `advance` looks at one batch under its lock and begins what may begin, as often as anybody
likes. What runs is the application's own affair, so that a batch holds up nothing and loses nothing when it is killed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog

from app.applications import batch_store as rows
from app.applications import service, store
from app.applications.batch_store import Batch, Item
from app.applications.types import Application
from app.errors import AppError, Conflict, FieldError, Invalid, NotFound
from app.platform import outbox
from app.platform.db import Database, Tx
from app.postings import service as postings
from app.seekers import service as seekers
from app.words import gettext as _
from app.words import later

log = structlog.get_logger(__name__)
MOST: Final = 100
# From these an application is begun; in any other it is under way, with a person, or over, and is let be.
FREE: Final = ("not_applied", "withdrawn")
ALREADY, CLOSED = later("You have applied already"), later("The posting is closed")
CANCELLED = later("Cancelled before it began")
WITHDRAWN: Final = later("You took it back meanwhile")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How a batch goes. Seconds between two beginnings; `max_concurrent` under way at once."""

    max_concurrent: int = 3
    delay_seconds: int = 30
    auto_customize: bool = False
    follow_external_links: bool = True


class Wanted(msgspec.Struct, frozen=True):
    """One posting, with the score that the seeker saw."""

    posting_id: UUID
    score: float | None


async def create(tx: Tx, seeker_id: UUID, wanted: Sequence[Wanted], plan: Plan) -> Batch:
    """Keep it, and begin what may begin when it is looked at. Raises Invalid, and Conflict without a resume.

    Postings that the seeker has applied for are kept as skipped, with why.
    """
    await seekers.lock(tx, seeker_id)
    _check(wanted, plan)
    if await seekers.latest_resume(tx, seeker_id) is None:
        raise Conflict(_("Upload a resume that we can read first."), seeker=str(seeker_id))
    apps = await service.by_postings(tx, seeker_id, [one.posting_id for one in wanted])
    found = [await _item(tx, one, apps.get(one.posting_id)) for one in wanted]
    return await rows.create(tx, {"seeker_id": seeker_id, **msgspec.structs.asdict(plan)}, found)


def _check(wanted: Sequence[Wanted], plan: Plan) -> None:
    errors = []
    if not 1 <= len({one.posting_id for one in wanted}) == len(wanted) <= MOST:
        errors.append(FieldError("job_ids", _("Name from 1 to %(most)s different postings.", most=MOST)))
    if not 1 <= plan.max_concurrent <= 10:
        errors.append(FieldError("max_concurrent", _("Takes a number from 1 to 10.")))
    if not 0 <= plan.delay_seconds <= 300:
        errors.append(FieldError("delay_between_applications", _("Takes seconds from 0 to 300.")))
    if errors:
        raise Invalid(errors=errors)


async def _item(tx: Tx, one: Wanted, app: Any) -> dict[str, Any]:
    posting = await postings.get(tx, one.posting_id)
    why = CLOSED if posting.state != "open" else ALREADY if app is not None and app.status not in FREE else ""
    return {"posting_id": one.posting_id, "score": one.score, "state": "skipped" if why else "waiting", "why": why}


async def owned(tx: Tx, seeker_id: UUID, batch_id: UUID) -> Batch:
    """NotFound for anybody else's, as if it didn't exist."""
    found = await rows.load(tx, batch_id)
    if found is None or found.seeker_id != seeker_id:
        raise NotFound(_("There is no such batch."), batch=str(batch_id))
    return found


async def items(tx: Tx, batch_id: UUID) -> list[Item]:
    """In the order in which they are begun."""
    return await rows.items(tx, batch_id)


async def latest_open(tx: Tx, seeker_id: UUID) -> Batch | None:
    """The seeker's batch that is under way, if one is."""
    return await rows.latest_open(tx, seeker_id)


async def cancel(tx: Tx, seeker_id: UUID, batch_id: UUID) -> Batch:
    """What has not begun never does; what has begun goes on, and can be withdrawn each by itself. Idempotent."""
    await owned(tx, seeker_id, batch_id)
    batch = await rows.load(tx, batch_id, lock=True)
    if batch is not None and batch.state == "open":
        await rows.stop_waiting(tx, batch_id, CANCELLED)
        await rows.change(tx, batch_id, {"state": "cancelled"}, ended=True)
        await _tell(tx, batch_id)
    return await owned(tx, seeker_id, batch_id)


async def advance(tx: Tx, batch_id: UUID, daily: int) -> None:
    """Begin what may begin now, and say what has changed. `daily`: the seeker's applications a day."""
    batch = await rows.load(tx, batch_id, lock=True)
    if batch is None or batch.state != "open":
        return
    await seekers.lock(tx, batch.seeker_id)  # two who count the same free slots would give them away twice
    free = daily - await service.approved_today(tx, batch.seeker_id)
    for item in await rows.may_begin(tx, batch, free):
        await _begin(tx, batch, item)
    if not await rows.unfinished(tx, batch_id):
        await rows.change(tx, batch_id, {"state": "done"}, ended=True)
    await _tell(tx, batch_id)


async def _begin(tx: Tx, batch: Batch, item: Item) -> None:
    """One item to its application; what is refused says why and holds up no other."""
    posting = await postings.get(tx, item.posting_id)
    if posting.state != "open":
        return await rows.end_item(tx, item, "skipped", CLOSED)
    before = await service.of_pair(tx, batch.seeker_id, item.posting_id)
    if before is not None and before.status not in FREE:
        return await rows.end_item(tx, item, "skipped", ALREADY)
    if before is not None and await _withdrawn_since(tx, before, batch):
        return await rows.end_item(tx, item, "skipped", WITHDRAWN)  # the later word counts
    try:
        async with tx.conn.begin_nested():
            app = await _apply(tx, batch, item, posting.apply_url)
    except AppError as why:
        return await rows.end_item(tx, item, "failed", why.detail)
    await rows.started(tx, item, app)
    return None


async def _withdrawn_since(tx: Tx, app: Application, batch: Batch) -> bool:
    return app.status == "withdrawn" and (await store.timeline(tx, app.id))[-1].at > batch.created_at


async def _apply(tx: Tx, batch: Batch, item: Item, apply_url: str | None) -> UUID:
    resume = await seekers.latest_resume(tx, batch.seeker_id)
    if resume is None:
        raise Conflict(_("There is no resume to send."))
    given: dict[str, Any] = {"seeker_id": batch.seeker_id, "posting_id": item.posting_id, "score": item.score}
    given["resume_version_id"] = resume.id
    if apply_url and not batch.follow_external_links:
        return (await service.request_review(tx, **given, asked_by_seeker=True)).id
    mode = "realtime" if apply_url else "manual"
    return (await service.approve(tx, **given, mode=mode, auto_customize=batch.auto_customize)).id


async def _tell(tx: Tx, batch_id: UUID) -> None:
    """A frame to the seeker, where the counts are not those of the last one."""
    batch = await rows.load(tx, batch_id)
    if batch is None:
        return
    counts = await rows.counts(tx, batch_id)
    said = {"state": batch.state, **msgspec.structs.asdict(counts)}
    if said != batch.told:
        await rows.change(tx, batch_id, {"told": said})
        await outbox.frame(tx, f"user:{batch.seeker_id}", "batch_progress", {"batch": str(batch_id), **said})


async def tick(db: Database, daily: int) -> int:
    """Look at every open batch, each in a transaction of its own; returns how many. The scheduler calls it."""
    async with db.transaction() as tx:
        found = await rows.open_ones(tx)
    for batch_id in found:
        try:
            async with db.transaction() as tx:
                await advance(tx, batch_id, daily)
        except AppError as why:  # one holds up no other
            log.error("batch_left", batch=str(batch_id), why=why.detail)
    return len(found)


counts = rows.counts
