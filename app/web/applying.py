"""A seeker asks to apply: one way for the API, the founding endpoints and the pages (F1)."""

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
from app.seekers import service as seekers

Mode = Literal["realtime", "manual", "auto"]


class ApplyOptions(msgspec.Struct):
    """How to apply. `auto`: a browser where the posting has a page of its own, directly where it is ours."""

    application_mode: Mode = "auto"
    auto_customize: bool = False
    follow_external_links: bool = True
    notes: str = ""


class NoResume(Conflict):
    title = "Upload a resume first"


class PostingClosed(Conflict):
    title = "This posting is closed"


async def apply(tx: Tx, seeker_id: UUID, number: int, options: ApplyOptions) -> Application:
    """Give the posting to the bot, or to a person where the bot may not leave us. Raises NotFound, Conflict."""
    posting = await postings.by_number(tx, number)
    if posting.state != "open":
        raise PostingClosed("It was taken down; nothing was sent.", job_id=number)
    resume = await seekers.latest_resume(tx, seeker_id)
    if resume is None:
        raise NoResume("Upload one that we can read, then apply again.")
    match = await matching.match(tx, seeker_id, posting.id)
    score = match.score if match else None
    if posting.apply_url and not options.follow_external_links:
        return await applications.request_review(
            tx,
            seeker_id=seeker_id,
            posting_id=posting.id,
            score=score,
            resume_version_id=resume.id,
            asked_by_seeker=True,
        )
    mode = options.application_mode
    if mode == "auto":  # the service's own `auto` is the machine's word, not the seeker's
        mode = "realtime" if posting.apply_url else "manual"
    return await applications.approve(
        tx,
        seeker_id=seeker_id,
        posting_id=posting.id,
        score=score,
        resume_version_id=resume.id,
        mode=mode,
        auto_customize=options.auto_customize,
        notes=options.notes[:2000],
    )
