"""What one can do to an application. Every function runs in the caller's transaction.

`transition`, `progress` and `needs_person` live in lifecycle.py, `reviewed` and `seeker_answered` in verdicts.py; they
are offered here so that callers know one place.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.applications import intents, outcomes, store
from app.applications.lifecycle import (
    TOPIC,
    ask_for_person,
    load,
    load_by_number,
    needs_person,
    nobody,
    progress,
    record,
    transition,
)
from app.applications.types import Application, Intent, TimelineEntry
from app.applications.verdicts import resolve_unknown, reviewed, seeker_answered, start
from app.errors import Conflict
from app.platform import outbox
from app.platform.db import Tx
from app.postings import service as postings
from app.words import gettext as _

__all__ = [
    "approve",
    "approved_today",
    "by_number",
    "by_postings",
    "get",
    "needs_person",
    "of_pair",
    "of_seeker",
    "owned",
    "owned_by_number",
    "progress",
    "request_review",
    "resolve_unknown",
    "reviewed",
    "seeker_answered",
    "set_status_by_hand",
    "timeline",
    "transition",
    "withdraw",
]

ASKED_AGAIN = "The seeker wants to apply again, and nobody knows whether the first attempt arrived."

get = load
by_number = load_by_number


async def _create(tx: Tx, seeker_id: UUID, posting_id: UUID, values: dict[str, Any], note: str) -> Application | None:
    """A new application, or None when the seeker already has one for this posting."""
    posting = await postings.get(tx, posting_id)
    key = posting.identity_key or str(posting.id)
    row = {"seeker_id": seeker_id, "posting_id": posting_id, "vacancy_key": key} | values
    if not await store.create(tx, row):
        return None
    app = await store.by_pair(tx, seeker_id, posting_id, lock=True)
    assert app is not None, "the row was inserted in this transaction"  # noqa: S101 - narrows the type, can't fail
    source = "match" if app.mode == "auto" else "seeker"
    await record(tx, app, None, source=source, actor=None, note=note, data={"score": app.score})
    return app


async def _existing(tx: Tx, seeker_id: UUID, posting_id: UUID) -> Application:
    app = await store.by_pair(tx, seeker_id, posting_id, lock=True)
    if app is None:
        raise Conflict(_("This application was just removed; try again."), posting=str(posting_id))
    return app


async def approve(
    tx: Tx,
    *,
    seeker_id: UUID,
    posting_id: UUID,
    score: float | None,
    resume_version_id: UUID | None,
    mode: str = "auto",
    auto_customize: bool = False,
    notes: str = "",
) -> Application:
    """Let the bot apply: status `applying`, task `apply.application`, event ApplicationApproved. Idempotent.

    A machine (mode `auto`) only ever starts a fresh application; the seeker (`realtime`, `manual`) may also restart
    one that is not_applied, withdrawn or stuck. One that is under way or done is returned as it stands. Where an
    earlier attempt may have been sent a person finds out first: it is put before one again, or, where one is at it,
    Conflict is raised.
    """
    values = {"status": "applying", "mode": mode, "score": score, "resume_version_id": resume_version_id}
    fresh = await _create(
        tx, seeker_id, posting_id, values | {"auto_customize": auto_customize, "notes": notes}, "Approved for the bot"
    )
    if fresh is not None:
        await start(tx, fresh)
        return fresh
    app = await _existing(tx, seeker_id, posting_id)
    if mode == "auto" or app.status not in ("not_applied", "withdrawn", "needs_attention"):
        return app
    return await _restart(tx, app, mode, resume_version_id, auto_customize, notes)


async def _restart(
    tx: Tx, app: Application, mode: str, resume_version_id: UUID | None, auto_customize: bool, notes: str
) -> Application:
    standing = await intents.live(tx, app.seeker_id, app.vacancy_key)
    if standing is not None and standing.state == "unknown" and _left_alone(app, standing):
        return await outcomes.unknown(tx, standing, ASKED_AGAIN, source="seeker")
    if standing is not None and standing.state != "prepared":
        raise Conflict(
            _("An earlier attempt may have been sent. A person has to find out first."), application=str(app.id)
        )
    changes = {"mode": mode, "auto_customize": auto_customize, "notes": notes, "progress": 0, "phase": ""}
    if resume_version_id is not None:
        changes["resume_version_id"] = resume_version_id
    moved = await transition(tx, app.id, "applying", source="seeker", note="Started by the seeker", changes=changes)
    await start(tx, moved)
    return moved


def _left_alone(app: Application, standing: Intent) -> bool:
    """Whether nobody looks at this application's unknown outcome any more: its review was closed over it."""
    return standing.application_id == app.id and (app.attention or {}).get("kind") != "unknown_outcome"


