"""SQL of accounts. Rows become structs here and nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert

from app.accounts.models import app_user, audit_log, session
from app.accounts.policy import Kind, Role
from app.platform.db import Transaction, Tx
from app.platform.ids import earliest


class User(msgspec.Struct, frozen=True):
    """Somebody who may sign in."""

    id: UUID
    number: int
    email: str
    name: str
    role: Role
    locked_at: datetime | None
    created_at: datetime


class Principal(msgspec.Struct, frozen=True):
    """Who is asking. `restricted`: a locked employee, who may read their strikes and appeal, nothing else."""

    user_id: UUID
    number: int
    role: Role
    name: str
    email: str
    session_id: UUID
    kind: Kind
    restricted: bool
    csrf: str
    expires_at: datetime


class Entry(msgspec.Struct, frozen=True):
    """One line of the audit log."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    action: str
    subject_type: str
    subject_id: str
    data: dict[str, Any]
    reason: str | None


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines of the audit log; what is left out lets all through.

    `who`: part of a name or of a mail address, a number or an id, or `system`. `action`: how it begins. `subject`: a
    kind of thing, an id, or both as `kind:id`. From `start` up to, not including, `end`.
    """

    who: str = ""
    action: str = ""
    subject: str = ""
    start: datetime | None = None
    end: datetime | None = None


_CLOCKS_APART = timedelta(minutes=5)
_USER = (
    app_user.c.id,
    app_user.c.number,
    app_user.c.email,
    app_user.c.name,
    app_user.c.role,
    app_user.c.locked_at,
    app_user.c.created_at,
)
_PRINCIPAL = (
    app_user.c.id.label("user_id"),
    app_user.c.number,
    app_user.c.role,
    app_user.c.name,
    app_user.c.email,
    session.c.id.label("session_id"),
    session.c.kind,
    session.c.restricted,
    session.c.csrf,
    session.c.expires_at,
)


def _user(row: Any) -> User:
    return User(*row[: len(_USER)])


async def insert_user(tx: Tx, user_id: UUID, email: str, name: str, role: Role, password_hash: str) -> User | None:
    """The new user, or None where the address is taken."""
    wanted = {"id": user_id, "email": email, "name": name, "role": role, "password_hash": password_hash}
    query = pg_insert(app_user).values(wanted).on_conflict_do_nothing(index_elements=["email"]).returning(*_USER)
    row = (await tx.conn.execute(query)).one_or_none()
    return _user(row) if row else None


_ONE = select(*_USER).where(app_user.c.id == bindparam("id"))
_USERS = select(*_USER).where(app_user.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))


async def user(tx: Transaction, user_id: UUID) -> User | None:
    rows = await tx.fetch(_ONE, id=user_id)
    return _user(rows[0]) if rows else None


async def users(tx: Transaction, ids: Collection[UUID]) -> list[User]:
    return [_user(row) for row in await tx.fetch(_USERS, ids=list(ids))]


async def all_users(tx: Tx, limit: int) -> list[User]:
    rows = await tx.conn.execute(select(*_USER).order_by(app_user.c.number).limit(limit))
    return [_user(row) for row in rows]


async def credentials(tx: Tx, email: str) -> tuple[User, str] | None:
    """The user of an address and their password's hash."""
    query = select(*_USER, app_user.c.password_hash).where(app_user.c.email == email)
    row = (await tx.conn.execute(query)).one_or_none()
    return (_user(row), row.password_hash) if row else None


async def update_user(tx: Tx, user_id: UUID, **values: Any) -> bool:
    """True when there is such a user."""
    done = await tx.conn.execute(update(app_user).where(app_user.c.id == user_id).values(values))
    return done.rowcount == 1


async def set_locked(tx: Tx, user_id: UUID, *, locked: bool) -> bool:
    """True when this call changed it."""
    query = update(app_user).where(
        app_user.c.id == user_id, app_user.c.locked_at.is_(None) if locked else app_user.c.locked_at.is_not(None)
    )
    done = await tx.conn.execute(query.values(locked_at=func.clock_timestamp() if locked else None))
    return done.rowcount == 1


async def insert_session(
    tx: Tx,
    *,
    user_id: UUID,
    session_id: UUID,
    token_hash: bytes,
    kind: Kind,
    restricted: bool,
    csrf: str,
    lifetime: timedelta,
    parent_id: UUID | None = None,
) -> datetime:
    """Returns when it ends."""
    query = insert(session).values(
        id=session_id,
        user_id=user_id,
        parent_id=parent_id,
        token_hash=token_hash,
        kind=kind,
        restricted=restricted,
        csrf=csrf,
        expires_at=func.clock_timestamp() + lifetime,
    )
    ends: datetime = (await tx.conn.execute(query.returning(session.c.expires_at))).scalar_one()
    return ends


