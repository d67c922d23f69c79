"""SQL of matching, both ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
from sqlalchemy import (
    Cast,
    Column,
    ColumnElement,
    Select,
    String,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.bots.match.embedder_client import Vectors
from app.bots.match.explanation import components_of
from app.bots.match.models import embedding, match, match_decision
from app.bots.match.shown import EVERYTHING, Shown, conditions
from app.bots.match.types import MatchView
from app.platform.db import Transaction, Tx
from app.platform.ids import new_id
from app.postings.models import posting
from app.seekers.models import resume_version, seeker


class Vacancy(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a posting that scoring reads."""

    id: UUID
    number: int
    company: str
    title: str
    location: str
    places: list[str]
    remote: bool | None
    pay: str | None
    employment_type: str | None
    description_text: str
    version: int
    state: str


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What a score stands on besides the posting; a change of any makes it stale."""

    seeker_id: UUID
    seeker_version: int
    resume_version_id: UUID
    model_version: str


VACANCY = tuple(posting.c[name] for name in Vacancy.__struct_fields__)
_KEPT = ("score", "components", "explanation", "decision", "resume_version_id", "posting_version", "seeker_version")


def stale_for(basis: Basis, *columns: Any) -> Select[Any]:
    """These columns of open postings without an up-to-date score for the seeker."""
    fresh = and_(
        match.c.posting_version == posting.c.version,
        match.c.seeker_version == basis.seeker_version,
        match.c.resume_version_id == basis.resume_version_id,
        match.c.model_version == basis.model_version,
        match.c.state != "closed",
    )
    mine = and_(match.c.posting_id == posting.c.id, match.c.seeker_id == basis.seeker_id)
    joined = posting.outerjoin(match, and_(mine, fresh))
    return select(*columns).select_from(joined).where(posting.c.state == "open", match.c.id.is_(None))


async def any_stale(tx: Tx, basis: Basis) -> bool:
    """Whether an open posting still waits for its score."""
    return (await tx.conn.execute(stale_for(basis, posting.c.id).limit(1))).first() is not None


async def vacancy(tx: Tx, posting_id: UUID) -> Vacancy | None:
    row = (await tx.conn.execute(select(*VACANCY).where(posting.c.id == posting_id))).mappings().first()
    return Vacancy(**row) if row is not None else None


async def seekers_with_resume(tx: Tx) -> list[UUID]:
    """Everybody who has a readable resume."""
    rows = select(resume_version.c.seeker_id).where(resume_version.c.state == "parsed").distinct()
    return list((await tx.conn.execute(rows)).scalars())


def newest_resume(seeker_id: Column[UUID] = seeker.c.user_id) -> Select[Any]:
    """Of the seeker in the query around it: the resume that is matched, as seekers.latest_resume has it."""
    own = (resume_version.c.seeker_id == seeker_id, resume_version.c.application_id.is_(None))
    query = select(resume_version.c.id).where(*own, resume_version.c.state == "parsed")
    return query.order_by(resume_version.c.number.desc()).limit(1).correlate(seeker_id.table)


def stands(resume_id: Any) -> Any:
    """The match was scored for its posting, its seeker and the resume as they are now."""
    return and_(
        match.c.posting_version == posting.c.version,
        match.c.seeker_version == seeker.c.version,
        match.c.resume_version_id == resume_id,
    )


def _made_by(basis: str) -> Any:
    """The match was scored by these versions of ranking, scale and skill list (versions.basis), whatever the model."""
    return match.c.model_version.endswith(f"/{basis}", autoescape=True)


async def seekers_to_look_at(tx: Tx, basis: str, limit: int, after: UUID | None = None) -> list[UUID]:
    """Active seekers with an open posting that has no score that stands, or with a match that waits for a slot.

    In the order of their ids, from `after` on; `basis` as versions.basis.
    """
    newest = newest_resume().lateral("newest")
    mine = and_(match.c.seeker_id == seeker.c.user_id, match.c.posting_id == posting.c.id, match.c.state != "closed")
    fresh = and_(mine, stands(newest.c.id), _made_by(basis))
    scored = select(match.c.id).where(fresh).correlate(seeker, posting, newest)
    unscored = select(posting.c.id).where(posting.c.state == "open", ~scored.exists()).correlate(seeker, newest)
    waiting = select(match.c.id).where(match.c.seeker_id == seeker.c.user_id, match.c.state == "waiting")
    statement = select(seeker.c.user_id).join(newest, true())
    statement = statement.where(seeker.c.matching_active, or_(unscored.exists(), waiting.exists()))
    statement = statement.where(seeker.c.user_id > after) if after else statement
    return list((await tx.conn.execute(statement.order_by(seeker.c.user_id).limit(limit))).scalars())


async def still_open(tx: Tx, posting_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the postings that are open now."""
    ids = cast(list(posting_ids), ARRAY(Uuid))
    query = select(posting.c.id).where(posting.c.id == any_(ids), posting.c.state == "open")
    return set((await tx.conn.execute(query)).scalars())


