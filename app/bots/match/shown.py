"""Which of a seeker's matches a list shows."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import and_, exists

from app.applications.models import application
from app.bots.match.models import match, match_feedback
from app.postings.models import posting


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """None asks nothing. `taken`: an application exists; `disliked`: the seeker's thumb is down."""

    remote: bool | None = None
    taken: bool | None = None
    disliked: bool | None = None


EVERYTHING = Shown()


def conditions(wanted: Shown) -> list[Any]:
    """For a query of match joined with posting."""
    pair = (application.c.seeker_id == match.c.seeker_id, application.c.posting_id == match.c.posting_id)
    down = and_(
        match_feedback.c.seeker_id == match.c.seeker_id,
        match_feedback.c.posting_id == match.c.posting_id,
        match_feedback.c.verdict == "down",
    )
    asked = ((wanted.taken, exists().where(*pair)), (wanted.disliked, exists().where(down)))
    found = [there if wants else ~there for wants, there in asked if wants is not None]
    return found if wanted.remote is None else [*found, posting.c.remote.is_(wanted.remote)]
