"""Incident mode."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    now = sa.text("clock_timestamp()")
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stop_submissions", sa.Boolean(), nullable=False),
        sa.Column("freeze_clocks", sa.Boolean(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("stop_submissions OR freeze_clocks", name="does_something"),
        sa.CheckConstraint("ended_at >= started_at", name="order"),
    )
    lasting, only = sa.text("ended_at IS NULL"), sa.text("(ended_at IS NULL)")
    op.create_index("uq_incident_lasting", "incident", [only], unique=True, postgresql_where=lasting)


def downgrade() -> None:
    op.drop_table("incident")
