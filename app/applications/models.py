"""Tables of applications: the attempt, its timeline, the record of what was about to be sent, and portals."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.applications import policy
from app.platform.db import metadata

STATUSES = ", ".join(f"'{status}'" for status in policy.STATUSES)
INTENT_STATES = "'prepared', 'armed', 'confirmed', 'unknown', 'proved_not_sent', 'rehearsed', 'cancelled'"
# The one index that makes a second submission impossible: these three states are the only ones outside it.
INTENT_LIVE = "state NOT IN ('proved_not_sent', 'rehearsed', 'cancelled')"

application = Table(
    "application",
    metadata,
    Column("id", Uuid(as_uuid=True), primary_key=True),
    Column("number", Integer, Identity(always=True), nullable=False, unique=True),
    Column("seeker_id", Uuid(as_uuid=True), ForeignKey("seeker.user_id"), nullable=False),
    Column("posting_id", Uuid(as_uuid=True), ForeignKey("posting.id"), nullable=False, index=True),
    Column("vacancy_key", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("resume_version_id", Uuid(as_uuid=True), ForeignKey("resume_version.id"), nullable=True),
    Column("score", Numeric(5, 2), nullable=True),
    Column("progress", Integer, nullable=False, server_default=text("0")),
    Column("phase", Text, nullable=False, server_default=text("''")),
    Column("attention", JSONB(none_as_null=True), nullable=True),
    Column("given_answers", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("confirmation", Text, nullable=True),
    Column("applied_at", DateTime(timezone=True), nullable=True),
    Column("auto_customize", Boolean, nullable=False, server_default=text("false")),
    Column("notes", Text, nullable=False, server_default=text("''")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    UniqueConstraint("seeker_id", "posting_id"),
    CheckConstraint(f"status IN ({STATUSES})", name="status_known"),
    CheckConstraint("mode IN ('realtime', 'manual', 'auto')", name="mode_known"),
    CheckConstraint("progress BETWEEN 0 AND 100", name="progress_range"),
    Index("ix_application_seeker_status", "seeker_id", "status"),
    Index("ix_application_applying", "updated_at", postgresql_where=text("status = 'applying'")),
    Index("ix_application_status", "status"),
    Index("ix_application_created_at", "created_at"),
    Index("ix_application_applied_at", "applied_at", postgresql_where=text("applied_at IS NOT NULL")),
)

application_event = Table(
    "application_event",
    metadata,
    Column("id", Uuid(as_uuid=True), primary_key=True),
    Column("application_id", Uuid(as_uuid=True), ForeignKey("application.id", ondelete="CASCADE"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("from_status", Text, nullable=True),
    Column("to_status", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("actor_id", Uuid(as_uuid=True), nullable=True),
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("data", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Index("ix_application_event_application_id", "application_id", "at"),
    Index(
        "ix_application_event_answer", "at", postgresql_where=text("to_status IN ('interview', 'offer', 'rejected')")
    ),
)

intent = Table(
    "intent",
    metadata,
    Column("id", Uuid(as_uuid=True), primary_key=True),
    Column("seeker_id", Uuid(as_uuid=True), ForeignKey("seeker.user_id"), nullable=False),
    Column("vacancy_key", Text, nullable=False),
    Column("application_id", Uuid(as_uuid=True), ForeignKey("application.id"), nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("task_id", Uuid(as_uuid=True), nullable=True),
    Column("epoch", Integer, nullable=False),
    Column("link_key", Text, nullable=True),
    Column("title_key", Text, nullable=False),
    Column("request", JSONB(none_as_null=True), nullable=True),
    Column("answers", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("response", JSONB(none_as_null=True), nullable=True),
    Column("screenshot_key", Text, nullable=True),
    Column("confirmation", Text, nullable=True),
    Column("decided_by", Uuid(as_uuid=True), nullable=True),
    Column("prepared_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("armed_at", DateTime(timezone=True), nullable=True),
    Column("ended_at", DateTime(timezone=True), nullable=True),
    CheckConstraint(f"state IN ({INTENT_STATES})", name="state_known"),
    CheckConstraint("state <> 'armed' OR armed_at IS NOT NULL", name="armed_has_time"),
    Index(
        "uq_intent_one_live_per_vacancy",
        "seeker_id",
        "vacancy_key",
        unique=True,
        postgresql_where=text(INTENT_LIVE),
    ),
    Index("ix_intent_armed", "armed_at", postgresql_where=text("state = 'armed'")),
)

# Several postings that a seeker asked to apply for at once. `told`: the counts of the last frame about it.
application_batch = Table(
    "application_batch",
    metadata,
    Column("id", Uuid(as_uuid=True), primary_key=True),
    Column("seeker_id", Uuid(as_uuid=True), ForeignKey("seeker.user_id", ondelete="CASCADE"), nullable=False),
    Column("state", Text, nullable=False, server_default=text("'open'")),
    Column("max_concurrent", Integer, nullable=False),
    Column("delay_seconds", Integer, nullable=False),
    Column("auto_customize", Boolean, nullable=False),
    Column("follow_external_links", Boolean, nullable=False),
    Column("told", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("last_started_at", DateTime(timezone=True), nullable=True),
    Column("ended_at", DateTime(timezone=True), nullable=True),
    CheckConstraint("state IN ('open', 'done', 'cancelled')", name="state_known"),
    CheckConstraint("max_concurrent BETWEEN 1 AND 10", name="concurrent_range"),
    CheckConstraint("delay_seconds BETWEEN 0 AND 300", name="delay_range"),
    Index("ix_application_batch_seeker", "seeker_id", "created_at"),
    Index("ix_application_batch_open", "created_at", postgresql_where=text("state = 'open'")),
)

# waiting: not begun; started: its application tells the rest; skipped and failed: `why` does.
application_batch_item = Table(
    "application_batch_item",
    metadata,
    Column("batch_id", Uuid(as_uuid=True), ForeignKey("application_batch.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("posting_id", Uuid(as_uuid=True), ForeignKey("posting.id"), nullable=False, index=True),
    Column("score", Numeric(5, 2), nullable=True),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False, server_default=text("''")),
    Column(
        "application_id",
        Uuid(as_uuid=True),
        ForeignKey("application.id", ondelete="SET NULL"),
        nullable=True,
        index=True,
    ),
    UniqueConstraint("batch_id", "posting_id"),
    CheckConstraint("state IN ('waiting', 'started', 'skipped', 'failed', 'cancelled')", name="state_known"),
)

# While one lasts the bots submit nothing (`stop_submissions`), and no clock of dispatch runs (`freeze_clocks`).
incident = Table(
    "incident",
    metadata,
    Column("id", Uuid(as_uuid=True), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("stop_submissions", Boolean, nullable=False),
    Column("freeze_clocks", Boolean, nullable=False),
    Column("started_by", Uuid(as_uuid=True), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("ended_by", Uuid(as_uuid=True), nullable=True),
    Column("ended_at", DateTime(timezone=True), nullable=True),
    CheckConstraint("stop_submissions OR freeze_clocks", name="does_something"),
    CheckConstraint("ended_at >= started_at", name="order"),
    Index("uq_incident_lasting", text("(ended_at IS NULL)"), unique=True, postgresql_where=text("ended_at IS NULL")),
)

portal = Table(
    "portal",
    metadata,
    Column("name", Text, primary_key=True),
    Column("live", Boolean, nullable=False, server_default=text("false")),
    Column("live_by", Uuid(as_uuid=True), nullable=True),
    Column("live_at", DateTime(timezone=True), nullable=True),
    Column("checklist", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
)
