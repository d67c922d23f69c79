"""What operators look after: dead letters, intents, portals. Reads every room; shows no resume and no answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.accounts import audit
from app.applications import intents
from app.applications import service as applications
from app.applications.models import application, intent, portal
from app.dispatch.models import review
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.platform import queue
from app.platform.db import Tx
from app.platform.queue import task
from app.postings.models import posting
from app.postings.types import Kind
from app.words import gettext as _

APPLY = "apply."
# What postings without a form of their own have for a portal, and the systems whose boards we read.
INTERNAL = "internal"
SYSTEMS = tuple(kind for kind in get_args(Kind) if kind != "operator")


class DeadLetter(msgspec.Struct, frozen=True):
    """Work that was given up: a person reads why, mends the payload where needed, and replays it."""

    id: UUID
    kind: str
    key: str
    payload: dict[str, Any]
    attempts: int
    last_error: str | None
    created_at: datetime
    finished_at: datetime | None


class IntentLine(msgspec.Struct, frozen=True):
    """An attempt to submit, without what was filled in: operators see no answers."""

    id: UUID
    application_id: UUID
    application: int
    state: str
    confirmation: str | None
    prepared_at: datetime
    armed_at: datetime | None
    ended_at: datetime | None


class Unknown(msgspec.Struct, frozen=True):
    """An attempt whose outcome nobody knows, with what helps to find out. `review`: the number of one that is open.

    `status` is what the last answer of the employer's site said, if one came.
    """

    id: UUID
    application: int
    application_status: str
    company: str
    title: str
    apply_url: str | None
    armed_at: datetime | None
    status: int | None
    review: int | None


class Portal(msgspec.Struct, frozen=True):
    """Whether real submissions to a portal are on, by whom, and on which checklist that stands. Off by default."""

    name: str
    live: bool = False
    live_by: UUID | None = None
    live_at: datetime | None = None
    checklist: dict[str, Any] = {}


_DEAD = tuple(task.c[name] for name in DeadLetter.__struct_fields__)
_INTENT = (
    intent.c.id,
    intent.c.application_id,
    application.c.number,
    intent.c.state,
    intent.c.confirmation,
    intent.c.prepared_at,
    intent.c.armed_at,
    intent.c.ended_at,
)
_PORTAL = tuple(portal.c[name] for name in Portal.__struct_fields__)


async def dead_letters(tx: Tx, *, before: UUID | None = None, limit: int = 50) -> list[DeadLetter]:
    """The newest first."""
    query = select(*_DEAD).where(task.c.state == "dead").order_by(task.c.id.desc()).limit(limit)
    rows = await tx.conn.execute(query.where(task.c.id < before) if before else query)
    return [DeadLetter(*row) for row in rows]


async def dead_letter(tx: Tx, task_id: UUID) -> DeadLetter:
    """Raises NotFound."""
    row = (await tx.conn.execute(select(*_DEAD).where(task.c.id == task_id, task.c.state == "dead"))).one_or_none()
    if row is None:
        raise NotFound(_("There is no such dead letter; it may have been replayed."), dead_letter=str(task_id))
    return DeadLetter(*row)


async def mend(tx: Tx, task_id: UUID, payload: dict[str, Any], *, actor: UUID) -> DeadLetter:
    """Change what a dead letter carries. Raises NotFound."""
    before = await dead_letter(tx, task_id)
    await tx.conn.execute(update(task).where(task.c.id == task_id, task.c.state == "dead").values(payload=payload))
    data = {"before": before.payload, "after": payload}
    await audit.record(tx, actor=actor, action="dead-letter.mend", subject_type="task", subject_id=task_id, data=data)
    return await dead_letter(tx, task_id)


async def replay(tx: Tx, task_id: UUID, *, actor: UUID) -> DeadLetter:
    """Put it back to work. Raises NotFound, and Conflict for an application that may have been sent."""
    found = await dead_letter(tx, task_id)
    if found.kind.startswith(APPLY):
        await _check_not_sent(tx, found)
    open_twin = select(task.c.id).where(
        task.c.kind == found.kind, task.c.key == found.key, task.c.state.in_(("queued", "running"))
    )
    if (await tx.conn.execute(open_twin)).first() is not None:
        raise Conflict(_("The same work is queued or running already."), dead_letter=str(task_id))
    if not await queue.replay(tx, task_id):
        raise NotFound(_("There is no such dead letter; it may have been replayed."), dead_letter=str(task_id))
    await audit.record(tx, actor=actor, action="dead-letter.replay", subject_type="task", subject_id=task_id)
    return found


async def _check_not_sent(tx: Tx, found: DeadLetter) -> None:
    try:
        application_id = UUID(found.key)
    except ValueError:
        raise Invalid(_("This letter names no application; it can't be replayed."), dead_letter=str(found.id)) from None
    app = await applications.get(tx, application_id)
    standing = await intents.live(tx, app.seeker_id, app.vacancy_key)
    if standing is not None and standing.state != "prepared":
        raise Conflict(
            _("This application may have been sent. It is replayed once a person has proved that it was not."),
            application=str(app.id),
            intent=str(standing.id),
        )


def _intents() -> Select[Any]:
    return select(*_INTENT).join(application, application.c.id == intent.c.application_id)


async def intent_lines(
    tx: Tx, *, state: str | None = None, before: UUID | None = None, limit: int = 50
) -> list[IntentLine]:
    """Attempts to submit, the newest first."""
    query = _intents().order_by(intent.c.id.desc()).limit(limit)
    query = query.where(intent.c.state == state) if state else query
    rows = await tx.conn.execute(query.where(intent.c.id < before) if before else query)
    return [IntentLine(*row) for row in rows]


async def unknowns(tx: Tx, limit: int = 50) -> list[Unknown]:
    """What is to be decided, the oldest first."""
    looked_at = select(func.min(review.c.number)).where(
        review.c.application_id == application.c.id, review.c.kind == "unknown_outcome", review.c.ended_at.is_(None)
    )
    query = (
        select(intent.c.id, application.c.number, application.c.status, posting.c.company, posting.c.title)
        .add_columns(posting.c.apply_url, intent.c.armed_at, intent.c.response["status"], looked_at.scalar_subquery())
        .join(application, application.c.id == intent.c.application_id)
        .join(posting, posting.c.id == application.c.posting_id)
        .where(intent.c.state == "unknown")
    )
    return [Unknown(*row) for row in await tx.conn.execute(query.order_by(intent.c.id).limit(limit))]


async def resolve(
    tx: Tx, intent_id: UUID, *, sent: bool, note: str, confirmation: str | None, actor: UUID
) -> IntentLine:
    """What a person found out about an unknown attempt; nothing is sent because of it.

    Raises Invalid without a note, NotFound, Conflict where it has been decided already.
    """
    if not note.strip():
        raise Invalid(errors=[FieldError("note", _("Say how you found out; it is kept."))])
    number = (confirmation or "").strip() or None
    await applications.resolve_unknown(tx, intent_id, sent=sent, note=note, confirmation=number, by=actor)
    data = {"outcome": "sent" if sent else "not_sent", "confirmation": number}
    about: dict[str, Any] = {"subject_type": "intent", "subject_id": intent_id, "data": data, "reason": note}
    await audit.record(tx, actor=actor, action="intent.resolve", **about)
    return IntentLine(*(await tx.conn.execute(_intents().where(intent.c.id == intent_id))).one())


async def portals(tx: Tx) -> list[Portal]:
    """Every known one, by name: systems that we read, portals that postings lead to, and what somebody switched."""
    led_to = await tx.conn.execute(select(posting.c.portal).where(posting.c.portal != INTERNAL).distinct())
    known = {name: Portal(name) for name in [*SYSTEMS, *led_to.scalars()]}
    known |= {row.name: Portal(*row) for row in await tx.conn.execute(select(*_PORTAL))}
    return [known[name] for name in sorted(known)]


async def switch_portal(tx: Tx, name: str, *, live: bool, checklist: dict[str, Any] | None, actor: UUID) -> Portal:
    """Allow real submissions to a portal, or stop them. Going live names the checklist it stands on: Invalid."""
    if not 1 <= len(name) <= 100:
        raise Invalid(_("Name the portal."))
    if live and not checklist:
        raise Invalid(_("Going live names the checklist it stands on: what was rehearsed, and who looked."))
    said = {"live": live, "live_by": actor, "live_at": func.clock_timestamp(), "checklist": checklist or {}}
    statement = insert(portal).values(name=name, **said)
    row = (
        await tx.conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_=said).returning(*_PORTAL))
    ).one()
    action = "portal.live" if live else "portal.rehearse"
    await audit.record(
        tx, actor=actor, action=action, subject_type="portal", subject_id=name, data={"checklist": checklist or {}}
    )
    return Portal(*row)
