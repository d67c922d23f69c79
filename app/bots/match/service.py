"""What one can ask of matching, in the caller's transaction."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from uuid import UUID

import msgspec

from app.bots.match import requirements, scales, scoring, store
from app.bots.match.embedder_client import Embedder, EmbedderUnavailable
from app.bots.match.policy import Filter, decide, limits
from app.bots.match.requirements import Needs
from app.bots.match.shown import EVERYTHING, Shown
from app.bots.match.types import MatchPage, MatchView, ScoreResult
from app.config import Settings
from app.errors import Conflict, FieldError, Invalid, NotFound, Unavailable
from app.platform import outbox
from app.platform.clock import utcnow
from app.platform.db import Tx
from app.seekers import service as seekers
from app.seekers.types import Seeker
from app.words import gettext as _

STATES = ("open", "waiting", "acted", "closed")
_MOST = 100
MOST_TITLE, MOST_TEXT = 300, 60_000  # characters of a posting that is pasted


async def matches_of(
    tx: Tx,
    seeker_id: UUID,
    min_score: float = 0,
    cursor: str | None = None,
    limit: int = 50,
    states: Sequence[str] = ("open", "waiting", "acted"),
    shown: Shown = EVERYTHING,
) -> MatchPage:
    """The seeker's matches, the best first. Raises Invalid on a cursor that isn't ours or an unknown state."""
    if unknown := set(states) - set(STATES):
        raise Invalid(
            _("A match is %(states)s; not %(unknown)s", states=", ".join(STATES), unknown=", ".join(sorted(unknown)))
        )
    limit = max(1, min(limit, _MOST))
    after = _after(cursor) if cursor else None
    found = await store.page(
        tx, seeker_id, min_score=min_score, states=states, after=after, limit=limit + 1, shown=shown
    )
    more = found[limit - 1] if len(found) > limit else None
    return MatchPage(found[:limit], _cursor(more) if more else None)


def _cursor(last: MatchView) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([last.score, last.job_id])).decode()


def _after(cursor: str) -> tuple[float, int]:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor), type=tuple[float, int])
    except (ValueError, msgspec.DecodeError) as why:
        raise Invalid(_("This cursor is not one of ours; start without it")) from why


async def match(tx: Tx, seeker_id: UUID, posting_id: UUID) -> MatchView | None:
    """The stored match, or None while it isn't scored yet."""
    return await store.one(tx, seeker_id, posting_id)


async def rescore(
    tx: Tx, embedder: Embedder, *, posting_id: UUID, seeker_id: UUID, resume_text: str, settings: Settings | None = None
) -> ScoreResult:
    """The score that an edited resume would have; stores nothing. Only changed sentences are embedded anew.

    Raises NotFound, and Unavailable while the embedder starts.
    """
    vacancy = await store.vacancy(tx, posting_id)
    if vacancy is None:
        raise NotFound(_("There is no such posting"), posting=str(posting_id))
    seeker = await seekers.get(tx, seeker_id)
    found = scoring.filters_of(seeker.preferences, vacancy)
    return await _scored(tx, embedder, seeker, scoring.needs_of(vacancy), resume_text, found, settings)


async def score_posting(
    tx: Tx, embedder: Embedder, *, seeker_id: UUID, posting_id: UUID, settings: Settings | None = None
) -> ScoreResult:
    """Score one posting on demand with the seeker's newest resume. Raises NotFound, Conflict without a resume."""
    text = await _resume_text(tx, seeker_id)
    return await rescore(tx, embedder, posting_id=posting_id, seeker_id=seeker_id, resume_text=text, settings=settings)


async def score_text(
    tx: Tx, embedder: Embedder, *, seeker_id: UUID, title: str, description: str, settings: Settings | None = None
) -> ScoreResult:
    """Score a posting that isn't stored. Raises Invalid by field, and Conflict without a resume."""
    title = title.strip()
    if wrong := _unfit(title, description):
        raise Invalid(errors=wrong)
    seeker = await seekers.get(tx, seeker_id)
    text = await _resume_text(tx, seeker_id)
    needs = await asyncio.to_thread(requirements.analyse, title, description)
    return await _scored(tx, embedder, seeker, needs, text, [], settings)


def _unfit(title: str, description: str) -> list[FieldError]:
    """What keeps a text from being scored: said, never cut in silence."""
    found = []
    if not title:
        found.append(FieldError("title", _("Give the posting's title.")))
    if len(title) > MOST_TITLE:
        found.append(
            FieldError(
                "title",
                _(
                    "A title has at most %(most_title)s characters; this one has %(title)s.",
                    most_title=MOST_TITLE,
                    title=f"{len(title):,}",
                ),
            )
        )
    if len(description) > MOST_TEXT:
        found.append(
            FieldError(
                "description",
                _(
                    "At most %(most)s characters of a posting are read; this one has %(count)s. "
                    "Leave out what isn't about the job.",
                    most=f"{MOST_TEXT:,}",
                    count=f"{len(description):,}",
                ),
            )
        )
    return found


async def _resume_text(tx: Tx, seeker_id: UUID) -> str:
    resume = await seekers.latest_resume(tx, seeker_id)
    if resume is None:
        raise Conflict(_("There is no resume to score with. Upload one first."), seeker=str(seeker_id))
    return resume.text


async def _scored(
    tx: Tx,
    embedder: Embedder,
    seeker: Seeker,
    needs: Needs,
    text: str,
    filters: list[Filter],
    settings: Settings | None,
) -> ScoreResult:
    # beside the event loop: a long text takes up to half a second, and the web process serves everybody
    who = await asyncio.to_thread(scoring.person_of, text, utcnow().date(), seeker.corrections)
    try:
        found = scoring.lookup(await embedder.model(), [needs], who)
        await found.stored(tx)
        await found.asked(embedder)
    except EmbedderUnavailable as why:
        raise Unavailable(_("Scores can't be computed for a moment; try again in some seconds")) from why
    (score,) = scoring.scored([needs], who, found, await scales.active(tx))
    auto = settings.auto_apply_score if settings else 90
    floor = settings.review_floor if settings else 60
    held = bool(score.notes)
    return scoring.result(
        score, filters, decide(score.score, filters, *limits(seeker.thresholds, auto, floor), held=held)
    )


async def start(tx: Tx, seeker_id: UUID) -> None:
    """Continuous matching on: scores now, and decisions from now on. Tells the seeker's pages."""
    await seekers.update(tx, seeker_id, {"matching_active": True})
    await outbox.frame(tx, f"user:{seeker_id}", "matching_started", {})


async def stop(tx: Tx, seeker_id: UUID) -> None:
    """Continuous matching off: postings are still scored, nothing is decided."""
    await seekers.update(tx, seeker_id, {"matching_active": False})
    await outbox.frame(tx, f"user:{seeker_id}", "matching_stopped", {})
