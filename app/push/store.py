"""Subscriptions and the key, both ways."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import app_user, session
from app.applications.models import application
from app.platform.db import Tx
from app.platform.ids import new_id
from app.push.models import push_key, push_subscription

_sub = push_subscription.c


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A browser to tell, as the row has it; `sealed` is encrypted."""

    id: UUID
    seeker_id: UUID
    service: str
    sealed: bytes


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that asked to be told."""

    seeker_id: UUID
    session_id: UUID
    endpoint_hash: bytes
    mark: bytes
    service: str
    sealed: bytes
    expires_at: datetime | None


def _now() -> Any:
    return func.clock_timestamp()


async def key(tx: Tx) -> bytes | None:
    """Our key, encrypted; None before the first browser asked for it."""
    sealed: bytes | None = (await tx.conn.execute(select(push_key.c.sealed))).scalar_one_or_none()
    return sealed


async def first_key(tx: Tx, sealed: bytes) -> None:
    """Keep it, unless another process was first."""
    await tx.conn.execute(insert(push_key).values(id=1, sealed=sealed).on_conflict_do_nothing())


async def keep(tx: Tx, fresh: Fresh) -> bool:
    """Tell this browser from now on; False where its seeker was told there before."""
    values = msgspec.structs.asdict(fresh)
    statement = insert(push_subscription).values(values | {"id": new_id()})
    known = {name: values[name] for name in ("session_id", "mark", "sealed", "expires_at")} | {"failing_since": None}
    written = statement.on_conflict_do_update(index_elements=["seeker_id", "endpoint_hash"], set_=known)
    return bool((await tx.conn.execute(written.returning(literal_column("xmax = 0")))).scalar_one())


async def take_over(tx: Tx, fresh: Fresh) -> None:
    """Whoever was told in this very browser before is told there no more."""
    same = (_sub.endpoint_hash == fresh.endpoint_hash, _sub.mark == fresh.mark)
    await tx.conn.execute(delete(push_subscription).where(*same, _sub.seeker_id != fresh.seeker_id))


async def trim(tx: Tx, seeker_id: UUID, most: int) -> None:
    """Forget the oldest beyond `most`."""
    mine = select(_sub.id).where(_sub.seeker_id == seeker_id).order_by(_sub.created_at.desc(), _sub.id.desc())
    await tx.conn.execute(delete(push_subscription).where(_sub.id.in_(mine.offset(most).scalar_subquery())))


async def seen(tx: Tx, seeker_id: UUID, endpoint_hash: bytes, session_id: UUID) -> bool:
    """Whether the seeker is told in this browser; it belongs to the present sign-in from now on."""
    mine = (_sub.seeker_id == seeker_id, _sub.endpoint_hash == endpoint_hash)
    return (await tx.conn.execute(update(push_subscription).where(*mine).values(session_id=session_id))).rowcount == 1


async def forget(tx: Tx, seeker_id: UUID, endpoint_hash: bytes) -> None:
    """Nothing where the seeker has none there."""
    mine = (_sub.seeker_id == seeker_id, _sub.endpoint_hash == endpoint_hash)
    await tx.conn.execute(delete(push_subscription).where(*mine))


def _open(query: Any) -> Any:
    """Those that may be told: not expired, not signed out, not locked out."""
    query = query.join(app_user, app_user.c.id == _sub.seeker_id)
    query = query.outerjoin(session, session.c.id == _sub.session_id)
    lasting = or_(_sub.expires_at.is_(None), _sub.expires_at > _now())
    return query.where(lasting, session.c.closed_at.is_(None), app_user.c.locked_at.is_(None))


async def of_applications(tx: Tx, applications: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The browsers to tell of each of these applications."""
    query = _open(select(application.c.id, _sub.id.label("to")).select_from(push_subscription))
    query = query.join(application, application.c.seeker_id == _sub.seeker_id)
    found: dict[UUID, list[UUID]] = {}
    for row in await tx.conn.execute(query.where(application.c.id.in_(applications)).order_by(_sub.id)):
        found.setdefault(row.id, []).append(row.to)
    return found


async def load(tx: Tx, subscription_id: UUID) -> Kept | None:
    """None where it has gone, or may not be told any more."""
    query = _open(select(*(_sub[name] for name in Kept.__struct_fields__)).select_from(push_subscription))
    row = (await tx.conn.execute(query.where(_sub.id == subscription_id))).one_or_none()
    return Kept(**row._mapping) if row else None


async def delivered(tx: Tx, subscription_id: UUID) -> None:
    values = {"delivered_at": _now(), "failing_since": None}
    await tx.conn.execute(update(push_subscription).where(_sub.id == subscription_id).values(values))


async def failed(tx: Tx, subscription_id: UUID) -> None:
    since = func.coalesce(_sub.failing_since, _now())
    await tx.conn.execute(update(push_subscription).where(_sub.id == subscription_id).values(failing_since=since))


async def remove(tx: Tx, subscription_id: UUID) -> None:
    await tx.conn.execute(delete(push_subscription).where(_sub.id == subscription_id))


async def prune(tx: Tx, failing_days: int) -> int:
    """Forget what has expired, was signed out, or has failed for so long; how many."""
    closed = select(session.c.id).where(session.c.closed_at.is_not(None)).scalar_subquery()
    since = _now() - func.make_interval(0, 0, 0, failing_days)
    over = or_(_sub.expires_at < _now(), _sub.session_id.in_(closed), _sub.failing_since < since)
    return (await tx.conn.execute(delete(push_subscription).where(over))).rowcount
