"""What seekers say of their matches: kept with the score they saw, and as a label for the scale to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.bots.match import score_labels, service
from app.bots.match.models import match_feedback
from app.errors import NotFound
from app.platform.db import Tx
from app.platform.ids import new_id
from app.words import gettext as _


class Feedback(msgspec.Struct, frozen=True):
    """One thumb; the latest of a seeker on a posting stands."""

    posting_id: UUID
    verdict: Literal["up", "down"]
    reason: str
    score: float | None
    at: datetime


async def give(tx: Tx, seeker_id: UUID, posting_id: UUID, verdict: Literal["up", "down"], reason: str = "") -> Feedback:
    """Keep a thumb. Raises NotFound where the posting isn't among the seeker's matches."""
    match = await service.match(tx, seeker_id, posting_id)
    if match is None:
        raise NotFound(_("This posting is not among your matches."), posting=str(posting_id))
    reason = reason[:2000]
    said = {"verdict": verdict, "reason": reason, "score": match.score, "at": func.clock_timestamp()}
    values = {"id": new_id(), "seeker_id": seeker_id, "posting_id": posting_id} | said
    statement = insert(match_feedback).values(values)
    kept = statement.on_conflict_do_update(index_elements=["seeker_id", "posting_id"], set_=said)
    at: datetime = (await tx.conn.execute(kept.returning(match_feedback.c.at))).scalar_one()
    await score_labels.keep(tx, seeker_id, posting_id, "thumb", good=verdict == "up", at=at)
    return Feedback(posting_id, verdict, reason, match.score, at)


async def take_back(tx: Tx, seeker_id: UUID, posting_id: UUID) -> None:
    """As if the thumb had never been given; nothing happens where it wasn't."""
    mine = (match_feedback.c.seeker_id == seeker_id, match_feedback.c.posting_id == posting_id)
    await tx.conn.execute(delete(match_feedback).where(*mine))
    await score_labels.drop(tx, seeker_id, posting_id, "thumb")


async def of(tx: Tx, seeker_id: UUID, posting_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The seeker's thumbs on these postings, up or down by posting."""
    query = select(match_feedback.c.posting_id, match_feedback.c.verdict)
    query = query.where(match_feedback.c.seeker_id == seeker_id, match_feedback.c.posting_id.in_(posting_ids))
    return {row.posting_id: row.verdict for row in await tx.conn.execute(query)}
