"""A receiver on loopback, written from the scheme's description alone: what it accepts, others accept."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

TOLERANCE = 300


class Receiver:
    """Answers with the next of `answers` (the last one stays), and keeps what came."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self.answers: list[int] = [204]
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.pause = 0.0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        names = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:]) if name}
        body = await reader.readexactly(int(names.get("content-length", "0")))
        self.came.append((names, body))
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await asyncio.sleep(self.pause)
        extra = "location: http://127.0.0.1:1/\r\n" if status == 302 else ""
        writer.write(f"HTTP/1.1 {status} X\r\n{extra}content-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver(0)
    server = await asyncio.start_server(receiver.handle, "127.0.0.1", 0)
    receiver.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield receiver


def verified(secret: str, headers: dict[str, str], body: bytes, *, now: float | None = None) -> dict[str, Any]:
    """The event, once the signature and its age hold. Raises ValueError."""
    stamp = headers["webhook-timestamp"]
    if abs((now or time.time()) - int(stamp)) > TOLERANCE:
        raise ValueError("too old")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = ".".join((headers["webhook-id"], stamp, body.decode())).encode()
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [part.split(",", 1)[1] for part in headers["webhook-signature"].split(" ") if part.startswith("v1,")]
    if not any(hmac.compare_digest(one, wanted) for one in given):
        raise ValueError("not signed with this secret")
    told: dict[str, Any] = msgspec.json.decode(body)
    return told
