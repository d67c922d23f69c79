"""Effects → rows, set-wise and guarded: what no longer holds when it is written is dropped, and answered as dropped.

Locks are taken in one order everywhere: assignments, then reviews, then people.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import (
    ARRAY,
    Executable,
    String,
    Uuid,
    any_,
    bindparam,
    case,
    delete,
    func,
    literal,
    select,
    update,
)

from app.dispatch.models import assignment, employee, review, review_exclusion
from app.dispatch.policy import lifecycle
from app.dispatch.policy.types import GiveBack, Miss, Strand, TakeBack
from app.dispatch.store.alerts import Alert
from app.platform.db import Transaction, Tx
from app.platform.ids import new_id

# In an order that all writers share. A granted override ends with the need for it.
_FREE = """
WITH less AS (
  SELECT * FROM unnest($1::uuid[], $2::smallint[]) AS l(employee, n)
), locked AS (
  SELECT user_id FROM employee WHERE user_id = ANY($1) ORDER BY user_id FOR NO KEY UPDATE
)
UPDATE employee e SET active = e.active - l.n,
  overrides = least(e.overrides, greatest(0, e.active - l.n - e.capacity)),
  changed_xid = pg_current_xact_id()::text::bigint
FROM less l JOIN locked ON locked.user_id = l.employee WHERE e.user_id = l.employee
"""


_FREE_ONE = """
UPDATE employee e SET active = e.active - $2::smallint,
  overrides = least(e.overrides, greatest(0, e.active - $2::smallint - e.capacity)),
  changed_xid = pg_current_xact_id()::text::bigint
WHERE e.user_id = $1
"""


async def free_capacity(tx: Transaction, people: Iterable[UUID]) -> None:
    """Count closed assignments off their people."""
    counts = Counter(people)
    if len(counts) == 1:
        await (await tx.driver()).execute(_FREE_ONE, *counts, *counts.values())
    elif counts:
        await (await tx.driver()).execute(_FREE, list(counts), list(counts.values()))


_HOLD: Final = "SELECT FROM employee WHERE user_id = ANY($1) ORDER BY user_id FOR NO KEY UPDATE"


async def hold(tx: Transaction, people: Collection[UUID]) -> None:
    """These rows are this transaction's from here on: whoever changes several people takes them in one order."""
    if len(people) > 1:
        await (await tx.driver()).execute(_HOLD, list(people))


class Moved(msgspec.Struct, frozen=True):
    """A review after a move, with what its frames say."""

    id: UUID
    version: int
    title: str
    payload: dict[str, Any]
    pool: UUID
    kind: str
    state: str
    ended_at: datetime | None


_MOVED = (
    review.c.id,
    review.c.version,
    review.c.title,
    review.c.payload,
    review.c.pool_id,
    review.c.kind,
    review.c.state,
    review.c.ended_at,
)


# By different people: those who are excluded for it.
_MISSES: Final = (
    select(func.count())
    .where(review_exclusion.c.review_id == review.c.id, review_exclusion.c.reason == "missed")
    .scalar_subquery()
)


@functools.cache
def _move(event: str, changed: tuple[str, ...], missed: bool) -> Executable:
    sources = [state for (state, verb) in lifecycle.REVIEW if verb == event]
    after = lifecycle.REVIEW[sources[0], event]
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=review.c[name].type) for name in changed}
    if after in lifecycle.REVIEW_ENDED:
        values["ended_at"] = func.clock_timestamp()
    if missed:
        values["misses"] = _MISSES
    return (
        update(review)
        .where(
            review.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
            review.c.state == any_(literal(sources, ARRAY(String))),
        )
        .values(state=after, version=review.c.version + 1, **values)
        .returning(*_MOVED)
    )


async def move(
    tx: Transaction, reviews: Sequence[UUID], event: str, *, missed: bool = False, **changes: Any
) -> list[Moved]:
    """Move reviews by the table of lifecycle; those that may not make the move stay and are not returned.

    `missed`: count the misses anew; whoever missed them is excluded already.
    """
    if not reviews:
        return []
    given = {f"new_{name}": value for name, value in changes.items()}
    rows = await tx.fetch(_move(event, tuple(sorted(changes)), missed), ids=list(reviews), **given)
    return [Moved(*row) for row in rows]


