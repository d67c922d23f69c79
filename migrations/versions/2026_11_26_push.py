"""Browsers that a seeker is told in, and the key that messages to them are signed with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NOW = sa.text("clock_timestamp()")


def _moment(name: str, *, now: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not now, server_default=NOW if now else None)


def upgrade() -> None:
    name = "push_subscription"
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seeker_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("endpoint_hash", sa.LargeBinary(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("service", sa.String(255), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _moment("expires_at"),
        _moment("delivered_at"),
        _moment("failing_since"),
        _moment("created_at", now=True),
        sa.ForeignKeyConstraint(
            ["seeker_id"], ["seeker.user_id"], name=op.f(f"fk_{name}_seeker_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f(f"fk_{name}_session_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("seeker_id", "endpoint_hash", name=op.f(f"uq_{name}_seeker_id_endpoint_hash")),
    )
    op.create_index(f"ix_{name}_session_id", name, ["session_id"])
    op.create_index(f"ix_{name}_endpoint_hash", name, ["endpoint_hash"])
    _key()


def _key() -> None:
    op.create_table(
        "push_key",
        sa.Column("id", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _moment("created_at", now=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_push_key_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_key")),
    )


def downgrade() -> None:
    op.drop_table("push_key")
    op.drop_table("push_subscription")
