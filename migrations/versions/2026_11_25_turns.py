"""Turns that live on: what changed of people, the order of the queue, skills."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

THIS_XID = sa.text("((pg_current_xact_id())::text)::bigint")
RANK = "(queued_at AT TIME ZONE 'UTC') - priority * interval '600 seconds'"


def upgrade() -> None:
    op.add_column("pool", sa.Column("by_skills", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("employee", sa.Column("changed_xid", sa.BigInteger(), server_default=THIS_XID, nullable=False))
    op.create_index("ix_employee_changed", "employee", ["home_group", "changed_xid"])
    op.drop_index("ix_employee_home_group", "employee")
    op.add_column("review", sa.Column("rank_at", sa.DateTime(), sa.Computed(RANK, persisted=True), nullable=True))
    op.add_column("review", sa.Column("skills", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False))
    op.drop_index("ix_review_queue", "review")
    queue, stranded = sa.text("state = 'queued' AND stranded IS NULL"), sa.text("stranded IS NOT NULL")
    op.create_index("ix_review_queue", "review", ["pool_id", "rank_at", "id"], postgresql_where=queue)
    op.create_index("ix_review_stranded", "review", ["pool_id", "rank_at", "id"], postgresql_where=stranded)


def downgrade() -> None:
    op.drop_index("ix_review_stranded", "review")
    op.drop_index("ix_review_queue", "review")
    op.drop_column("review", "skills")
    op.drop_column("review", "rank_at")
    before = ["pool_id", sa.text("priority DESC"), "queued_at", "id"]
    op.create_index("ix_review_queue", "review", before, postgresql_where=sa.text("state = 'queued'"))
    op.create_index("ix_employee_home_group", "employee", ["home_group"])
    op.drop_index("ix_employee_changed", "employee")
    op.drop_column("employee", "changed_xid")
    op.drop_column("pool", "by_skills")
