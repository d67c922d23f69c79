"""Sessions: opened at sign-in, stored as hashes, closed at sign-out and lock. An id from before opens nothing.

Whoever holds something open on behalf of a session (a socket) listens on the channel `CLOSED`: its payload is a
session's id, or `user:<id>` when all of a user's sessions ended. The channel is a hint; heartbeats look again.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from app.accounts import store
from app.accounts.policy import LIFETIMES, Kind
from app.accounts.store import Principal
from app.errors import Unauthenticated
from app.platform.db import Transaction, Tx
from app.platform.ids import new_id
from app.platform.security import new_token, token_hash

__all__ = ["CLOSED", "Opened", "Principal", "alive", "close", "close_all", "load", "open_session", "open_ticket"]

CLOSED = "sessions:closed"


class Opened(msgspec.Struct, frozen=True):
    """A session just opened: the secret is known here once and stored nowhere."""

    token: str
    session_id: UUID
    expires_at: datetime
    csrf: str


async def open_full(
    tx: Tx, user_id: UUID, kind: Kind, *, restricted: bool = False, parent_id: UUID | None = None
) -> Opened:
    """Open a session and tell all about it."""
    token, csrf, session_id = new_token(), new_token(), new_id()
    expires_at = await store.insert_session(
        tx,
        user_id=user_id,
        session_id=session_id,
        token_hash=token_hash(token),
        kind=kind,
        restricted=restricted,
        csrf=csrf,
        lifetime=LIFETIMES[kind],
        parent_id=parent_id,
    )
    return Opened(token, session_id, expires_at, csrf)


async def open_session(tx: Tx, user_id: UUID, kind: Kind, *, restricted: bool = False) -> str:
    """Open a cookie's or bearer's session; returns its token."""
    return (await open_full(tx, user_id, kind, restricted=restricted)).token


async def open_ticket(tx: Tx, principal: Principal) -> str:
    """A ticket for one socket, good once for 30 s, that speaks for the session asking."""
    opened = await open_full(
        tx, principal.user_id, "ticket", restricted=principal.restricted, parent_id=principal.session_id
    )
    return opened.token


async def load(tx: Transaction, token: str, kind: Kind) -> Principal | None:
    """Whose open session this is; a ticket is used up by it and yields the session it spoke for."""
    if kind != "ticket":
        return await store.principal(tx, token_hash(token), kind)
    parent_id = await store.redeem(tx, token_hash(token))
    return await store.principal_of(tx, parent_id) if parent_id else None


async def reload(tx: Tx, principal: Principal) -> Principal:
    """The same session as it is now. Raises Unauthenticated when it ended."""
    found = await store.principal_of(tx, principal.session_id)
    if found is None:
        raise Unauthenticated
    return found


async def alive(tx: Transaction, session_ids: Collection[UUID]) -> set[UUID]:
    """Those of the sessions that are still open: sockets ask at heartbeats."""
    return await store.open_ids(tx, session_ids) if session_ids else set()


async def close(tx: Tx, session_id: UUID) -> None:
    """Sign one session out; its sockets close."""
    await store.close_session(tx, session_id)
    tx.hint(CLOSED, str(session_id))


async def close_all(tx: Tx, user_id: UUID) -> None:
    """Sign a user out everywhere."""
    await store.close_sessions_of(tx, user_id)
    tx.hint(CLOSED, f"user:{user_id}")


async def purge(tx: Tx) -> int:
    """Forget sessions that ended over a week ago; how many."""
    return await store.purge_sessions(tx, timedelta(days=7))
