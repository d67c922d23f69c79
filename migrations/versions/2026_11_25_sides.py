"""Both sides of scoring are kept, analysed and packed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "posting_side",
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("posting_version", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("gist", HALFVEC(384), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["posting.id"], name=op.f("fk_posting_side_posting_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("posting_id", name=op.f("pk_posting_side")),
    )
    op.create_table(
        "seeker_side",
        sa.Column("seeker_id", sa.Uuid(), nullable=False),
        sa.Column("resume_version_id", sa.Uuid(), nullable=False),
        sa.Column("seeker_version", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("gist", HALFVEC(384), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resume_version_id"],
            ["resume_version.id"],
            name=op.f("fk_seeker_side_resume_version_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["seeker_id"], ["seeker.user_id"], name=op.f("fk_seeker_side_seeker_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seeker_id", name=op.f("pk_seeker_side")),
    )
    op.create_index(op.f("ix_seeker_side_resume_version_id"), "seeker_side", ["resume_version_id"])


def downgrade() -> None:
    op.drop_table("seeker_side")
    op.drop_table("posting_side")
