"""What dispatch does when it hears of something: files a review where a person is needed, ends it where none is."""

from __future__ import annotations

from uuid import UUID

from app.dispatch import service
from app.dispatch.store import duty
from app.platform.bus import Consumer, Event
from app.platform.db import Database, Tx

KEEP_DUTY_DAYS = 400  # fairness looks back a year at most


async def _review_required(tx: Tx, event: Event) -> None:
    await service.file_for_application(tx, UUID(str(event.data.get("application") or event.aggregate_id)))


async def _status_changed(tx: Tx, event: Event) -> None:
    await service.application_moved(tx, event.aggregate_id)


def consumers() -> list[Consumer]:
    """The durable listeners of dispatch; the dispatcher's process runs them."""
    handlers = {"ManualReviewRequired": _review_required, "ApplicationStatusChanged": _status_changed}
    return [Consumer("dispatch", handlers, topics=("applications",))]


async def prune(db: Database) -> int:
    """For the scheduler: forget old hours of availability."""
    async with db.transaction() as tx:
        return await duty.prune(tx, KEEP_DUTY_DAYS)
