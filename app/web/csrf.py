"""Cross-site request forgery: an unsafe request that a cookie authenticates carries the session's token.

Litestar's own middleware also refuses bearer requests, which no browser sends by itself, so this one is ours.
The token is masked anew for each page: a compressed page must not repeat a secret beside text that others choose.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Any

from litestar import Request
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from app.accounts.sessions import Principal
from app.config import Settings
from app.errors import Forbidden
from app.web import resources
from app.web.origins import own_origins
from app.words import gettext as _
from app.words import later

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER, FIELD = "x-csrf-token", "_csrf"
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


class CsrfFailed(Forbidden):
    title = later("This form is out of date")


def mask(token: str) -> str:
    """The token as a page shows it."""
    plain = token.encode()
    pad = secrets.token_bytes(len(plain))
    return urlsafe_b64encode(pad + bytes(a ^ b for a, b in zip(pad, plain, strict=True))).decode()


def matches(shown: str, token: str) -> bool:
    """Whether a page's token is the session's."""
    try:
        raw = urlsafe_b64decode(shown.encode())
    except (Base64Error, ValueError):
        return False
    half = len(raw) // 2
    plain = bytes(a ^ b for a, b in zip(raw[:half], raw[half : 2 * half], strict=True))
    return secrets.compare_digest(plain, token.encode())


class Csrf(ASGIMiddleware):
    """Stands behind Authenticate."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "anonymous"

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: Request[Any, Any, Any] = scope["litestar_app"].request_class(scope, receive)
        if request.method not in SAFE:
            await check(request, scope.get("user"))
        await next_app(scope, receive, send)


async def check(request: Request[Any, Any, Any], principal: Principal | None) -> None:
    """Raises CsrfFailed."""
    if principal is not None and principal.kind == "cookie":
        if not matches(await _shown(request), principal.csrf):
            raise CsrfFailed(_("Reload the page and try again."))
    elif "authorization" not in request.headers and not _own(request, resources.of(request).settings):
        raise CsrfFailed(_("This request came from another site."))  # or somebody could sign you in as themselves


async def _shown(request: Request[Any, Any, Any]) -> str:
    if (header := request.headers.get(HEADER)) is not None:
        return header
    if request.content_type[0] not in _FORMS:
        return ""
    field = (await request.form()).get(FIELD, "")
    return field if isinstance(field, str) else ""


def _own(request: Request[Any, Any, Any], settings: Settings) -> bool:
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")
    return origin in own_origins(settings)
