"""What a person's verdict does to an application."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec

from app.applications import fitting, intents
from app.applications.lifecycle import TOPIC, ask_for_person, load, tell, transition
from app.applications.types import Application
from app.errors import Conflict, Invalid, NotFound
from app.platform import outbox, queue
from app.platform.db import Tx
from app.seekers import service as seekers
from app.seekers.policy import MAX_QUESTION, can_be_kept
from app.words import gettext as _

TASK = "apply.application"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One decision on one review. `answers`: [{"key"?, "question", "answer"}]."""

    resume_version_id: UUID | None
    answers: list[dict[str, Any]]
    confirmation: str | None
    by: UUID
    notes: str


async def start(tx: Tx, app: Application) -> None:
    """Hand an `applying` application to the bot, and say so."""
    await queue.add(tx, TASK, str(app.id), {"application": str(app.id)}, max_attempts=4)
    facts = {"application": str(app.id), "posting": str(app.posting_id)}
    await outbox.emit(tx, "ApplicationApproved", topic=TOPIC, aggregate_id=app.id, version=app.version, data=facts)


async def reviewed(
    tx: Tx,
    application_id: UUID,
    *,
    verdict: str,
    resume_version_id: UUID | None = None,
    answers: list[dict[str, Any]] | None = None,
    confirmation: str | None = None,
    by: UUID,
    notes: str = "",
) -> Application:
    """Carry out a reviewer's verdict in the transaction that completes the review. Invalid for an unknown verdict."""
    app = await load(tx, application_id, lock=True)
    act = _ACTS.get(verdict)
    if act is None:
        raise Invalid(
            _("There is no verdict %(verdict)s for an application.", verdict=repr(verdict)), application=str(app.id)
        )
    decision = Verdict(
        resume_version_id=resume_version_id, answers=answers or [], confirmation=confirmation, by=by, notes=notes
    )
    return await act(tx, app, decision)


async def _go_on(tx: Tx, app: Application, verdict: Verdict, note: str, changes: dict[str, Any]) -> Application:
    changes = changes | {"progress": 0, "phase": "", "attention": None}
    moved = await transition(
        tx, app.id, "applying", source="reviewer", actor=verdict.by, note=verdict.notes or note, changes=changes
    )
    await start(tx, moved)
    return moved


async def _approve(tx: Tx, app: Application, verdict: Verdict) -> Application:
    if verdict.resume_version_id is not None:
        version = await seekers.get_resume(tx, verdict.resume_version_id)
        if version.seeker_id != app.seeker_id:
            raise NotFound(_("There is no such resume."), resume=str(verdict.resume_version_id))
    changes = {"resume_version_id": verdict.resume_version_id} if verdict.resume_version_id else {}
    return await _go_on(tx, app, verdict, "Approved by a reviewer", changes)


async def _answered(tx: Tx, app: Application, verdict: Verdict) -> Application:
    payload = (app.attention or {}).get("payload") or {}
    questions = fitting.asked(payload.get("fields") or [])
    if wrong := list(fitting.problems(questions, verdict.answers)):
        # the bot would only come back with the same question
        raise Invalid(
            _("Some questions have no answer that the form takes. Answer them, or ask the seeker."), errors=wrong
        )
    given = merge_answers(app.given_answers, fitting.as_asked(questions, verdict.answers), "reviewer")
    return await _go_on(tx, app, verdict, "The reviewer answered", {"given_answers": given})


async def _reject(tx: Tx, app: Application, verdict: Verdict) -> Application:
    await intents.give_up(tx, app)
    note = verdict.notes or "The reviewer decided against applying"
    return await transition(tx, app.id, "not_applied", source="reviewer", actor=verdict.by, note=note)


async def _ask_seeker(tx: Tx, app: Application, verdict: Verdict) -> Application:
    if verdict.notes and not can_be_kept(verdict.notes):
        raise Invalid(
            _("Ask in words, and in at most %(max_question)s characters.", max_question=MAX_QUESTION),
            application=str(app.id),
        )
    before = app.attention or {}
    payload = {"question": verdict.notes, "before": before, "fields": before.get("payload", {}).get("fields", [])}
    attention = {"kind": "ask_seeker", "title": verdict.notes or "The reviewer has a question", "payload": payload}
    return await transition(
        tx,
        app.id,
        "needs_attention",
        source="reviewer",
        actor=verdict.by,
        note=verdict.notes or "The seeker is asked",
        changes={"attention": attention},
    )


async def _sent(tx: Tx, app: Application, verdict: Verdict) -> Application:
    await intents.confirm_by_person(tx, app, confirmation=verdict.confirmation, by=verdict.by)
    note = verdict.notes or "Sent, says the reviewer"
    changes = {"confirmation": verdict.confirmation, "attention": None}
    moved = await transition(tx, app.id, "applied", source="reviewer", actor=verdict.by, note=note, changes=changes)
    await submitted(tx, moved)
    return moved


