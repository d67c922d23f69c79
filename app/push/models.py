"""Web push: the browsers that a seeker is told in, and the key that we sign with."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, SmallInteger, String, Table, UniqueConstraint

from app.platform.db import id_column, metadata, moment, ref

# `sealed` holds endpoint, p256dh and auth, encrypted: whoever knows them may write to the browser. The hashes tell the
# same endpoint, and the same browser (`mark`, over all three), without opening it. `service`: the endpoint's host.
push_subscription = Table(
    "push_subscription",
    metadata,
    id_column(),
    ref("seeker_id", "seeker.user_id", ondelete="CASCADE"),
    # the sign-in it was asked for in, or last seen in: signing that out ends it, running out doesn't
    ref("session_id", "session.id", nullable=True, index=True, ondelete="SET NULL"),
    Column("endpoint_hash", LargeBinary, nullable=False),
    Column("mark", LargeBinary, nullable=False),
    Column("service", String(255), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    moment("expires_at", nullable=True),
    moment("delivered_at", nullable=True),
    moment("failing_since", nullable=True),
    moment("created_at", now=True),
    UniqueConstraint("seeker_id", "endpoint_hash"),
    Index("ix_push_subscription_endpoint_hash", "endpoint_hash"),
)

# One for all processes and hosts: a browser takes messages from the key that it subscribed with, and from no other.
push_key = Table(
    "push_key",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    moment("created_at", now=True),
    CheckConstraint("id = 1", name="one"),
)
