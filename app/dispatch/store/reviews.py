"""Reviews and assignments, one at a time: what verbs lock, and what views show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from app.accounts.models import app_user
from app.dispatch.models import assignment, draft, draft_orphan, pool, review, review_event
from app.dispatch.types import Assignment, Draft, EarlierDraft, HistoryLine, Review, Work
from app.platform.db import Transaction, Tx
from app.platform.ids import new_id

REVIEW = (
    review.c.id,
    review.c.number,
    review.c.pool_id,
    pool.c.name.label("pool"),
    review.c.kind,
    review.c.size,
    review.c.title,
    review.c.application_id,
    review.c.seeker_id,
    review.c.priority,
    review.c.state,
    review.c.queued_at,
    review.c.misses,
    review.c.stranded,
    review.c.snoozed_until,
    review.c.payload,
    review.c.outcome,
    review.c.version,
    review.c.created_at,
    review.c.ended_at,
    review.c.late_at,
)
ASSIGNMENT = (
    assignment.c.id,
    assignment.c.review_id,
    assignment.c.employee_id,
    assignment.c.state,
    assignment.c.assigned_at,
    assignment.c.warn_at,
    assignment.c.deadline_at,
    assignment.c.delivered_at,
    assignment.c.seen_at,
    assignment.c.warned_at,
    assignment.c.closed_at,
    assignment.c.closed_reason,
)


NEW = (
    "id",
    "pool_id",
    "kind",
    "size",
    "title",
    "priority",
    "skills",
    "application_id",
    "seeker_id",
    "payload",
)


def as_review(row: Sequence[Any]) -> Review:
    """From the columns of REVIEW, which come first."""
    return Review(**dict(zip(Review.__struct_fields__, row, strict=False)))


def as_assignment(row: Sequence[Any]) -> Assignment:
    """From the columns of ASSIGNMENT, which come first."""
    return Assignment(**dict(zip(Assignment.__struct_fields__, row, strict=False)))


def reviews_query(*more: Any) -> Select[Any]:
    """REVIEW and `more`, with the pool joined in."""
    return select(*REVIEW, *more).join(pool, pool.c.id == review.c.pool_id)


def works_query() -> Select[Any]:
    """Assignments with their reviews, and the database's time: what `as_work` reads."""
    both = reviews_query(*(column.label(f"a_{column.key}") for column in ASSIGNMENT), func.clock_timestamp())
    return both.join(assignment, assignment.c.review_id == review.c.id)


def as_work(row: Sequence[Any]) -> Work:
    """From a row of `works_query`."""
    return Work(assignment=as_assignment(row[len(REVIEW) :]), review=as_review(row), now=row[-1])


_MADE = (
    insert(review)
    .values({name: bindparam(name, type_=review.c[name].type) for name in NEW})
    .on_conflict_do_nothing()
    .returning(review)
    .cte("made")
)
_ADD = select(*(pool.c.name if c.key == "pool" else _MADE.c[c.key] for c in REVIEW)).join(
    pool, pool.c.id == _MADE.c.pool_id
)


async def add(tx: Transaction, **values: Any) -> Review | None:
    """A new review of the columns NEW; None where one of its application and kind is open already."""
    rows = await tx.fetch(_ADD, id=new_id(), **values)
    return as_review(rows[0]) if rows else None


_GET = reviews_query().where(review.c.id == bindparam("review"))
_LOCK = _GET.with_for_update(of=review, key_share=True)


async def get(tx: Transaction, review_id: UUID, *, lock: bool = False) -> Review | None:
    """The review; with `lock` its row is this transaction's from here on."""
    rows = await tx.fetch(_LOCK if lock else _GET, review=review_id)
    return as_review(rows[0]) if rows else None


async def open_of_application(tx: Tx, application_id: UUID) -> list[Review]:
    """The open reviews of an application."""
    query = reviews_query().where(review.c.application_id == application_id, review.c.ended_at.is_(None))
    return [as_review(row) for row in await tx.conn.execute(query)]


async def lock_of_application(tx: Tx, application_id: UUID) -> None:
    """The application's open assignments and reviews are this transaction's from here on."""
    mine = (review.c.application_id == application_id, review.c.ended_at.is_(None))
    held = select(assignment.c.id).join(review, review.c.id == assignment.c.review_id)
    held = held.where(*mine, assignment.c.state == "open").order_by(assignment.c.id)
    await tx.conn.execute(held.with_for_update(of=assignment, key_share=True))
    await tx.conn.execute(select(review.c.id).where(*mine).order_by(review.c.id).with_for_update(key_share=True))


async def change(tx: Tx, review_id: UUID, **values: Any) -> None:
    """Write columns; the version moves on."""
    await tx.conn.execute(update(review).where(review.c.id == review_id).values(version=review.c.version + 1, **values))


_LOCK_ASSIGNMENT = select(*ASSIGNMENT).where(assignment.c.id == bindparam("assignment")).with_for_update(key_share=True)


async def lock_assignment(tx: Transaction, assignment_id: UUID) -> Assignment | None:
    """The assignment, whatever its state; its row is this transaction's from here on."""
    rows = await tx.fetch(_LOCK_ASSIGNMENT, assignment=assignment_id)
    return as_assignment(rows[0]) if rows else None


