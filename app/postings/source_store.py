"""SQL of sources and of what they said. Rows become structs here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import String, all_, any_, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.platform.db import Tx
from app.platform.ids import new_id
from app.postings.models import posting_link, raw_posting, source
from app.postings.types import RawRow, Rejected, Seen, Source

_SOURCE = tuple(source.c[name] for name in Source.__struct_fields__)
_RAW = tuple(raw_posting.c[name] for name in RawRow.__struct_fields__ if name != "kind")
_BATCH = 200


def _now() -> Any:
    return func.clock_timestamp()


def _texts(values: Sequence[str]) -> Any:
    """One array parameter, however many values: a list of a thousand parameters would be planned anew each time."""
    return cast(list(values), ARRAY(String))


async def get(tx: Tx, source_id: UUID) -> Source | None:
    row = (await tx.conn.execute(select(*_SOURCE).where(source.c.id == source_id))).mappings().one_or_none()
    return Source(**row) if row else None


async def every(tx: Tx) -> list[Source]:
    rows = await tx.conn.execute(select(*_SOURCE).order_by(source.c.kind, source.c.token, source.c.base_url))
    return [Source(**row) for row in rows.mappings()]


async def ensure(tx: Tx, values: dict[str, Any]) -> tuple[UUID, bool]:
    """The source of this kind, token and address, and whether this call made it."""
    statement = insert(source).values({"id": new_id()} | values).on_conflict_do_nothing().returning(source.c.id)
    made = (await tx.conn.execute(statement)).scalar_one_or_none()
    if made:
        return made, True
    query = select(source.c.id).filter_by(**{name: values[name] for name in ("kind", "token", "base_url")})
    found: UUID = (await tx.conn.execute(query)).scalar_one()
    return found, False


async def change(tx: Tx, source_id: UUID, values: dict[str, Any]) -> bool:
    """True when there is such a source."""
    return (await tx.conn.execute(update(source).where(source.c.id == source_id).values(values))).rowcount == 1


async def ran(tx: Tx, source_id: UUID, *, wait_seconds: float, ok: bool | None, **values: Any) -> None:
    """Write down how a fetch ended (`ok` None: it was put off) and when the next is due, by the database's clock."""
    due = {"next_at": _now() + timedelta(seconds=wait_seconds)}
    outcomes: dict[bool | None, dict[str, Any]] = {
        None: {},
        True: {"last_run_at": _now(), "last_ok_at": _now(), "failures": 0, "last_error": None},
        False: {"last_run_at": _now(), "failures": source.c.failures + 1},
    }
    await tx.conn.execute(update(source).where(source.c.id == source_id).values(due | outcomes[ok] | values))


