"""The embedder's protocol: a 4-byte big-endian length, then msgpack. One answer to each request, in order."""

from __future__ import annotations

import asyncio
import struct

import msgspec

MAX_FRAME = 8 * 1024 * 1024
MAX_TEXTS = 256
MAX_CHARS = 2000  # the model reads 256 tokens; more would only be thrown away there
DIMENSIONS = 384


class Ask(msgspec.Struct, frozen=True):
    """Texts to embed, at most MAX_TEXTS; none asks only for the model's name."""

    texts: list[str]


class Told(msgspec.Struct, frozen=True):
    """`vectors`: float32, row by row, unit length; `error` instead when the request was wrong."""

    model: str = ""
    vectors: bytes = b""
    error: str = ""


class BadFrame(Exception):
    """Not our protocol, or too long."""


async def receive(reader: asyncio.StreamReader) -> bytes:
    """One frame. Raises BadFrame, and IncompleteReadError at the end of the connection."""
    (length,) = struct.unpack(">I", await reader.readexactly(4))
    if length > MAX_FRAME:
        raise BadFrame(f"a frame of {length} bytes; at most {MAX_FRAME}")
    return await reader.readexactly(length)


async def send(writer: asyncio.StreamWriter, message: msgspec.Struct) -> None:
    """One frame out."""
    body = msgspec.msgpack.encode(message)
    writer.write(struct.pack(">I", len(body)) + body)
    await writer.drain()
