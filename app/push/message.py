"""A push message's body as RFC 8291 encrypts it, in one record of RFC 8188: only the subscribed browser can read it."""

from __future__ import annotations

import base64
import os
import re
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD: Final = 4096  # bytes; the most that every push service takes
POINT_BYTES: Final = 65
AUTH_BYTES: Final = 16
MOST_BYTES: Final = RECORD - (16 + 4 + 1 + POINT_BYTES) - 17  # of plain text
_LAST: Final = b"\x02"  # ends the text of the last record
_URL_SAFE: Final = re.compile(r"[A-Za-z0-9_-]*={0,2}")


def shown(data: bytes) -> str:
    """URL-safe base64 without padding, as browsers write their keys."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def read(text: str) -> bytes:
    """The bytes of URL-safe base64, padded or not. Raises ValueError."""
    if not _URL_SAFE.fullmatch(text):
        raise ValueError("no URL-safe base64")
    bare = text.rstrip("=")
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as it travels: an uncompressed point of 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def public_key(data: bytes) -> ec.EllipticCurvePublicKey:
    """Raises ValueError for what is no uncompressed point on P-256."""
    if len(data) != POINT_BYTES:
        raise ValueError("no uncompressed point")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def encrypted(
    text: bytes,
    p256dh: bytes,
    auth: bytes,
    *,
    salt: bytes | None = None,
    own: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The body for the browser with these keys. `salt` and `own` are fresh for each message; only a test gives them.

    Raises ValueError for a text of more than MOST_BYTES.
    """
    if len(text) > MOST_BYTES:
        raise ValueError(f"a push message holds {MOST_BYTES} bytes at most")
    salt, own = salt or os.urandom(16), own or ec.generate_private_key(ec.SECP256R1())
    ours = point(own.public_key())
    shared = own.exchange(ec.ECDH(), public_key(p256dh))
    secret = _derived(shared, auth, b"WebPush: info\0" + p256dh + ours, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD.to_bytes(4, "big") + bytes([POINT_BYTES]) + ours
    return head + AESGCM(key).encrypt(nonce, text + _LAST, None)
