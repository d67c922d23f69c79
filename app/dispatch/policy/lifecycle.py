"""The life of a review, of an assignment and of a verdict: each in one table. A missing entry is the error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from app.errors import Conflict, Invalid
from app.words import gettext as _
from app.words import later

ReviewState = Literal["queued", "assigned", "snoozed", "waiting", "escalated", "completed", "cancelled"]
AssignmentState = Literal["open", "completed", "missed", "undelivered", "released", "declined", "revoked"]

REVIEW_ENDED: Final = frozenset({"completed", "cancelled"})

REVIEW: Final[Mapping[tuple[str, str], ReviewState]] = {
    ("queued", "assign"): "assigned",
    ("queued", "escalate"): "escalated",
    ("queued", "snooze"): "snoozed",
    ("queued", "cancel"): "cancelled",
    ("assigned", "miss"): "queued",
    ("assigned", "give_back"): "queued",
    ("assigned", "escalate"): "escalated",
    ("assigned", "snooze"): "snoozed",
    ("assigned", "ask_seeker"): "waiting",
    ("assigned", "complete"): "completed",
    ("assigned", "cancel"): "cancelled",
    ("snoozed", "wake"): "queued",
    ("snoozed", "assign"): "assigned",
    ("snoozed", "escalate"): "escalated",
    ("snoozed", "cancel"): "cancelled",
    ("waiting", "answer"): "queued",
    ("waiting", "escalate"): "escalated",
    ("waiting", "cancel"): "cancelled",
    ("escalated", "assign"): "assigned",
    ("escalated", "requeue"): "queued",
    ("escalated", "cancel"): "cancelled",
}

ASSIGNMENT: Final[Mapping[tuple[str, str], AssignmentState]] = {
    ("open", "complete"): "completed",
    ("open", "miss"): "missed",
    ("open", "take_back"): "undelivered",
    ("open", "release"): "released",
    ("open", "decline"): "declined",
    ("open", "revoke"): "revoked",
}

# What a verdict does to its review. After `cannot_tell` the application itself asks its seeker.
VERDICTS: Final[Mapping[str, Mapping[str, str]]] = {
    "resume": {"approve": "complete", "reject": "complete", "ask_seeker": "ask_seeker"},
    "question": {"answered": "complete", "ask_seeker": "ask_seeker", "reject": "complete"},
    "handover": {"sent": "complete", "not_sent": "complete", "cannot": "complete"},
    "unknown_outcome": {"sent": "complete", "not_sent": "complete", "cannot_tell": "complete"},
    "mail_match": {"none": "complete"},
}

# Verdicts that mean nothing without a word of why, or of what is asked.
NEEDS_NOTES: Final = frozenset({"reject", "ask_seeker"})


class NotAllowed(Conflict):
    """The table has no such move from where the review is."""

    kind = "review-not-allowed"
    title = later("This review can't go there from where it is")


def review_after(state: str, event: str) -> ReviewState:
    """The state after `event`. Raises NotAllowed."""
    after = REVIEW.get((state, event))
    if after is None:
        raise NotAllowed(
            _("A review that is %(state)s can't %(event)s.", state=state, event=event.replace("_", " ")),
            state=state,
            event=event,
        )
    return after


def assignment_after(state: str, event: str) -> AssignmentState:
    """The state after `event`. Raises NotAllowed."""
    after = ASSIGNMENT.get((state, event))
    if after is None:
        raise NotAllowed(
            _("An assignment that is %(state)s can't %(event)s.", state=state, event=event.replace("_", " ")),
            state=state,
            event=event,
        )
    return after


def verdict_event(kind: str, verdict: str, notes: str = "") -> str:
    """What the verdict does to a review of this kind: complete or ask_seeker. Raises Invalid."""
    known = VERDICTS[kind]
    if kind == "mail_match" and verdict.isdigit():
        return "complete"
    if verdict not in known:
        raise Invalid(_("A review of this kind takes one of: %(known)s.", known=", ".join(known)), verdict=verdict)
    if verdict in NEEDS_NOTES and not notes.strip():
        raise Invalid(_("Say why (or what to ask) in the notes."), verdict=verdict)
    return known[verdict]


def default_size(kind: str) -> Literal["small", "large"]:
    """Work on a resume is large; a question or a check is small."""
    return "large" if kind == "resume" else "small"
