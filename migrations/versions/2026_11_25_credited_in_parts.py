"""How far an outage has been given back: in parts, by the order of the reviews.

Processes of the version before know nothing of parts: a dispatcher gives the whole again to those who have it, which
harms nobody; a web process may count a review that is given back late as missed. Where both run, replace web first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outage", sa.Column("credited_to", sa.Uuid(), nullable=True))
    op.create_index("ix_outage_new", "outage", ["group_id"], postgresql_where=sa.text("NOT credited"))


def downgrade() -> None:
    op.drop_index("ix_outage_new", "outage")
    op.drop_column("outage", "credited_to")
