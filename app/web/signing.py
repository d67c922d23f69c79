"""Signing in, up and out: one way for the API and the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request

from app.accounts import audit, service, sessions
from app.accounts.policy import Kind
from app.accounts.service import EmailTaken, User
from app.accounts.sessions import Opened, Principal
from app.platform.db import Tx
from app.seekers import service as seekers
from app.seekers import way_in
from app.web import limits


class SignedIn(msgspec.Struct, frozen=True):
    """Who signed in, with the session that was opened for them."""

    user: User
    session: Opened


async def sign_in(tx: Tx, request: Request[Any, Any, Any], email: str, password: str, kind: Kind) -> SignedIn:
    """Open a session with a new id and close the one the browser came with. Raises WrongCredentials, RateLimited."""
    await limits.sign_in(request, email)
    user = await service.authenticate(tx, email, password)
    before: Principal | None = request.scope.get("user")
    if before is not None and before.kind == kind == "cookie":
        await sessions.close(tx, before.session_id)
    opened = await sessions.open_full(tx, user.id, kind, restricted=user.locked_at is not None)
    await _note(tx, user.id, "session.open", {"kind": kind})
    return SignedIn(user, opened)


async def sign_up(
    tx: Tx, request: Request[Any, Any, Any], *, email: str, password: str, name: str, by_hand: bool = False
) -> None:
    """A seeker's account. A taken address is answered like a free one, so that nobody learns who is here.

    `by_hand`: on the pages, whose way in asks before anything is sent; until then nothing goes out by itself.
    """
    await limits.sign_up(request)
    try:
        user = await service.create_user(tx, email=email, name=name, role="seeker", password=password)
    except EmailTaken:
        return
    await seekers.create(tx, user.id, name=user.name, email=user.email, matching=not by_hand)
    if by_hand:
        await way_in.begin(tx, user.id)
    await _note(tx, user.id, "user.sign-up", {})


async def sign_out(tx: Tx, principal: Principal) -> None:
    """End this session; its sockets close."""
    await sessions.close(tx, principal.session_id)
    await _note(tx, principal.user_id, "session.close", {"kind": principal.kind})


async def _note(tx: Tx, user_id: UUID, action: str, data: dict[str, Any]) -> None:
    await audit.record(tx, actor=user_id, action=action, subject_type="user", subject_id=user_id, data=data)
