"""The open reviews are found in the order in which the board shows them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TURN = (
    "(CASE WHEN stranded = 'pool_closed' THEN 2"
    " WHEN stranded IS NOT NULL OR state = 'escalated' THEN 0"
    " WHEN state = 'queued' AND late_at IS NOT NULL THEN 0"
    " WHEN state = 'queued' THEN 2 ELSE 3 END)"
)
SINCE = "(CASE WHEN state = 'queued' THEN timezone('UTC', rank_at) ELSE queued_at END)"


def upgrade() -> None:
    open_ones = sa.text("ended_at IS NULL AND state <> 'assigned'")
    columns = [sa.text(TURN), sa.text(SINCE), "id"]
    op.create_index("ix_review_board", "review", columns, postgresql_where=open_ones)
    held = sa.text("state = 'open'")
    op.create_index("ix_assignment_deadline", "assignment", ["deadline_at", "review_id"], postgresql_where=held)
    op.create_index("ix_assignment_warn", "assignment", ["warn_at"], postgresql_where=held)


def downgrade() -> None:
    op.drop_index("ix_assignment_warn", "assignment")
    op.drop_index("ix_assignment_deadline", "assignment")
    op.drop_index("ix_review_board", "review")
