"""Tables of the postings room: boards to watch, what they said, vacancies, and where each vacancy was seen."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.platform.db import id_column, metadata, moment, ref

# A board that is fetched, or (kind `operator`) a name under which an operator files postings by hand.
source = Table(
    "source",
    metadata,
    id_column(),
    Column("kind", String(20), nullable=False),
    Column("token", String(120), nullable=False),
    Column("base_url", String(300), nullable=False, server_default=""),
    Column("name", String(200), nullable=False),
    Column("interval_seconds", Integer, nullable=False, server_default="300"),
    Column("enabled", Boolean, nullable=False, server_default="true"),
    moment("next_at", now=True),
    moment("last_run_at", nullable=True),
    moment("last_ok_at", nullable=True),
    Column("last_error", Text),
    Column("last_note", Text),
    Column("last_count", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    moment("created_at", now=True),
    UniqueConstraint("kind", "token", "base_url"),
    CheckConstraint("kind IN ('greenhouse', 'lever', 'ashby', 'operator')", name="kind"),
    CheckConstraint("interval_seconds >= 10", name="interval"),
    Index("ix_source_due", "next_at", postgresql_where=text("enabled AND kind <> 'operator'")),
)

# The latest word of a source on each of its postings; `error` says why one can't be taken in.
raw_posting = Table(
    "raw_posting",
    metadata,
    id_column(),
    ref("source_id", "source.id", ondelete="CASCADE"),
    Column("external_id", String(200), nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("content_hash", String(64), nullable=False),
    moment("seen_at", now=True),
    moment("accepted_at", nullable=True),
    moment("gone_at", nullable=True),
    ref("posting_id", "posting.id", nullable=True, index=True),
    Column("error", Text),
    UniqueConstraint("source_id", "external_id"),
    Index("ix_raw_posting_waiting", "seen_at", postgresql_where=text("accepted_at IS NULL AND error IS NULL")),
)

posting = Table(
    "posting",
    metadata,
    id_column(),
    Column("number", BigInteger, Identity(), nullable=False, unique=True),
    Column("company", String(200), nullable=False),
    Column("title", String(300), nullable=False),
    Column("location", String(300), nullable=False, server_default=""),
    Column("places", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("remote", Boolean),
    Column("description_html", Text, nullable=False, server_default=""),
    Column("description_text", Text, nullable=False, server_default=""),
    Column("note", Text),
    Column("apply_url", Text),
    Column("portal", String(40), nullable=False),
    Column("pay", String(300)),
    Column("employment_type", String(80)),
    Column("region", String(40)),
    Column("category", String(40)),
    Column("identity_key", String(400), nullable=False, unique=True),
    Column("block_key", String(300), nullable=False, index=True),
    Column("text_hash", String(64), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("state", String(10), nullable=False, server_default="open"),
    moment("opened_at", now=True),
    moment("updated_at", now=True),
    moment("closed_at", nullable=True),
    CheckConstraint("state IN ('open', 'closed')", name="state"),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
    Index("ix_posting_open", "number", postgresql_where=text("state = 'open'")),
    Index("ix_posting_opened_at", "opened_at"),
)

# Where a vacancy was seen. A posting is open while at least one of its links is not gone.
posting_link = Table(
    "posting_link",
    metadata,
    id_column(),
    ref("posting_id", "posting.id", index=True, ondelete="CASCADE"),
    ref("source_id", "source.id", nullable=True),
    Column("external_id", String(200), nullable=False),
    Column("url", Text),
    Column("apply_url", Text),
    Column("url_key", String(300), index=True),
    Column("title", String(300), nullable=False),
    Column("location", String(300), nullable=False, server_default=""),
    moment("first_seen_at", now=True),
    moment("last_seen_at", now=True),
    moment("gone_at", nullable=True),
    UniqueConstraint("source_id", "external_id"),
)
