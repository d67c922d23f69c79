"""The states of the domain as a page says them where it has no better word: in their own English, made readable."""

from __future__ import annotations

from typing import Final

from app.words import gettext as _
from app.words import later

STATES: Final = {
    # applications
    "not_applied": later("not applied"),
    "applying": later("applying"),
    "applied": later("applied"),
    "interview": later("interview"),
    "offer": later("offer"),
    "rejected": later("rejected"),
    "in_review": later("in review"),
    "needs_attention": later("needs attention"),
    "withdrawn": later("withdrawn"),
    # intents
    "prepared": later("prepared"),
    "armed": later("armed"),
    "confirmed": later("confirmed"),
    "unknown": later("unknown"),
    "proved_not_sent": later("proved not sent"),
    "rehearsed": later("rehearsed"),
    "cancelled": later("cancelled"),
    # items of a batch
    "waiting": later("waiting"),
    "started": later("started"),
    "skipped": later("skipped"),
    "failed": later("failed"),
    # reviews
    "queued": later("queued"),
    "assigned": later("assigned"),
    "snoozed": later("snoozed"),
    "escalated": later("escalated"),
    "completed": later("completed"),
    # verdicts
    "approve": later("approve"),
    "reject": later("reject"),
    "ask_seeker": later("ask seeker"),
    "answered": later("answered"),
    "sent": later("sent"),
    "not_sent": later("not sent"),
    "cannot": later("cannot"),
    "cannot_tell": later("cannot tell"),
    "none": later("none"),
    # breakers
    "open": later("open"),
    "half_open": later("half open"),
    "closed": later("closed"),
}


def stated(state: str) -> str:
    """The state in the language being spoken; one that is not known here, such as a number, as it is."""
    return _(STATES.get(state, state.replace("_", " ")))
