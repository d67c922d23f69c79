"""Limits on who tries what how often, shared by all processes (I5)."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from app.accounts.sessions import Principal
from app.errors import RateLimited
from app.platform.ratelimit import RateLimit
from app.web import resources
from app.words import gettext as _

AnyRequest = Request[Any, Any, Any]


async def _take(limit: RateLimit, name: str, *, rate: float, burst: int, told: str) -> None:
    grant = await limit.take(name, rate=rate, burst=burst)
    if not grant.granted:
        raise RateLimited(told, retry_after=grant.wait)


def _address(request: AnyRequest) -> str:
    return request.client.host if request.client else "unknown"


async def sign_in(request: AnyRequest, email: str) -> None:
    """Guessing is slow from one address, and slower at one account. Raises RateLimited."""
    limit, told = resources.of(request).limit, _("Too many attempts. Wait a little and try again.")
    await _take(limit, f"sign-in:address:{_address(request)}", rate=1, burst=60, told=told)
    # the address is hashed: Valkey keeps no list of who tried to sign in
    mail = hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]
    await _take(limit, f"sign-in:mail:{mail}", rate=1 / 20, burst=10, told=told)


async def sign_up(request: AnyRequest) -> None:
    """Raises RateLimited."""
    told = _("Too many new accounts from here. Wait a little and try again.")
    await _take(resources.of(request).limit, f"sign-up:{_address(request)}", rate=0.5, burst=60, told=told)


async def upload(request: AnyRequest, seeker_id: UUID) -> None:
    """Each upload is kept and read in a process of its own. Raises RateLimited."""
    told = _("Too many uploads. Wait a little and try again.")
    await _take(resources.of(request).limit, f"upload:{seeker_id}", rate=1 / 30, burst=20, told=told)


async def push(request: AnyRequest, seeker_id: UUID) -> None:
    """Each device's address is one that we send to. Raises RateLimited."""
    told = _("Too many devices in a short time. Wait a little and try again.")
    await _take(resources.of(request).limit, f"push:{seeker_id}", rate=1 / 30, burst=20, told=told)


class PerToken(ASGIMiddleware):
    """No session asks more often than a busy page or a reasonable program does. Stands behind Authenticate."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "anonymous"

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        principal: Principal | None = scope.get("user")
        if principal is not None:
            limit: RateLimit = scope["litestar_app"].state.resources.limit
            told = _("Too many requests with this sign-in. Wait a moment.")
            await _take(limit, f"token:{principal.session_id}", rate=30, burst=300, told=told)
        await next_app(scope, receive, send)
