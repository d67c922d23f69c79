"""Tables of dispatch: pools and people, reviews, assignments, strikes, and the ledger of our own outages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.dispatch.policy.types import AGEING_SECONDS
from app.platform.db import Moment, id_column, metadata, moment, ref

GENERAL = "general"
ALERT_OVER = "(late_at IS NOT NULL AND state <> 'queued') OR (alarm_at IS NOT NULL AND stranded IS NULL)"
# Where a review stands on the board while nobody has it: by what it is, then by since when. Those that people have come
# between 0 and 2.
BOARD_TURN = (
    "CASE WHEN review.stranded = 'pool_closed' THEN 2"
    " WHEN review.stranded IS NOT NULL OR review.state = 'escalated' THEN 0"
    " WHEN review.state = 'queued' AND review.late_at IS NOT NULL THEN 0"
    " WHEN review.state = 'queued' THEN 2 ELSE 3 END"
)
BOARD_SINCE = "CASE WHEN review.state = 'queued' THEN timezone('UTC', review.rank_at) ELSE review.queued_at END"
ON_BOARD = "review.ended_at IS NULL AND review.state <> 'assigned'"
THIS_XID = text("((pg_current_xact_id())::text)::bigint")


def _json(name: str, empty: str = "{}") -> Column[Any]:
    return Column(name, JSONB, nullable=False, server_default=text(f"'{empty}'::jsonb"))


def _among(column: str, *words: str) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


# A group has its own dispatcher and its own people; `beat_at` is the last wake, `version` counts the snapshots, `moves`
# the times that people left it for another group.
pool_group = Table(
    "pool_group",
    metadata,
    id_column(),
    Column("name", String(60), nullable=False, unique=True),
    Column("version", BigInteger, nullable=False, server_default="0"),
    Column("moves", BigInteger, nullable=False, server_default="0"),
    moment("beat_at", nullable=True),
    moment("created_at", now=True),
)

pool = Table(
    "pool",
    metadata,
    id_column(),
    Column("name", String(60), nullable=False, unique=True),
    ref("group_id", "pool_group.id", index=True),
    Column("region", String(40)),
    Column("category", String(40)),
    Column("strategy", String(20), nullable=False, server_default="round_robin"),
    # A review goes only to people who have all the skills that it asks for.
    Column("by_skills", Boolean, nullable=False, server_default=text("false")),
    # Of a large review, and of a small one too where `sla_small_seconds` doesn't say otherwise.
    Column("sla_seconds", Integer),
    Column("sla_small_seconds", Integer),
    # A review that has waited longer in the queue, from its filing on, is late.
    Column("target_seconds", Integer),
    # Weekly hours as in hours.py; none: always open.
    Column("hours", JSONB),
    moment("paused_at", nullable=True),
    moment("created_at", now=True),
    CheckConstraint(_among("strategy", "round_robin", "least_loaded"), name="strategy"),
    CheckConstraint("sla_seconds > 0", name="sla_seconds"),
    CheckConstraint("sla_small_seconds > 0", name="sla_small_seconds"),
    CheckConstraint("target_seconds > 0", name="target_seconds"),
)

# `active` counts open assignments; `overrides` is what a supervisor granted above capacity. Both change in the
# statement that opens or closes an assignment, so the check holds against every race.
employee = Table(
    "employee",
    metadata,
    Column("user_id", Uuid, ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True),
    Column("capacity", SmallInteger, nullable=False, server_default="1"),
    Column("active", SmallInteger, nullable=False, server_default="0"),
    Column("overrides", SmallInteger, nullable=False, server_default="0"),
    Column("availability", String(10), nullable=False, server_default="paused"),
    Column("availability_reason", String(60), nullable=False, server_default=""),
    moment("availability_at", now=True),
    ref("home_group", "pool_group.id"),
    # On loan: the group that lent them and the pools that they come back to, and until when.
    Column("lent_from", Uuid, ForeignKey("pool_group.id")),
    _json("lent_pools", "[]"),
    moment("lent_until", nullable=True),
    # Weekly hours as in hours.py, and when the shift ends that is on or comes next.
    Column("shift", JSONB),
    moment("shift_until", nullable=True),
    _json("skills", "[]"),
    moment("last_assigned_at", nullable=True),
    moment("strikes_baseline_at", nullable=True),
    Column("undelivered_run", SmallInteger, nullable=False, server_default="0"),
    # The transaction that changed the row last: a dispatcher asks for what its last look could not see.
    Column("changed_xid", BigInteger, nullable=False, server_default=THIS_XID, onupdate=THIS_XID),
    CheckConstraint("capacity BETWEEN 0 AND 100", name="capacity"),
    CheckConstraint("active >= 0 AND overrides >= 0", name="counts"),
    CheckConstraint("active <= capacity + overrides", name="active_within_capacity"),
    CheckConstraint(_among("availability", "available", "paused"), name="availability"),
    CheckConstraint("(lent_from IS NULL) = (lent_until IS NULL)", name="lent"),
    Index("ix_employee_changed", "home_group", "changed_xid"),
    Index("ix_employee_shift", "home_group", "shift_until", postgresql_where=text("shift_until IS NOT NULL")),
    Index("ix_employee_lent", "home_group", "lent_until", postgresql_where=text("lent_until IS NOT NULL")),
)

pool_member = Table(
    "pool_member",
    metadata,
    ref("pool_id", "pool.id", ondelete="CASCADE"),
    Column("employee_id", Uuid, ForeignKey("employee.user_id", ondelete="CASCADE"), nullable=False, index=True),
    PrimaryKeyConstraint("pool_id", "employee_id"),
)

review = Table(
    "review",
    metadata,
    id_column(),
    Column("number", BigInteger, Identity(), nullable=False, unique=True),
    ref("pool_id", "pool.id"),
    Column("kind", String(20), nullable=False),
    Column("size", String(10), nullable=False),
    Column("title", String(300), nullable=False),
    ref("application_id", "application.id", nullable=True, index=True),
    ref("seeker_id", "seeker.user_id", nullable=True, index=True),
    Column("priority", SmallInteger, nullable=False, server_default="0"),
    Column("state", String(10), nullable=False, server_default="queued"),
    # The original age: no requeue ever changes it.
    moment("queued_at", now=True),
    # The order in the queue: each point of priority counts as so much more of age.
    Column(
        "rank_at",
        DateTime,
        Computed(f"(queued_at AT TIME ZONE 'UTC') - priority * interval '{AGEING_SECONDS} seconds'", persisted=True),
    ),
    _json("skills", "[]"),
    Column("misses", SmallInteger, nullable=False, server_default="0"),
    Column("preferred_employee", Uuid, ForeignKey("employee.user_id", ondelete="SET NULL")),
    Column("stranded", String(20)),
    moment("stranded_at", nullable=True),
    # Since when the boards say that it is late, or stranded.
    moment("late_at", nullable=True),
    moment("alarm_at", nullable=True),
    moment("snoozed_until", nullable=True),
    _json("payload"),
    Column("outcome", JSONB(none_as_null=True)),
    Column("version", Integer, nullable=False, server_default="1"),
    moment("created_at", now=True),
    moment("ended_at", nullable=True),
    CheckConstraint(_among("kind", "resume", "question", "handover", "unknown_outcome", "mail_match"), name="kind"),
    CheckConstraint(_among("size", "small", "large"), name="size"),
    CheckConstraint(
        _among("state", "queued", "assigned", "snoozed", "waiting", "escalated", "completed", "cancelled"), name="state"
    ),
    CheckConstraint("(state IN ('completed', 'cancelled')) = (ended_at IS NOT NULL)", name="ended_at"),
    CheckConstraint("state <> 'snoozed' OR snoozed_until IS NOT NULL", name="snoozed_until"),
    CheckConstraint("stranded IS NULL OR state = 'queued'", name="stranded"),
    Index(
        "ix_review_queue",
        "pool_id",
        "rank_at",
        "id",
        postgresql_where=text("state = 'queued' AND stranded IS NULL"),
    ),
    Index("ix_review_stranded", "pool_id", "rank_at", "id", postgresql_where=text("stranded IS NOT NULL")),
    Index("ix_review_late", "pool_id", "queued_at", postgresql_where=text("state = 'queued' AND late_at IS NULL")),
    Index("ix_review_alert_over", "pool_id", postgresql_where=text(ALERT_OVER)),
    Index("ix_review_open", "pool_id", "queued_at", postgresql_where=text("ended_at IS NULL")),
    Index(
        "ix_review_board",
        text(f"({BOARD_TURN})"),
        text(f"({BOARD_SINCE})"),
        "id",
        postgresql_where=text(ON_BOARD),
    ),
    Index("ix_review_snoozed", "snoozed_until", postgresql_where=text("state = 'snoozed'")),
    Index(
        "uq_review_open_application_kind",
        "application_id",
        "kind",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
)

# `due_at` is the next moment at which the dispatcher has to look: arrival, warning or end, whichever is still ahead.
assignment = Table(
    "assignment",
    metadata,
    id_column(),
    ref("review_id", "review.id", ondelete="CASCADE", index=True),
    Column("employee_id", Uuid, ForeignKey("employee.user_id"), nullable=False),
    Column("state", String(12), nullable=False, server_default="open"),
    moment("assigned_at", now=True),
    moment("grace_at"),
    moment("warn_at"),
    moment("deadline_at"),
    moment("delivered_at", nullable=True),
    moment("seen_at", nullable=True),
    moment("warned_at", nullable=True),
    moment("closed_at", nullable=True),
    Column("closed_reason", String(20)),
    Column(
        "due_at",
        Moment,
        Computed(
            "LEAST(deadline_at, CASE WHEN warned_at IS NULL THEN warn_at END,"
            " CASE WHEN delivered_at IS NULL THEN grace_at END)",
            persisted=True,
        ),
    ),
    _json("why"),
    CheckConstraint(
        _among("state", "open", "completed", "missed", "undelivered", "released", "declined", "revoked"), name="state"
    ),
    CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at"),
    CheckConstraint("warn_at <= deadline_at AND grace_at <= deadline_at", name="order"),
    Index("uq_assignment_open_review", "review_id", unique=True, postgresql_where=text("state = 'open'")),
    Index("ix_assignment_due", "due_at", postgresql_where=text("state = 'open'")),
    Index("ix_assignment_deadline", "deadline_at", "review_id", postgresql_where=text("state = 'open'")),
    Index("ix_assignment_warn", "warn_at", postgresql_where=text("state = 'open'")),
    Index("ix_assignment_open_employee", "employee_id", postgresql_where=text("state = 'open'")),
    Index("ix_assignment_employee", "employee_id", "assigned_at"),
    Index("ix_assignment_ended", "closed_at", postgresql_where=text("state IN ('completed', 'missed')")),
)

# Who doesn't get a review (again), and why; `until` NULL is for good.
review_exclusion = Table(
    "review_exclusion",
    metadata,
    ref("review_id", "review.id", ondelete="CASCADE"),
    Column("employee_id", Uuid, ForeignKey("employee.user_id", ondelete="CASCADE"), nullable=False),
    Column("reason", String(20), nullable=False),
    moment("at", now=True),
    moment("until", nullable=True),
    PrimaryKeyConstraint("review_id", "employee_id"),
)

# What supervisors have been told of a review, once for each kind; `over_at` NULL while it lasts.
review_alert = Table(
    "review_alert",
    metadata,
    ref("review_id", "review.id", ondelete="CASCADE"),
    Column("kind", String(10), nullable=False),
    moment("raised_at", now=True),
    moment("over_at", nullable=True),
    PrimaryKeyConstraint("review_id", "kind"),
    CheckConstraint(_among("kind", "late", "stranded"), name="kind"),
)

review_event = Table(
    "review_event",
    metadata,
    id_column(),
    ref("review_id", "review.id", ondelete="CASCADE"),
    moment("at", now=True),
    Column("kind", String(30), nullable=False),
    Column("actor_id", Uuid),
    Column("assignment_id", Uuid),
    _json("data"),
    Index("ix_review_event_review", "review_id", "at"),
)

strike = Table(
    "strike",
    metadata,
    id_column(),
    ref("assignment_id", "assignment.id"),
    Column("employee_id", Uuid, ForeignKey("employee.user_id"), nullable=False),
    moment("at", now=True),
    Column("level", String(10), nullable=False),
    Column("count", SmallInteger, nullable=False),
    _json("evidence"),
    moment("voided_at", nullable=True),
    Column("voided_by", Uuid),
    Column("void_reason", Text),
    UniqueConstraint("assignment_id"),
    CheckConstraint(_among("level", "noted", "warning", "violation"), name="level"),
    Index("ix_strike_counting", "employee_id", "at", postgresql_where=text("voided_at IS NULL")),
    Index("ix_strike_at", "at"),
)

appeal = Table(
    "appeal",
    metadata,
    id_column(),
    ref("strike_id", "strike.id", ondelete="CASCADE"),
    Column("statement", Text, nullable=False),
    moment("opened_at", now=True),
    moment("decided_at", nullable=True),
    Column("decided_by", Uuid),
    Column("decision", String(10)),
    Column("note", Text),
    UniqueConstraint("strike_id"),
    CheckConstraint(_among("decision", "void", "uphold"), name="decision"),
    CheckConstraint("(decided_at IS NULL) = (decision IS NULL)", name="decided"),
    Index("ix_appeal_open", "opened_at", postgresql_where=text("decided_at IS NULL")),
)

draft = Table(
    "draft",
    metadata,
    Column("review_id", Uuid, ForeignKey("review.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, nullable=False),
    _json("body"),
    ref("assignment_id", "assignment.id"),
    moment("updated_at", now=True),
)

# What arrived too late for the draft: kept, shown to both people, never merged.
draft_orphan = Table(
    "draft_orphan",
    metadata,
    id_column(),
    ref("review_id", "review.id", ondelete="CASCADE", index=True),
    ref("assignment_id", "assignment.id"),
    moment("at", now=True),
    _json("body"),
)

# When a part of ours was down, as a group's dispatcher saw it. `credited`: its time has been given back.
outage = Table(
    "outage",
    metadata,
    id_column(),
    ref("group_id", "pool_group.id", ondelete="CASCADE"),
    Column("component", String(40), nullable=False),
    moment("started_at"),
    moment("ended_at", nullable=True),
    Column("credited", Boolean, nullable=False, server_default=text("false")),
    Column("credited_to", Uuid),  # the last review whose holder got it back, while that isn't all of them
    CheckConstraint("ended_at >= started_at", name="order"),
    Index("uq_outage_lasting", "group_id", "component", unique=True, postgresql_where=text("ended_at IS NULL")),
    Index("ix_outage_ended", "group_id", "ended_at"),
    Index("ix_outage_new", "group_id", postgresql_where=text("NOT credited")),
)

# When all the web processes that one person was connected to were silent, as the dispatcher of a group saw it whose
# reviews they hold: their own, or another that they hold something of.
own_outage = Table(
    "own_outage",
    metadata,
    id_column(),
    ref("group_id", "pool_group.id", ondelete="CASCADE"),
    Column("employee_id", Uuid, ForeignKey("employee.user_id", ondelete="CASCADE"), nullable=False, index=True),
    moment("started_at"),
    moment("ended_at", nullable=True),
    Column("credited", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("ended_at >= started_at", name="order"),
    Index("uq_own_outage_lasting", "group_id", "employee_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    Index("ix_own_outage_new", "group_id", postgresql_where=text("NOT credited")),
)

# When a person was available for a group's work: begun and ended by its dispatcher, never rewritten. Online, not
# paused and not locked; busy counts, and so does a silence that ends before the person is taken for gone.
duty = Table(
    "duty",
    metadata,
    id_column(),
    ref("group_id", "pool_group.id", ondelete="CASCADE"),
    Column("employee_id", Uuid, ForeignKey("employee.user_id", ondelete="CASCADE"), nullable=False),
    moment("started_at"),
    moment("ended_at", nullable=True),
    CheckConstraint("ended_at >= started_at", name="order"),
    Index("uq_duty_lasting", "employee_id", "group_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    Index("ix_duty_group_lasting", "group_id", postgresql_where=text("ended_at IS NULL")),
    Index("ix_duty_employee", "employee_id", "started_at"),
    Index("ix_duty_ended", "ended_at"),
)
