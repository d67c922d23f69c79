"""What the seeker's cards say: plain words for each state, and what to do next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from app.applications.types import Application, TimelineEntry
from app.web.pages.gates import Gates, Ring, ring
from app.web.pages.links import safe_link

WORDS = {
    "not_applied": "Not applied",
    "applying": "Applying",
    "applied": "Applied",
    "interview": "Interview",
    "offer": "Offer",
    "rejected": "Rejected by the employer",
    "in_review": "With a reviewer",
    "needs_attention": "A person is needed",
    "withdrawn": "Withdrawn",
}
_SAYS = {
    "resume": "A reviewer looks at your resume for this one before it goes out. You need do nothing.",
    "question": "The form asks something that your profile doesn't answer. A reviewer is looking at it.",
    "handover": "The employer's form wants a person. One of ours has it.",
    "unknown_outcome": "The connection broke while sending. A person is finding out whether it arrived; "
    "nothing is sent twice.",
}
_SOURCES = {"match": "matching", "system": "Cabrank", "reviewer": "reviewer", "seeker": "you", "manual": "by hand"}
OPEN = ("not_applied", "applying", "in_review", "needs_attention", "applied", "interview", "offer")


class Entry(msgspec.Struct, frozen=True):
    """One line of the timeline."""

    words: str
    note: str
    source: str
    at: datetime


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """An application as the portal shows it. `whole` has timeline and links; `question` is what a reviewer asks."""

    id: UUID
    number: int
    title: str
    company: str
    place: str
    ring: Ring | None
    status: str
    progress: int
    phase: str
    says: str
    question: str
    confirmation: str
    shot: str
    link: str
    timeline: list[Entry]
    can_withdraw: bool
    whole: bool


def _attention(app: Application) -> tuple[str, str]:
    """The sentence on the card, and the question to answer."""
    attention = app.attention or {}
    kind, title = attention.get("kind", ""), str(attention.get("title") or "")
    if kind == "ask_seeker":
        return "", title
    return _SAYS.get(kind, title), ""


def entries(timeline: Sequence[TimelineEntry]) -> list[Entry]:
    """The newest first."""
    return [
        Entry(WORDS.get(e.to_status, e.to_status), e.note, _SOURCES.get(e.source, e.source), e.at)
        for e in reversed(timeline)
    ]


def card(
    app: Application,
    gates: Gates,
    timeline: Sequence[TimelineEntry] = (),
    *,
    shot: bool = False,
    whole: bool = False,
) -> Card:
    """`timeline` oldest first, as the service gives it."""
    says, question = _attention(app)
    last = timeline[-1].note if timeline and app.status == "not_applied" else ""
    return Card(
        id=app.id,
        number=app.number,
        title=app.title,
        company=app.company,
        place="",
        ring=None if app.score is None else ring(app.score, gates),
        status=app.status,
        progress=app.progress,
        phase=app.phase,
        says=says or last,
        question=question,
        confirmation=app.confirmation or "",
        shot=f"/portal/applications/{app.number}/screenshot" if shot else "",
        link=safe_link(app.apply_url) if whole else "",
        timeline=entries(timeline) if whole else [],
        can_withdraw=whole and app.status in OPEN,
        whole=whole,
    )
