"""What figures are counted from is found by its time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# name, table, column, and which rows
INDEXES = (
    ("ix_application_status", "application", "status", None),
    ("ix_application_created_at", "application", "created_at", None),
    ("ix_application_applied_at", "application", "applied_at", "applied_at IS NOT NULL"),
    ("ix_application_event_answer", "application_event", "at", "to_status IN ('interview', 'offer', 'rejected')"),
    ("ix_assignment_ended", "assignment", "closed_at", "state IN ('completed', 'missed')"),
    ("ix_strike_at", "strike", "at", None),
    ("ix_posting_opened_at", "posting", "opened_at", None),
)


def upgrade() -> None:
    for name, table, column, rows in INDEXES:
        op.create_index(name, table, [column], postgresql_where=sa.text(rows) if rows else None)


def downgrade() -> None:
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table)
