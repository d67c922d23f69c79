"""Live figures: what is going on right now, in one query a table."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Double, Uuid, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB

from app.applications.models import application
from app.bots.match.models import match
from app.dispatch.models import assignment, review, strike
from app.dispatch.store import boards
from app.dispatch.types import Depth
from app.platform.beats import Beat, beats
from app.platform.db import Transaction
from app.platform.queue import task
from app.postings.models import posting, source

_RECENT = timedelta(minutes=5)
_SILENT_SECONDS = 10.0


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """Postings and applications at `at` by the database's clock.

    A scraper is active when its source was fetched in the last five minutes.
    """

    at: datetime
    active_scrapers: int
    postings_open: int
    postings_found_per_minute: float
    applications_by_status: dict[str, int]


class LiveFigures(Stream, frozen=True, kw_only=True):
    """All of it. `pools`: each pool's queue, how many wait and for how long the oldest does."""

    pending_reviews: int
    open_assignments: int
    strikes_today: int
    tasks_by_state: dict[str, int]
    pools: list[Depth] = []


class OwnFigures(msgspec.Struct, frozen=True):
    """A seeker's own: applications by what became of them, and the matches that are shown to them."""

    applied: int
    with_person: int
    interviews: int
    matches: int


class Health(msgspec.Struct, frozen=True):
    """What runs. `silent` names components whose last sign of life is over `silent_after` seconds old."""

    processes: list[Beat]
    silent: list[str]
    queued: dict[str, int]
    dead_letters: int
    oldest_due_seconds: float
    silent_after: float = _SILENT_SECONDS


def _number(table: Any, *where: Any) -> Any:
    """A count within another statement: one round trip for all of them."""
    return select(func.count()).select_from(table).where(*where).scalar_subquery()


def _numbers(column: Any, *where: Any) -> Any:
    """The counts by a column within another statement, as an object."""
    by = select(column.label("value"), func.count().label("number")).where(*where).group_by(column).subquery()
    return select(func.coalesce(func.jsonb_object_agg(by.c.value, by.c.number), _NOTHING)).scalar_subquery()


_NOTHING = literal_column("'{}'::jsonb", JSONB)
_AT = func.statement_timestamp()
_STREAM = (
    _AT.label("at"),
    _number(source, source.c.enabled, source.c.last_run_at > _AT - _RECENT).label("scrapers"),
    _number(posting, posting.c.state == "open").label("postings"),
    _number(posting, posting.c.opened_at > _AT - _RECENT).label("found"),
    _numbers(application.c.status).label("applications"),
)
_STREAMING = select(*_STREAM)
_LIVE = select(
    *_STREAM,
    _number(review, review.c.ended_at.is_(None)).label("reviews"),
    _number(assignment, assignment.c.state == "open").label("assignments"),
    _number(strike, strike.c.at > _AT - timedelta(days=1), strike.c.voided_at.is_(None)).label("strikes"),
    _numbers(task.c.state, task.c.state != "done").label("tasks"),
)


def _stream(row: Any) -> dict[str, Any]:
    return {
        "at": row["at"],
        "active_scrapers": row["scrapers"],
        "postings_open": row["postings"],
        "postings_found_per_minute": round(row["found"] / (_RECENT.total_seconds() / 60), 2),
        "applications_by_status": row["applications"],
    }


async def stream(tx: Transaction) -> Stream:
    """What comes in and what goes out."""
    (row,) = await tx.fetch(_STREAMING)
    return Stream(**_stream(row))


async def live(tx: Transaction, *, pools: bool = False) -> LiveFigures:
    """The figures as they are; those of each pool where they are asked for."""
    (row,) = await tx.fetch(_LIVE)
    return LiveFigures(
        **_stream(row),
        pending_reviews=row["reviews"],
        open_assignments=row["assignments"],
        strikes_today=row["strikes"],
        tasks_by_state=row["tasks"],
        pools=await boards.depths(tx, row["at"]) if pools else [],
    )


class Sizes(msgspec.Struct, frozen=True):
    """How many postings and reviews are open."""

    postings: int
    reviews: int


_SIZES = select(_number(posting, posting.c.state == "open"), _number(review, review.c.ended_at.is_(None)))


async def sizes(tx: Transaction) -> Sizes:
    """As they are."""
    return Sizes(*(await tx.fetch(_SIZES))[0])


_SEEKER, _FLOOR = bindparam("seeker", type_=Uuid), bindparam("floor", type_=Double)
_OWN = select(
    _numbers(application.c.status, application.c.seeker_id == _SEEKER),
    _number(match, match.c.seeker_id == _SEEKER, match.c.score >= _FLOOR, match.c.state != "closed"),
)


async def of_seeker(tx: Transaction, seeker_id: UUID, floor: float) -> OwnFigures:
    """Counted in the database; `floor` is the score from which matches are shown."""
    by, matches = (await tx.fetch(_OWN, seeker=seeker_id, floor=floor))[0]
    return OwnFigures(
        applied=sum(by.get(status, 0) for status in ("applied", "interview", "offer", "rejected")),
        with_person=by.get("in_review", 0) + by.get("needs_attention", 0),
        interviews=by.get("interview", 0),
        matches=matches,
    )


_NOW = func.clock_timestamp()
_DUE = (task.c.state == "queued", task.c.run_at <= _NOW)
_HEALTH = select(
    _numbers(task.c.kind, *_DUE).label("queued"),
    _number(task, task.c.state == "dead").label("dead"),
    select(func.extract("epoch", _NOW - func.min(task.c.run_at))).where(*_DUE).scalar_subquery().label("lag"),
)


async def health(tx: Transaction) -> Health:
    """What runs, what lags, what is down."""
    (row,) = await tx.fetch(_HEALTH)
    processes = await beats(tx)
    alive = {beat.component for beat in processes if beat.age < _SILENT_SECONDS}
    return Health(
        processes=processes,
        silent=sorted({beat.component for beat in processes} - alive),
        queued=row["queued"],
        dead_letters=row["dead"],
        oldest_due_seconds=round(float(row["lag"] or 0), 3),
    )
