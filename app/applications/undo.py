"""A withdrawal taken back within some seconds: the application stands where it stood, with whoever was at it."""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

from app.applications import service, store
from app.applications.lifecycle import ask_for_person, load, transition
from app.applications.policy import REVIEW_KINDS
from app.applications.types import Application, TimelineEntry
from app.errors import Conflict
from app.platform.db import Tx
from app.words import gettext as _
from app.words import later

UNDO_SECONDS: Final = 30
_LATE = 5  # a tap on the last second's button still counts
NOTE = "Withdrawal taken back"


class TooLate(Conflict):
    title = later("This can't be undone any more")


async def may_undo(tx: Tx, app: Application) -> bool:
    """Whether the seeker withdrew it within the last UNDO_SECONDS."""
    return app.status == "withdrawn" and await store.age_of_last_event(tx, app.id) <= UNDO_SECONDS


async def undoable(tx: Tx, seeker_id: UUID) -> list[Application]:
    """What the seeker has withdrawn a moment ago, the newest first: lists that show nothing withdrawn show these."""
    return [app for app in await store.withdrawn_since(tx, seeker_id, UNDO_SECONDS) if await may_undo(tx, app)]


async def undo_withdrawal(tx: Tx, application_id: UUID, *, actor: UUID) -> Application:
    """Back to where it stood. Raises TooLate, and Conflict where an attempt stands that a person has to clear up."""
    app = await load(tx, application_id, lock=True)
    age = await store.age_of_last_event(tx, app.id)
    last = (await store.timeline(tx, app.id))[-1]
    if app.status != "withdrawn" or last.source != "seeker" or last.from_status is None:
        raise TooLate(_("There is no withdrawal of yours to undo."), application=str(app.id))
    if age > UNDO_SECONDS + _LATE:
        raise TooLate(
            _("More than %(undo_seconds)s seconds have passed. You can apply again.", undo_seconds=UNDO_SECONDS),
            application=str(app.id),
        )
    return await _BACK.get(last.from_status, _by_hand)(tx, app, last, actor)


async def _applying(tx: Tx, app: Application, _last: TimelineEntry, _actor: UUID) -> Application:
    """The bot begins anew: what it had prepared was cancelled."""
    mode = app.mode if app.mode != "auto" else "realtime" if app.apply_url else "manual"
    return await service.approve(
        tx,
        seeker_id=app.seeker_id,
        posting_id=app.posting_id,
        score=app.score,
        resume_version_id=None,
        mode=mode,
        auto_customize=app.auto_customize,
        notes=app.notes,
    )


async def _with_person(tx: Tx, app: Application, last: TimelineEntry, actor: UUID) -> Application:
    """With the question or the work that it waited for; a review is filed again."""
    attention: dict[str, Any] = last.data.get("attention") or {"kind": "resume", "title": "", "payload": {}}
    to, changes = str(last.from_status), {"attention": attention}
    if to == "in_review":
        await transition(tx, app.id, "not_applied", source="manual", actor=actor, note=NOTE)
    moved = await transition(tx, app.id, to, source="seeker", actor=actor, note=NOTE, changes=changes)
    if attention["kind"] in REVIEW_KINDS:
        await ask_for_person(tx, moved, attention["kind"])
    return moved


async def _by_hand(tx: Tx, app: Application, last: TimelineEntry, actor: UUID) -> Application:
    """Sent or not, it stays so: only the status goes back, by way of `applied` where it was further."""
    to = str(last.from_status)
    if to in ("interview", "offer", "rejected"):
        await transition(tx, app.id, "applied", source="manual", actor=actor, note=NOTE)
    return await transition(tx, app.id, to, source="manual", actor=actor, note=NOTE)


_BACK: dict[str, Callable[[Tx, Application, TimelineEntry, UUID], Awaitable[Application]]] = {
    "applying": _applying,
    "in_review": _with_person,
    "needs_attention": _with_person,
}
