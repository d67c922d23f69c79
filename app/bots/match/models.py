"""Tables of matching: the score of one seeker against one posting, what it is learned from, postings' vectors."""

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    Boolean,
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

# What a score was when it was acted on. The match goes on being scored; this stays, so that a year later it can be said
# why. `components` as ranking.Component, `explanation` and the versions as in the match.
match_decision = Table(
    "match_decision",
    metadata,
    id_column(),
    ref("seeker_id", "seeker.user_id", ondelete="CASCADE"),
    ref("posting_id", "posting.id", index=True, ondelete="CASCADE"),
    Column("decision", Text, nullable=False),
    Column("score", Numeric(5, 2), nullable=False),
    Column("components", JSONB, nullable=False),
    Column("explanation", JSONB, nullable=False),
    ref("resume_version_id", "resume_version.id", nullable=True, ondelete="SET NULL"),
    Column("posting_version", Integer, nullable=False),
    Column("seeker_version", Integer, nullable=False),
    Column("model_version", Text, nullable=False),
    moment("at", now=True),
    UniqueConstraint("seeker_id", "posting_id"),
    CheckConstraint("decision IN ('auto', 'review')", name="decision_known"),
)

# What people found of a pair, beside the components 0-100 by name that it was decided on; no word of a resume.
# `held`: a limit or a hard filter spoke, so that the components alone don't explain the score.
score_label = Table(
    "score_label",
    metadata,
    id_column(),
    ref("seeker_id", "seeker.user_id", ondelete="CASCADE"),
    ref("posting_id", "posting.id", index=True, ondelete="CASCADE"),
    Column("source", Text, nullable=False),
    Column("good", Boolean, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("components", JSONB, nullable=False),
    Column("scale_version", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    moment("at"),
    UniqueConstraint("seeker_id", "posting_id", "source"),
    CheckConstraint("source IN ('outcome', 'review', 'thumb')", name="source_known"),
    Index("ix_score_label_at", "at"),
)

# Scales that were learned from labels; the packaged one has no row, and is in force where none is active.
# `scale` {"weights", "slope", "intercept"}; `figures` and `figures_before` as scale.Quality, on the same held-out
# labels, of this scale and of the one that was in force (`against`). `switched_how`: refit, or person.
score_scale = Table(
    "score_scale",
    metadata,
    id_column(),
    Column("version", Text, nullable=False, unique=True),
    Column("ranking", Text, nullable=False),
    Column("scale", JSONB, nullable=False),
    Column("against", Text, nullable=False),
    Column("figures", JSONB, nullable=False),
    Column("figures_before", JSONB, nullable=False),
    Column("labels", Integer, nullable=False),
    Column("state", Text, nullable=False),
    moment("made_at", now=True),
    moment("switched_at", nullable=True),
    Column("switched_how", Text, nullable=True),
    Column("switched_by", Uuid, nullable=True),
    CheckConstraint("state IN ('candidate', 'active', 'retired', 'refused')", name="state_known"),
    CheckConstraint("switched_how IN ('refit', 'person')", name="switched_how_known"),
    Index("uq_score_scale_active", "state", unique=True, postgresql_where=text("state = 'active'")),
)
