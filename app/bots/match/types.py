"""What matching hands out."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.bots.match.explanation import Component, Explanation, Line, Raise, Score
from app.bots.match.policy import Filter


class ScoreResult(msgspec.Struct, frozen=True, kw_only=True):
    """A score that is not stored: 0–100, why, and what would raise it."""

    score: float
    decision: str
    components: list[Component]
    matched: list[str]
    missing: list[str]
    would_raise: list[Raise]
    lines: list[Line]
    notes: list[str]
    filters: list[Filter]


class MatchView(msgspec.Struct, frozen=True, kw_only=True):
    """A stored match with the posting's head. `job_id` is the posting's number, `match_score` is 0–1.

    `state`: open, waiting (no slot free yet), acted (an application exists), closed.
    """

    id: UUID
    posting_id: UUID
    job_id: int
    job_title: str
    company: str
    location: str
    remote: bool | None
    score: float
    decision: str
    state: str
    components: list[Component]
    explanation: Explanation
    resume_version_id: UUID | None
    computed_at: datetime
    version: int

    @property
    def match_score(self) -> float:
        return round(self.score / 100, 4)


class MatchPage(msgspec.Struct, frozen=True):
    """One page, the best first."""

    items: list[MatchView]
    next_cursor: str | None


def explained(score: Score, filters: list[Filter]) -> dict[str, Any]:
    """The stored explanation, as plain values."""
    plain: dict[str, Any] = msgspec.to_builtins(score)
    kept = {name: plain[name] for name in ("matched", "missing", "would_raise", "lines", "notes")}
    return kept | {"filters": msgspec.to_builtins(filters)}
