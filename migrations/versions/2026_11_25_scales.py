"""Scales learned from what people found, their labels, and what a score was when it was acted on."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _moment(name: str, *, now: bool = False, nullable: bool = False) -> sa.Column[Any]:
    default = sa.text("clock_timestamp()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def _pair() -> list[sa.Column[Any]]:
    """Whose row it is, and about which posting; it goes with either."""
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("seeker_id", sa.Uuid(), sa.ForeignKey("seeker.user_id", ondelete="CASCADE"), nullable=False),
        sa.Column("posting_id", sa.Uuid(), sa.ForeignKey("posting.id", ondelete="CASCADE"), nullable=False),
    ]


def upgrade() -> None:
    _decisions()
    _labels()
    _scales()


def _decisions() -> None:
    resume = sa.ForeignKey("resume_version.id", ondelete="SET NULL")
    op.create_table(
        "match_decision",
        *_pair(),
        _column("decision", sa.Text()),
        _column("score", sa.Numeric(5, 2)),
        _column("components", JSONB()),
        _column("explanation", JSONB()),
        sa.Column("resume_version_id", sa.Uuid(), resume, nullable=True),
        _column("posting_version", sa.Integer()),
        _column("seeker_version", sa.Integer()),
        _column("model_version", sa.Text()),
        _moment("at", now=True),
        sa.UniqueConstraint("seeker_id", "posting_id"),
        sa.CheckConstraint("decision IN ('auto', 'review')", name="decision_known"),
    )
    op.create_index("ix_match_decision_posting_id", "match_decision", ["posting_id"])


def _labels() -> None:
    op.create_table(
        "score_label",
        *_pair(),
        _column("source", sa.Text()),
        _column("good", sa.Boolean()),
        _column("held", sa.Boolean()),
        _column("components", JSONB()),
        _column("scale_version", sa.Text()),
        _column("model_version", sa.Text()),
        _moment("at"),
        sa.UniqueConstraint("seeker_id", "posting_id", "source"),
        sa.CheckConstraint("source IN ('outcome', 'review', 'thumb')", name="source_known"),
    )
    op.create_index("ix_score_label_posting_id", "score_label", ["posting_id"])
    op.create_index("ix_score_label_at", "score_label", ["at"])


def _scales() -> None:
    op.create_table(
        "score_scale",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.Text(), nullable=False, unique=True),
        _column("ranking", sa.Text()),
        _column("scale", JSONB()),
        _column("against", sa.Text()),
        _column("figures", JSONB()),
        _column("figures_before", JSONB()),
        _column("labels", sa.Integer()),
        _column("state", sa.Text()),
        _moment("made_at", now=True),
        _moment("switched_at", nullable=True),
        _column("switched_how", sa.Text(), nullable=True),
        _column("switched_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('candidate', 'active', 'retired', 'refused')", name="state_known"),
        sa.CheckConstraint("switched_how IN ('refit', 'person')", name="switched_how_known"),
    )
    active = sa.text("state = 'active'")
    op.create_index("uq_score_scale_active", "score_scale", ["state"], unique=True, postgresql_where=active)


def downgrade() -> None:
    op.drop_table("score_scale")
    op.drop_table("score_label")
    op.drop_table("match_decision")
