"""Sockets and requests by the thousand: the least code that speaks them, so that the load costs the machine little."""

from __future__ import annotations

import asyncio
import json
import struct
from collections import deque
from collections.abc import Callable
from typing import Any

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
Heard = Callable[[bytes], None]
Lost = Callable[[int], None]


def _frame(opcode: int, body: bytes) -> bytes:
    """A client's frame; masked with zeros, which leaves the text as it is."""
    if len(body) < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | len(body))
    else:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, len(body))
    return head + b"\0\0\0\0" + body


class Wire(asyncio.Protocol):
    """One WebSocket. `heard` gets each text; `lost` the close code (0: none was sent) of one that was open."""

    def __init__(self, request: bytes, heard: Heard, lost: Lost) -> None:
        self._request = request
        self._heard, self._lost = heard, lost
        self._buffer = bytearray()
        self._open = False
        self._code = 0
        self.transport: asyncio.Transport | None = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP gives no other
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open and not self._shake():
            return
        while (found := self._next()) is not None:
            self._take(*found)

    def _shake(self) -> bool:
        head, mark, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not mark:
            return False
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self._fail(ConnectionError(head.split(b"\r\n", 1)[0].decode()))
            return False
        self._buffer = bytearray(rest)
        self._open = True
        if not self.opened.done():
            self.opened.set_result(None)
        return True

    def _fail(self, why: Exception) -> None:
        if not self.opened.done():
            self.opened.set_exception(why)
        if self.transport is not None:
            self.transport.close()

    def _next(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, at = buffer[1], 2
        if size == 126:
            size, at = (int.from_bytes(buffer[2:4]) if len(buffer) >= 4 else -1), 4
        elif size == 127:
            size, at = (int.from_bytes(buffer[2:10]) if len(buffer) >= 10 else -1), 10
        if size < 0 or len(buffer) < at + size:
            return None
        found = buffer[0] & 15, bytes(buffer[at : at + size])
        del buffer[: at + size]
        return found

    def _take(self, opcode: int, body: bytes) -> None:
        if opcode == _TEXT:
            self._heard(body)
        elif opcode == _PING:
            self._write(_frame(_PONG, body))
        elif opcode == _CLOSE:
            self._code = int.from_bytes(body[:2]) if len(body) >= 2 else 1005
            self._write(_frame(_CLOSE, body[:2]))
            self.close()

    def send(self, frame: dict[str, Any]) -> None:
        self.send_text(json.dumps(frame, separators=(",", ":")).encode())

    def send_text(self, text: bytes) -> None:
        self._write(_frame(_TEXT, text))

    def _write(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def stop_reading(self) -> None:
        """Become a client that never reads again."""
        if self.transport is not None:
            self.transport.pause_reading()

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def connection_lost(self, why: Exception | None) -> None:
        self._fail(why or ConnectionError("closed before it was open"))
        if not self.opened.cancelled():
            self.opened.exception()  # looked at, so that nobody is warned of it
        if self._open:  # otherwise whoever opens it learns it by the error, and would come back twice
            self._lost(self._code)


async def open_wire(host: str, port: int, token: str, heard: Heard, lost: Lost) -> Wire:
    """A socket to `/ws/realtime/` with a bearer token. Raises OSError (which a TimeoutError is, too)."""
    request = (
        f"GET /ws/realtime/ HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    )
    _, wire = await asyncio.get_running_loop().create_connection(
        lambda: Wire(request.encode(), heard, lost), host, port
    )
    try:
        async with asyncio.timeout(30):
            await wire.opened
    except TimeoutError:
        if wire.transport is not None:
            wire.transport.abort()
        raise
    return wire


class _Line(asyncio.Protocol):
    """One keep-alive HTTP connection: a request at a time."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP gives no other
        self.transport = transport

    def connection_lost(self, why: Exception | None) -> None:
        self.transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(why or ConnectionError("closed"))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        if self.transport is None:
            raise ConnectionError("closed")
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, mark, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not mark or self._answer is None or self._answer.done():
            return
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        size = int(fields.get(b"content-length", b"0"))
        if len(rest) >= size:
            self._buffer = bytearray(rest[size:])
            self._answer.set_result((int(head.split(b" ", 2)[1]), rest[:size]))


class Lines:
    """A few keep-alive connections to the API, used in turn."""

    def __init__(self, host: str, port: int, most: int = 16) -> None:
        self._host, self._port = host, port
        self._free: deque[_Line] = deque()
        self._places = asyncio.Semaphore(most)

    async def post(self, path: str, token: str, body: dict[str, Any]) -> tuple[int, bytes]:
        """Status and body. Raises OSError."""
        text = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
        )
        async with self._places:
            line = await self._line()
            answer = await line.ask(head.encode() + text)
            self._free.append(line)
        return answer

    async def _line(self) -> _Line:
        while self._free:
            line = self._free.popleft()
            if line.transport is not None:
                return line
        _, line = await asyncio.get_running_loop().create_connection(_Line, self._host, self._port)
        return line

    def close(self) -> None:
        for line in self._free:
            if line.transport is not None:
                line.transport.close()
