"""Webhooks and deliveries, both ways."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import array, insert

from app.hooks.models import webhook, webhook_delivery
from app.platform.db import Tx
from app.platform.ids import new_id


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """Where what is told. The secret is shown when it is made and never again."""

    id: UUID
    url: str
    events: list[str]
    created_at: datetime
    delivered_at: datetime | None
    last_error: str | None


class Due(msgspec.Struct, frozen=True):
    """A delivery with where it goes; `secret` is encrypted."""

    webhook_id: UUID
    url: str
    secret: bytes
    event_id: UUID
    body: str
    delivered_at: datetime | None


_SHOWN = tuple(webhook.c[name] for name in Webhook.__struct_fields__)


async def add(tx: Tx, url: str, events: Sequence[str], secret: bytes, by: UUID) -> Webhook:
    """A new webhook; `secret` is encrypted."""
    row = {"id": new_id(), "url": url, "events": list(events), "secret": secret, "created_by": by}
    found = (await tx.conn.execute(insert(webhook).values(row).returning(*_SHOWN))).one()
    return Webhook(**found._mapping)


async def every(tx: Tx) -> list[Webhook]:
    """The oldest first."""
    return [Webhook(**row._mapping) for row in await tx.conn.execute(select(*_SHOWN).order_by(webhook.c.id))]


async def remove(tx: Tx, webhook_id: UUID) -> bool:
    """With all that it was still to be told."""
    return (await tx.conn.execute(delete(webhook).where(webhook.c.id == webhook_id))).rowcount == 1


async def wanting(tx: Tx, events: Collection[str]) -> dict[str, list[UUID]]:
    """The webhooks that want each of these events."""
    found: dict[str, list[UUID]] = {event: [] for event in events}
    query = select(webhook.c.id, webhook.c.events).where(webhook.c.events.has_any(array(sorted(events))))
    for row in await tx.conn.execute(query):
        for event in found.keys() & set(row.events):
            found[event].append(row.id)
    return found


async def deliver(tx: Tx, webhook_id: UUID, event_id: UUID, body: str) -> UUID | None:
    """A new delivery; None where this webhook has one of this event."""
    row = {"id": new_id(), "webhook_id": webhook_id, "event_id": event_id, "body": body}
    fresh = insert(webhook_delivery).values(row).on_conflict_do_nothing().returning(webhook_delivery.c.id)
    added: UUID | None = (await tx.conn.execute(fresh)).scalar_one_or_none()
    return added


async def due(tx: Tx, delivery_id: UUID) -> Due | None:
    """What is to be delivered; None where its webhook has gone."""
    columns = (webhook.c.id, webhook.c.url, webhook.c.secret)
    query = select(*columns, webhook_delivery.c.event_id, webhook_delivery.c.body, webhook_delivery.c.delivered_at)
    query = query.join(webhook, webhook.c.id == webhook_delivery.c.webhook_id)
    row = (await tx.conn.execute(query.where(webhook_delivery.c.id == delivery_id))).one_or_none()
    return Due(*row) if row else None


async def delivered(tx: Tx, delivery_id: UUID, webhook_id: UUID, status: int) -> None:
    """It arrived."""
    now: Any = func.clock_timestamp()
    mine = webhook_delivery.c.id == delivery_id
    await tx.conn.execute(update(webhook_delivery).where(mine).values(delivered_at=now, status=status))
    values = {"delivered_at": now, "last_error": None}
    await tx.conn.execute(update(webhook).where(webhook.c.id == webhook_id).values(values))


async def failed(tx: Tx, delivery_id: UUID, webhook_id: UUID, status: int | None, why: str) -> None:
    """It didn't, this time."""
    await tx.conn.execute(update(webhook_delivery).where(webhook_delivery.c.id == delivery_id).values(status=status))
    await tx.conn.execute(update(webhook).where(webhook.c.id == webhook_id).values(last_error=why[:500]))


async def prune(tx: Tx, days: int) -> int:
    """Forget deliveries that are older; how many."""
    old = webhook_delivery.c.created_at < func.clock_timestamp() - func.make_interval(0, 0, 0, days)
    return (await tx.conn.execute(delete(webhook_delivery).where(old))).rowcount