async def request_review(
    tx: Tx,
    *,
    seeker_id: UUID,
    posting_id: UUID,
    score: float | None,
    resume_version_id: UUID | None,
    asked_by_seeker: bool = False,
) -> Application:
    """Ask a person to look first: status `in_review`, event ManualReviewRequired. Idempotent.

    An application that exists is returned as it stands, unless the seeker asks and it is not_applied or withdrawn.
    """
    attention = {"kind": "resume", "title": "", "payload": {"score": score}}
    mode = "manual" if asked_by_seeker else "auto"
    values = {"status": "in_review", "mode": mode, "score": score, "resume_version_id": resume_version_id}
    app = await _create(tx, seeker_id, posting_id, values | {"attention": attention}, "A person looks at it first")
    if app is None:
        app = await _existing(tx, seeker_id, posting_id)
        if not asked_by_seeker or app.status not in ("not_applied", "withdrawn"):
            return app
        changes = {"attention": attention, "resume_version_id": resume_version_id or app.resume_version_id}
        if app.status == "withdrawn":
            await transition(tx, app.id, "not_applied", source="manual", note="Taken up again")
        app = await transition(tx, app.id, "in_review", source="seeker", note="Asked by the seeker", changes=changes)
    await ask_for_person(tx, app, "resume")
    return app


async def withdraw(tx: Tx, application_id: UUID, *, actor: UUID, note: str = "") -> Application:
    """The seeker gives it up. What has not left yet is cancelled; what was sent stays sent."""
    app = await load(tx, application_id, lock=True)
    standing = await intents.live(tx, app.seeker_id, app.vacancy_key)
    if app.status == "applying" and standing is not None and standing.state == "armed":
        raise Conflict(_("It is being sent right now. Withdraw it once it says applied."), application=str(app.id))
    await intents.give_up(tx, app)
    kept = {"attention": app.attention} if app.attention else {}  # so that it can be undone (undo.py)
    moved = await transition(tx, app.id, "withdrawn", source="seeker", actor=actor, note=note or "Withdrawn", data=kept)
    facts = {"application": str(app.id)}
    await outbox.emit(tx, "ApplicationWithdrawn", topic=TOPIC, aggregate_id=app.id, version=moved.version, data=facts)
    return moved


async def set_status_by_hand(tx: Tx, application_id: UUID, to: str, *, actor: UUID, notes: str = "") -> Application:
    """The seeker or staff say how it stands. Saying `applied` takes the vacancy, so that no bot applies again.

    `applying` and `in_review` mean that a bot or a person is at work and can't be set by hand: NotAllowed.
    """
    app = await load(tx, application_id, lock=True)
    if to in ("applying", "in_review"):
        raise Conflict(
            _("This status is set by the work itself. Use apply, or ask for a review."), application=str(app.id)
        )
    if to == "withdrawn":
        return await withdraw(tx, application_id, actor=actor, note=notes)
    if app.status == "applying" and to != app.status:
        standing = await intents.live(tx, app.seeker_id, app.vacancy_key)
        if standing is not None and standing.state == "armed":
            raise Conflict(_("It is being sent right now. Try again in a minute."), application=str(app.id))
    if to == "applied" and app.status in ("not_applied", "applying", "in_review", "needs_attention"):
        await intents.confirm_by_person(tx, app, confirmation=None, by=actor)
    elif to != app.status:
        await intents.give_up(tx, app)
    return await transition(tx, application_id, to, source="manual", actor=actor, note=notes)


async def of_pair(tx: Tx, seeker_id: UUID, posting_id: UUID) -> Application | None:
    """The seeker's application for this posting, if there is one."""
    return await store.by_pair(tx, seeker_id, posting_id)


async def by_postings(tx: Tx, seeker_id: UUID, posting_ids: Sequence[UUID]) -> dict[UUID, Application]:
    """The seeker's applications for these postings, by posting id."""
    return {app.posting_id: app for app in await store.by_postings(tx, seeker_id, posting_ids)}


async def owned_by_number(tx: Tx, seeker_id: UUID, number: int) -> Application:
    """The seeker's own application of this number; NotFound for anybody else's, as if it didn't exist."""
    app = await load_by_number(tx, number)
    if app.seeker_id != seeker_id:
        raise nobody(number)
    return app


async def owned(tx: Tx, seeker_id: UUID, application_id: UUID) -> Application:
    """The seeker's own application of this id; NotFound for anybody else's, as if it didn't exist."""
    app = await load(tx, application_id)
    if app.seeker_id != seeker_id:
        raise nobody(application_id)
    return app


async def of_seeker(
    tx: Tx, seeker_id: UUID, *, statuses: Sequence[str] | None = None, before: int | None = None, limit: int = 50
) -> list[Application]:
    """The seeker's applications, the newest first; `before` is the number of the last one of the page before."""
    return await store.of_seeker(tx, seeker_id, statuses=statuses, before=before, limit=limit)


async def timeline(tx: Tx, application_id: UUID) -> list[TimelineEntry]:
    """Every change, the oldest first."""
    return await store.timeline(tx, application_id)


async def approved_today(tx: Tx, seeker_id: UUID, hours: int = 24) -> int:
    """How many of the seeker's applications were given to a bot in the last `hours`: the daily slots used."""
    return await store.approved_since(tx, seeker_id, hours)
