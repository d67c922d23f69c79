"""Tables of accounts: who may sign in, what is signed in, and who did what to whom."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.platform.db import id_column, metadata, moment, ref

app_user = Table(
    "app_user",
    metadata,
    id_column(),
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    moment("locked_at", nullable=True),
    moment("email_verified_at", nullable=True),
    moment("created_at", now=True),
    CheckConstraint("email = lower(email)", name="email_lower"),
    CheckConstraint("role IN ('seeker', 'employee', 'supervisor', 'operator')", name="role"),
)

session = Table(
    "session",
    metadata,
    id_column(),
    ref("user_id", "app_user.id", ondelete="CASCADE"),
    # A ticket speaks for the session that asked for it and ends with it.
    ref("parent_id", "session.id", nullable=True, ondelete="CASCADE"),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("restricted", Boolean, nullable=False, server_default=text("false")),
    Column("csrf", Text, nullable=False),
    moment("created_at", now=True),
    moment("expires_at"),
    moment("closed_at", nullable=True),
    CheckConstraint("kind IN ('cookie', 'bearer', 'ticket')", name="kind"),
    CheckConstraint("(kind = 'ticket') = (parent_id IS NOT NULL)", name="ticket_parent"),
    Index("ix_session_open_user", "user_id", postgresql_where=text("closed_at IS NULL")),
    Index("ix_session_expires_at", "expires_at"),
)

# The first answer to a POST with an Idempotency-Key, kept for a day, in the transaction of its effect.
idempotency = Table(
    "idempotency",
    metadata,
    ref("caller_id", "app_user.id", ondelete="CASCADE"),
    Column("key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    moment("at", now=True),
    Column("status", SmallInteger, nullable=True),
    Column("headers", JSONB, nullable=True),
    Column("body", LargeBinary, nullable=True),
    PrimaryKeyConstraint("caller_id", "key"),
    Index("ix_idempotency_at", "at"),
)

audit_log = Table(
    "audit_log",
    metadata,
    id_column(),
    moment("at", now=True),
    # No foreign key: the record outlives the person.
    Column("actor_id", Uuid, nullable=True),
    Column("action", Text, nullable=False),
    Column("subject_type", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("data", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("reason", Text, nullable=True),
    Index("ix_audit_log_subject", "subject_type", "subject_id"),
    Index("ix_audit_log_actor_id", "actor_id"),
)
