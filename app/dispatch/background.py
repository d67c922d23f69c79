"""What dispatch does when it hears of something: files a review where a person is needed, ends it where none is."""

from __future__ import annotations

from uuid import UUID

from app.dispatch import service
from app.dispatch.store import duty, ledger, own
from app.platform.bus import Consumer, Event
from app.platform.db import Database, Tx

KEEP_DAYS = 400  # fairness looks back a year at most
KEEP_OWN_DAYS = 60  # many, and a strike's evidence has its own copy


async def _review_required(tx: Tx, event: Event) -> None:
    await service.file_for_application(tx, UUID(str(event.data.get("application") or event.aggregate_id)))


async def _status_changed(tx: Tx, event: Event) -> None:
    await service.application_moved(tx, event.aggregate_id)


def consumers() -> list[Consumer]:
    """The durable listeners of dispatch; the dispatcher's process runs them."""
    handlers = {"ManualReviewRequired": _review_required, "ApplicationStatusChanged": _status_changed}
    return [Consumer("dispatch", handlers, topics=("applications",))]


async def prune(db: Database) -> int:
    """For the scheduler: forget old hours of availability, and outages."""
    async with db.transaction() as tx:
        forgotten = await duty.prune(tx, KEEP_DAYS)
        return forgotten + await ledger.prune(tx, KEEP_DAYS) + await own.prune(tx, KEEP_OWN_DAYS)
