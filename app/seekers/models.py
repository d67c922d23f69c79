"""Tables of seekers: who they are, what they answered, their resumes."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.platform.db import id_column, metadata, moment, ref

_EMPTY = text("'{}'::jsonb")

seeker = Table(
    "seeker",
    metadata,
    Column("user_id", Uuid, ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True),
    Column("profile", JSONB, nullable=False, server_default=_EMPTY),
    Column("preferences", JSONB, nullable=False, server_default=_EMPTY),
    Column("thresholds", JSONB, nullable=False, server_default=_EMPTY),
    Column("consent", JSONB, nullable=False, server_default=_EMPTY),
    Column("corrections", JSONB, nullable=False, server_default=_EMPTY),
    Column("matching_active", Boolean, nullable=False, server_default=text("true")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    moment("created_at", now=True),
)

answer = Table(
    "answer",
    metadata,
    id_column(),
    ref("seeker_id", "seeker.user_id", ondelete="CASCADE"),
    Column("question", Text, nullable=False),
    Column("question_key", Text, nullable=False),
    Column("answer", JSONB, nullable=False),
    Column("source", Text, nullable=False),
    moment("updated_at", now=True),
    UniqueConstraint("seeker_id", "question_key"),
)

# application_id has no foreign key: applications stand above seekers and refer down to a version themselves.
resume_version = Table(
    "resume_version",
    metadata,
    id_column(),
    Column("number", Integer, nullable=False),
    ref("seeker_id", "seeker.user_id", ondelete="CASCADE"),
    Column("kind", Text, nullable=False),
    ref("parent_id", "resume_version.id", nullable=True, ondelete="SET NULL"),
    Column("application_id", Uuid, nullable=True),
    Column("filename", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("object_key", Text, nullable=False),
    Column("pdf_key", Text, nullable=True),
    Column("text", Text, nullable=False, server_default=text("''")),
    Column("parsed", JSONB(none_as_null=True), nullable=True),
    Column("content_hash", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("error", JSONB(none_as_null=True), nullable=True),
    Column("created_by", Uuid, nullable=True),
    moment("created_at", now=True),
    UniqueConstraint("seeker_id", "number"),
    CheckConstraint("kind IN ('upload', 'review', 'tailored')", name="kind_known"),
    CheckConstraint("state IN ('stored', 'parsed', 'failed')", name="state_known"),
    Index("ix_resume_version_latest", "seeker_id", "number", postgresql_where=text("state = 'parsed'")),
)

# How far a seeker is on the way in, {step: "done" | "later"}, and up to when they have read their news. A row of its
# own: none of it changes a score, and the seeker's version counts what does.
seeker_portal = Table(
    "seeker_portal",
    metadata,
    Column("seeker_id", Uuid, ForeignKey("seeker.user_id", ondelete="CASCADE"), primary_key=True),
    Column("steps", JSONB, nullable=False, server_default=_EMPTY),
    moment("news_seen_at", nullable=True),
    moment("began_at", now=True),
)
