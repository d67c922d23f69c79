"""A pool's clock for small reviews, apart from that for large ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pool", sa.Column("sla_small_seconds", sa.Integer(), nullable=True))
    op.create_check_constraint("sla_small_seconds", "pool", "sla_small_seconds > 0")


def downgrade() -> None:
    op.drop_column("pool", "sla_small_seconds")
