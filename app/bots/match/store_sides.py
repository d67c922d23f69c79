"""SQL of the packed sides, and of what is stale in the order in which it is worth scoring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import Select, Uuid, and_, any_, bindparam, cast, delete, select, true
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.bots.match.likeness import Vectors
from app.bots.match.models import match, posting_side, seeker_side
from app.bots.match.store import VACANCY, Basis, Vacancy, newest_resume, stale_for, stands
from app.platform.db import Tx
from app.postings.models import posting
from app.seekers.models import seeker


class Loaded(msgspec.Struct, frozen=True):
    """A posting with its packed side; None where there is none that stands."""

    vacancy: Vacancy
    packed: bytes | None


def _near(column: Any, gist: Vectors) -> Any:
    return column.cosine_distance(bindparam(None, gist.tolist(), type_=HALFVEC(384)))


def _nearest(owner: Any, column: Any, gist: Vectors, limit: int) -> Any:
    distance = _near(column, gist).label("distance")
    nearest = select(owner.label("id"), distance).order_by(distance).limit(limit)
    return nearest.cte("near").prefix_with("MATERIALIZED")


async def nearest_stale(tx: Tx, basis: Basis, gist: Vectors, limit: int) -> list[UUID]:
    """Of the `limit` analysed postings that are nearest to a seeker: those open without an up-to-date score.

    The nearest are taken from their own narrow table first: in one join, all postings would be read.
    """
    near = _nearest(posting_side.c.posting_id, posting_side.c.gist, gist, limit)
    query = stale_for(basis, posting.c.id).join(near, near.c.id == posting.c.id).order_by(near.c.distance)
    return list((await tx.conn.execute(query)).scalars())


async def stale_postings(tx: Tx, basis: Basis) -> list[UUID]:
    """All of them, the newest first."""
    query = stale_for(basis, posting.c.id).order_by(posting.c.number.desc())
    return list((await tx.conn.execute(query)).scalars())


async def postings(tx: Tx, ids: Sequence[UUID], basis: str) -> list[Loaded]:
    """Those of the postings that are open, in the order of `ids`."""
    fits = and_(
        posting_side.c.posting_id == posting.c.id,
        posting_side.c.posting_version == posting.c.version,
        posting_side.c.basis == basis,
    )
    query = select(*VACANCY, posting_side.c.packed).select_from(posting.outerjoin(posting_side, fits))
    query = query.where(posting.c.id == any_(cast(list(ids), ARRAY(Uuid))), posting.c.state == "open")
    rows = [dict(row) for row in (await tx.conn.execute(query)).mappings()]
    found = {row["id"]: Loaded(packed=row.pop("packed"), vacancy=Vacancy(**row)) for row in rows}
    return [found[one] for one in ids if one in found]


async def keep_posting(tx: Tx, vacancy: Vacancy, basis: str, gist: Vectors, packed: bytes) -> None:
    """Keep a posting's side; an older version doesn't replace a newer one."""
    values = {"posting_version": vacancy.version, "basis": basis, "gist": gist.tolist(), "packed": packed}
    statement = insert(posting_side).values(posting_id=vacancy.id, **values)
    kept = statement.on_conflict_do_update(
        index_elements=["posting_id"], set_=values, where=posting_side.c.posting_version <= vacancy.version
    )
    await tx.conn.execute(kept)


async def drop_posting(tx: Tx, posting_id: UUID) -> None:
    """A posting that is gone is scored no more."""
    await tx.conn.execute(delete(posting_side).where(posting_side.c.posting_id == posting_id))


def _stale_seekers(posting_id: UUID, model_version: str) -> Select[Any]:
    """Seekers with a resume and no up-to-date score for a posting."""
    newest = newest_resume().lateral("newest")
    mine = and_(match.c.seeker_id == seeker.c.user_id, match.c.posting_id == posting.c.id, match.c.state != "closed")
    fresh = and_(mine, stands(newest.c.id), match.c.model_version == model_version)
    scored = select(match.c.id).where(fresh).correlate(seeker, posting, newest)
    joined = seeker.join(posting, posting.c.id == posting_id).join(newest, true())
    return select(seeker.c.user_id).select_from(joined).where(~scored.exists())


async def nearest_stale_seekers(tx: Tx, posting_id: UUID, model_version: str, gist: Vectors, limit: int) -> list[UUID]:
    """Of the `limit` analysed seekers that are nearest to a posting: those without an up-to-date score."""
    near = _nearest(seeker_side.c.seeker_id, seeker_side.c.gist, gist, limit)
    query = _stale_seekers(posting_id, model_version).join(near, near.c.id == seeker.c.user_id)
    return list((await tx.conn.execute(query.order_by(near.c.distance))).scalars())


async def stale_seekers(tx: Tx, posting_id: UUID, model_version: str) -> list[UUID]:
    """All of them, in the order of their ids."""
    query = _stale_seekers(posting_id, model_version).order_by(seeker.c.user_id)
    return list((await tx.conn.execute(query)).scalars())


async def seeker_sides(tx: Tx, ids: Sequence[UUID], basis: str) -> dict[UUID, tuple[UUID, int, bytes | None]]:
    """Of those who have a readable resume: its version, the seeker's, and the packed side where one stands on both."""
    newest = newest_resume().lateral("newest")
    fits = and_(
        seeker_side.c.seeker_id == seeker.c.user_id,
        seeker_side.c.resume_version_id == newest.c.id,
        seeker_side.c.seeker_version == seeker.c.version,
        seeker_side.c.basis == basis,
    )
    joined = seeker.join(newest, true()).outerjoin(seeker_side, fits)
    query = select(seeker.c.user_id, newest.c.id, seeker.c.version, seeker_side.c.packed).select_from(joined)
    rows = await tx.conn.execute(query.where(seeker.c.user_id == any_(cast(list(ids), ARRAY(Uuid)))))
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


async def keep_seeker(tx: Tx, owner: Basis, basis: str, gist: Vectors, packed: bytes) -> None:
    """Keep a seeker's side; an older version doesn't replace a newer one."""
    values = {
        "resume_version_id": owner.resume_version_id,
        "seeker_version": owner.seeker_version,
        "basis": basis,
        "gist": gist.tolist(),
        "packed": packed,
    }
    statement = insert(seeker_side).values(seeker_id=owner.seeker_id, **values)
    kept = statement.on_conflict_do_update(
        index_elements=["seeker_id"], set_=values, where=seeker_side.c.seeker_version <= owner.seeker_version
    )
    await tx.conn.execute(kept)
