"""A browser's side and a push service on loopback, written from RFC 8188, 8291 and 8292 alone."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()


def text64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def bytes64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 in its shortest form: one block is enough here."""
    prk = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(prk, info + b"\x01", hashlib.sha256).digest()[:length]


class Browser:
    """Keys of one subscription, and what only it can read."""

    def __init__(self, private: ec.EllipticCurvePrivateKey | None = None, auth: bytes | None = None) -> None:
        self.private = private or ec.generate_private_key(CURVE)
        self.auth = auth or os.urandom(16)
        self.public = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def subscription(self, endpoint: str, **more: Any) -> dict[str, Any]:
        """As `PushSubscription.toJSON()` gives it."""
        keys = {"p256dh": text64(self.public), "auth": text64(self.auth)}
        return {"endpoint": endpoint, "expirationTime": None, "keys": keys} | more

    def read(self, body: bytes) -> bytes:
        """Raises InvalidTag for what was meant for another, or was touched."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= size
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender))
        secret = hkdf(self.auth, shared, b"WebPush: info\x00" + self.public + sender, 32)
        key = hkdf(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = hkdf(salt, secret, b"Content-Encoding: nonce\x00", 12)
        plain = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\x00")
        assert plain.endswith(b"\x02"), "the one record is the last one"
        return plain[:-1]


def signer(header: str, origin: str, *, now: float | None = None) -> str:
    """The key of an Authorization header, once its token holds. Raises InvalidSignature, AssertionError."""
    scheme, _, rest = header.partition(" ")
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert scheme == "vapid"
    head, claims, signature = given["t"].split(".")
    public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, bytes64(given["k"]))
    raw = bytes64(signature)
    assert len(raw) == 64
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    assert msgspec.json.decode(bytes64(head)) == {"typ": "JWT", "alg": "ES256"}
    said = msgspec.json.decode(bytes64(claims))
    assert said["aud"] == origin
    assert 0 < said["exp"] - (now or time.time()) <= 24 * 3600
    assert said["sub"].startswith(("mailto:", "https:"))
    return given["k"]


class Message(msgspec.Struct):
    """What a push service was sent."""

    path: str
    headers: dict[str, str]
    body: bytes


class PushService:
    """Answers with the next of `answers` (the last one stays), and keeps what came."""

    def __init__(self) -> None:
        self.origin = ""
        self.answers: list[int] = [201]
        self.extra = ""
        self.pause = 0.0
        self.came: list[Message] = []

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        names = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines) if name}
        body = await reader.readexactly(int(names.get("content-length", "0")))
        self.came.append(Message(first.split(" ")[1], names, body))
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await asyncio.sleep(self.pause)
        head = f"HTTP/1.1 {status} X\r\n{self.extra}content-length: 0\r\nconnection: close\r\n\r\n"
        writer.write(head.encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    service = PushService()
    server = await asyncio.start_server(service.handle, "127.0.0.1", 0)
    service.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield service
