"""People on loan to another group."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pool_group", sa.Column("moves", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("employee", sa.Column("lent_from", sa.Uuid(), nullable=True))
    op.add_column("employee", sa.Column("lent_pools", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False))
    op.add_column("employee", sa.Column("lent_until", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f("fk_employee_lent_from"), "employee", "pool_group", ["lent_from"], ["id"])
    op.create_check_constraint("lent", "employee", "(lent_from IS NULL) = (lent_until IS NULL)")
    lent = sa.text("lent_until IS NOT NULL")
    op.create_index("ix_employee_lent", "employee", ["home_group", "lent_until"], postgresql_where=lent)


def downgrade() -> None:
    op.drop_index("ix_employee_lent", "employee")
    op.drop_column("employee", "lent_until")
    op.drop_column("employee", "lent_pools")
    op.drop_column("employee", "lent_from")
    op.drop_column("pool_group", "moves")
