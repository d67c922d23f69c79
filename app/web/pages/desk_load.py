"""Gathers what the desk shows: the review with its posting, resume, draft and score, all for the assignee alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.accounts import service as accounts
from app.accounts.sessions import Principal
from app.applications import service as applications
from app.applications.types import Application
from app.bots.match import service as matching
from app.bots.match.types import MatchView
from app.config import Settings
from app.dispatch import service as dispatch
from app.dispatch.types import Draft, NoSuchReview, ReviewView
from app.platform.clock import utcnow
from app.platform.db import Tx
from app.postings import service as postings
from app.postings.types import Posting
from app.seekers import service as seekers
from app.seekers.facts import read as read_facts
from app.seekers.sniff import DOCX, PDF, TEXT
from app.seekers.types import Answer, ResumeVersion, Seeker
from app.web.pages import desk_kept, desk_views, editing, marks, profile_form, scorecard
from app.web.pages.gates import gates
from app.web.pages.proposals import Proposal, Told, propose
from app.words import gettext as _
from app.words import later

# What a browser may be given of what seekers upload: all that is read.
DOCUMENTS = {PDF: "PDF", DOCX: "DOCX", TEXT: later("Text")}
# Minutes, and how a person says it; the page adds the clock, and tomorrow morning by the person's own time.
SHOWN_OFFERS = 3
SNOOZES = ((15, later("A quarter of an hour")), (60, later("An hour")), (180, later("Three hours")))


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A review on the desk with all it is about. Reviews filed by hand have no application."""

    view: ReviewView
    app: Application | None = None
    posting: Posting | None = None
    seeker: Seeker | None = None
    gate: float
    seeker_name: str = ""
    resume: ResumeVersion | None = None


class DraftView(msgspec.Struct, frozen=True, kw_only=True):
    """The text on the desk: the person's own draft, or (not `kept`) the resume as it is."""

    version: int
    kept: bool
    base_number: int
    text: str
    sections: list[editing.Edited]
    added: list[editing.Added]
    diff: list[editing.DiffLine]


async def case(tx: Tx, view: ReviewView, settings: Settings) -> Case:
    """Everything around a review that the viewer holds. Raises NoSuchReview to anybody else."""
    if not view.mine:
        raise NoSuchReview(review=str(view.review.id))
    if view.review.application_id is None:
        return Case(view=view, gate=settings.auto_apply_score)
    app = await applications.get(tx, view.review.application_id)
    resume = await _resume(tx, app)
    seeker = await seekers.get(tx, app.seeker_id)
    return Case(
        view=view,
        app=app,
        posting=await postings.get(tx, app.posting_id),
        seeker=seeker,
        gate=gates(seeker.thresholds, settings).auto,
        seeker_name=(await accounts.get_user(tx, app.seeker_id)).name,
        resume=resume,
    )


async def _resume(tx: Tx, app: Application) -> ResumeVersion | None:
    if app.resume_version_id is not None:
        return await seekers.get_resume(tx, app.resume_version_id)
    return await seekers.latest_resume(tx, app.seeker_id)


def draft_view(
    resume: ResumeVersion, version: int, text: str, sources: Mapping[str, str], *, kept: bool = True
) -> DraftView:
    """The text against the resume it started from."""
    return DraftView(
        version=version,
        kept=kept,
        base_number=resume.number,
        text=text,
        sections=editing.against(resume.text, text),
        added=editing.added(resume.text, text, sources),
        diff=editing.diff(resume.text, text),
    )


def stored_draft(resume: ResumeVersion, draft: Draft, me: UUID) -> DraftView:
    """From what this person saved; the resume itself where they saved nothing: a colleague's words are offered."""
    body = draft.body if draft.employee_id == me else {}
    text = str(body.get("text") or resume.text)
    return draft_view(resume, draft.version, text, body.get("sources") or {}, kept=bool(body))


class Offer(msgspec.Struct, frozen=True):
    """What somebody wrote before, as it may be taken over."""

    assignment: UUID
    author: str
    at: datetime
    words: str
    diff: list[editing.DiffLine]


def edits_resume(found: Case) -> bool:
    """Whether the desk shows a resume to edit; every other review has a form to fill in."""
    return found.view.review.kind == "resume" and found.resume is not None


def _written(found: Case, body: dict[str, Any]) -> tuple[str, list[editing.DiffLine]]:
    """What somebody wrote: in words, "" for nothing, and line by line."""
    if not edits_resume(found) or found.resume is None:
        lines = desk_kept.lines(body)
        return desk_kept.told(lines), lines
    base, text = found.resume.text, str(body.get("text") or "")
    return (editing.told(base, text), editing.diff(base, text)) if text else ("", [])


async def offers(tx: Tx, found: Case) -> list[Offer]:
    """Earlier words that say something, and not what another offer says; the newest first."""
    if found.view.assignment is None:
        return []
    me = found.view.assignment.employee_id
    known, offered = list[list[editing.DiffLine]](), list[Offer]()
    for one in await dispatch.earlier_drafts(tx, found.view):
        words, lines = _written(found, one.body)
        if not words or lines in known:
            continue
        known.append(lines)
        author = _("You") if one.employee_id == me else desk_views.first_name(one.author)
        offered.append(Offer(one.assignment_id, author, one.at, words, lines))
    return offered[:SHOWN_OFFERS]


def facts(found: Case) -> list[str]:
    """The line under the title."""
    posting = found.posting
    known = [_("For %(seeker)s", seeker=found.seeker_name) if found.seeker_name else ""]
    if posting is not None:
        known += [
            posting.location,
            posting.pay or "",
            _("Website") if posting.portal == "website" else posting.portal.title(),
        ]
    return [fact for fact in known if fact]


