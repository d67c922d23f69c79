"""Each group's dispatcher records for itself when a person's web processes were silent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

LASTING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.drop_index("uq_own_outage_lasting", "own_outage")
    columns = ["group_id", "employee_id"]
    op.create_index("uq_own_outage_lasting", "own_outage", columns, unique=True, postgresql_where=LASTING)


def downgrade() -> None:
    op.execute("UPDATE own_outage SET ended_at = greatest(started_at, clock_timestamp()) WHERE ended_at IS NULL")
    op.drop_index("uq_own_outage_lasting", "own_outage")
    op.create_index("uq_own_outage_lasting", "own_outage", ["employee_id"], unique=True, postgresql_where=LASTING)
