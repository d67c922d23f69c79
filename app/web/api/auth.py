"""`/api/auth/`: tokens for programs, tickets for sockets."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, delete, post
from litestar.params import JSONBody

from app.accounts import sessions
from app.accounts.policy import Role
from app.web import signing
from app.web.deps import PrincipalDep, TxDep
from app.web.guards import even_restricted, public


class Credentials(msgspec.Struct):
    """What somebody signs in with."""

    email: str
    password: str


class Token(msgspec.Struct):
    """A bearer token, shown once."""

    token: str
    expires_at: datetime
    role: Role
    user_id: UUID


class Ticket(msgspec.Struct):
    """Good once, for 30 s, as `?ticket=` of a socket."""

    ticket: str


class AuthController(Controller):
    path = "/api/auth"
    tags = ("auth",)

    @post("/token", guards=[public], status_code=200, opt={"secret": True})
    async def token(self, request: Request[Any, Any, Any], tx: TxDep, data: JSONBody[Credentials]) -> Token:
        """Sign a program in."""
        done = await signing.sign_in(tx, request, data.email, data.password, "bearer")
        return Token(done.session.token, done.session.expires_at, done.user.role, done.user.id)

    @delete("/token", guards=[even_restricted])
    async def sign_out(self, tx: TxDep, principal: PrincipalDep) -> None:
        """End the session that asks; its sockets close."""
        await signing.sign_out(tx, principal)

    @post("/ticket", guards=[even_restricted], status_code=200, opt={"secret": True})
    async def ticket(self, tx: TxDep, principal: PrincipalDep) -> Ticket:
        """A ticket for a socket that can't carry a header."""
        return Ticket(await sessions.open_ticket(tx, principal))
