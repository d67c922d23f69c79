"""Who we are to a push service (RFC 8292): a token signed with the key that the browser subscribed with. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from app.push.message import point, shown

LIFETIME: Final = timedelta(hours=12)  # services refuse more than 24
_HEAD: Final = shown(msgspec.json.encode({"typ": "JWT", "alg": "ES256"}))


def new_key() -> str:
    """A private key as it is kept: the number in hex."""
    return f"{ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value:064x}"


def private_key(kept: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int(kept, 16), ec.SECP256R1())


def public_text(key: ec.EllipticCurvePrivateKey) -> str:
    """The `applicationServerKey` that browsers subscribe with."""
    return shown(point(key.public_key()))


def contact(public_url: str) -> str:
    """Whom a push service may ask about us; it takes https or a mail address, and some refuse to go without."""
    parts = urlsplit(public_url)
    return public_url if parts.scheme == "https" else f"mailto:postmaster@{parts.hostname}"


def authorization(key: ec.EllipticCurvePrivateKey, endpoint: str, subject: str, now: datetime) -> str:
    """The value of the header for one message to `endpoint`."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((now + LIFETIME).timestamp()), "sub": subject}
    signed = f"{_HEAD}.{shown(msgspec.json.encode(claims))}"
    return f"vapid t={signed}.{shown(_signature(key, signed.encode()))}, k={public_text(key)}"


def _signature(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """ES256: the two numbers side by side, and not in the DER that libraries give."""
    r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")
