"""The life of an application: every permitted move in one table. Pure."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

Status = Literal[
    "not_applied",
    "applying",
    "applied",
    "interview",
    "offer",
    "rejected",
    "in_review",
    "needs_attention",
    "withdrawn",
]
Source = Literal["bot", "reviewer", "seeker", "system", "match", "manual", "ats", "mail", "page"]

STATUSES: Final[tuple[str, ...]] = get_args(Status)
ANY: Final[frozenset[str]] = frozenset(get_args(Source))
# A final status yields only to a person or to the employer's own system.
CORRECTING: Final[frozenset[str]] = frozenset({"manual", "ats"})

TRANSITIONS: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("not_applied", "applying"): ANY,
    ("not_applied", "in_review"): ANY,
    ("not_applied", "applied"): frozenset({"manual", "reviewer", "seeker", "ats", "mail"}),
    ("not_applied", "needs_attention"): frozenset({"seeker"}),
    ("not_applied", "withdrawn"): ANY,
    ("applying", "applied"): ANY,
    ("applying", "in_review"): ANY,
    ("applying", "needs_attention"): ANY,
    ("applying", "not_applied"): ANY,
    ("applying", "withdrawn"): frozenset({"seeker", "manual", "system"}),
    ("in_review", "applying"): ANY,
    ("in_review", "applied"): ANY,
    ("in_review", "not_applied"): ANY,
    ("in_review", "needs_attention"): ANY,
    ("in_review", "withdrawn"): ANY,
    ("needs_attention", "applying"): ANY,
    ("needs_attention", "in_review"): ANY,
    ("needs_attention", "applied"): ANY,
    ("needs_attention", "interview"): ANY,
    ("needs_attention", "offer"): ANY,
    ("needs_attention", "rejected"): ANY,
    ("needs_attention", "not_applied"): ANY,
    ("needs_attention", "withdrawn"): ANY,
    ("applied", "interview"): ANY,
    ("applied", "offer"): ANY,
    ("applied", "rejected"): ANY,
    ("applied", "needs_attention"): ANY,
    ("applied", "withdrawn"): ANY,
    ("applied", "not_applied"): frozenset({"manual"}),
    ("interview", "offer"): ANY,
    ("interview", "rejected"): ANY,
    ("interview", "needs_attention"): ANY,
    ("interview", "withdrawn"): ANY,
    ("interview", "applied"): CORRECTING,
    ("offer", "withdrawn"): ANY,
    ("offer", "rejected"): CORRECTING,
    ("offer", "interview"): CORRECTING,
    ("offer", "applied"): CORRECTING,
    ("rejected", "interview"): CORRECTING,
    ("rejected", "offer"): CORRECTING,
    ("rejected", "applied"): CORRECTING,
    ("withdrawn", "applying"): frozenset({"seeker", "manual"}),
    ("withdrawn", "needs_attention"): frozenset({"seeker"}),
    ("withdrawn", "applied"): CORRECTING,
    ("withdrawn", "not_applied"): frozenset({"manual"}),
}

# What a status means for the bar on the seeker's card when no bot is at work.
PROGRESS: Final[Mapping[str, int]] = {"not_applied": 0, "applied": 100}

# Where a person is needed, and what the seeker's card then says.
REVIEW_KINDS: Final[Mapping[str, Status]] = {
    "resume": "in_review",
    "question": "in_review",
    "handover": "needs_attention",
    "unknown_outcome": "needs_attention",
    "mail_match": "needs_attention",
}


def allowed(current: str, to: str, source: str) -> bool:
    """Whether `source` may move an application from `current` to `to`; a missing entry is the answer no."""
    return source in TRANSITIONS.get((current, to), frozenset())
