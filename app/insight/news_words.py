"""What a piece of news says, wherever it is told: on the page and on a device. Pure."""

from __future__ import annotations

from typing import Final

from app.insight.news import News
from app.words import gettext as _
from app.words import later

_SAYS: Final = {
    "applying": later("We began to apply"),
    "in_review": later("A person here looks at it before it goes out"),
    "applied": later("Your application is with the employer"),
    "interview": later("The employer invites you"),
    "offer": later("The employer makes you an offer"),
    "rejected": later("The employer said no"),
    "not_applied": later("Not sent"),
    "needs_attention": later("A person here is finding out how it stands"),
    "withdrawn": later("Withdrawn"),
}


def says(one: News) -> str:
    """What happened, in a few words."""
    if one.asks and one.source == "reviewer":
        return _("A reviewer asks you")
    return _(_SAYS.get(one.to_status, one.to_status))


def about(one: News) -> str:
    return f"{one.title} · {one.company}"


def note(one: News) -> str:
    """What there is to say beyond that: the confirmation's number, the question, the employer's word. May be empty."""
    if one.to_status == "applied" and one.confirmation:
        return _("Number %(number)s", number=one.confirmation)
    return one.note if one.loud or one.to_status == "not_applied" else ""
