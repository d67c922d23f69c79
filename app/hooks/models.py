"""Webhooks: where to tell what, and each thing told."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, SmallInteger, String, Table, Text, UniqueConstraint, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB

from app.platform.db import Moment, id_column, metadata, moment, ref

# The secret is encrypted at rest: it signs, so it can't be a mere hash.
webhook = Table(
    "webhook",
    metadata,
    id_column(),
    Column("url", String(2000), nullable=False),
    Column("events", JSONB, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("created_by", Uuid),
    moment("created_at", now=True),
    moment("delivered_at", nullable=True),
    Column("last_error", Text),
)

# The body is written once, so that every try says the same; its tries are those of the background function.
webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    id_column(),
    ref("webhook_id", "webhook.id", ondelete="CASCADE"),
    Column("event_id", Uuid, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", Moment, nullable=False, server_default=func.clock_timestamp(), index=True),
    moment("delivered_at", nullable=True),
    Column("status", SmallInteger),
    UniqueConstraint("webhook_id", "event_id"),
)
