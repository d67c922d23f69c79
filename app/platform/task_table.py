"""The row of a piece of background work; queue.py says what becomes of it."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from app.platform.db import id_column, metadata, moment

task = Table(
    "task",
    metadata,
    id_column(),
    Column("kind", String(60), nullable=False),
    Column("key", String(120), nullable=False),
    Column("payload", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("state", String(10), nullable=False, server_default="queued"),
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("max_attempts", Integer, nullable=False, server_default="5"),
    Column("again", Boolean, nullable=False, server_default="false"),
    Column("last_error", Text),
    Column("trace", String(64)),
    moment("run_at", now=True),
    moment("hinted_at", nullable=True),
    moment("lease_until", nullable=True),
    moment("created_at", now=True),
    moment("finished_at", nullable=True),
    Index("uq_task_open", "kind", "key", unique=True, postgresql_where=text("state IN ('queued', 'running')")),
    Index("ix_task_due", "run_at", postgresql_where=text("state IN ('queued', 'running')")),
    Index("ix_task_dead", "finished_at", postgresql_where=text("state = 'dead'")),
)
