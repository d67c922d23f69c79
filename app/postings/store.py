"""SQL of postings and their links. Rows become structs here and nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, Uuid, any_, bindparam, cast, exists, func, insert, or_, select, union, update
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from app.platform.db import Transaction, Tx
from app.platform.ids import new_id
from app.postings.models import posting, posting_link, source
from app.postings.types import Link, Posting

_POSTING = tuple(posting.c[name] for name in Posting.__struct_fields__)
_LINK = tuple(posting_link.c[name] for name in Link.__struct_fields__)


class Candidate(msgspec.Struct, frozen=True):
    """A posting that may be the same vacancy. `same_board`: it has a live link from the source that asks."""

    id: UUID
    block_key: str
    places: list[str]
    text_hash: str
    url_keys: list[str]
    same_board: bool


def _now() -> Any:
    return func.clock_timestamp()


def _ids(values: Iterable[UUID]) -> Any:
    return cast(list(values), ARRAY(Uuid))


async def lock_keys(tx: Tx, keys: Iterable[str]) -> None:
    """One at a time per key until the commit, always in the same order so that two never wait for each other."""
    for key in sorted(set(keys)):
        await tx.conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


async def _one(tx: Tx, query: Select[Any]) -> Posting | None:
    row = (await tx.conn.execute(query)).mappings().one_or_none()
    return Posting(**row) if row else None


_GET = select(*_POSTING).where(posting.c.id == bindparam("id"))
_LOCK = _GET.with_for_update(key_share=True)  # the weaker lock: rows that refer to the posting needn't wait for it


async def get(tx: Transaction, posting_id: UUID, *, lock: bool = False) -> Posting | None:
    rows = await tx.fetch(_LOCK if lock else _GET, id=posting_id)
    return Posting(**rows[0]) if rows else None


async def by_number(tx: Tx, number: int) -> Posting | None:
    return await _one(tx, select(*_POSTING).where(posting.c.number == number))


async def by_ids(tx: Tx, ids: Collection[UUID]) -> list[Posting]:
    rows = await tx.conn.execute(select(*_POSTING).where(posting.c.id == any_(_ids(ids))))
    return [Posting(**row) for row in rows.mappings()]


async def newest(tx: Tx, *, before: int | None, limit: int, words: str | None, **equal: Any) -> list[Posting]:
    """Postings by falling number; `words` in title or company, `equal` column by column where not None."""
    query = select(*_POSTING).order_by(posting.c.number.desc()).limit(limit)
    query = query.filter_by(**{name: value for name, value in equal.items() if value is not None})
    if before is not None:
        query = query.where(posting.c.number < before)
    if words:
        inside = [column.icontains(words, autoescape=True) for column in (posting.c.title, posting.c.company)]
        query = query.where(or_(*inside))
    return [Posting(**row) for row in (await tx.conn.execute(query)).mappings()]


async def count_open(tx: Tx) -> int:
    query = select(func.count()).select_from(posting).where(posting.c.state == "open")
    return int((await tx.conn.execute(query)).scalar_one())


async def candidates(tx: Tx, *, block: str, url_key: str | None, source_id: UUID, closed_days: int) -> list[Candidate]:
    """Postings of this employer and title, or applied for at this address; the open and the lately closed."""
    live = posting_link.c.gone_at.is_(None)
    recent = or_(posting.c.state == "open", posting.c.closed_at > _now() - timedelta(days=closed_days))
    # A union and not an OR: each half has its index, an OR over both would read the whole table.
    alike = union(
        select(posting.c.id).where(posting.c.block_key == block),
        select(posting_link.c.posting_id).where(posting_link.c.url_key == url_key),
    ).scalar_subquery()
    keys = func.array_agg(posting_link.c.url_key).filter(posting_link.c.url_key.is_not(None))
    mine = func.coalesce(func.bool_or(live & (posting_link.c.source_id == source_id)), False)
    query = (
        select(posting.c.id, posting.c.block_key, posting.c.places, posting.c.text_hash, keys, mine)
        .outerjoin_from(posting, posting_link)
        .where(posting.c.id.in_(alike), recent)
        .group_by(posting.c.id)
        .order_by(posting.c.number)
    )
    return [Candidate(row[0], row[1], row[2], row[3], row[4] or [], row[5]) for row in await tx.conn.execute(query)]


async def description(tx: Tx, posting_id: UUID) -> str:
    query = select(posting.c.description_text).where(posting.c.id == posting_id)
    return str((await tx.conn.execute(query)).scalar_one())


async def keys_taken(tx: Tx, key: str) -> int:
    """How many vacancies already bear this identity key, or it with a number behind."""
    query = select(func.count()).select_from(posting)
    query = query.where(
        or_(posting.c.identity_key == key, posting.c.identity_key.startswith(f"{key}#", autoescape=True))
    )
    return int((await tx.conn.execute(query)).scalar_one())


async def create(tx: Tx, values: dict[str, Any]) -> Posting:
    statement = insert(posting).values({"id": new_id()} | values).returning(*_POSTING)
    return Posting(**(await tx.conn.execute(statement)).mappings().one())


async def edit(tx: Tx, posting_id: UUID, values: dict[str, Any]) -> Posting:
    """New content, and open whatever it was; one version up."""
    state = {"state": "open", "closed_at": None, "version": posting.c.version + 1, "updated_at": _now()}
    statement = update(posting).where(posting.c.id == posting_id).values(values | state).returning(*_POSTING)
    return Posting(**(await tx.conn.execute(statement)).mappings().one())


async def close_unlinked(tx: Tx, ids: Collection[UUID]) -> list[tuple[UUID, int]]:
    """Close those of the postings that no source lists any more; (id, version) of each.

    The rows are locked by a statement of their own first: the one that looks at the links then sees what a
    transaction that held a lock has linked meanwhile.
    """
    chosen = posting.c.id == any_(_ids(ids))
    await tx.conn.execute(select(posting.c.id).where(chosen).order_by(posting.c.id).with_for_update(key_share=True))
    listed = exists().where(posting_link.c.posting_id == posting.c.id, posting_link.c.gone_at.is_(None))
    values = {"state": "closed", "closed_at": _now(), "version": posting.c.version + 1, "updated_at": _now()}
    statement = update(posting).where(chosen, posting.c.state == "open", ~listed).values(values)
    rows = await tx.conn.execute(statement.returning(posting.c.id, posting.c.version))
    return [(row.id, row.version) for row in rows]


async def link_of(tx: Tx, source_id: UUID, external_id: str) -> Link | None:
    query = select(*_LINK).filter_by(source_id=source_id, external_id=external_id).with_for_update()
    row = (await tx.conn.execute(query)).mappings().one_or_none()
    return Link(**row) if row else None


async def links(tx: Tx, posting_id: UUID) -> list[Link]:
    """Oldest first."""
    query = select(*_LINK).where(posting_link.c.posting_id == posting_id)
    rows = await tx.conn.execute(query.order_by(posting_link.c.first_seen_at, posting_link.c.id))
    return [Link(**row) for row in rows.mappings()]


async def source_names(tx: Tx, posting_id: UUID) -> dict[UUID, str]:
    """Link id → name of its source."""
    query = select(posting_link.c.id, source.c.name).join_from(posting_link, source)
    rows = await tx.conn.execute(query.where(posting_link.c.posting_id == posting_id))
    return {row.id: row.name for row in rows}


async def add_link(tx: Tx, values: dict[str, Any]) -> None:
    await tx.conn.execute(insert(posting_link).values({"id": new_id()} | values))


async def renew_link(tx: Tx, link_id: UUID, values: dict[str, Any]) -> None:
    """The link as its source gives it now; listed again, if it was gone."""
    seen = {"last_seen_at": _now(), "gone_at": None}
    await tx.conn.execute(update(posting_link).where(posting_link.c.id == link_id).values(values | seen))


async def first_live_links(tx: Tx, ids: Collection[UUID]) -> list[Link]:
    """Of each posting, the link that speaks for it: the oldest that is still listed."""
    query = (
        select(*_LINK)
        .where(posting_link.c.posting_id == any_(_ids(ids)), posting_link.c.gone_at.is_(None))
        .ext(distinct_on(posting_link.c.posting_id))
        .order_by(posting_link.c.posting_id, posting_link.c.first_seen_at, posting_link.c.id)
    )
    return [Link(**row) for row in (await tx.conn.execute(query)).mappings()]
