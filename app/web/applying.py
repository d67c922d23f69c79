"""A seeker asks to apply, or for a review, or answers one: one way for the APIs and the pages (F1)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from app.applications import service as applications
from app.applications.types import Application
from app.bots.match import service as matching
from app.errors import Conflict
from app.platform.db import Tx
from app.postings import service as postings
from app.postings.types import Posting
from app.seekers import service as seekers
from app.web.texts import Given, Words, said
from app.words import gettext as _
from app.words import later

Mode = Literal["realtime", "manual", "auto"]


class ApplyOptions(msgspec.Struct):
    """How to apply. `auto`: a browser where the posting has a page of its own, directly where it is ours."""

    application_mode: Mode = "auto"
    auto_customize: bool = False
    follow_external_links: bool = True
    notes: Words = ""


class NoResume(Conflict):
    title = later("Upload a resume first")


class PostingClosed(Conflict):
    title = later("This posting is closed")


class Ready(msgspec.Struct, frozen=True):
    """An open posting, and what the seeker has for it."""

    posting: Posting
    resume_id: UUID
    score: float | None


async def _ready(tx: Tx, seeker_id: UUID, number: int) -> Ready:
    """Raises NotFound, Conflict."""
    posting = await postings.by_number(tx, number)
    if posting.state != "open":
        raise PostingClosed(_("It was taken down; nothing was sent."), job_id=number)
    resume = await seekers.latest_resume(tx, seeker_id)
    if resume is None:
        raise NoResume(_("Upload one that we can read, then apply again."))
    match = await matching.match(tx, seeker_id, posting.id)
    return Ready(posting, resume.id, match.score if match else None)


async def apply(tx: Tx, seeker_id: UUID, number: int, options: ApplyOptions) -> Application:
    """Give the posting to the bot, or to a person where the bot may not leave us. Raises NotFound, Conflict."""
    ready = await _ready(tx, seeker_id, number)
    if ready.posting.apply_url and not options.follow_external_links:
        return await _reviewed(tx, seeker_id, ready)
    mode = options.application_mode
    if mode == "auto":  # the service's own `auto` is the machine's word, not the seeker's
        mode = "realtime" if ready.posting.apply_url else "manual"
    return await applications.approve(
        tx,
        seeker_id=seeker_id,
        posting_id=ready.posting.id,
        score=ready.score,
        resume_version_id=ready.resume_id,
        mode=mode,
        auto_customize=options.auto_customize,
        notes=options.notes,
    )


async def ask_for_review(tx: Tx, seeker_id: UUID, number: int) -> Application:
    """A person looks at it first. Raises NotFound, Conflict."""
    return await _reviewed(tx, seeker_id, await _ready(tx, seeker_id, number))


async def _reviewed(tx: Tx, seeker_id: UUID, ready: Ready) -> Application:
    return await applications.request_review(
        tx,
        seeker_id=seeker_id,
        posting_id=ready.posting.id,
        score=ready.score,
        resume_version_id=ready.resume_id,
        asked_by_seeker=True,
    )


async def answer_reviewer(tx: Tx, app: Application, answer: Given) -> Application:
    """Answer what a reviewer asked about this application, which is the caller's: the review goes on.

    It is kept in the seeker's answer bank too. Raises Conflict, Invalid.
    """
    asked = app.attention or {}
    if asked.get("kind") != "ask_seeker":
        raise Conflict(_("This question has been answered already."), application=str(app.id))
    question = str(asked.get("title") or "")
    return await applications.seeker_answered(tx, app.id, [{"question": question, "answer": said(answer)}])
