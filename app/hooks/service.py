"""What an operator does with webhooks."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from app.accounts import audit
from app.errors import FieldError, Invalid, NotFound
from app.hooks import signing, store
from app.hooks.store import Webhook
from app.platform.db import Tx
from app.platform.egress.guard import Guard
from app.platform.security import Vault
from app.words import gettext as _

__all__ = ["EVENTS", "MOST", "Webhook", "add", "every", "remove"]

# What can be told, and the domain event that it stands for.
EVENTS: Final[Mapping[str, str]] = {
    "review.late": "ReviewLate",
    "review.stranded": "ReviewStranded",
    "review.missed": "ReviewMissed",
    "account.locked": "AccountLocked",
    "application.submitted": "ApplicationSubmitted",
}
MOST: Final = 50
SECRET_BYTES: Final = 32


class Added(msgspec.Struct, frozen=True):
    """A new webhook and its secret, which nobody is shown again."""

    webhook: Webhook
    secret: str


async def add(tx: Tx, vault: Vault, guard: Guard, *, actor: UUID, url: str, events: Sequence[str]) -> Added:
    """A new webhook. Raises Invalid for an address that isn't on the open internet, or an unknown event."""
    wrong = [why for why in (await _bad_address(guard, url), _bad_events(events)) if why is not None]
    if wrong:
        raise Invalid(errors=wrong)
    if len(await store.every(tx)) >= MOST:
        raise Invalid(_("There are %(most)s webhooks already; remove one first.", most=MOST))
    secret = secrets.token_bytes(SECRET_BYTES)
    added = await store.add(tx, url, sorted(set(events)), vault.encrypt(secret.hex()), actor)
    data = {"host": urlsplit(url).hostname, "events": added.events}
    await audit.record(tx, actor=actor, action="webhook.add", subject_type="webhook", subject_id=added.id, data=data)
    return Added(added, signing.shown(secret))


async def _bad_address(guard: Guard, url: str) -> FieldError | None:
    why = await guard.objection(url)
    return FieldError("url", why) if why else None


def _bad_events(events: Sequence[str]) -> FieldError | None:
    if not events or not set(events) <= EVENTS.keys():
        return FieldError("events", _("Takes one or more of %(events)s.", events=", ".join(EVENTS)))
    return None


async def every(tx: Tx) -> list[Webhook]:
    """All of them, the oldest first."""
    return await store.every(tx)


async def remove(tx: Tx, webhook_id: UUID, *, actor: UUID) -> None:
    """Tell it nothing more. Raises NotFound."""
    if not await store.remove(tx, webhook_id):
        raise NotFound(_("There is no such webhook."), webhook=str(webhook_id))
    await audit.record(tx, actor=actor, action="webhook.remove", subject_type="webhook", subject_id=webhook_id)
