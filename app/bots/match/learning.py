"""Where labels come from outside the room: verdicts of reviews, and what became of applications."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.applications import service as applications
from app.applications.types import Application
from app.bots.match import score_labels
from app.errors import NotFound
from app.platform.bus import Consumer
from app.platform.db import Tx
from app.platform.events import Event

_GOOD = {"approve": True, "reject": False}
_OUTCOMES = score_labels.INVITED | {"rejected"}


async def on_task_completed(tx: Tx, event: Event) -> None:
    """A reviewer judged a resume for a posting. Reviews filed by hand have no application, and say nothing."""
    good = _GOOD.get(str(event.data.get("verdict")))
    application = event.data.get("application")
    if event.data.get("kind") != "resume" or good is None or application is None:
        return
    app = await _application(tx, UUID(str(application)))
    if app is not None:
        await score_labels.keep(tx, app.seeker_id, app.posting_id, "review", good=good, at=event.at)


async def on_status_changed(tx: Tx, event: Event) -> None:
    """An application got an answer, or one was corrected: the whole timeline says what holds now."""
    if not _OUTCOMES & {event.data.get("from"), event.data.get("to")}:
        return
    app = await _application(tx, event.aggregate_id)
    if app is None:
        return
    found = score_labels.outcome_of(await applications.timeline(tx, app.id))
    if found is None:
        await score_labels.drop(tx, app.seeker_id, app.posting_id, "outcome")
    else:
        await score_labels.keep(tx, app.seeker_id, app.posting_id, "outcome", good=found[0], at=found[1])


async def _application(tx: Tx, application_id: UUID) -> Application | None:
    """None: it was erased."""
    try:
        return await applications.get(tx, application_id, lock=True)  # no two events of it at once
    except NotFound:
        return None


_HANDLERS = {"TaskCompleted": on_task_completed, "ApplicationStatusChanged": on_status_changed}


async def _all(tx: Tx, events: Sequence[Event]) -> None:
    for event in events:
        await _HANDLERS[event.type](tx, event)


def consumer() -> Consumer:
    """Apart from the one that scores: what is learned from waits for nobody, and nobody for it."""
    return Consumer("match-learning", _HANDLERS, topics=("reviews", "applications"), together=_all)
