"""What happened to a seeker's applications while they were away, out of the timelines: loud, quiet, read and unread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from app.applications.models import application, application_event
from app.platform.db import Tx
from app.postings.models import posting

MOST: Final = 200  # changes that are looked at
# What a seeker wants to hear of. The rest is on its way and needs nothing.
LOUD: Final = ("applied", "interview", "offer", "rejected", "needs_attention")
THEIRS: Final = ("seeker", "manual")  # what the seeker did themself is no news to them


class News(msgspec.Struct, frozen=True, kw_only=True):
    """One change. `asks`: the seeker's answer is wanted, now; `unread`: it happened after they last looked."""

    id: UUID
    application_id: UUID
    number: int
    title: str
    company: str
    at: datetime
    to_status: str
    source: str
    note: str
    confirmation: str | None
    asks: bool
    loud: bool
    unread: bool


async def of_seeker(tx: Tx, seeker_id: UUID, seen_at: datetime | None, limit: int = 40) -> list[News]:
    """The newest first; of what is quiet only the last word of each application."""
    query = select(
        *(application_event.c[name] for name in ("id", "application_id")),
        *(application_event.c[name] for name in ("at", "to_status", "source", "note", "data")),
        *(application.c[name] for name in ("number", "status", "attention", "confirmation")),
        *(posting.c[name] for name in ("title", "company")),
    )
    query = query.join_from(application_event, application, application.c.id == application_event.c.application_id)
    query = query.join(posting, posting.c.id == application.c.posting_id)
    query = query.where(application.c.seeker_id == seeker_id, application_event.c.source.not_in(THEIRS))
    query = query.order_by(application_event.c.at.desc(), application_event.c.id.desc()).limit(MOST)
    rows = (await tx.conn.execute(query)).mappings().all()
    return told(rows, seen_at)[:limit]


def told(rows: Sequence[Any], seen_at: datetime | None) -> list[News]:
    """`rows` the newest first. Pure."""
    found: list[News] = []
    heard: set[UUID] = set()
    for row in rows:
        loud = row["to_status"] in LOUD
        if loud or row["application_id"] not in heard:
            found.append(_news(row, seen_at, loud, newest=row["application_id"] not in heard))
        heard.add(row["application_id"])
    return found


def _news(row: Any, seen_at: datetime | None, loud: bool, *, newest: bool) -> News:
    asked = newest and row["status"] == "needs_attention"
    return News(
        **{name: row[name] for name in ("id", "application_id", "number", "title", "company", "at", "to_status")},
        **{name: row[name] for name in ("source", "note", "confirmation")},
        asks=asked and (row["attention"] or {}).get("kind") in ("ask_seeker", "seeker"),
        loud=loud,
        unread=seen_at is None or row["at"] > seen_at,
    )


async def of_entry(tx: Tx, seeker_id: UUID, entry_id: UUID, seen_at: datetime | None) -> News | None:
    """The change of this row of a timeline as the news tells it; None where the news doesn't."""
    found = await of_seeker(tx, seeker_id, seen_at, MOST)
    return next((one for one in found if one.id == entry_id), None)


async def unread(tx: Tx, seeker_id: UUID, seen_at: datetime | None) -> int:
    """How many loud changes the seeker has not looked at."""
    query = select(func.count()).select_from(application_event)
    query = query.join(application, application.c.id == application_event.c.application_id)
    query = query.where(application.c.seeker_id == seeker_id, application_event.c.to_status.in_(LOUD))
    query = query.where(application_event.c.source.not_in(THEIRS))
    if seen_at is not None:
        query = query.where(application_event.c.at > seen_at)
    return int((await tx.conn.execute(query)).scalar_one())
