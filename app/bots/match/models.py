"""Tables of matching: the score of one seeker against one posting, and vectors of postings' sentences."""

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.platform.db import id_column, metadata, moment, ref

# `state`: open (scored), waiting (good enough, no slot free yet), acted (handed on, once and for all), closed.
match = Table(
    "match",
    metadata,
    id_column(),
    ref("seeker_id", "seeker.user_id", ondelete="CASCADE"),
    ref("posting_id", "posting.id", index=True, ondelete="CASCADE"),
    Column("score", Numeric(5, 2), nullable=False),
    Column("components", JSONB, nullable=False),
    Column("explanation", JSONB, nullable=False),
    Column("decision", Text, nullable=False),
    ref("resume_version_id", "resume_version.id", nullable=True, ondelete="SET NULL"),
    Column("posting_version", Integer, nullable=False),
    Column("seeker_version", Integer, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'open'")),
    moment("computed_at", now=True),
    moment("acted_at", nullable=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
    UniqueConstraint("seeker_id", "posting_id"),
    CheckConstraint("score BETWEEN 0 AND 100", name="score_range"),
    CheckConstraint("decision IN ('auto', 'review', 'below', 'filtered')", name="decision_known"),
    CheckConstraint("state IN ('open', 'waiting', 'acted', 'closed')", name="state_known"),
    Index("ix_match_seeker_score", "seeker_id", "score"),
    Index(
        "ix_match_undecided",
        "seeker_id",
        "score",
        postgresql_where=text("decision IN ('auto', 'review') AND state IN ('open', 'waiting')"),
    ),
)

# Only sentences of postings are kept here; those of resumes stay in memory.
embedding = Table(
    "embedding",
    metadata,
    Column("content_hash", Text, primary_key=True),
    Column("model", Text, nullable=False),
    Column("vector", HALFVEC(384), nullable=False),
)

# Both sides of scoring, analysed and packed (sides.py), kept because a new resume meets every posting and the other way
# round. `gist` is the vector of the whole: the nearest are scored first. `basis`: by what they were analysed.
posting_side = Table(
    "posting_side",
    metadata,
    Column("posting_id", Uuid, ForeignKey("posting.id", ondelete="CASCADE"), primary_key=True),
    Column("posting_version", Integer, nullable=False),
    Column("basis", Text, nullable=False),
    Column("gist", HALFVEC(384), nullable=False),
    Column("packed", LargeBinary, nullable=False),
)

# Goes with its seeker and with its resume: it says what the resume says.
seeker_side = Table(
    "seeker_side",
    metadata,
    Column("seeker_id", Uuid, ForeignKey("seeker.user_id", ondelete="CASCADE"), primary_key=True),
    ref("resume_version_id", "resume_version.id", index=True, ondelete="CASCADE"),
    Column("seeker_version", Integer, nullable=False),
    Column("basis", Text, nullable=False),
    Column("gist", HALFVEC(384), nullable=False),
    Column("packed", LargeBinary, nullable=False),
)

# A seeker's thumb on a posting, the latest one; what recalibrates the score later.
match_feedback = Table(
    "match_feedback",
    metadata,
    id_column(),
    ref("seeker_id", "seeker.user_id", ondelete="CASCADE"),
    ref("posting_id", "posting.id", index=True, ondelete="CASCADE"),
    Column("verdict", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),
    # What the seeker saw when they judged it.
    Column("score", Numeric(5, 2), nullable=True),
    moment("at", now=True),
    UniqueConstraint("seeker_id", "posting_id"),
    CheckConstraint("verdict IN ('up', 'down')", name="verdict_known"),
)
