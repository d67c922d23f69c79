"""Where applications and people meet: a review for each one that needs a person, and its end when none is needed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.applications import service as applications
from app.applications.types import Application
from app.dispatch import reviews
from app.dispatch.policy import lifecycle
from app.dispatch.policy.routing import RULES, route
from app.dispatch.store import pools
from app.dispatch.store import reviews as store
from app.dispatch.types import Review
from app.platform.db import Tx
from app.postings import service as postings

# An application in one of these still wants a person; in any other its open reviews are without an object.
_WANTS_A_PERSON = frozenset({"in_review", "needs_attention"})
_ITS_KINDS = frozenset({"resume", "question", "handover", "unknown_outcome"})


async def file_for_application(tx: Tx, application_id: UUID) -> Review | None:
    """File the review that the application's `attention` asks for; None where it asks for none any more."""
    app = await _locked(tx, application_id)
    kind = await _end_others(tx, app)
    if kind is None:
        return None
    wanted: dict[str, Any] = app.attention or {}
    title = f"{app.title} at {app.company}"
    if wanted.get("title"):
        title = f"{title}: {wanted['title']}"
    payload = {"score": app.score, "posting": str(app.posting_id), "application": app.number}
    payload["resume_version"] = str(app.resume_version_id) if app.resume_version_id else None
    pool, why = await _pool_for(tx, app)
    return await reviews.file_review(
        tx,
        kind=kind,
        pool=pool,
        route=why,
        title=title,
        application_id=app.id,
        seeker_id=app.seeker_id,
        payload=payload | {"attention": wanted.get("payload") or {}},
    )


async def _pool_for(tx: Tx, app: Application) -> tuple[UUID | None, str]:
    """The pool that stands for the posting's region and category, and why it is this one."""
    posting = await postings.get(tx, app.posting_id)
    found = route(await pools.places(tx), posting.region, posting.category)
    told = ", ".join(part for part in (posting.region, posting.category) if part)
    return found.pool, RULES[found.rule] + (f" ({told})" if told else "")


async def application_moved(tx: Tx, application_id: UUID) -> None:
    """End the open reviews that the application needs no more, or not of this kind any more."""
    await _end_others(tx, await _locked(tx, application_id))


async def _locked(tx: Tx, application_id: UUID) -> Application:
    """The application as it stands until this commits, so that a review and a withdrawal never miss each other.

    Its open reviews are locked first: a verdict takes its locks in that order, too.
    """
    await store.lock_of_application(tx, application_id)
    return await applications.get(tx, application_id, lock=True)


async def _end_others(tx: Tx, app: Application) -> str | None:
    """The kind of review that the application wants, if any; open ones of its other kinds are without an object."""
    kind = (app.attention or {}).get("kind", "")
    if app.status in _WANTS_A_PERSON and kind not in lifecycle.VERDICTS:
        return None  # the seeker has been asked: the review waits for the answer
    wanted = kind if app.status in _WANTS_A_PERSON else None
    for review in await store.open_of_application(tx, app.id):
        if review.kind in _ITS_KINDS - {wanted}:
            await reviews.cancel(tx, review.id, reason="withdrawn")
    return wanted