async def known(tx: Tx, pairs: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], tuple[float, str]]:
    """Score and decision of the matches that are there already, by (seeker, posting)."""
    if not pairs:
        return {}
    query = select(match.c.seeker_id, match.c.posting_id, match.c.score, match.c.decision)
    query = query.where(tuple_(match.c.seeker_id, match.c.posting_id).in_(pairs))
    return {(row[0], row[1]): (float(row[2]), row[3]) for row in await tx.conn.execute(query)}


async def upsert(tx: Tx, rows: Sequence[dict[str, Any]]) -> list[tuple[UUID, UUID, UUID, int]]:
    """Write scores; what was acted on stays so, what was closed opens again. Returns (match, seeker, posting, version).

    A score that stands on an older seeker or posting than the one on file is not written, nor one of an older resume.
    """
    if not rows:
        return []
    # All who write to many matches take them in this order, or two could wait for each other.
    rows = sorted(rows, key=lambda row: (row["seeker_id"], row["posting_id"]))
    statement = insert(match).values([{"id": new_id(), **row} for row in rows])
    fresh: dict[str, Any] = {name: statement.excluded[name] for name in (*_KEPT, "model_version")}
    fresh |= {"computed_at": func.clock_timestamp(), "version": match.c.version + 1}
    waits = and_(match.c.state == "waiting", statement.excluded.decision.in_(["auto", "review"]))
    fresh["state"] = case((or_(match.c.state == "acted", waits), match.c.state), else_="open")
    newer = [statement.excluded[name] >= match.c[name] for name in ("seeker_version", "posting_version")]
    newer.append(statement.excluded.resume_version_id == newest_resume(match.c.seeker_id).scalar_subquery())
    statement = statement.on_conflict_do_update(
        index_elements=["seeker_id", "posting_id"], set_=fresh, where=and_(*newer)
    )
    told = (match.c.id, match.c.seeker_id, match.c.posting_id, match.c.version)
    return [(row[0], row[1], row[2], row[3]) for row in await tx.conn.execute(statement.returning(*told))]


class Candidate(msgspec.Struct, frozen=True):
    """A match that deserves an act and had none yet."""

    id: UUID
    posting_id: UUID
    score: float
    decision: str
    state: str
    resume_version_id: UUID | None


async def undecided(tx: Tx, seeker_id: UUID, basis: str, limit: int = 500) -> list[Candidate]:
    """The best first; closed postings are left out, and scores that something has changed since, the scale too."""
    statement = (
        select(*(match.c[name] for name in Candidate.__struct_fields__))
        .join(posting, posting.c.id == match.c.posting_id)
        .join(seeker, seeker.c.user_id == match.c.seeker_id)
        .where(stands(newest_resume().scalar_subquery()), _made_by(basis))
        .where(match.c.seeker_id == seeker_id, match.c.decision.in_(["auto", "review"]))
        .where(match.c.state.in_(["open", "waiting"]), posting.c.state == "open")
        .order_by(match.c.score.desc(), match.c.posting_id)
        .limit(limit)
    )
    rows = (await tx.conn.execute(statement)).mappings()
    return [Candidate(**{**row, "score": float(row["score"])}) for row in rows]


async def set_state(tx: Tx, match_ids: Sequence[UUID], state: str) -> None:
    """Move matches to `acted` or `waiting`."""
    values: dict[str, Any] = {"state": state, "version": match.c.version + 1}
    if state == "acted":
        values["acted_at"] = func.clock_timestamp()
    mine = await _locked(tx, match.c.id == any_(cast(list(match_ids), ARRAY(Uuid))))
    await tx.conn.execute(update(match).where(match.c.id == any_(mine)).values(values))


