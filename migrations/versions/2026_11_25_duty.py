"""When each person was available for work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_duty_order")),
        sa.ForeignKeyConstraint(["group_id"], ["pool_group.id"], name=op.f("fk_duty_group_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["employee.user_id"], name=op.f("fk_duty_employee_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    lasting = sa.text("ended_at IS NULL")
    op.create_index("uq_duty_lasting", "duty", ["employee_id", "group_id"], unique=True, postgresql_where=lasting)
    op.create_index("ix_duty_group_lasting", "duty", ["group_id"], postgresql_where=lasting)
    op.create_index("ix_duty_employee", "duty", ["employee_id", "started_at"])
    op.create_index("ix_duty_ended", "duty", ["ended_at"])


def downgrade() -> None:
    op.drop_table("duty")