def told(seeker: Seeker, bank: list[Any]) -> list[dict[str, str]]:
    """What the seeker told us, word for word, each with where it stands."""
    given = [
        field for field in profile_form.fields(seeker, {}, {}) if field.name.startswith("profile.") and field.value
    ]
    said = [{"question": field.words, "answer": field.value, "source": _("profile")} for field in given]
    said += [{"question": a.question, "answer": profile_form.one_line(a.answer), "source": _("answer")} for a in bank]
    return said


async def first_score(tx: Tx, found: Case) -> tuple[scorecard.Scorecard, list[str], list[str]]:
    """The stored score of the upload with its reasons, and what it matched and missed."""
    return _stored(found, await _match(tx, found))


async def _match(tx: Tx, found: Case) -> MatchView | None:
    return await matching.match(tx, found.app.seeker_id, found.app.posting_id) if found.app else None


def _stored(found: Case, match: MatchView | None) -> tuple[scorecard.Scorecard, list[str], list[str]]:
    value = float(match.score) if match else (found.app.score or 0.0) if found.app else 0.0
    before = match.explanation if match else {}
    matched, missing = scorecard.skills(before, "matched"), scorecard.skills(before, "missing")
    card = scorecard.scorecard(value, None, found.gate, match.components if match else [], before, matched)
    return card, matched, missing


async def rescored(tx: Tx, embedder: Any, found: Case, text: str) -> tuple[scorecard.Scorecard, list[str], list[str]]:
    """The score of a text that isn't stored, against that of the upload."""
    if found.app is None:
        return await first_score(tx, found)
    match = await _match(tx, found)
    before, __, __ = _stored(found, match)
    score = await matching.rescore(
        tx, embedder, posting_id=found.app.posting_id, seeker_id=found.app.seeker_id, resume_text=text
    )
    matched, missing = list(score.matched), list(score.missing)
    reasons = match.explanation if match else {}
    card = scorecard.scorecard(score.score, before.value, found.gate, score.components, reasons, matched, now=score)
    return card, matched, missing


def document_of(found: Case) -> tuple[str, str]:
    """Where the uploaded file is shown, and what it is; empty where none came with the review."""
    if found.resume is None or found.resume.media_type not in DOCUMENTS:
        return "", ""
    return f"/desk/reviews/{found.view.review.id}/document", DOCUMENTS[found.resume.media_type]


def picture_key(found: Case) -> str:
    """The object that shows what the bot saw last, or "". A payload names keys, so only the application's own count."""
    key = str(desk_views.details(found.view).get("screenshot_key") or "")
    return key if found.app and key.startswith(f"applications/{found.app.id}/") else ""


async def opened_context(tx: Tx, found: Case) -> dict[str, Any]:
    """What `desk/_work.html` needs for any kind of review."""
    view = found.view
    left = desk_views.details(view)
    link = left.get("url") or (found.posting.apply_url if found.posting else "") or ""
    title = _("%(title)s at %(company)s", title=found.app.title, company=found.app.company) if found.app else ""
    shot = f"/desk/reviews/{view.review.id}/screenshot" if picture_key(found) else ""
    bank = await seekers.answers(tx, found.seeker.user_id) if found.seeker else []
    questions = desk_views.questions(view)
    return {
        "review": desk_views.opened(view, title, facts(found), link, shot, document_of(found)),
        "answers": told(found.seeker, bank) if found.seeker else [],
        "resume_text": found.resume.text if found.resume else "",
        "snoozes": [(minutes, _(words)) for minutes, words in SNOOZES],
        "earlier": await offers(tx, found),
        "kept": desk_kept.kept(view.draft, questions, view.assignment.employee_id if view.assignment else None),
        "proposals": _proposals(found, questions, bank),
        "can_ask": found.app is not None,
        "begun": view.assignment is not None and view.draft.employee_id == view.assignment.employee_id,
    } | await _resume_context(tx, found)


def _proposals(found: Case, questions: list[desk_views.Question], bank: list[Answer]) -> list[Proposal | None]:
    """For each question of the review, where the seeker is known whom it is about."""
    if found.seeker is None or found.app is None or found.view.review.kind != "question":
        return [None for __ in questions]
    resume = found.resume
    told = Told(
        seeker=found.seeker,
        bank=bank,
        given=found.app.given_answers,
        resume=resume.text if resume else "",
        skills=read_facts(resume.parsed).skills if resume else [],
        employer=found.app.company,
        today=utcnow().date(),
    )
    return propose(questions, told)


async def _resume_context(tx: Tx, found: Case) -> dict[str, Any]:
    if not edits_resume(found) or found.resume is None:
        return {}
    score, matched, missing = await first_score(tx, found)
    held = found.view.assignment
    return {
        "draft": stored_draft(found.resume, found.view.draft, held.employee_id if held else found.resume.seeker_id),
        "score": score,
        "posting": posting_view(found, matched, missing),
    }


def posting_view(found: Case, matched: list[str], missing: list[str]) -> dict[str, Any]:
    """The posting's text with marks."""
    text = found.posting.description_text if found.posting else ""
    return {"blocks": marks.blocks(text, matched, missing)}


async def of_mine(tx: Tx, principal: Principal, review_id: UUID, settings: Settings) -> Case:
    """The viewer's own open review. Raises NoSuchReview."""
    return await case(tx, await dispatch.review_view(tx, principal, review_id), settings)
