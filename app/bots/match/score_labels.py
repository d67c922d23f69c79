"""What people found of scored pairs, for the scale to be learned from.

A reviewer's approval of a resume says that the pair is good, a rejection that it is bad; asking the seeker says
neither. A seeker's thumb says what the seeker finds. An interview or an offer says that the pair was good. A rejection
by the employer is kept as a weak "bad" and **does not count**: most applications that fit are rejected too, for
reasons that no score knows, and counted they would teach the score that nobody fits anything.

Of several labels of one pair the strongest counts: outcome, review, thumb. Each stands beside the components the pair
was decided on (for a thumb: those that the seeker saw), and holds no word of a resume.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from sqlalchemy import case, delete, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from app.applications.types import TimelineEntry
from app.bots.match import versions
from app.bots.match.models import match, match_decision, score_label
from app.bots.match.ranking import VERSION
from app.bots.match.scale import COMPONENTS, packaged
from app.platform.db import Tx
from app.platform.ids import new_id

Source = Literal["outcome", "review", "thumb"]
LEAST: Final = 60  # to learn a scale from
LEAST_OF_A_KIND: Final = 15
MOST: Final = 5000  # the newest
MOST_OF_ONE: Final = 30  # of one seeker: nobody's taste alone makes the scale
INVITED: Final = frozenset({"interview", "offer"})


class Label(msgspec.Struct, frozen=True):
    """One pair that counts: its components 0-100 by name, what was found, and when."""

    components: dict[str, float]
    good: bool
    at: datetime


async def keep(tx: Tx, seeker_id: UUID, posting_id: UUID, source: Source, *, good: bool, at: datetime) -> bool:
    """Write a label down; of two of one source the later stands. False: the pair was never scored."""
    scored = await _basis(tx, seeker_id, posting_id, source)
    if scored is None:
        return False
    said = _facts(scored) | {"good": good, "at": at}
    named = {"seeker_id": seeker_id, "posting_id": posting_id, "source": source}
    statement = insert(score_label).values({"id": new_id(), **named, **said})
    later = statement.on_conflict_do_update(index_elements=list(named), set_=said, where=score_label.c.at <= at)
    await tx.conn.execute(later)
    return True


async def drop(tx: Tx, seeker_id: UUID, posting_id: UUID, source: Source) -> None:
    """What was said was corrected: it is no label any more."""
    mine = (score_label.c.seeker_id == seeker_id, score_label.c.posting_id == posting_id)
    await tx.conn.execute(delete(score_label).where(*mine, score_label.c.source == source))


async def _basis(tx: Tx, seeker_id: UUID, posting_id: UUID, source: Source) -> Any:
    """The score that was decided on; where none was (the seeker asked), or for a thumb, the one on file."""
    for table in (match,) if source == "thumb" else (match_decision, match):
        query = select(table.c.components, table.c.explanation, table.c.model_version)
        mine = (table.c.seeker_id == seeker_id, table.c.posting_id == posting_id)
        row = (await tx.conn.execute(query.where(*mine))).one_or_none()
        if row is not None:
            return row
    return None


def _facts(scored: Any) -> dict[str, Any]:
    told = {part["name"]: part["score"] for part in scored.components if part.get("name") in COMPONENTS}
    held = bool(scored.explanation.get("notes") or scored.explanation.get("filters")) or not told
    scale = versions.parse(scored.model_version).scale or packaged().version
    return {
        "components": told,
        "held": held,
        "scale_version": scale,
        "model_version": scored.model_version,
    }


def outcome_of(timeline: Sequence[TimelineEntry]) -> tuple[bool, datetime] | None:
    """What an application's timeline says of the pair, and since when; None: nothing yet, or it was corrected.

    Once invited a pair stays good: a rejection after the interview says nothing of the resume.
    """
    found: tuple[bool, datetime] | None = None
    for entry in timeline:
        invited = found is not None and found[0]
        if entry.to_status in INVITED and not invited:
            found = (True, entry.at)
        elif entry.to_status == "rejected" and not invited:
            found = (False, entry.at)
        elif entry.to_status in ("applied", "not_applied"):
            found = None
    return found


async def to_learn_from(tx: Tx) -> list[Label]:
    """One label a pair, the oldest first, of scores that were computed as they are now."""
    counts = or_(score_label.c.source != "outcome", score_label.c.good)
    rank = case((score_label.c.source == "outcome", 0), (score_label.c.source == "review", 1), else_=2)
    pair = (score_label.c.seeker_id, score_label.c.posting_id)
    each = select(score_label).ext(distinct_on(*pair)).where(~score_label.c.held, counts, _comparable())
    strongest = each.order_by(*pair, rank).subquery()
    place = func.row_number().over(partition_by=strongest.c.seeker_id, order_by=strongest.c.at.desc())
    placed = select(strongest, place.label("place")).subquery()
    query = select(placed.c.components, placed.c.good, placed.c.at).where(placed.c.place <= MOST_OF_ONE)
    rows = (await tx.conn.execute(query.order_by(placed.c.at.desc(), placed.c.id.desc()).limit(MOST))).all()
    return [Label(row.components, row.good, row.at) for row in reversed(rows)]


def _comparable() -> Any:
    """Of whatever model, scale and skill list; but by this ranking, without which components mean something else."""
    return func.split_part(score_label.c.model_version, "/", -3) == VERSION


class Counts(msgspec.Struct, frozen=True):
    """Of the labels that count."""

    good: int
    bad: int


def counts(labels: Sequence[Label]) -> Counts:
    good = sum(label.good for label in labels)
    return Counts(good, len(labels) - good)