def _open_sessions(*columns: Any) -> Select[Any]:
    # A session opened before a lock opens nothing after it, even where closing it was missed.
    return (
        select(*columns)
        .join_from(session, app_user)
        .where(
            session.c.closed_at.is_(None),
            session.c.expires_at > func.clock_timestamp(),
            or_(app_user.c.locked_at.is_(None), session.c.restricted),
        )
    )


_BY_TOKEN = _open_sessions(*_PRINCIPAL).where(
    session.c.token_hash == bindparam("token_hash"), session.c.kind == bindparam("kind")
)


async def principal(tx: Transaction, token_hash: bytes, kind: Kind) -> Principal | None:
    rows = await tx.fetch(_BY_TOKEN, token_hash=token_hash, kind=kind)
    return Principal(*rows[0]) if rows else None


_BY_ID = _open_sessions(*_PRINCIPAL).where(session.c.id == bindparam("id"))


async def principal_of(tx: Transaction, session_id: UUID) -> Principal | None:
    rows = await tx.fetch(_BY_ID, id=session_id)
    return Principal(*rows[0]) if rows else None


_OPEN = _open_sessions(session.c.id).where(session.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))


async def open_ids(tx: Transaction, session_ids: Collection[UUID]) -> set[UUID]:
    """Those of the sessions that are still open."""
    return {row[0] for row in await tx.fetch(_OPEN, ids=list(session_ids))}


_REDEEM = (
    update(session)
    .where(
        session.c.token_hash == bindparam("hash"),
        session.c.kind == "ticket",
        session.c.closed_at.is_(None),
        session.c.expires_at > func.clock_timestamp(),
    )
    .values(closed_at=func.clock_timestamp())
    .returning(session.c.parent_id)
)


async def redeem(tx: Transaction, token_hash: bytes) -> UUID | None:
    """Use a ticket up; the session it speaks for. Two at once: one gets it, by the row's lock."""
    rows = await tx.fetch(_REDEEM, hash=token_hash)
    return rows[0][0] if rows else None


async def close_session(tx: Tx, session_id: UUID) -> None:
    query = update(session).where(session.c.id == session_id, session.c.closed_at.is_(None))
    await tx.conn.execute(query.values(closed_at=func.clock_timestamp()))


async def close_sessions_of(tx: Tx, user_id: UUID) -> None:
    query = update(session).where(session.c.user_id == user_id, session.c.closed_at.is_(None))
    await tx.conn.execute(query.values(closed_at=func.clock_timestamp()))


async def purge_sessions(tx: Tx, older_than: timedelta) -> int:
    done = await tx.conn.execute(session.delete().where(session.c.expires_at < func.clock_timestamp() - older_than))
    return done.rowcount


async def insert_entry(tx: Tx, values: dict[str, Any]) -> None:
    await tx.conn.execute(insert(audit_log).values(values))


async def last_actor(tx: Tx, action: str, subject_type: str, subject_id: UUID) -> UUID | None:
    """Who did this to it last; None where that was the system, or nobody ever."""
    subject = (audit_log.c.subject_type == subject_type, audit_log.c.subject_id == str(subject_id))
    query = select(audit_log.c.actor_id).where(*subject, audit_log.c.action == action)
    return (await tx.conn.execute(query.order_by(audit_log.c.id.desc()).limit(1))).scalar_one_or_none()


async def entries(tx: Tx, before: UUID | None, limit: int, only: Filter) -> list[Entry]:
    """Newest first; ids are UUIDv7 and so in order of time."""
    columns = (audit_log.c[name] for name in Entry.__struct_fields__)
    query = select(*columns).where(*_only(only)).order_by(audit_log.c.id.desc()).limit(limit)
    rows = await tx.conn.execute(query.where(audit_log.c.id < before) if before else query)
    return [Entry(*row) for row in rows]


def _only(only: Filter) -> Iterator[ColumnElement[bool]]:
    if only.who.casefold() == "system":
        yield audit_log.c.actor_id.is_(None)
    elif only.who:
        named = or_(
            app_user.c.name.icontains(only.who, autoescape=True),
            app_user.c.email.icontains(only.who, autoescape=True),
            cast(app_user.c.number, Text) == only.who,
            cast(app_user.c.id, Text) == only.who.lower(),
        )
        yield audit_log.c.actor_id.in_(select(app_user.c.id).where(named))
    if only.action:
        yield audit_log.c.action.startswith(only.action, autoescape=True)
    if only.subject:
        kind, _, subject = only.subject.partition(":")
        yield (
            audit_log.c.subject_type == kind
            if subject
            else or_(audit_log.c.subject_type == kind, audit_log.c.subject_id == kind)
        )
        if subject:
            yield audit_log.c.subject_id == subject
    # ids say the time of the process that made them, `at` the database's: the first finds, the second decides
    if only.start:
        yield and_(audit_log.c.at >= only.start, audit_log.c.id >= earliest(only.start - _CLOCKS_APART))
    if only.end:
        yield and_(audit_log.c.at < only.end, audit_log.c.id < earliest(only.end + _CLOCKS_APART))
