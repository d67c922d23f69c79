"""What one can do about being told on a device. Every function runs in the caller's transaction."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Meta

from app.errors import FieldError, Invalid, Unavailable
from app.platform.clock import utcnow
from app.platform.db import Tx
from app.platform.egress.guard import Guard
from app.platform.security import Vault
from app.push import message, store, vapid
from app.seekers import service as seekers
from app.words import gettext as _

MOST: Final = 10  # browsers a person
Endpoint = Annotated[str, Meta(max_length=2000)]
Key = Annotated[str, Meta(max_length=200)]


class Keys(msgspec.Struct, frozen=True):
    """Of one subscription, in URL-safe base64."""

    p256dh: Key
    auth: Key


class Device(msgspec.Struct, frozen=True, rename={"expires": "expirationTime"}):
    """A browser's PushSubscription as its `toJSON()` gives it; `expires` in milliseconds since 1970, mostly unset."""

    endpoint: Endpoint
    keys: Keys
    expires: float | None = None


class Sealed(msgspec.Struct, frozen=True):
    """What is kept of it, encrypted."""

    endpoint: str
    p256dh: str
    auth: str


async def key(tx: Tx, vault: Vault) -> ec.EllipticCurvePrivateKey:
    """The key we sign with, made at the first call. Raises Unavailable where no secret key of ours opens it."""
    sealed = await store.key(tx)
    if sealed is None:
        await store.first_key(tx, vault.encrypt(vapid.new_key()))
        sealed = await store.key(tx)
    kept = vault.decrypt(sealed or b"")
    if kept is None:
        raise Unavailable(_("The key for notifications can't be read with any of CABRANK_SECRET_KEYS."))
    return vapid.private_key(kept)


async def public_key(tx: Tx, vault: Vault) -> str:
    """The `applicationServerKey` to subscribe with."""
    return vapid.public_text(await key(tx, vault))


async def subscribe(tx: Tx, vault: Vault, guard: Guard, *, seeker_id: UUID, session_id: UUID, device: Device) -> bool:
    """Tell the seeker in this browser from now on; False where they were before. The oldest beyond MOST goes.

    Raises Invalid, naming each field that can't be used, and NotFound where there is no such seeker.
    """
    wrong = [*await _bad_endpoint(guard, device.endpoint), *_bad_keys(device.keys), *_over(device.expires)]
    if wrong:
        raise Invalid(errors=wrong)
    await seekers.get(tx, seeker_id)
    sealed = Sealed(device.endpoint, device.keys.p256dh, device.keys.auth)
    fresh = store.Fresh(
        seeker_id=seeker_id,
        session_id=session_id,
        endpoint_hash=hashed(device.endpoint),
        mark=hashed("\n".join(msgspec.structs.astuple(sealed))),
        service=(urlsplit(device.endpoint).hostname or "")[:255],
        sealed=vault.encrypt(msgspec.json.encode(sealed).decode()),
        expires_at=_moment(device.expires),
    )
    await store.take_over(tx, fresh)
    new = await store.keep(tx, fresh)
    await store.trim(tx, seeker_id, MOST)
    return new


def hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


async def _bad_endpoint(guard: Guard, url: str) -> list[FieldError]:
    plain = url.isascii() and url.isprintable() and " " not in url
    why = await guard.objection(url) if plain else _("This is not an address.")
    return [FieldError("endpoint", why)] if why else []


def _bad_keys(keys: Keys) -> list[FieldError]:
    wrong = []
    try:
        message.public_key(message.read(keys.p256dh))
    except ValueError:
        wrong.append(FieldError("keys.p256dh", _("Takes a point on P-256: 65 bytes in URL-safe base64.")))
    try:
        if len(message.read(keys.auth)) != message.AUTH_BYTES:
            raise ValueError("too short or too long")
    except ValueError:
        wrong.append(FieldError("keys.auth", _("Takes 16 bytes in URL-safe base64.")))
    return wrong


def _moment(milliseconds: float | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)


def _over(milliseconds: float | None) -> list[FieldError]:
    try:
        ends = _moment(milliseconds)
    except (ValueError, OverflowError, OSError):
        return [FieldError("expirationTime", _("Takes milliseconds since 1970, or null."))]
    over = ends is not None and ends <= utcnow()
    return (
        [FieldError("expirationTime", _("This subscription has expired. Ask the browser for a new one."))]
        if over
        else []
    )


async def forget(tx: Tx, seeker_id: UUID, endpoint: str) -> None:
    """Tell this seeker nothing more there. Nothing happens where they were not told."""
    await store.forget(tx, seeker_id, hashed(endpoint))


async def seen(tx: Tx, seeker_id: UUID, session_id: UUID, endpoint: str) -> bool:
    """Whether this seeker is told there. From now on it ends when this sign-in is signed out."""
    return await store.seen(tx, seeker_id, hashed(endpoint), session_id)
