"""Finds out who is asking, by bearer token or cookie, before any guard looks. Sockets do it at their handshake."""

from __future__ import annotations

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from app.accounts import sessions
from app.accounts.sessions import Principal
from app.platform.telemetry import bind
from app.web import cookies, resources
from app.web.resources import Connection


def bearer_token(connection: Connection) -> str | None:
    """The token of `Authorization: Bearer …`."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def cookie_token(connection: Connection) -> str | None:
    return connection.cookies.get(cookies.name(resources.of(connection).settings)) or None


async def who(connection: Connection) -> Principal | None:
    """The principal; an Authorization header wins over the cookie, so that a request is one or the other."""
    bearer, cookie = bearer_token(connection), cookie_token(connection)
    if not bearer and not cookie:
        return None
    async with resources.of(connection).db.direct(begin=False) as tx:
        if bearer:
            return await sessions.load(tx, bearer, "bearer")
        return await sessions.load(tx, cookie or "", "cookie")


class Authenticate(ASGIMiddleware):
    """Sets `scope["user"]` to the Principal or None."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "anonymous"

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        principal = await who(ASGIConnection(scope))
        scope["user"], scope["auth"] = principal, None
        if principal is not None:
            bind(user=str(principal.user_id))
        await next_app(scope, receive, send)
