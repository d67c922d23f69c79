"""Moving an application: one locked row, one timeline row, one frame, one event for every change."""

from typing import Any
from uuid import UUID

from sqlalchemy import func

from app.applications import policy, store
from app.applications.types import Application, NotAllowed
from app.errors import NotFound
from app.platform import outbox
from app.platform.db import Tx
from app.words import gettext as _

TOPIC = "applications"


def nobody(subject: object) -> NotFound:
    return NotFound(_("There is no such application."), application=str(subject))


async def load(tx: Tx, application_id: UUID, *, lock: bool = False) -> Application:
    """The application; NotFound when there is none."""
    found = await store.by_id(tx, application_id, lock=lock)
    if found is None:
        raise nobody(application_id)
    return found


async def load_by_number(tx: Tx, number: int, *, lock: bool = False) -> Application:
    """The application of this short number; NotFound when there is none."""
    found = await store.by_number(tx, number, lock=lock)
    if found is None:
        raise nobody(number)
    return found


def card(app: Application) -> dict[str, Any]:
    """What every frame to the seeker carries."""
    return {
        "application": str(app.id),
        "number": app.number,
        "posting": str(app.posting_id),
        "job_id": app.posting_number,
        "job_title": app.title,
        "company": app.company,
        "status": app.status,
        "progress": app.progress,
        "phase": app.phase,
    }


async def tell(tx: Tx, app: Application, frame: str, **more: Any) -> None:
    """A durable frame to the application's seeker."""
    await outbox.frame(tx, f"user:{app.seeker_id}", frame, card(app) | more)


async def record(
    tx: Tx, app: Application, before: str | None, *, source: str, actor: UUID | None, note: str, data: dict[str, Any]
) -> None:
    """The timeline row, the frame and the event of a change that has just been written."""
    row = {"application_id": app.id, "from_status": before, "to_status": app.status, "source": source}
    entry = await store.add_event(tx, row | {"actor_id": actor, "note": note, "data": data})
    await tell(tx, app, "application_status_change", **{"from": before, "source": source, "note": note})
    facts = {"from": before, "to": app.status, "source": source, "entry": str(entry)}
    await outbox.emit(tx, "ApplicationStatusChanged", topic=TOPIC, aggregate_id=app.id, version=app.version, data=facts)


async def transition(
    tx: Tx,
    application_id: UUID,
    to: str,
    *,
    source: str,
    actor: UUID | None = None,
    note: str = "",
    data: dict[str, Any] | None = None,
    changes: dict[str, Any] | None = None,
) -> Application:
    """Move to status `to`, if the table allows it to this source; NotAllowed otherwise.

    `changes` are further columns written with it. A move to the same status with nothing to change is no change.
    """
    app = await load(tx, application_id, lock=True)
    if app.status == to and not changes:
        return app
    if app.status != to and not policy.allowed(app.status, to, source):
        raise NotAllowed(
            _(
                "An application that is %(state)s can't become %(to)s.",
                state=app.status.replace("_", " "),
                to=to.replace("_", " "),
            ),
            application=str(app.id),
            status=app.status,
        )
    await store.change(tx, app.id, _columns_for(app, to) | (changes or {}))
    moved = await load(tx, application_id)
    await record(tx, moved, app.status, source=source, actor=actor, note=note, data=data or {})
    return moved


def _columns_for(app: Application, to: str) -> dict[str, Any]:
    columns: dict[str, Any] = {"status": to}
    if to not in ("in_review", "needs_attention"):
        columns["attention"] = None
    if to in policy.PROGRESS:
        columns |= {"progress": policy.PROGRESS[to], "phase": ""}
    if to == "applied" and app.applied_at is None:
        columns["applied_at"] = func.clock_timestamp()
    return columns


async def progress(tx: Tx, application_id: UUID, percent: int, phase: str) -> None:
    """Show how far the bot is; ignored once the application is no longer `applying`."""
    app = await load(tx, application_id, lock=True)
    if app.status != "applying" or (app.progress, app.phase) == (percent, phase):
        return
    await store.change(tx, app.id, {"progress": percent, "phase": phase})
    await tell(tx, await load(tx, application_id), "application_progress")


async def needs_person(
    tx: Tx, application_id: UUID, *, kind: str, title: str, payload: dict[str, Any], source: str = "bot"
) -> Application:
    """Stop the machine here and put a person in front of it; dispatch files a review from `attention`.

    `kind`: resume, question, handover, unknown_outcome or mail_match. The payload may hold what the assignee needs
    (fields, answers, links); it stays in the row, the event carries ids only.
    """
    attention = {"kind": kind, "title": title, "payload": payload}
    to = policy.REVIEW_KINDS[kind]
    app = await transition(
        tx, application_id, to, source=source, note=title, data={"kind": kind}, changes={"attention": attention}
    )
    await ask_for_person(tx, app, kind)
    if kind in ("handover", "unknown_outcome"):
        await tell(tx, app, "application_failed", reason=title, kind=kind)
    return app


async def ask_for_person(tx: Tx, app: Application, kind: str) -> None:
    """The event that dispatch files a review from."""
    facts = {"application": str(app.id), "kind": kind}
    await outbox.emit(tx, "ManualReviewRequired", topic=TOPIC, aggregate_id=app.id, version=app.version, data=facts)
