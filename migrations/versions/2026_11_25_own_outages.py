"""Outages that concern one person alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_outage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("credited", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_own_outage_order")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["pool_group.id"], name=op.f("fk_own_outage_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["employee.user_id"], name=op.f("fk_own_outage_employee_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_outage")),
    )
    op.create_index(op.f("ix_own_outage_employee_id"), "own_outage", ["employee_id"])
    lasting, new = sa.text("ended_at IS NULL"), sa.text("NOT credited")
    op.create_index("uq_own_outage_lasting", "own_outage", ["employee_id"], unique=True, postgresql_where=lasting)
    op.create_index("ix_own_outage_new", "own_outage", ["group_id"], postgresql_where=new)


def downgrade() -> None:
    op.drop_table("own_outage")
