"""What a piece of news says, wherever it is told: on the page and on a device. Pure."""

from __future__ import annotations

from typing import Final

from app.insight.news import News

_SAYS: Final = {
    "applying": "We began to apply",
    "in_review": "A person here looks at it before it goes out",
    "applied": "Your application is with the employer",
    "interview": "The employer invites you",
    "offer": "The employer makes you an offer",
    "rejected": "The employer said no",
    "not_applied": "Not sent",
    "needs_attention": "A person here is finding out how it stands",
    "withdrawn": "Withdrawn",
}


def says(one: News) -> str:
    """What happened, in a few words."""
    return "A reviewer asks you" if one.asks and one.source == "reviewer" else _SAYS.get(one.to_status, one.to_status)


def about(one: News) -> str:
    return f"{one.title} · {one.company}"


def note(one: News) -> str:
    """What there is to say beyond that: the confirmation's number, the question, the employer's word. May be empty."""
    if one.to_status == "applied" and one.confirmation:
        return f"Number {one.confirmation}"
    return one.note if one.loud or one.to_status == "not_applied" else ""
