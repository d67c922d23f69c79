"""How a delivery is signed: the Standard Webhooks scheme, so that receivers find a library for it. Pure.

Headers `webhook-id`, `webhook-timestamp` (seconds), `webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over
`id.timestamp.body` with the secret's bytes. A secret is shown as `whsec_` and base64.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

PREFIX: Final = "whsec_"


def shown(secret: bytes) -> str:
    """The secret as its owner is shown it, once."""
    return PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, delivery: str, timestamp: int, body: bytes) -> str:
    """The value of the signature header."""
    signed = f"{delivery}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def headers(secret: bytes, delivery: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Everything that a receiver needs to check a delivery."""
    return {
        "content-type": "application/json",
        "webhook-id": delivery,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, delivery, timestamp, body),
    }
