"""Where applications and people meet: a review for each one that needs a person, and its end when none is needed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.applications import service as applications
from app.dispatch import reviews
from app.dispatch.policy import lifecycle
from app.dispatch.store import reviews as store
from app.dispatch.types import Review
from app.platform.db import Tx

# An application in one of these still wants a person; in any other its open reviews are without an object.
_WANTS_A_PERSON = frozenset({"in_review", "needs_attention"})
_ITS_KINDS = frozenset({"resume", "question", "handover", "unknown_outcome"})


async def file_for_application(tx: Tx, application_id: UUID) -> Review | None:
    """File the review that the application's `attention` asks for; None where it asks for none any more."""
    app = await applications.get(tx, application_id)
    wanted: dict[str, Any] = app.attention or {}
    kind = wanted.get("kind", "")
    if app.status not in _WANTS_A_PERSON or kind not in lifecycle.VERDICTS:
        return None
    title = f"{app.title} at {app.company}"
    if wanted.get("title"):
        title = f"{title}: {wanted['title']}"
    payload = {"score": app.score, "posting": str(app.posting_id), "application": app.number}
    payload["resume_version"] = str(app.resume_version_id) if app.resume_version_id else None
    return await reviews.file_review(
        tx,
        kind=kind,
        title=title,
        application_id=app.id,
        seeker_id=app.seeker_id,
        payload=payload | {"attention": wanted.get("payload") or {}},
    )


async def application_moved(tx: Tx, application_id: UUID) -> int:
    """End the open reviews of an application that needs nobody any more; how many."""
    app = await applications.get(tx, application_id)
    if app.status in _WANTS_A_PERSON:
        return 0
    ended = 0
    for review in await store.open_of_application(tx, application_id):
        if review.kind in _ITS_KINDS:
            ended += await reviews.cancel(tx, review.id, reason="withdrawn")
    return ended
