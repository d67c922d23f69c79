"""What is left in the outbox is found by its time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LEFT = sa.text("published_at IS NULL")


def upgrade() -> None:
    op.drop_index("ix_outbox_unpublished", "outbox")
    op.create_index("ix_outbox_unpublished", "outbox", ["at"], postgresql_where=LEFT)


def downgrade() -> None:
    op.drop_index("ix_outbox_unpublished", "outbox")
    op.create_index("ix_outbox_unpublished", "outbox", ["id"], postgresql_where=LEFT)
