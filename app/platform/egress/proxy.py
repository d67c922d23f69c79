"""The browser's only way out: a forward proxy on loopback that asks the guard for every connection.

Two properties carry the promise to submit once. Plain HTTP gets a fresh connection for every request. And `close_all`
ends every open connection, tunnels included, so that the next request starts on a fresh one: Chromium silently sends a
request again only when a connection that was used before breaks.
"""

import asyncio
import base64
import hmac
import secrets
from collections import Counter, deque
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Final, Self

import msgspec
import structlog

from app.platform.egress import http1
from app.platform.egress.guard import Guard, Refused

log = structlog.get_logger(__name__)
MAX_CONNECTIONS: Final = 128
MAX_BYTES: Final = 512 * 1024 * 1024
HEAD_SECONDS: Final = 30.0
# A form that takes minutes to answer is slow, not gone: whoever waits for the page decides.
SILENT_SECONDS: Final = 900.0
_FLUSH_SECONDS: Final = 10.0
_CHUNK: Final = 64 * 1024
_ASK = ((b"Proxy-Authenticate", b'Basic realm="cabrank"'),)


class Login(msgspec.Struct, frozen=True):
    """How to speak to this proxy: its address and a credential made for this one instance."""

    server: str
    username: str
    password: str


class Link(msgspec.Struct, eq=False):
    """One connection from the browser, with what was opened for it."""

    client: asyncio.StreamWriter
    upstream: asyncio.StreamWriter | None = None

    def cut(self) -> None:
        """End both sides now, whatever is still unsent."""
        for writer in (self.upstream, self.client):
            if writer is not None:
                writer.transport.abort()


class Proxy:
    """One instance per browser context: `async with Proxy(guard) as proxy: ... proxy.login`.

    `counts` has requests, tunnels, refused, failed, closed; `refused` the last hosts that were asked for in vain.
    """

    def __init__(self, guard: Guard, *, max_bytes: int = MAX_BYTES) -> None:
        self._guard = guard
        self._left = max_bytes
        self._links: set[Link] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._password = secrets.token_urlsafe(24)
        self.counts: Counter[str] = Counter()
        self.refused: deque[str] = deque(maxlen=100)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=http1.MAX_HEAD)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, why: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        self.close_all()
        await asyncio.gather(*self._running, return_exceptions=True)

    @property
    def login(self) -> Login:
        """Address and credential; only while it is open."""
        if self._server is None:
            raise RuntimeError("the proxy is not open")
        port = self._server.sockets[0].getsockname()[1]
        return Login(f"http://127.0.0.1:{port}", "browser", self._password)

    @property
    def open_links(self) -> int:
        return len(self._links)

    def close_all(self) -> int:
        """End every open connection on both sides; new ones are served as before. Returns how many."""
        ended = list(self._links)
        self._links.clear()
        for link in ended:
            link.cut()
        self.counts["closed"] += len(ended)
        return len(ended)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(writer)
        self._keep_task()
        if len(self._links) >= MAX_CONNECTIONS:
            link.cut()
            return
        self._links.add(link)
        try:
            await self._one(link, reader)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, http1.BadRequest) as why:
            self.counts["failed"] += 1
            log.debug("proxy_connection_ended", why=str(why))
        finally:
            self._links.discard(link)
            await _end(link)

    def _keep_task(self) -> None:
        """Remember the task that serves a connection, so that leaving waits for it."""
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _one(self, link: Link, reader: asyncio.StreamReader) -> None:
        async with asyncio.timeout(HEAD_SECONDS):
            head = http1.parse_head(await reader.readuntil(b"\r\n\r\n"))
        if not self._known(head):
            await self._say(link, 407, "Proxy Authentication Required", "Sign in.", _ASK)
            return
        where = http1.destination(head)
        try:
            upstream, link.upstream = await self._guard.open(where.host, where.port)
        except Refused as why:
            self.counts["refused"] += 1
            self.refused.append(f"{where.host}:{where.port}")
            await self._say(link, 403, "Forbidden", why.detail)
            return
        except OSError as why:
            self.counts["failed"] += 1
            await self._say(link, 502, "Bad Gateway", f"{where.host} doesn't answer: {why}")
            return
        if link not in self._links:  # close_all came while we connected
            return
        if head.first[0] == b"CONNECT":
            await self._tunnel(link, reader, upstream)
        else:
            await self._request(link, reader, upstream, http1.once(head, where.path))

    def _known(self, head: http1.Head) -> bool:
        expected = b"Basic " + base64.b64encode(f"browser:{self._password}".encode())
        return hmac.compare_digest(head.value(b"proxy-authorization") or b"", expected)

    async def _say(
        self, link: Link, status: int, reason: str, text: str, extra: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        link.client.write(http1.plain(status, reason, text, extra))
        await link.client.drain()

    async def _tunnel(self, link: Link, reader: asyncio.StreamReader, upstream: asyncio.StreamReader) -> None:
        self.counts["tunnels"] += 1
        link.client.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await link.client.drain()
        assert link.upstream is not None  # noqa: S101 - it was opened by the caller; narrows the type
        await self._both(self._copy(reader, link.upstream), self._copy(upstream, link.client))

    async def _request(
        self, link: Link, reader: asyncio.StreamReader, upstream: asyncio.StreamReader, head: bytes
    ) -> None:
        self.counts["requests"] += 1
        assert link.upstream is not None  # noqa: S101 - it was opened by the caller; narrows the type
        link.upstream.write(head)
        await link.upstream.drain()
        await self._both(self._copy(reader, link.upstream), self._answer(upstream, link.client))

    async def _answer(self, upstream: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = http1.parse_head(await upstream.readuntil(b"\r\n\r\n"))
            except (asyncio.IncompleteReadError, OSError) as why:
                # Said plainly, so that the browser sees an answer and not a broken connection.
                client.write(http1.plain(502, "Bad Gateway", "The site closed the connection without an answer."))
                await client.drain()
                raise OSError("no answer") from why
            client.write(http1.closing(head))
            await client.drain()
            if not http1.interim(head):
                break
        await self._copy(upstream, client)

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await asyncio.wait_for(source.read(_CHUNK), SILENT_SECONDS):
            self._left -= len(data)
            if self._left < 0:
                raise OSError("this browser has moved more bytes than it may")
            sink.write(data)
            await sink.drain()

    async def _both(self, up: Coroutine[Any, Any, None], down: Coroutine[Any, Any, None]) -> None:
        """Copy both ways until one side has ended. A browser doesn't half-close: when it ends, it has left."""
        halves = [asyncio.create_task(up), asyncio.create_task(down)]
        try:
            await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for half in halves:
                half.cancel()
            for outcome in await asyncio.gather(*halves, return_exceptions=True):
                if isinstance(outcome, Exception):
                    self.counts["broken"] += 1


async def _end(link: Link) -> None:
    """Flush and close what is still open; a peer that doesn't read is not waited for."""
    for writer in (link.upstream, link.client):
        if writer is None:
            continue
        writer.close()
        try:
            async with asyncio.timeout(_FLUSH_SECONDS):
                await writer.wait_closed()
        except OSError:  # TimeoutError is one
            writer.transport.abort()