_CLOSE = (
    update(assignment)
    .where(assignment.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))), assignment.c.state == "open")
    .values(
        state=bindparam("after", type_=String),
        closed_at=func.clock_timestamp(),
        closed_reason=bindparam("reason", type_=String),
    )
    .returning(assignment.c.id, assignment.c.employee_id)
)


async def close(tx: Transaction, wanted: Mapping[UUID, tuple[str, str]]) -> dict[UUID, UUID]:
    """Close open assignments: id → (event of lifecycle, reason). Returns assignment → person of the open ones."""
    closed: dict[UUID, UUID] = {}
    for (event, reason), ids in _grouped(wanted).items():
        after = lifecycle.assignment_after("open", event)
        rows = await tx.fetch(_CLOSE, ids=ids, after=after, reason=reason)
        closed |= {row["id"]: row["employee_id"] for row in rows}
    return closed


def _grouped(wanted: Mapping[UUID, tuple[str, str]]) -> dict[tuple[str, str], list[UUID]]:
    groups: dict[tuple[str, str], list[UUID]] = {}
    for assignment_id, how in wanted.items():
        groups.setdefault(how, []).append(assignment_id)
    return groups


async def warn(tx: Tx, assignments: Sequence[UUID]) -> set[UUID]:
    """Mark as warned, once; returns those that were not before."""
    if not assignments:
        return set()
    statement = (
        update(assignment)
        .where(assignment.c.id.in_(assignments), assignment.c.state == "open", assignment.c.warned_at.is_(None))
        .values(warned_at=func.clock_timestamp())
        .returning(assignment.c.id)
    )
    return {row[0] for row in await tx.conn.execute(statement)}


_EXCLUDE: Final = """
INSERT INTO review_exclusion (review_id, employee_id, reason, until)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[])
ON CONFLICT (review_id, employee_id)
DO UPDATE SET reason = excluded.reason, until = excluded.until, at = clock_timestamp()
WHERE review_exclusion.until IS NOT NULL OR excluded.reason = 'missed'
"""


async def exclude(tx: Tx, excluded: Sequence[tuple[UUID, UUID, str, datetime | None]]) -> None:
    """(review, person, reason, until) each; what is for good isn't shortened, and a miss weighs more than all else."""
    if excluded:
        await (await tx.driver()).execute(_EXCLUDE, *map(list, zip(*excluded, strict=True)))


# People are held by now: to wait for who gives one of these out by hand would be to wait for each other.
_STRAND: Final = """
WITH mine AS (
  SELECT id, alarm_at FROM review WHERE id = ANY($1) AND state = 'queued' ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
), changed AS (
  UPDATE review r SET stranded = w.reason,
    stranded_at = CASE WHEN w.reason IS NOT NULL THEN coalesce(r.stranded_at, clock_timestamp()) END,
    alarm_at = CASE WHEN w.alarm THEN coalesce(r.alarm_at, clock_timestamp()) ELSE r.alarm_at END
  FROM unnest($1::uuid[], $2::text[], $3::boolean[]) AS w(id, reason, alarm) JOIN mine ON mine.id = w.id
  WHERE r.id = w.id
  RETURNING r.id, r.pool_id, r.version, r.title, r.stranded_at, r.stranded, w.alarm AND mine.alarm_at IS NULL AS up
), told AS (
  INSERT INTO review_alert (review_id, kind) SELECT id, 'stranded' FROM changed WHERE up
  ON CONFLICT (review_id, kind) DO UPDATE SET over_at = NULL RETURNING review_id, xmax = 0 AS fresh
)
SELECT c.id, c.pool_id, c.version, c.title, c.stranded_at, c.stranded, coalesce(t.fresh, false)
FROM changed c LEFT JOIN told t ON t.review_id = c.id
"""


async def strand(tx: Tx, effects: Sequence[Strand], quiet: Collection[str]) -> list[Alert]:
    """Write why nobody will come for these reviews, or that somebody will again; those that it was written for.

    The alert is raised with it, but for the reasons of `quiet`.
    """
    if not effects:
        return []
    reasons = {effect.review: effect.reason for effect in effects}
    alarms = [reason is not None and reason not in quiet for reason in reasons.values()]
    rows = await (await tx.driver()).fetch(_STRAND, list(reasons), list(reasons.values()), alarms)
    return [Alert(*row) for row in rows]


