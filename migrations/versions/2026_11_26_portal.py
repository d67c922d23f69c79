"""The seeker's way in, news that were read, and several applications asked for at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

EMPTY = sa.text("'{}'::jsonb")
NOW = sa.text("clock_timestamp()")


def _moment(name: str, *, now: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not now, server_default=NOW if now else None)


def upgrade() -> None:
    op.create_table(
        "seeker_portal",
        sa.Column("seeker_id", sa.Uuid(), nullable=False),
        sa.Column("steps", JSONB(), nullable=False, server_default=EMPTY),
        _moment("news_seen_at"),
        _moment("began_at", now=True),
        sa.ForeignKeyConstraint(
            ["seeker_id"], ["seeker.user_id"], name=op.f("fk_seeker_portal_seeker_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seeker_id", name=op.f("pk_seeker_portal")),
    )
    _batch()
    _items()


def _batch() -> None:
    known = "state IN ('open', 'done', 'cancelled')"
    op.create_table(
        "application_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seeker_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("'open'")),
        sa.Column("max_concurrent", sa.Integer(), nullable=False),
        sa.Column("delay_seconds", sa.Integer(), nullable=False),
        sa.Column("auto_customize", sa.Boolean(), nullable=False),
        sa.Column("follow_external_links", sa.Boolean(), nullable=False),
        sa.Column("told", JSONB(), nullable=False, server_default=EMPTY),
        _moment("created_at", now=True),
        _moment("last_started_at"),
        _moment("ended_at"),
        sa.CheckConstraint(known, name=op.f("ck_application_batch_state_known")),
        sa.CheckConstraint("max_concurrent BETWEEN 1 AND 10", name=op.f("ck_application_batch_concurrent_range")),
        sa.CheckConstraint("delay_seconds BETWEEN 0 AND 300", name=op.f("ck_application_batch_delay_range")),
        sa.ForeignKeyConstraint(
            ["seeker_id"], ["seeker.user_id"], name=op.f("fk_application_batch_seeker_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_batch")),
    )
    op.create_index("ix_application_batch_seeker", "application_batch", ["seeker_id", "created_at"])
    lasting = sa.text("state = 'open'")
    op.create_index("ix_application_batch_open", "application_batch", ["created_at"], postgresql_where=lasting)


def _items() -> None:
    known = "state IN ('waiting', 'started', 'skipped', 'failed', 'cancelled')"
    item = "application_batch_item"
    op.create_table(
        item,
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Numeric(5, 2), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(known, name=op.f(f"ck_{item}_state_known")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["application_batch.id"], name=op.f(f"fk_{item}_batch_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["posting_id"], ["posting.id"], name=op.f(f"fk_{item}_posting_id")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f(f"fk_{item}_application_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f(f"pk_{item}")),
        sa.UniqueConstraint("batch_id", "posting_id", name=op.f(f"uq_{item}_batch_id_posting_id")),
    )
    op.create_index(f"ix_{item}_posting_id", item, ["posting_id"])
    op.create_index(f"ix_{item}_application_id", item, ["application_id"])


def downgrade() -> None:
    op.drop_table("application_batch_item")
    op.drop_table("application_batch")
    op.drop_table("seeker_portal")
