"""Queue-time targets and their alerts; signed webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OVER = "(late_at IS NOT NULL AND state <> 'queued') OR (alarm_at IS NOT NULL AND stranded IS NULL)"
LATE = "state = 'queued' AND late_at IS NULL"


def _moment(name: str, *, now: bool = False) -> sa.Column[object]:
    default = sa.text("clock_timestamp()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=not now)


def upgrade() -> None:
    op.add_column("pool", sa.Column("target_seconds", sa.Integer(), nullable=True))
    op.create_check_constraint("target_seconds", "pool", "target_seconds > 0")
    op.add_column("review", _moment("late_at"))
    op.add_column("review", _moment("alarm_at"))
    op.create_index("ix_review_late", "review", ["pool_id", "queued_at"], postgresql_where=sa.text(LATE))
    op.create_index("ix_review_alert_over", "review", ["pool_id"], postgresql_where=sa.text(OVER))
    op.create_table(
        "review_alert",
        sa.Column("review_id", sa.Uuid(), sa.ForeignKey("review.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        _moment("raised_at", now=True),
        _moment("over_at"),
        sa.PrimaryKeyConstraint("review_id", "kind"),
        sa.CheckConstraint("kind IN ('late', 'stranded')", name="kind"),
    )
    _webhooks()


def _webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("events", JSONB(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        _moment("created_at", now=True),
        _moment("delivered_at"),
        sa.Column("last_error", sa.Text(), nullable=True),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("webhook_id", sa.Uuid(), sa.ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        _moment("created_at", now=True),
        _moment("delivered_at"),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.UniqueConstraint("webhook_id", "event_id"),
    )
    op.create_index("ix_webhook_delivery_created_at", "webhook_delivery", ["created_at"])


def downgrade() -> None:
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")
    op.drop_table("review_alert")
    op.drop_index("ix_review_alert_over", "review")
    op.drop_index("ix_review_late", "review")
    op.drop_column("review", "alarm_at")
    op.drop_column("review", "late_at")
    op.drop_column("pool", "target_seconds")
