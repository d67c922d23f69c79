"""Write scores down, and tell the bus and the seekers' pages what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.bots.match import store
from app.bots.match.store import Vacancy
from app.platform import outbox
from app.platform.db import Tx

TOPIC = "matches"
_WORTH = ("auto", "review")

Pair = tuple[UUID, UUID]  # seeker, posting
Row = dict[str, Any]


async def write(tx: Tx, vacancies: Mapping[UUID, Vacancy], rows: Sequence[Row], left: int = 0) -> set[Pair]:
    """Store scores of what is open still; `left` is how many postings a seeker's run has yet to score.

    Returns the pairs that were written; the others had a newer score already, or have closed.
    """
    still = await store.still_open(tx, list(vacancies))
    by_pair = {(row["seeker_id"], row["posting_id"]): row for row in rows if row["posting_id"] in still}
    before = await store.known(tx, list(by_pair))
    written: set[Pair] = set()
    for match_id, seeker_id, posting_id, version in await store.upsert(tx, list(by_pair.values())):
        pair = (seeker_id, posting_id)
        written.add(pair)
        if before.get(pair) != _said(by_pair[pair]):
            await _emit(tx, match_id, version, by_pair[pair])
    for seeker_id in dict.fromkeys(seeker for seeker, _ in by_pair):
        mine = [by_pair[pair] for pair in by_pair if pair[0] == seeker_id and pair in written]
        await _frame(tx, seeker_id, vacancies, mine, before, left)
    return written


def _said(row: Row) -> tuple[float, str]:
    return row["score"], row["decision"]


async def _emit(tx: Tx, match_id: UUID, version: int, row: Row) -> None:
    facts = {"posting": str(row["posting_id"]), "seeker": str(row["seeker_id"]), "decision": row["decision"]}
    await outbox.emit(tx, "MatchScored", topic=TOPIC, aggregate_id=match_id, version=version, data=facts)


async def _frame(
    tx: Tx,
    seeker_id: UUID,
    vacancies: Mapping[UUID, Vacancy],
    rows: Sequence[Row],
    before: Mapping[Pair, tuple[float, str]],
    left: int,
) -> None:
    """One frame for a whole batch; a match that isn't shown, and wasn't, is not worth one, unless more is to come."""
    shown = []
    for row in rows:
        old = before.get((seeker_id, row["posting_id"]))
        if old != _said(row) and (row["decision"] in _WORTH or (old and old[1] in _WORTH)):
            shown.append(_told(vacancies[row["posting_id"]], row))
    if shown or left:
        data = {"scored": len(rows), "left": left, "matches": shown}
        await outbox.frame(tx, f"user:{seeker_id}", "job_match_update", data)


def _told(vacancy: Vacancy, row: Row) -> Row:
    head = {"posting": str(vacancy.id), "job_id": vacancy.number, "job_title": vacancy.title}
    return head | {"score": row["score"], "match_score": round(row["score"] / 100, 4), "decision": row["decision"]}