async def take_due(tx: Tx, limit: int) -> list[UUID]:
    """Sources whose time has come, each moved on by its interval so that the next look doesn't take it again."""
    due = (
        select(source.c.id)
        .where(source.c.enabled, source.c.kind != "operator", source.c.next_at <= _now())
        .order_by(source.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    later = _now() + source.c.interval_seconds * timedelta(seconds=1)
    taken = update(source).where(source.c.id.in_(due.scalar_subquery())).values(next_at=later)
    return list((await tx.conn.execute(taken.returning(source.c.id))).scalars())


async def hashes(tx: Tx, source_id: UUID) -> dict[str, str]:
    """External id → hash of what is on file, for all that were there at the last complete fetch."""
    query = select(raw_posting.c.external_id, raw_posting.c.content_hash)
    query = query.where(raw_posting.c.source_id == source_id, raw_posting.c.gone_at.is_(None))
    return {row.external_id: row.content_hash for row in await tx.conn.execute(query)}


def _raw_values(source_id: UUID, seen: Seen) -> dict[str, Any]:
    return {
        "id": new_id(),
        "source_id": source_id,
        "external_id": seen.external_id,
        "payload": msgspec.to_builtins(seen.outcome),
        "content_hash": seen.content_hash,
        "error": seen.outcome.reason if isinstance(seen.outcome, Rejected) else None,
    }


async def write_raws(tx: Tx, source_id: UUID, changed: Sequence[Seen]) -> list[UUID]:
    """Keep what was said anew; the ids of those that can be taken in."""
    statement = insert(raw_posting)
    news = {name: statement.excluded[name] for name in ("payload", "content_hash", "error")}
    upsert = statement.on_conflict_do_update(
        index_elements=["source_id", "external_id"],
        set_=news | {"seen_at": _now(), "accepted_at": None, "gone_at": None},
    ).returning(raw_posting.c.id, raw_posting.c.error)
    fresh: list[UUID] = []
    for start in range(0, len(changed), _BATCH):
        batch = [_raw_values(source_id, seen) for seen in changed[start : start + _BATCH]]
        rows = await tx.conn.execute(upsert, batch)
        fresh += [row.id for row in rows if row.error is None]
    return fresh


async def touch(tx: Tx, source_id: UUID, listed: Sequence[str]) -> None:
    """These were listed just now."""
    raws = update(raw_posting).where(raw_posting.c.source_id == source_id, raw_posting.c.gone_at.is_(None))
    links = update(posting_link).where(posting_link.c.source_id == source_id, posting_link.c.gone_at.is_(None))
    await tx.conn.execute(raws.where(raw_posting.c.external_id == any_(_texts(listed))).values(seen_at=_now()))
    await tx.conn.execute(links.where(posting_link.c.external_id == any_(_texts(listed))).values(last_seen_at=_now()))


async def mark_gone(tx: Tx, source_id: UUID, listed: Sequence[str]) -> list[UUID]:
    """Those not listed any more are gone; returns the posting of each link that went."""
    raws = update(raw_posting).where(raw_posting.c.source_id == source_id, raw_posting.c.gone_at.is_(None))
    links = update(posting_link).where(posting_link.c.source_id == source_id, posting_link.c.gone_at.is_(None))
    await tx.conn.execute(raws.where(raw_posting.c.external_id != all_(_texts(listed))).values(gone_at=_now()))
    gone = links.where(posting_link.c.external_id != all_(_texts(listed))).values(gone_at=_now())
    return list((await tx.conn.execute(gone.returning(posting_link.c.posting_id))).scalars())


async def lock_raw(tx: Tx, raw_id: UUID) -> RawRow | None:
    query = select(*_RAW, source.c.kind).join_from(raw_posting, source).where(raw_posting.c.id == raw_id)
    row = (await tx.conn.execute(query.with_for_update(of=raw_posting))).mappings().one_or_none()
    return RawRow(**row) if row else None


async def raw_id_of(tx: Tx, source_id: UUID, external_id: str) -> UUID | None:
    query = select(raw_posting.c.id).filter_by(source_id=source_id, external_id=external_id)
    return (await tx.conn.execute(query)).scalar_one_or_none()


async def settle_raw(tx: Tx, raw_id: UUID, posting_id: UUID) -> None:
    """The raw posting has been taken in."""
    statement = update(raw_posting).where(raw_posting.c.id == raw_id)
    await tx.conn.execute(statement.values(accepted_at=_now(), posting_id=posting_id))


async def rejected(tx: Tx, source_id: UUID, limit: int) -> list[Rejected]:
    """Entries of the last fetches that can't be used, newest first."""
    query = (
        select(raw_posting.c.external_id, raw_posting.c.error, raw_posting.c.payload["excerpt"].astext)
        .where(raw_posting.c.source_id == source_id, raw_posting.c.error.is_not(None), raw_posting.c.gone_at.is_(None))
        .order_by(raw_posting.c.seen_at.desc())
        .limit(limit)
    )
    rows = (await tx.conn.execute(query)).all()
    return [Rejected(external_id=row[0], reason=row[1], excerpt=row[2] or "") for row in rows]


async def count_rejected(tx: Tx, source_id: UUID) -> int:
    query = select(func.count()).select_from(raw_posting).where(raw_posting.c.source_id == source_id)
    query = query.where(raw_posting.c.error.is_not(None), raw_posting.c.gone_at.is_(None))
    return int((await tx.conn.execute(query)).scalar_one())
