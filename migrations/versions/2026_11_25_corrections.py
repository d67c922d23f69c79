"""What seekers correct in what was read of their resumes.

Processes of the version before neither read nor write it: what they score meanwhile stands without the corrections of
those minutes until the seeker or the posting changes. Where both run, replace the match workers first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    empty = sa.text("'{}'::jsonb")
    op.add_column("seeker", sa.Column("corrections", JSONB(), nullable=False, server_default=empty))


def downgrade() -> None:
    op.drop_column("seeker", "corrections")