async def _not_sent(tx: Tx, app: Application, verdict: Verdict) -> Application:
    """After an unknown outcome the bot may try again, for a person has proved that nothing arrived."""
    standing = await intents.live(tx, app.seeker_id, app.vacancy_key)
    if standing is not None and standing.state == "unknown" and standing.application_id == app.id:
        await intents.prove_not_sent(tx, standing.id, by=verdict.by)
        return await _go_on(tx, app, verdict, "Not sent, says the reviewer; the bot tries again", {})
    return await _reject(tx, app, verdict)


async def resolve_unknown(
    tx: Tx, intent_id: UUID, *, sent: bool, note: str, confirmation: str | None = None, by: UUID
) -> Application:
    """Staff found out what became of an attempt. Never leads to another one: nothing is started from here.

    Sent takes the vacancy for good. Not sent frees it, and leaves an application that waited for the answer
    `not_applied`, for its seeker to take up again. One that stands elsewhere meanwhile stays there. Raises NotFound,
    Conflict where it has been decided already.
    """
    known = await intents.get(tx, intent_id)
    if known is None:
        raise NotFound(_("There is no such attempt."), intent=str(intent_id))
    app = await load(tx, known.application_id, lock=True)  # whoever decides an attempt locks this first
    standing = await intents.live(tx, app.seeker_id, app.vacancy_key)
    if standing is None or standing.id != intent_id or standing.state != "unknown":
        raise Conflict(_("This attempt isn't unknown any more. Reload to see how it stands."), intent=str(intent_id))
    if not sent:
        await intents.prove_not_sent(tx, intent_id, by=by)
        waits = app.status in ("in_review", "needs_attention")
        return await transition(tx, app.id, "not_applied", source="manual", actor=by, note=note) if waits else app
    await intents.confirm_by_person(tx, app, confirmation=confirmation, by=by)
    if app.status not in ("not_applied", "applying", "in_review", "needs_attention"):
        return app
    changes = {"confirmation": confirmation, "attention": None}
    moved = await transition(tx, app.id, "applied", source="manual", actor=by, note=note, changes=changes)
    await submitted(tx, moved)
    return moved


async def _cannot(tx: Tx, app: Application, verdict: Verdict) -> Application:
    """Nobody here can finish it: the seeker sees why and what to do. An unknown intent stays unknown."""
    before = app.attention or {}
    title = verdict.notes or "We couldn't finish this application. Open the posting to see how it stands."
    attention = {"kind": "seeker", "title": title, "payload": {"before": before}}
    changes = {"attention": attention}
    return await transition(
        tx, app.id, "needs_attention", source="reviewer", actor=verdict.by, note=title, changes=changes
    )


async def submitted(tx: Tx, app: Application) -> None:
    """Say that the application is with the employer: the frame for the seeker and the event."""
    await tell(tx, app, "application_completed", confirmation=app.confirmation)
    facts = {"application": str(app.id), "posting": str(app.posting_id)}
    await outbox.emit(tx, "ApplicationSubmitted", topic=TOPIC, aggregate_id=app.id, version=app.version, data=facts)


def merge_answers(known: list[dict[str, Any]], new: list[dict[str, Any]], source: str) -> list[dict[str, Any]]:
    """Answers by question, the latest wins; each keeps who gave it."""
    merged = {str(a.get("key") or a.get("question")): a for a in known}
    for answer in new:
        merged[str(answer.get("key") or answer.get("question"))] = answer | {"source": source}
    return list(merged.values())


async def seeker_answered(tx: Tx, application_id: UUID, answers: list[dict[str, Any]]) -> Application:
    """The seeker answered what a reviewer asked: back to the review it came from, with the answers.

    What a seeker answers is kept in their answer bank; what a reviewer answers stays with this application. Raises
    Conflict where nothing is asked, or not any more.
    """
    app = await load(tx, application_id, lock=True)
    asking = app.attention or {}
    if asking.get("kind") != "ask_seeker":
        raise Conflict(_("This question has been answered already."), application=str(app.id))
    before = (asking.get("payload") or {}).get("before") or {"kind": "question", "title": "", "payload": {}}
    given = merge_answers(app.given_answers, answers, "seeker")
    for answer in answers:
        if answer.get("question") and answer.get("answer"):
            await seekers.set_answer(tx, app.seeker_id, question=str(answer["question"]), answer=answer["answer"])
    changes = {"attention": before, "given_answers": given}
    moved = await transition(tx, app.id, "in_review", source="seeker", note="Answered", changes=changes)
    await ask_for_person(tx, moved, before["kind"])
    return moved


_ACTS: dict[str, Callable[[Tx, Application, Verdict], Awaitable[Application]]] = {
    "approve": _approve,
    "answered": _answered,
    "reject": _reject,
    "ask_seeker": _ask_seeker,
    "sent": _sent,
    "not_sent": _not_sent,
    "cannot": _cannot,
    "cannot_tell": _cannot,
}