async def _locked(tx: Tx, which: ColumnElement[bool]) -> Cast[Any]:
    """The ids of these matches, held until the end of the transaction; taken in upsert's order."""
    held = select(match.c.id).where(which).order_by(match.c.seeker_id, match.c.posting_id).with_for_update()
    return cast(list((await tx.conn.execute(held)).scalars()), ARRAY(Uuid))


_AS_DECIDED = (*_KEPT, "seeker_id", "posting_id", "model_version")


async def keep_decisions(tx: Tx, match_ids: Sequence[UUID]) -> None:
    """Write down what these matches are at the moment they are acted on; the first act of a pair stands."""
    ids = cast(list(match_ids), ARRAY(Uuid))
    found = select(*(match.c[name] for name in _AS_DECIDED)).where(match.c.id == any_(ids))
    rows = [{"id": new_id(), **row} for row in (await tx.conn.execute(found)).mappings()]
    if rows:
        await tx.conn.execute(insert(match_decision).values(rows).on_conflict_do_nothing())


async def close_posting(tx: Tx, posting_id: UUID) -> None:
    """No more is decided about a posting that is gone; what was acted on is its application's to tell."""
    undone = await _locked(tx, and_(match.c.posting_id == posting_id, match.c.state.in_(["open", "waiting"])))
    gone = update(match).where(match.c.id == any_(undone))
    await tx.conn.execute(gone.values(state="closed", version=match.c.version + 1))


_VIEW = (
    *(match.c[name] for name in ("id", "posting_id", "score", "decision", "state", "components", "explanation")),
    *(match.c[name] for name in ("resume_version_id", "computed_at", "version")),
    posting.c.number.label("job_id"),
    posting.c.title.label("job_title"),
    *(posting.c[name] for name in ("company", "location", "remote")),
)


def _view(row: Any) -> MatchView:
    return MatchView(**{**row, "score": float(row["score"]), "components": components_of(row["components"])})


async def page(
    tx: Tx,
    seeker_id: UUID,
    *,
    min_score: float,
    states: Sequence[str],
    after: tuple[float, int] | None,
    limit: int,
    shown: Shown = EVERYTHING,
) -> list[MatchView]:
    """Matches from `min_score` up, the best first; `after` is (score, number) of the last one seen.

    One that was scored while its posting closed isn't on offer any more.
    """
    statement = select(*_VIEW).join(posting, posting.c.id == match.c.posting_id)
    statement = statement.where(or_(posting.c.state == "open", match.c.state.not_in(["open", "waiting"])))
    statement = statement.where(match.c.seeker_id == seeker_id, match.c.score >= min_score, match.c.state.in_(states))
    statement = statement.where(*conditions(shown))
    if after is not None:
        statement = statement.where(tuple_(match.c.score, posting.c.number) < tuple_(*after))
    statement = statement.order_by(match.c.score.desc(), posting.c.number.desc()).limit(limit)
    return [_view(row) for row in (await tx.conn.execute(statement)).mappings()]


_ONE = (
    select(*_VIEW)
    .join(posting, posting.c.id == match.c.posting_id)
    .where(match.c.seeker_id == bindparam("seeker"), match.c.posting_id == bindparam("posting"))
)


async def one(tx: Transaction, seeker_id: UUID, posting_id: UUID) -> MatchView | None:
    rows = await tx.fetch(_ONE, seeker=seeker_id, posting=posting_id)
    return _view(rows[0]) if rows else None


async def vectors(tx: Tx, hashes: Sequence[str]) -> dict[str, Vectors]:
    """Kept vectors by content hash."""
    wanted = cast(list(hashes), ARRAY(String))
    rows = await tx.conn.execute(
        select(embedding.c.content_hash, embedding.c.vector).where(embedding.c.content_hash == any_(wanted))
    )
    return {row.content_hash: _numbers(row.vector) for row in rows}


def _numbers(value: Any) -> Vectors:
    return np.asarray(value.to_list() if hasattr(value, "to_list") else value, dtype=np.float32)


async def keep_vectors(tx: Tx, model: str, found: dict[str, Vectors]) -> None:
    """Keep vectors; those that are there already stay."""
    rows = [{"content_hash": key, "model": model, "vector": found[key].tolist()} for key in sorted(found)]
    if rows:
        await tx.conn.execute(insert(embedding).values(rows).on_conflict_do_nothing())
