"""What the seeker's cards say: plain words for each state, and what to do next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from app.applications.types import Application, TimelineEntry
from app.web.pages import stored
from app.web.pages.gates import Gates, Ring, ring
from app.web.pages.links import safe_link
from app.words import gettext as _
from app.words import later

WORDS = {
    "not_applied": later("Not applied"),
    "applying": later("Applying"),
    "applied": later("Applied"),
    "interview": later("Interview"),
    "offer": later("Offer"),
    "rejected": later("Rejected by the employer"),
    "in_review": later("With a reviewer"),
    "needs_attention": later("A person is needed"),
    "withdrawn": later("Withdrawn"),
}
_SAYS = {
    "resume": later("A reviewer looks at your resume for this one before it goes out. You need do nothing."),
    "question": later("The form asks something that your profile doesn't answer. A reviewer is looking at it."),
    "handover": later("The employer's form wants a person. One of ours has it."),
    "unknown_outcome": later(
        "The connection broke while sending. A person is finding out whether it arrived; nothing is sent twice."
    ),
}
# Who says so. What was set by hand was set by the seeker, or by somebody here.
_SOURCES = {
    "match": later("matching"),
    "system": "Cabrank",
    "bot": later("our bot"),
    "reviewer": later("a person here"),
    "manual": later("a person here"),
    "seeker": later("you"),
    "ats": later("the employer's system"),
    "mail": later("the employer's mail"),
    "page": later("the employer's page"),
}
OPEN = ("not_applied", "applying", "in_review", "needs_attention", "applied", "interview", "offer")
_ASKS = ("ask_seeker", "seeker")
HEARD = (
    ("interview", later("They invited me")),
    ("offer", later("They made me an offer")),
    ("rejected", later("They said no")),
)


class Entry(msgspec.Struct, frozen=True):
    """One line of the timeline."""

    words: str
    note: str
    source: str
    at: datetime


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """An application as the portal shows it. `whole` has timeline and links; `question` is what a reviewer asks.

    `asks`: nothing goes on until the seeker has done something. `may_undo`: it was withdrawn a moment ago.
    `can_say`: what they may have heard from the employer themself, as status and words.
    """

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
    asks: bool
    confirmation: str
    shot: str
    link: str
    timeline: list[Entry]
    can_say: list[tuple[str, str]]
    can_withdraw: bool
    may_undo: bool
    whole: bool


def source(name: str, *, own: bool = False) -> str:
    """Who a change comes from, in words; `own`: it was done by the one who reads it."""
    return _("you") if own else _(_SOURCES.get(name, name))


def _attention(app: Application) -> tuple[str, str]:
    """The sentence on the card, and the question to answer."""
    attention = app.attention or {}
    kind, title = attention.get("kind", ""), str(attention.get("title") or "")
    if kind == "ask_seeker":
        return "", stored.noted(title)
    return _(_SAYS[kind]) if kind in _SAYS else stored.noted(title), ""


def _sent(app: Application) -> bool:
    return app.status in ("applied", "interview", "offer", "rejected")


def entries(timeline: Sequence[TimelineEntry], seeker_id: UUID | None = None) -> list[Entry]:
    """The newest first."""
    return [
        Entry(_(WORDS.get(e.to_status, e.to_status)), _note(e), source(e.source, own=_own(e, seeker_id)), e.at)
        for e in reversed(timeline)
    ]


def _own(entry: TimelineEntry, seeker_id: UUID | None) -> bool:
    return entry.actor_id is not None and entry.actor_id == seeker_id


def _note(entry: TimelineEntry) -> str:
    """A note that says what the status says already is left out."""
    return "" if entry.note.casefold() == WORDS.get(entry.to_status, "").casefold() else stored.noted(entry.note)


def card(
    app: Application,
    gates: Gates,
    timeline: Sequence[TimelineEntry] = (),
    *,
    shot: bool = False,
    whole: bool = False,
    may_undo: bool = False,
) -> Card:
    """`timeline` oldest first, as the service gives it."""
    says, question = _attention(app)
    asks = app.status == "needs_attention" and (app.attention or {}).get("kind") in _ASKS
    last = stored.noted(timeline[-1].note) if timeline and app.status == "not_applied" else ""
    return Card(
        id=app.id,
        number=app.number,
        title=app.title,
        company=app.company,
        place="",
        ring=None if app.score is None else ring(app.score, gates),
        status=app.status,
        progress=app.progress,
        phase=stored.phase(app.phase),
        says=says or last,
        question=question,
        asks=asks,
        confirmation=app.confirmation or "",
        shot=f"/portal/applications/{app.number}/screenshot" if shot else "",
        link=safe_link(app.apply_url) if whole or (asks and not question) else "",
        timeline=entries(timeline, app.seeker_id) if whole else [],
        can_say=[(status, _(words)) for status, words in HEARD if status != app.status] if whole and _sent(app) else [],
        can_withdraw=app.status in OPEN and (whole or app.status == "needs_attention"),
        may_undo=may_undo,
        whole=whole,
    )
