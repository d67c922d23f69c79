"""What one can do to an account. Each verb works in the transaction it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from functools import cache
from uuid import UUID

from app.accounts import audit, sessions, store
from app.accounts.policy import check_password, check_role, clean_email, clean_name
from app.accounts.store import User
from app.errors import Conflict, NotFound, Unauthenticated
from app.platform.db import Tx
from app.platform.ids import new_id
from app.platform.security import hash_password, verify_password
from app.words import later

__all__ = ["EmailTaken", "User", "UserNotFound", "authenticate", "create_user", "get_user", "lock", "unlock"]


class EmailTaken(Conflict):
    """Only staff hear this: a sign-up answers the same either way."""

    title = later("This mail address has an account already")


class UserNotFound(NotFound):
    title = later("There is no such user")


class WrongCredentials(Unauthenticated):
    title = later("Mail address or password is wrong")


async def create_user(tx: Tx, *, email: str, name: str, role: str, password: str) -> User:
    """A new user. Raises Invalid, EmailTaken."""
    email, name, role_ = clean_email(email), clean_name(name), check_role(role)
    check_password(password)
    hashed = await asyncio.to_thread(hash_password, password)  # tens of milliseconds that others shall not wait for
    user = await store.insert_user(tx, new_id(), email, name, role_, hashed)
    if user is None:
        raise EmailTaken
    return user


async def authenticate(tx: Tx, email: str, password: str) -> User:
    """Who this is. Takes as long for an unknown address as for a wrong password. Raises WrongCredentials."""
    found = await store.credentials(tx, email.strip().lower()[:300])
    hashed = found[1] if found else await asyncio.to_thread(_nobodys_hash)
    right = await asyncio.to_thread(verify_password, password[:1000], hashed)
    if found is None or not right:
        raise WrongCredentials
    return found[0]


@cache
def _nobodys_hash() -> str:
    return hash_password("the password of nobody")


async def get_user(tx: Tx, user_id: UUID) -> User:
    """Raises UserNotFound."""
    user = await store.user(tx, user_id)
    if user is None:
        raise UserNotFound(user_id=str(user_id))
    return user


async def users_by_id(tx: Tx, ids: Collection[UUID]) -> dict[UUID, User]:
    """Those that exist, for pages that show names."""
    return {user.id: user for user in await store.users(tx, ids)} if ids else {}


async def by_email(tx: Tx, email: str) -> User:
    """Raises UserNotFound."""
    found = await store.credentials(tx, email.strip().lower())
    if found is None:
        raise UserNotFound
    return found[0]


async def list_users(tx: Tx, limit: int = 1000) -> list[User]:
    """By number."""
    return await store.all_users(tx, limit)


async def set_password(tx: Tx, user_id: UUID, password: str, *, actor: UUID | None = None) -> None:
    """Replace the password and sign the user out everywhere. Raises Invalid, UserNotFound."""
    check_password(password)
    if not await store.update_user(tx, user_id, password_hash=await asyncio.to_thread(hash_password, password)):
        raise UserNotFound(user_id=str(user_id))
    await sessions.close_all(tx, user_id)
    await audit.record(tx, actor=actor, action="user.set-password", subject_type="user", subject_id=user_id)


async def rename(tx: Tx, user_id: UUID, name: str) -> None:
    """Raises Invalid, UserNotFound."""
    if not await store.update_user(tx, user_id, name=clean_name(name)):
        raise UserNotFound(user_id=str(user_id))


async def lock(tx: Tx, user_id: UUID, *, actor: UUID | None, reason: str) -> bool:
    """Lock the account and end its sessions; signing in again gives a restricted one. False: it was locked already."""
    if not await store.set_locked(tx, user_id, locked=True):
        return False
    await sessions.close_all(tx, user_id)
    await audit.record(tx, actor=actor, action="user.lock", subject_type="user", subject_id=user_id, reason=reason)
    return True


async def locked_by_itself(tx: Tx, user_id: UUID) -> bool:
    """Whether the account is locked, and by nobody else: the system did, or an act of the person's own led to it."""
    locked = (await get_user(tx, user_id)).locked_at is not None
    return locked and await store.last_actor(tx, "user.lock", "user", user_id) in (None, user_id)


async def unlock(tx: Tx, user_id: UUID, *, actor: UUID | None, reason: str) -> bool:
    """Unlock the account; its restricted sessions end. False: it wasn't locked."""
    if not await store.set_locked(tx, user_id, locked=False):
        return False
    await sessions.close_all(tx, user_id)
    await audit.record(tx, actor=actor, action="user.unlock", subject_type="user", subject_id=user_id, reason=reason)
    return True
