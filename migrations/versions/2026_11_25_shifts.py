"""Business hours of pools, shifts of people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pool", sa.Column("hours", JSONB(), nullable=True))
    op.add_column("employee", sa.Column("shift", JSONB(), nullable=True))
    op.add_column("employee", sa.Column("shift_until", sa.DateTime(timezone=True), nullable=True))
    on = sa.text("shift_until IS NOT NULL")
    op.create_index("ix_employee_shift", "employee", ["home_group", "shift_until"], postgresql_where=on)


def downgrade() -> None:
    op.drop_index("ix_employee_shift", "employee")
    op.drop_column("employee", "shift_until")
    op.drop_column("employee", "shift")
    op.drop_column("pool", "hours")
