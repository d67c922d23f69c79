"""A match as a card. Pure."""

from __future__ import annotations

from uuid import UUID

import msgspec

from app.bots.match.types import MatchView
from app.web.pages import scorecard, stored, verdict
from app.web.pages.gates import Gates, Ring, ring
from app.web.pages.scorecard import Gap
from app.words import gettext as _


class MatchCard(msgspec.Struct, frozen=True, kw_only=True):
    """A posting that fits, with why. `says` is it in a sentence, `held` why it can't pass 90, or "".

    Below the gate the seeker `may_ask` for a person. `thumb`: what they said of it: up, down or "".
    """

    posting_id: UUID
    posting_number: int
    title: str
    company: str
    place: str
    ring: Ring
    may_ask: bool
    says: str
    held: str
    matched: list[str]
    gaps: list[Gap]
    thumb: str


def match_card(match: MatchView, gates: Gates, thumb: str = "") -> MatchCard:
    """The card of a stored match."""
    place = match.location or (_("Remote") if match.remote else "")
    filters = [
        stored.filtered(str(one.get("text", ""))) for one in verdict.plain(match.explanation).get("filters") or []
    ]
    waiting = _("It waits for one of today's slots.") if match.state == "waiting" else ""
    says = [*filters, verdict.sentence(match.score, match.components, match.explanation, "seeker"), waiting]
    return MatchCard(
        posting_id=match.posting_id,
        posting_number=match.job_id,
        title=match.job_title,
        company=match.company,
        place=place,
        ring=ring(match.score, gates),
        may_ask=match.score < gates.auto,
        says=" ".join(sentence for sentence in says if sentence),
        held=verdict.held(match.score, match.explanation, "seeker"),
        matched=scorecard.skills(match.explanation, "matched"),
        gaps=scorecard.gaps(match.explanation, []),
        thumb=thumb,
    )
