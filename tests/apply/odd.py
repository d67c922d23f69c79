"""A site that nobody has an adapter for."""

import asyncio
import base64
import hashlib
import re

THANKS = "<!doctype html><p>We have received your application. Reference number: OD-77.</p>"


class Odd:
    """One page at /, thanks for every POST (unless told otherwise), and a log of what came."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {"/": ""}
        self.log: list[tuple[str, str, bytes]] = []
        self.status: dict[str, int] = {}
        self.origin = ""

    def came(self, method: str = "POST") -> list[str]:
        return [path for verb, path, _ in self.log if verb == method]

    async def _socket(self, key: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A WebSocket that logs that something came over it."""
        digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
        fields = (
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {base64.b64encode(digest).decode()}"
        )
        writer.write(f"HTTP/1.1 101 Switching\r\n{fields}\r\n\r\n".encode())
        frame = await reader.read(10_000)
        if frame.startswith(b"\x81"):  # text, and not the good-bye
            self.log.append(("FRAME", "/socket", frame))
        writer.close()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        if key := re.search(r"Sec-WebSocket-Key: (\S+)", head):
            await self._socket(key[1], reader, writer)
            return
        size = next((int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0)
        body = await reader.readexactly(size)
        method, path = head.split(" ")[:2]
        self.log.append((method, path, body))
        text = self.pages.get(path.split("?")[0], THANKS if method == "POST" or "?" in path else "").encode()
        status = self.status.get(path, 200)
        fields = f"HTTP/1.1 {status} X\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(text)}\r\n\r\n"
        writer.write(fields.encode() + text)
        await writer.drain()
        writer.close()