async def lock_open(tx: Tx, review_id: UUID) -> Assignment | None:
    """The review's open assignment, locked, if there is one."""
    query = select(*ASSIGNMENT).where(assignment.c.review_id == review_id, assignment.c.state == "open")
    row = (await tx.conn.execute(query.with_for_update(key_share=True))).one_or_none()
    return as_assignment(row) if row else None


_THIS = bindparam("review", type_=Uuid)
_HOLDER = (
    select(*ASSIGNMENT, app_user.c.name, assignment.c.why)
    .join(app_user, app_user.c.id == assignment.c.employee_id)
    .where(assignment.c.review_id == _THIS, assignment.c.state == "open")
)


async def holder(tx: Transaction, review_id: UUID) -> tuple[Assignment, str, dict[str, Any]] | None:
    """The open assignment of a review, its person's name, and why it is theirs."""
    rows = await tx.rows(_HOLDER, review=review_id)
    return (as_assignment(rows[0]), rows[0].name, rows[0].why) if rows else None


_HISTORY = (
    select(*(review_event.c[name] for name in ("at", "kind", "actor_id", "assignment_id", "data")))
    .add_columns(app_user.c.name.label("actor"))
    .outerjoin(app_user, app_user.c.id == review_event.c.actor_id)
    .where(review_event.c.review_id == _THIS)
    .order_by(review_event.c.at, review_event.c.id)
)


async def history(tx: Transaction, review_id: UUID) -> list[HistoryLine]:
    """What happened to a review, the oldest first."""
    return [HistoryLine(**dict(row)) for row in await tx.fetch(_HISTORY, review=review_id)]


_DRAFT = (
    select(draft.c.version, draft.c.body, draft.c.updated_at, draft.c.assignment_id, assignment.c.employee_id)
    .join(assignment, assignment.c.id == draft.c.assignment_id)
    .where(draft.c.review_id == _THIS)
)


async def get_draft(tx: Transaction, review_id: UUID) -> Draft:
    """The draft, or an empty one of version 0."""
    rows = await tx.fetch(_DRAFT, review=review_id)
    return Draft(review_id=review_id, **dict(rows[0])) if rows else Draft(review_id=review_id, version=0, body={})


async def put_draft(tx: Tx, review_id: UUID, assignment_id: UUID, version: int, body: dict[str, Any]) -> int | None:
    """Compare and set by version (0: there is none yet); the new version, or None where somebody was first."""
    values = {"version": version + 1, "body": body, "assignment_id": assignment_id}
    if version == 0:
        fresh = insert(draft).values(review_id=review_id, **values).on_conflict_do_nothing()
        statement: Any = fresh.returning(draft.c.version)
    else:
        mine = (draft.c.review_id == review_id, draft.c.version == version)
        statement = update(draft).where(*mine).values(**values, updated_at=func.clock_timestamp())
        statement = statement.returning(draft.c.version)
    saved: int | None = (await tx.conn.execute(statement)).scalar_one_or_none()
    return saved


async def add_orphan(
    tx: Tx, review_id: UUID, assignment_id: UUID, body: dict[str, Any], at: datetime | None = None
) -> None:
    """Keep what came too late, or what was written `at` a time and is now overwritten by somebody else."""
    row = {"id": new_id(), "review_id": review_id, "assignment_id": assignment_id, "body": body}
    await tx.conn.execute(draft_orphan.insert(), [row | ({"at": at} if at else {})])


def _earlier() -> Select[Any]:
    saved = select(draft.c.assignment_id, draft.c.updated_at.label("at"), draft.c.body)
    late = select(draft_orphan.c.assignment_id, draft_orphan.c.at, draft_orphan.c.body)
    both = saved.where(draft.c.review_id == _THIS).union_all(late.where(draft_orphan.c.review_id == _THIS))
    kept = both.subquery("kept")
    return (
        select(kept, assignment.c.employee_id, app_user.c.name.label("author"))
        .join(assignment, assignment.c.id == kept.c.assignment_id)
        .join(app_user, app_user.c.id == assignment.c.employee_id)
        .ext(distinct_on(kept.c.assignment_id))
        .order_by(kept.c.assignment_id, kept.c.at.desc())
    )


_EARLIER = _earlier()


async def earlier_drafts(tx: Transaction, review_id: UUID) -> list[EarlierDraft]:
    """The draft and all that came too late for it, the latest of each assignment, the newest first."""
    found = [EarlierDraft(**dict(row)) for row in await tx.fetch(_EARLIER, review=review_id)]
    return sorted(found, key=lambda one: one.at, reverse=True)


_ORPHANS = select(func.count()).where(draft_orphan.c.review_id == _THIS)


async def count_orphans(tx: Transaction, review_id: UUID) -> int:
    """How many late drafts a review has."""
    count: int = (await tx.fetch(_ORPHANS, review=review_id))[0][0]
    return count


async def snooze_until(tx: Tx, review_id: UUID, until: datetime) -> None:
    """Write when a review comes back; its state is moved by effects.move."""
    await tx.conn.execute(update(review).where(review.c.id == review_id).values(snoozed_until=until))
