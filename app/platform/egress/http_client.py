"""The fetchers' HTTP client: httpx, whose every connection (each redirect's too) goes through the guard."""

import ssl
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

import httpcore
import httpx
import msgspec

from app.config import Settings
from app.errors import TooLarge
from app.platform.egress.guard import CONNECT_SECONDS, Guard
from app.words import later

USER_AGENT: Final = "Cabrank/1.0 (job postings reader)"
MAX_BYTES: Final = 32 * 1024 * 1024
TIMEOUT: Final = httpx.Timeout(20.0, connect=CONNECT_SECONDS)
MAX_REDIRECTS: Final = 5


class BodyTooLarge(TooLarge):
    """The answer is larger than we read."""

    kind = "answer-too-large"
    title = later("The site's answer is too large")


class Page(msgspec.Struct, frozen=True):
    """A whole answer. `url` is where the redirects ended; `headers` has lower-case names."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects only where the guard says, to the address it pinned; names in TLS stay the asked-for ones."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            target = await self._guard.check(host, port)
        except OSError as why:
            raise httpcore.ConnectError(str(why)) from why
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in target.addresses[:4]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as why:
                failure = why
        raise failure

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class _Bounded(httpx.AsyncByteStream):
    """A body that stops with BodyTooLarge past its limit, counted as it comes over the wire."""

    def __init__(self, inner: httpx.AsyncByteStream, limit: int) -> None:
        self._inner = inner
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for part in self._inner:
            seen += len(part)
            if seen > self._limit:
                raise BodyTooLarge(f"The site's answer is larger than {self._limit // 1024 // 1024} MB.")
            yield part

    async def aclose(self) -> None:
        await self._inner.aclose()


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport on a pool whose connections the guard opens."""

    def __init__(self, guard: Guard, *, max_bytes: int = MAX_BYTES, context: ssl.SSLContext | None = None) -> None:
        super().__init__(trust_env=False)
        self._max_bytes = max_bytes
        # httpx has no argument for the network backend; its pool is the one place to put it.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context or httpx.create_ssl_context(trust_env=False),
            max_connections=20,
            max_keepalive_connections=5,
            keepalive_expiry=15.0,
            network_backend=_GuardedBackend(guard),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if isinstance(response.stream, httpx.AsyncByteStream):
            response.stream = _Bounded(response.stream, self._max_bytes)
        return response


def http_client(settings: Settings, *, guard: Guard | None = None, max_bytes: int = MAX_BYTES) -> httpx.AsyncClient:
    """A client for fetchers; close it, or use it as a context. No proxy or other thing is read from the environment.

    Its requests raise guard.Refused for an address that isn't public, BodyTooLarge past `max_bytes` on the wire, and
    httpx's own errors. Use `fetch` to read a body: it bounds what a compressed answer unfolds to as well.
    """
    transport = GuardedTransport(guard or Guard(settings.practice_origin), max_bytes=max_bytes)
    return httpx.AsyncClient(
        transport=transport,
        timeout=TIMEOUT,
        follow_redirects=True,
        max_redirects=MAX_REDIRECTS,
        headers={"user-agent": USER_AGENT},
        trust_env=False,
    )


async def fetch(
    client: httpx.AsyncClient,
    url: str,
    *,
    method: str = "GET",
    max_bytes: int = MAX_BYTES,
    headers: dict[str, str] | None = None,
    json: Any = None,
) -> Page:
    """Read one page whole, at most `max_bytes` of it unfolded. Any status is returned; raises as http_client says."""
    async with client.stream(method, url, headers=headers, json=json) as response:
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_bytes(64 * 1024):
            size += len(part)
            if size > max_bytes:
                raise BodyTooLarge(f"The site's answer is larger than {max_bytes / 1024 / 1024:.0f} MB.")
            parts.append(part)
        head = {name.lower(): value for name, value in response.headers.items()}
        return Page(str(response.url), response.status_code, head, b"".join(parts))
