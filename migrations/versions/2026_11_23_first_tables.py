# ruff: noqa: E501 - constraints stand here just as the database spells them
"""The first tables."""

from __future__ import annotations

import pgvector.sqlalchemy
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "app_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("role IN ('seeker', 'employee', 'supervisor', 'operator')", name=op.f("ck_app_user_role")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_app_user_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("email", name=op.f("uq_app_user_email")),
        sa.UniqueConstraint("number", name=op.f("uq_app_user_number")),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column(
            "data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_actor_id", "audit_log", ["actor_id"], unique=False)
    op.create_index("ix_audit_log_subject", "audit_log", ["subject_type", "subject_id"], unique=False)
    op.create_table(
        "breaker",
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="closed", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("state IN ('closed', 'open', 'half_open')", name=op.f("ck_breaker_state")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_breaker")),
    )
    op.create_table(
        "consumed_event",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("consumer", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.UniqueConstraint("event_id", "consumer", name=op.f("uq_consumed_event_event_id_consumer")),
    )
    op.create_index("ix_consumed_event_at", "consumed_event", ["at"], unique=False)
    op.create_table(
        "consumer",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("types", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_consumer")),
    )
    op.create_table(
        "embedding",
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("vector", pgvector.sqlalchemy.halfvec.HALFVEC(dim=384), nullable=False),
        sa.PrimaryKeyConstraint("content_hash", name=op.f("pk_embedding")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=True),
        sa.Column("aggregate_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("trace", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_at", "outbox", ["at"], unique=False)
    op.create_index(
        "ix_outbox_unpublished", "outbox", ["id"], unique=False, postgresql_where=sa.text("published_at IS NULL")
    )
    op.create_index(
        "ix_outbox_unsettled",
        "outbox",
        ["published_at"],
        unique=False,
        postgresql_where=sa.text("published_at IS NOT NULL AND settled_at IS NULL"),
    )
    op.create_table(
        "pool_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_group")),
        sa.UniqueConstraint("name", name=op.f("uq_pool_group_name")),
    )
    op.create_table(
        "portal",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("live", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("live_by", sa.Uuid(), nullable=True),
        sa.Column("live_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "checklist", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_portal")),
    )
    op.create_table(
        "posting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("location", sa.String(length=300), server_default="", nullable=False),
        sa.Column(
            "places", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("remote", sa.Boolean(), nullable=True),
        sa.Column("description_html", sa.Text(), server_default="", nullable=False),
        sa.Column("description_text", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("apply_url", sa.Text(), nullable=True),
        sa.Column("portal", sa.String(length=40), nullable=False),
        sa.Column("pay", sa.String(length=300), nullable=True),
        sa.Column("employment_type", sa.String(length=80), nullable=True),
        sa.Column("region", sa.String(length=40), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("identity_key", sa.String(length=400), nullable=False),
        sa.Column("block_key", sa.String(length=300), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("state", sa.String(length=10), server_default="open", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_posting_closed_at")),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_posting_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
        sa.UniqueConstraint("identity_key", name=op.f("uq_posting_identity_key")),
        sa.UniqueConstraint("number", name=op.f("uq_posting_number")),
    )
    op.create_index(op.f("ix_posting_block_key"), "posting", ["block_key"], unique=False)
    op.create_index("ix_posting_open", "posting", ["number"], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_table(
        "process_beat",
        sa.Column("component", sa.String(length=40), nullable=False),
        sa.Column("instance", sa.String(length=120), nullable=False),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("beat_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("longest_gap", sa.Float(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("component", "instance", name=op.f("pk_process_beat")),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("token", sa.String(length=120), nullable=False),
        sa.Column("base_url", sa.String(length=300), server_default="", nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("interval_seconds", sa.Integer(), server_default="300", nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("last_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_ok_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_note", sa.Text(), nullable=True),
        sa.Column("last_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("kind IN ('greenhouse', 'lever', 'ashby', 'operator')", name=op.f("ck_source_kind")),
        sa.CheckConstraint("interval_seconds >= 10", name=op.f("ck_source_interval")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("kind", "token", "base_url", name=op.f("uq_source_kind_token_base_url")),
    )
    op.create_index(
        "ix_source_due", "source", ["next_at"], unique=False, postgresql_where=sa.text("enabled AND kind <> 'operator'")
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column(
            "payload", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("state", sa.String(length=10), server_default="queued", nullable=False),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("max_attempts", sa.Integer(), server_default="5", nullable=False),
        sa.Column("again", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("trace", sa.String(length=64), nullable=True),
        sa.Column("run_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("hinted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index("ix_task_dead", "task", ["finished_at"], unique=False, postgresql_where=sa.text("state = 'dead'"))
    op.create_index(
        "ix_task_due", "task", ["run_at"], unique=False, postgresql_where=sa.text("state IN ('queued', 'running')")
    )
    op.create_index(
        "uq_task_open", "task", ["kind", "key"], unique=True, postgresql_where=sa.text("state IN ('queued', 'running')")
    )
    op.create_table(
        "employee",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("active", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("overrides", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("availability", sa.String(length=10), server_default="paused", nullable=False),
        sa.Column("availability_reason", sa.String(length=60), server_default="", nullable=False),
        sa.Column(
            "availability_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("home_group", sa.Uuid(), nullable=False),
        sa.Column(
            "skills", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("last_assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("strikes_baseline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undelivered_run", sa.SmallInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("availability IN ('available', 'paused')", name=op.f("ck_employee_availability")),
        sa.CheckConstraint("active <= capacity + overrides", name=op.f("ck_employee_active_within_capacity")),
        sa.CheckConstraint("active >= 0 AND overrides >= 0", name=op.f("ck_employee_counts")),
        sa.CheckConstraint("capacity BETWEEN 0 AND 100", name=op.f("ck_employee_capacity")),
        sa.ForeignKeyConstraint(["home_group"], ["pool_group.id"], name=op.f("fk_employee_home_group")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_employee_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_employee")),
    )
    op.create_index(op.f("ix_employee_home_group"), "employee", ["home_group"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("caller_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["caller_id"], ["app_user.id"], name=op.f("fk_idempotency_caller_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("caller_id", "key", name=op.f("pk_idempotency")),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"], unique=False)
    op.create_table(
        "outage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("component", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("credited", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_outage_order")),
        sa.ForeignKeyConstraint(["group_id"], ["pool_group.id"], name=op.f("fk_outage_group_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
    )
    op.create_index("ix_outage_ended", "outage", ["group_id", "ended_at"], unique=False)
    op.create_index(
        "uq_outage_lasting",
        "outage",
        ["group_id", "component"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "pool",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("strategy", sa.String(length=20), server_default="round_robin", nullable=False),
        sa.Column("sla_seconds", sa.Integer(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("strategy IN ('round_robin', 'least_loaded')", name=op.f("ck_pool_strategy")),
        sa.CheckConstraint("sla_seconds > 0", name=op.f("ck_pool_sla_seconds")),
        sa.ForeignKeyConstraint(["group_id"], ["pool_group.id"], name=op.f("fk_pool_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
        sa.UniqueConstraint("name", name=op.f("uq_pool_name")),
    )
    op.create_index(op.f("ix_pool_group_id"), "pool", ["group_id"], unique=False)
    op.create_table(
        "posting_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("apply_url", sa.Text(), nullable=True),
        sa.Column("url_key", sa.String(length=300), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("location", sa.String(length=300), server_default="", nullable=False),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "last_seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["posting.id"], name=op.f("fk_posting_link_posting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_posting_link_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting_link")),
        sa.UniqueConstraint("source_id", "external_id", name=op.f("uq_posting_link_source_id_external_id")),
    )
    op.create_index(op.f("ix_posting_link_posting_id"), "posting_link", ["posting_id"], unique=False)
    op.create_index(op.f("ix_posting_link_url_key"), "posting_link", ["url_key"], unique=False)
    op.create_table(
        "raw_posting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posting_id", sa.Uuid(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_raw_posting_posting_id")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_raw_posting_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_posting")),
        sa.UniqueConstraint("source_id", "external_id", name=op.f("uq_raw_posting_source_id_external_id")),
    )
    op.create_index(op.f("ix_raw_posting_posting_id"), "raw_posting", ["posting_id"], unique=False)
    op.create_index(
        "ix_raw_posting_waiting",
        "raw_posting",
        ["seen_at"],
        unique=False,
        postgresql_where=sa.text("accepted_at IS NULL AND error IS NULL"),
    )
    op.create_table(
        "seeker",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "profile", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "preferences",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "thresholds", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "consent", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("matching_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_seeker_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_seeker")),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'ticket') = (parent_id IS NOT NULL)", name=op.f("ck_session_ticket_parent")),
        sa.CheckConstraint("kind IN ('cookie', 'bearer', 'ticket')", name=op.f("ck_session_kind")),
        sa.ForeignKeyConstraint(["parent_id"], ["session.id"], name=op.f("fk_session_parent_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_session_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
    )
    op.create_index("ix_session_expires_at", "session", ["expires_at"], unique=False)
    op.create_index(
        "ix_session_open_user", "session", ["user_id"], unique=False, postgresql_where=sa.text("closed_at IS NULL")
    )
    op.create_table(
        "answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seeker_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("question_key", sa.Text(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["seeker_id"], ["seeker.user_id"], name=op.f("fk_answer_seeker_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint("seeker_id", "question_key", name=op.f("uq_answer_seeker_id_question_key")),
    )
    op.create_table(
        "match_feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seeker_id", sa.Uuid(), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("verdict IN ('up', 'down')", name=op.f("ck_match_feedback_verdict_known")),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["posting.id"], name=op.f("fk_match_feedback_posting_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["seeker_id"], ["seeker.user_id"], name=op.f("fk_match_feedback_seeker_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_feedback")),
        sa.UniqueConstraint("seeker_id", "posting_id", name=op.f("uq_match_feedback_seeker_id_posting_id")),
    )
    op.create_index(op.f("ix_match_feedback_posting_id"), "match_feedback", ["posting_id"], unique=False)
    op.create_table(
        "pool_member",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["employee.user_id"], name=op.f("fk_pool_member_employee_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_pool_member_pool_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pool_id", "employee_id", name=op.f("pk_pool_member")),
    )
    op.create_index(op.f("ix_pool_member_employee_id"), "pool_member", ["employee_id"], unique=False)
    op.create_table(
        "resume_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seeker_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("pdf_key", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("parsed", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("kind IN ('upload', 'review', 'tailored')", name=op.f("ck_resume_version_kind_known")),
        sa.CheckConstraint("state IN ('stored', 'parsed', 'failed')", name=op.f("ck_resume_version_state_known")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["resume_version.id"], name=op.f("fk_resume_version_parent_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["seeker_id"], ["seeker.user_id"], name=op.f("fk_resume_version_seeker_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resume_version")),
        sa.UniqueConstraint("seeker_id", "number", name=op.f("uq_resume_version_seeker_id_number")),
    )
    op.create_index(
        "ix_resume_version_latest",
        "resume_version",
        ["seeker_id", "number"],
        unique=False,
        postgresql_where=sa.text("state = 'parsed'"),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("seeker_id", sa.Uuid(), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("vacancy_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("resume_version_id", sa.Uuid(), nullable=True),
        sa.Column("score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("progress", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("phase", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("attention", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column(
            "given_answers",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("confirmation", sa.Text(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("auto_customize", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("notes", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("mode IN ('realtime', 'manual', 'auto')", name=op.f("ck_application_mode_known")),
        sa.CheckConstraint(
            "status IN ('not_applied', 'applying', 'applied', 'interview', 'offer', 'rejected', 'in_review', 'needs_attention', 'withdrawn')",
            name=op.f("ck_application_status_known"),
        ),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_application_progress_range")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_application_posting_id")),
        sa.ForeignKeyConstraint(
            ["resume_version_id"], ["resume_version.id"], name=op.f("fk_application_resume_version_id")
        ),
        sa.ForeignKeyConstraint(["seeker_id"], ["seeker.user_id"], name=op.f("fk_application_seeker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("number", name=op.f("uq_application_number")),
        sa.UniqueConstraint("seeker_id", "posting_id", name=op.f("uq_application_seeker_id_posting_id")),
    )
    op.create_index(
        "ix_application_applying",
        "application",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("status = 'applying'"),
    )
    op.create_index(op.f("ix_application_posting_id"), "application", ["posting_id"], unique=False)
    op.create_index("ix_application_seeker_status", "application", ["seeker_id", "status"], unique=False)
    op.create_table(
        "match",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seeker_id", sa.Uuid(), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("components", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("resume_version_id", sa.Uuid(), nullable=True),
        sa.Column("posting_version", sa.Integer(), nullable=False),
        sa.Column("seeker_version", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column(
            "computed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("decision IN ('auto', 'review', 'below', 'filtered')", name=op.f("ck_match_decision_known")),
        sa.CheckConstraint("state IN ('open', 'waiting', 'acted', 'closed')", name=op.f("ck_match_state_known")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_match_score_range")),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f("fk_match_posting_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["resume_version_id"], ["resume_version.id"], name=op.f("fk_match_resume_version_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["seeker_id"], ["seeker.user_id"], name=op.f("fk_match_seeker_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match")),
        sa.UniqueConstraint("seeker_id", "posting_id", name=op.f("uq_match_seeker_id_posting_id")),
    )
    op.create_index(op.f("ix_match_posting_id"), "match", ["posting_id"], unique=False)
    op.create_index("ix_match_seeker_score", "match", ["seeker_id", "score"], unique=False)
    op.create_index(
        "ix_match_undecided",
        "match",
        ["seeker_id", "score"],
        unique=False,
        postgresql_where=sa.text("decision IN ('auto', 'review') AND state IN ('open', 'waiting')"),
    )
    op.create_table(
        "application_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_event_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_event")),
    )
    op.create_index("ix_application_event_application_id", "application_event", ["application_id", "at"], unique=False)
    op.create_table(
        "intent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seeker_id", sa.Uuid(), nullable=False),
        sa.Column("vacancy_key", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("link_key", sa.Text(), nullable=True),
        sa.Column("title_key", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column(
            "answers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("response", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("screenshot_key", sa.Text(), nullable=True),
        sa.Column("confirmation", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column(
            "prepared_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("armed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state <> 'armed' OR armed_at IS NOT NULL", name=op.f("ck_intent_armed_has_time")),
        sa.CheckConstraint(
            "state IN ('prepared', 'armed', 'confirmed', 'unknown', 'proved_not_sent', 'rehearsed', 'cancelled')",
            name=op.f("ck_intent_state_known"),
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_intent_application_id")),
        sa.ForeignKeyConstraint(["seeker_id"], ["seeker.user_id"], name=op.f("fk_intent_seeker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intent")),
    )
    op.create_index(op.f("ix_intent_application_id"), "intent", ["application_id"], unique=False)
    op.create_index(
        "ix_intent_armed", "intent", ["armed_at"], unique=False, postgresql_where=sa.text("state = 'armed'")
    )
    op.create_index(
        "uq_intent_one_live_per_vacancy",
        "intent",
        ["seeker_id", "vacancy_key"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('proved_not_sent', 'rehearsed', 'cancelled')"),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("size", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("seeker_id", sa.Uuid(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=10), server_default="queued", nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("misses", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("preferred_employee", sa.Uuid(), nullable=True),
        sa.Column("stranded", sa.String(length=20), nullable=True),
        sa.Column("stranded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "payload", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("outcome", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('completed', 'cancelled')) = (ended_at IS NOT NULL)", name=op.f("ck_review_ended_at")
        ),
        sa.CheckConstraint(
            "kind IN ('resume', 'question', 'handover', 'unknown_outcome', 'mail_match')", name=op.f("ck_review_kind")
        ),
        sa.CheckConstraint("size IN ('small', 'large')", name=op.f("ck_review_size")),
        sa.CheckConstraint("state <> 'snoozed' OR snoozed_until IS NOT NULL", name=op.f("ck_review_snoozed_until")),
        sa.CheckConstraint(
            "state IN ('queued', 'assigned', 'snoozed', 'waiting', 'escalated', 'completed', 'cancelled')",
            name=op.f("ck_review_state"),
        ),
        sa.CheckConstraint("stranded IS NULL OR state = 'queued'", name=op.f("ck_review_stranded")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_review_application_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_review_pool_id")),
        sa.ForeignKeyConstraint(
            ["preferred_employee"], ["employee.user_id"], name=op.f("fk_review_preferred_employee"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["seeker_id"], ["seeker.user_id"], name=op.f("fk_review_seeker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("number", name=op.f("uq_review_number")),
    )
    op.create_index(op.f("ix_review_application_id"), "review", ["application_id"], unique=False)
    op.create_index(
        "ix_review_open", "review", ["pool_id", "queued_at"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index(
        "ix_review_queue",
        "review",
        ["pool_id", sa.literal_column("priority DESC"), "queued_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(op.f("ix_review_seeker_id"), "review", ["seeker_id"], unique=False)
    op.create_index(
        "ix_review_snoozed", "review", ["snoozed_until"], unique=False, postgresql_where=sa.text("state = 'snoozed'")
    )
    op.create_index(
        "uq_review_open_application_kind",
        "review",
        ["application_id", "kind"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=12), server_default="open", nullable=False),
        sa.Column(
            "assigned_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("grace_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_reason", sa.String(length=20), nullable=True),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            sa.Computed(
                "LEAST(deadline_at, CASE WHEN warned_at IS NULL THEN warn_at END, CASE WHEN delivered_at IS NULL THEN grace_at END)",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "why", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_assignment_closed_at")),
        sa.CheckConstraint(
            "state IN ('open', 'completed', 'missed', 'undelivered', 'released', 'declined', 'revoked')",
            name=op.f("ck_assignment_state"),
        ),
        sa.CheckConstraint("warn_at <= deadline_at AND grace_at <= deadline_at", name=op.f("ck_assignment_order")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.user_id"], name=op.f("fk_assignment_employee_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_assignment_review_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index(
        "ix_assignment_due", "assignment", ["due_at"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index("ix_assignment_employee", "assignment", ["employee_id", "assigned_at"], unique=False)
    op.create_index(
        "ix_assignment_open_employee",
        "assignment",
        ["employee_id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_assignment_review_id"), "assignment", ["review_id"], unique=False)
    op.create_index(
        "uq_assignment_open_review",
        "assignment",
        ["review_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "review_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.Column(
            "data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_review_event_review_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_event")),
    )
    op.create_index("ix_review_event_review", "review_event", ["review_id", "at"], unique=False)
    op.create_table(
        "review_exclusion",
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["employee.user_id"], name=op.f("fk_review_exclusion_employee_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_review_exclusion_review_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "employee_id", name=op.f("pk_review_exclusion")),
    )
    op.create_table(
        "draft",
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "body", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_draft_assignment_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_draft_review_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_draft")),
    )
    op.create_table(
        "draft_orphan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column(
            "body", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_draft_orphan_assignment_id")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_draft_orphan_review_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_orphan")),
    )
    op.create_index(op.f("ix_draft_orphan_review_id"), "draft_orphan", ["review_id"], unique=False)
    op.create_table(
        "strike",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("count", sa.SmallInteger(), nullable=False),
        sa.Column(
            "evidence", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("level IN ('noted', 'warning', 'violation')", name=op.f("ck_strike_level")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_strike_assignment_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.user_id"], name=op.f("fk_strike_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strike")),
        sa.UniqueConstraint("assignment_id", name=op.f("uq_strike_assignment_id")),
    )
    op.create_index(
        "ix_strike_counting",
        "strike",
        ["employee_id", "at"],
        unique=False,
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("strike_id", sa.Uuid(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("decision IN ('void', 'uphold')", name=op.f("ck_appeal_decision")),
        sa.CheckConstraint("(decided_at IS NULL) = (decision IS NULL)", name=op.f("ck_appeal_decided")),
        sa.ForeignKeyConstraint(["strike_id"], ["strike.id"], name=op.f("fk_appeal_strike_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("strike_id", name=op.f("uq_appeal_strike_id")),
    )
    op.create_index(
        "ix_appeal_open", "appeal", ["opened_at"], unique=False, postgresql_where=sa.text("decided_at IS NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_appeal_open", table_name="appeal", postgresql_where=sa.text("decided_at IS NULL"))
    op.drop_table("appeal")
    op.drop_index("ix_strike_counting", table_name="strike", postgresql_where=sa.text("voided_at IS NULL"))
    op.drop_table("strike")
    op.drop_index(op.f("ix_draft_orphan_review_id"), table_name="draft_orphan")
    op.drop_table("draft_orphan")
    op.drop_table("draft")
    op.drop_table("review_exclusion")
    op.drop_index("ix_review_event_review", table_name="review_event")
    op.drop_table("review_event")
    op.drop_index("uq_assignment_open_review", table_name="assignment", postgresql_where=sa.text("state = 'open'"))
    op.drop_index(op.f("ix_assignment_review_id"), table_name="assignment")
    op.drop_index("ix_assignment_open_employee", table_name="assignment", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_assignment_employee", table_name="assignment")
    op.drop_index("ix_assignment_due", table_name="assignment", postgresql_where=sa.text("state = 'open'"))
    op.drop_table("assignment")
    op.drop_index("uq_review_open_application_kind", table_name="review", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_review_snoozed", table_name="review", postgresql_where=sa.text("state = 'snoozed'"))
    op.drop_index(op.f("ix_review_seeker_id"), table_name="review")
    op.drop_index("ix_review_queue", table_name="review", postgresql_where=sa.text("state = 'queued'"))
    op.drop_index("ix_review_open", table_name="review", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index(op.f("ix_review_application_id"), table_name="review")
    op.drop_table("review")
    op.drop_index(
        "uq_intent_one_live_per_vacancy",
        table_name="intent",
        postgresql_where=sa.text("state NOT IN ('proved_not_sent', 'rehearsed', 'cancelled')"),
    )
    op.drop_index("ix_intent_armed", table_name="intent", postgresql_where=sa.text("state = 'armed'"))
    op.drop_index(op.f("ix_intent_application_id"), table_name="intent")
    op.drop_table("intent")
    op.drop_index("ix_application_event_application_id", table_name="application_event")
    op.drop_table("application_event")
    op.drop_index(
        "ix_match_undecided",
        table_name="match",
        postgresql_where=sa.text("decision IN ('auto', 'review') AND state IN ('open', 'waiting')"),
    )
    op.drop_index("ix_match_seeker_score", table_name="match")
    op.drop_index(op.f("ix_match_posting_id"), table_name="match")
    op.drop_table("match")
    op.drop_index("ix_application_seeker_status", table_name="application")
    op.drop_index(op.f("ix_application_posting_id"), table_name="application")
    op.drop_index("ix_application_applying", table_name="application", postgresql_where=sa.text("status = 'applying'"))
    op.drop_table("application")
    op.drop_index("ix_resume_version_latest", table_name="resume_version", postgresql_where=sa.text("state = 'parsed'"))
    op.drop_table("resume_version")
    op.drop_index(op.f("ix_pool_member_employee_id"), table_name="pool_member")
    op.drop_table("pool_member")
    op.drop_index(op.f("ix_match_feedback_posting_id"), table_name="match_feedback")
    op.drop_table("match_feedback")
    op.drop_table("answer")
    op.drop_index("ix_session_open_user", table_name="session", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_index("ix_session_expires_at", table_name="session")
    op.drop_table("session")
    op.drop_table("seeker")
    op.drop_index(
        "ix_raw_posting_waiting",
        table_name="raw_posting",
        postgresql_where=sa.text("accepted_at IS NULL AND error IS NULL"),
    )
    op.drop_index(op.f("ix_raw_posting_posting_id"), table_name="raw_posting")
    op.drop_table("raw_posting")
    op.drop_index(op.f("ix_posting_link_url_key"), table_name="posting_link")
    op.drop_index(op.f("ix_posting_link_posting_id"), table_name="posting_link")
    op.drop_table("posting_link")
    op.drop_index(op.f("ix_pool_group_id"), table_name="pool")
    op.drop_table("pool")
    op.drop_index("uq_outage_lasting", table_name="outage", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_outage_ended", table_name="outage")
    op.drop_table("outage")
    op.drop_index("ix_idempotency_at", table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_index(op.f("ix_employee_home_group"), table_name="employee")
    op.drop_table("employee")
    op.drop_index("uq_task_open", table_name="task", postgresql_where=sa.text("state IN ('queued', 'running')"))
    op.drop_index("ix_task_due", table_name="task", postgresql_where=sa.text("state IN ('queued', 'running')"))
    op.drop_index("ix_task_dead", table_name="task", postgresql_where=sa.text("state = 'dead'"))
    op.drop_table("task")
    op.drop_index("ix_source_due", table_name="source", postgresql_where=sa.text("enabled AND kind <> 'operator'"))
    op.drop_table("source")
    op.drop_table("process_beat")
    op.drop_index("ix_posting_open", table_name="posting", postgresql_where=sa.text("state = 'open'"))
    op.drop_index(op.f("ix_posting_block_key"), table_name="posting")
    op.drop_table("posting")
    op.drop_table("portal")
    op.drop_table("pool_group")
    op.drop_index(
        "ix_outbox_unsettled",
        table_name="outbox",
        postgresql_where=sa.text("published_at IS NOT NULL AND settled_at IS NULL"),
    )
    op.drop_index("ix_outbox_unpublished", table_name="outbox", postgresql_where=sa.text("published_at IS NULL"))
    op.drop_index("ix_outbox_at", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("lease")
    op.drop_table("embedding")
    op.drop_table("consumer")
    op.drop_index("ix_consumed_event_at", table_name="consumed_event")
    op.drop_table("consumed_event")
    op.drop_table("breaker")
    op.drop_index("ix_audit_log_subject", table_name="audit_log")
    op.drop_index("ix_audit_log_actor_id", table_name="audit_log")
    op.drop_table("audit_log")
    op.drop_table("app_user")
