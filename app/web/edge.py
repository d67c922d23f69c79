"""The outermost layer: request ids, hosts, security headers, the access log. Wraps errors and unknown paths too."""

from __future__ import annotations

import asyncio
import re
from collections.abc import MutableMapping
from typing import Any

import msgspec
import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from app import words
from app.config import Settings
from app.platform.clock import monotonic
from app.platform.ids import new_id
from app.platform.telemetry import get_logger
from app.web import zones
from app.web.cookies import tls
from app.web.origins import own_hosts

log = get_logger(__name__)
_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
_PROBES = ("/health/", "/metrics")
_DRAIN_BYTES, _DRAIN_SECONDS = 64 * 1024 * 1024, 20.0
_REQUESTS = Counter("cabrank_http_requests_total", "Requests answered", ["method", "route", "status"])
_SECONDS = Histogram("cabrank_http_seconds", "Time to the answer's first byte", ["route"])


def content_policy(host: str) -> str:
    """Nothing from elsewhere, nothing inline. The socket's origin is named for browsers whose 'self' leaves it out."""
    sockets = f" ws://{host} wss://{host}" if host else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        f"media-src 'self'; worker-src 'self'; manifest-src 'self'; connect-src 'self'{sockets}; "
        "frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    )


def security_headers(settings: Settings, host: str) -> dict[str, str]:
    """For every answer, errors included."""
    headers = {
        "content-security-policy": content_policy(host),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    }
    if tls(settings):
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return headers


def _header(scope: MutableMapping[str, Any], name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


class Edge:
    """`app.asgi_handler`, wrapped."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.hosts = own_hosts(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = _header(scope, b"x-request-id")  # type: ignore[arg-type]  # a TypedDict is no MutableMapping
        request_id = given if _ID.match(given) else str(new_id())
        scope.setdefault("state", {})["request_id"] = request_id
        zones.enter(_header(scope, b"cookie"))  # type: ignore[arg-type]  # as above
        structlog.contextvars.bind_contextvars(request_id=request_id)
        with words.speaking(_header(scope, b"accept-language")):  # type: ignore[arg-type]  # as above
            await self._serve(scope, receive, send, request_id)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        host = _header(scope, b"host").lower()  # type: ignore[arg-type]  # as above
        known = host in self.hosts or scope["path"].startswith(_PROBES)
        app: ASGIApp = self.app if known else _wrong_host
        if scope["type"] == ScopeType.WEBSOCKET:
            return await app(scope, receive, send)
        # the policy names the host, so only one that is ours gets into it
        headers = security_headers(self.settings, host if host in self.hosts else "") | {"x-request-id": request_id}
        body = _Body(receive)
        await app(scope, body, self._dressed(scope, body, send, headers))
        return None

    def _dressed(self, scope: Scope, body: _Body, send: Send, headers: dict[str, str]) -> Send:
        started = monotonic()

        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                more = [(k.encode(), v.encode()) for k, v in headers.items() if k.encode() not in present]
                message["headers"] = [*message["headers"], *more]
                _count(scope, message["status"], monotonic() - started)
                if message["status"] == 413:
                    await body.drain()  # or the browser shows a broken connection in place of the answer
            await send(message)

        return wrapped


async def _wrong_host(scope: Scope, _: Receive, send: Send) -> None:
    if scope["type"] == ScopeType.WEBSOCKET:
        await send({"type": "websocket.close", "code": 1008, "reason": "unknown host"})
        return
    detail = "This server doesn't answer to that host name; set CABRANK_PUBLIC_URL."
    body = msgspec.json.encode(
        {"type": "urn:cabrank:problem:host", "title": "Unknown host", "status": 400, "detail": detail}
    )
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _count(scope: Scope, status: int, seconds: float) -> None:
    route = str(scope.get("path_template") or "unknown")
    method = str(scope.get("method"))
    _REQUESTS.labels(method, route, str(status)).inc()
    _SECONDS.labels(route).observe(seconds)
    if not scope["path"].startswith(("/static/", *_PROBES)):
        log.info("request", method=method, path=scope["path"], status=status, ms=round(seconds * 1000, 1))


class _Body:
    """A request's `receive` that knows whether there is more to come: after the end, the next word is the client's."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ended = False

    async def __call__(self) -> Any:
        message = await self._receive()
        self._ended = message["type"] != "http.request" or not message.get("more_body")
        return message

    async def drain(self) -> None:
        """Read what is left of a body that nobody wants, within bounds."""
        left = _DRAIN_BYTES
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                while left > 0 and not self._ended:
                    left -= len((await self()).get("body", b""))
        except TimeoutError:
            return