async def lapse(tx: Tx, reviews: Sequence[UUID]) -> None:
    """Those who declined these reviews may be asked again."""
    if reviews:
        declined = (review_exclusion.c.review_id.in_(reviews), review_exclusion.c.reason == "declined")
        await tx.conn.execute(delete(review_exclusion).where(*declined))


_STRIKE: Final = """
INSERT INTO strike (id, assignment_id, employee_id, level, count, evidence)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::smallint[], $6::jsonb[])
ON CONFLICT (assignment_id) DO NOTHING RETURNING assignment_id, id
"""


async def strikes(tx: Tx, misses: Sequence[Miss]) -> dict[UUID, UUID]:
    """Append the strikes; the assignment's uniqueness makes a second one impossible. Assignment → strike."""
    rows = [
        (new_id(), one.assignment, one.employee, one.strike.level, one.strike.count, _json(one.strike.evidence))
        for one in misses
        if one.strike is not None
    ]
    if not rows:
        return {}
    written = await (await tx.driver()).fetch(_STRIKE, *map(list, zip(*rows, strict=True)))
    return {row["assignment_id"]: row["id"] for row in written}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def undelivered(tx: Tx, people: Iterable[UUID]) -> None:
    """One more in a row that never arrived, for each."""
    counts = Counter(people)
    if counts:
        more = case(counts, value=employee.c.user_id, else_=0)
        run = employee.c.undelivered_run + more
        await tx.conn.execute(update(employee).where(employee.c.user_id.in_(counts)).values(undelivered_run=run))


async def pause(tx: Tx, people: Sequence[UUID], reason: str) -> set[UUID]:
    """Pause those who are available; returns them."""
    if not people:
        return set()
    statement = (
        update(employee)
        .where(employee.c.user_id.in_(people), employee.c.availability == "available")
        .values(availability="paused", availability_reason=reason, availability_at=func.clock_timestamp())
        .returning(employee.c.user_id)
    )
    return {row[0] for row in await tx.conn.execute(statement)}


async def wake_snoozed(tx: Tx, group_pools: Sequence[UUID]) -> int:
    """Put reviews whose snooze is over back into the queue; how many."""
    due = select(review.c.id).where(
        review.c.state == "snoozed",
        review.c.pool_id.in_(group_pools),
        review.c.snoozed_until <= func.statement_timestamp(),
    )
    ids = [row[0] for row in await tx.conn.execute(due.limit(200).with_for_update(skip_locked=True, key_share=True))]
    if ids:
        await move(tx, ids, "wake", snoozed_until=None)
    return len(ids)


Closing = Miss | TakeBack | GiveBack


def exclusion_of(effect: Closing) -> tuple[UUID, UUID, str, datetime | None] | None:
    """Whom a closing keeps from the review, and for how long."""
    if isinstance(effect, Miss):
        return (effect.review, effect.employee, "missed", None)
    if isinstance(effect, TakeBack):
        return (effect.review, effect.employee, "undelivered", effect.rest_until)
    return (effect.review, effect.employee, effect.reason, effect.rest_until) if effect.exclude else None


def event_of(effect: Closing) -> tuple[str, str]:
    """The lifecycle event and the reason of a closing."""
    if isinstance(effect, Miss):
        return ("miss", effect.reason)
    if isinstance(effect, TakeBack):
        return ("take_back", "undelivered")
    return ({"released": "release", "declined": "decline", "revoked": "revoke"}[effect.state], effect.reason)


class Clock(msgspec.Struct, frozen=True):
    """An open assignment's times, with what a frame about them says."""

    assignment: UUID
    review: UUID
    employee: UUID
    pool: UUID
    title: str
    deadline_at: datetime
    warn_at: datetime


async def clocks(tx: Tx, assignments: Iterable[UUID]) -> list[Clock]:
    """The times of these assignments."""
    ids = list(assignments)
    if not ids:
        return []
    columns = (assignment.c.id, assignment.c.review_id, assignment.c.employee_id, review.c.pool_id, review.c.title)
    query = select(*columns, assignment.c.deadline_at, assignment.c.warn_at).join(
        review, review.c.id == assignment.c.review_id
    )
    return [Clock(*row) for row in await tx.conn.execute(query.where(assignment.c.id.in_(ids)))]
