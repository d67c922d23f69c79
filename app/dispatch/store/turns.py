"""The statements that run with every review: who changed, what waits, what is given. On asyncpg itself, set-wise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from app.dispatch.heartbeats import Presence
from app.dispatch.policy.types import Assign, Person, Pool, Waiting
from app.platform.db import Transaction
from app.platform.ids import new_id
from app.platform.queue import LeaseLost


class Look(msgspec.Struct, frozen=True):
    """The moment of a look by the database's clock, and the oldest transaction that it may not have seen."""

    at: datetime
    xmin: int


_LOOK: Final = "SELECT clock_timestamp(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_HOLD: Final = _LOOK + " FROM lease WHERE name = $1 AND epoch = $2 FOR SHARE"


async def look(tx: Transaction) -> Look:
    """Before the reading that it stamps, so that nothing falls between."""
    return Look(*await (await tx.driver()).fetchrow(_LOOK))


async def hold(tx: Transaction, lease: str, epoch: int) -> Look:
    """As `look`, with the lease locked for this transaction. Raises LeaseLost."""
    row = await (await tx.driver()).fetchrow(_HOLD, lease, epoch)
    if row is None:
        raise LeaseLost(lease)
    return Look(*row)


async def database_time(tx: Transaction) -> datetime:
    """The only clock that deadlines are compared with."""
    return (await look(tx)).at


_CHANGED: Final = """
SELECT e.user_id, u.number, u.locked_at IS NOT NULL, e.capacity, e.active, e.availability, e.skills, e.last_assigned_at,
  e.undelivered_run, (SELECT array_agg(m.pool_id) FROM pool_member m WHERE m.employee_id = e.user_id)
FROM employee e JOIN app_user u ON u.id = e.user_id WHERE e.home_group = $1 AND e.changed_xid >= $2
"""


async def changed(tx: Transaction, group: UUID, since: int, presence: Presence | None, ttl: float) -> list[Person]:
    """The group's people whose rows were written by transactions from `since` on (0: everybody)."""
    rows = await (await tx.driver()).fetch(_CHANGED, group, since)
    return [_person(row, presence, ttl) for row in rows]


def _person(row: Sequence[Any], presence: Presence | None, ttl: float) -> Person:
    person, number, locked, capacity, active, availability, skills, last_assigned_at, run, pools = row
    return Person(
        id=person,
        number=number,
        capacity=capacity,
        active=active,
        presence=presence.of(person, ttl) if presence else "unknown",
        availability=availability,
        locked=locked,
        pools=frozenset(pools or ()),
        skills=frozenset(skill.casefold() for skill in skills),
        last_assigned_at=last_assigned_at,
        last_beat_at=presence.last_beat(person) if presence else None,
        undelivered_run=run,
    )


_POOLS: Final = (
    "SELECT id, strategy, by_skills, sla_seconds, sla_small_seconds, paused_at IS NOT NULL AS paused"
    " FROM pool WHERE group_id = $1"
)


async def pools(tx: Transaction, group: UUID) -> dict[UUID, Pool]:
    """The group's pools as the policy sees them."""
    rows = await (await tx.driver()).fetch(_POOLS, group)
    return {row["id"]: Pool(**row) for row in rows}


_CLAIM: Final = """
SELECT h.*, (SELECT jsonb_object_agg(x.employee_id, x.reason) FROM review_exclusion x
             WHERE x.review_id = h.id AND (x.until IS NULL OR x.until > $3))
FROM pool p CROSS JOIN LATERAL (
  SELECT id, pool_id, size, queued_at, priority, skills, preferred_employee, stranded FROM review
  WHERE pool_id = p.id AND {which} ORDER BY rank_at, id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
) h WHERE p.group_id = $1
"""
_QUEUED: Final = _CLAIM.format(which="state = 'queued' AND stranded IS NULL")
_STRANDED: Final = _CLAIM.format(which="stranded IS NOT NULL")


async def waiting(tx: Transaction, group: UUID, at: datetime, most: int, *, stranded: bool = False) -> list[Waiting]:
    """The head of each pool's queue, locked; the stranded ones stand apart, so that they block nobody."""
    rows = await (await tx.driver()).fetch(_STRANDED if stranded else _QUEUED, group, most, at)
    return [_waiting(row) for row in rows]


def _waiting(row: Sequence[Any]) -> Waiting:
    review, pool, size, queued_at, priority, skills, preferred, stranded, excluded = row
    return Waiting(
        review=review,
        pool=pool,
        size=size,
        queued_at=queued_at,
        priority=priority,
        skills=frozenset(skills),
        excluded={UUID(person): reason for person, reason in (excluded or {}).items()},
        preferred=preferred,
        stranded=stranded,
    )


class Opened(msgspec.Struct, frozen=True):
    """An assignment just made, with what its frame says."""

    id: UUID
    review: UUID
    version: int
    title: str
    score: float | None
    effect: Assign


# A person takes all that is given to them here, or nothing. An override grants what is above capacity, pause or not.
_OPEN: Final = """
WITH given AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
    $7::timestamptz[], $8::timestamptz[], $9::jsonb[])
  AS g(id, review, employee, assigned_at, turn_at, grace_at, warn_at, deadline_at, why)
), more AS (
  SELECT employee, count(*)::smallint AS n, max(turn_at) AS turn_at FROM given GROUP BY employee
), able AS (
  UPDATE employee e SET active = e.active + m.n, last_assigned_at = m.turn_at,
    overrides = CASE WHEN $11 THEN greatest(e.overrides, e.active + m.n - e.capacity) ELSE e.overrides END,
    changed_xid = pg_current_xact_id()::text::bigint
  FROM more m, app_user u
  WHERE e.user_id = m.employee AND u.id = m.employee AND u.locked_at IS NULL
    AND ($12::uuid IS NULL OR e.home_group = $12)
    AND ($11 OR (e.active + m.n <= e.capacity AND e.availability = 'available'))
  RETURNING e.user_id
), moved AS (
  UPDATE review r SET state = 'assigned', version = r.version + 1, stranded = NULL, stranded_at = NULL,
    snoozed_until = NULL
  FROM given g WHERE r.id = g.review AND r.state = ANY($10) AND g.employee IN (SELECT user_id FROM able)
  RETURNING r.id, r.version, r.title, r.payload -> 'score' AS score
), opened AS (
  INSERT INTO assignment (id, review_id, employee_id, assigned_at, grace_at, warn_at, deadline_at, why)
  SELECT g.id, g.review, g.employee, g.assigned_at, g.grace_at, g.warn_at, g.deadline_at, g.why
  FROM given g JOIN moved m ON m.id = g.review RETURNING id
)
SELECT g.id, g.review, m.version, m.title, m.score, able.user_id IS NOT NULL AS able
FROM given g LEFT JOIN moved m ON m.id = g.review LEFT JOIN able ON able.user_id = g.employee
"""
FROM_QUEUE: Final = ("queued",)
BY_HAND: Final = ("queued", "snoozed", "escalated")


async def open_assignments(
    tx: Transaction,
    effects: Sequence[Assign],
    *,
    states: Sequence[str] = FROM_QUEUE,
    override: bool = False,
    group: UUID | None = None,
) -> list[Opened]:
    """Open assignments for reviews that this transaction has locked. Whose person has no place any more is left out,
    and with a `group` whose person isn't of it.
    """
    if not effects:
        return []
    columns = [[new_id() for _ in effects], [e.review for e in effects], [e.employee for e in effects]]
    times = [[getattr(e, name) for e in effects] for name in _TIMES]
    why = [msgspec.json.encode(e.why).decode() for e in effects]
    conn = await tx.driver()
    rows = await conn.fetch(_OPEN, *columns, *times, why, list(states), override, group)
    if any(row["able"] and row["version"] is None for row in rows):
        raise RuntimeError("a review that was locked as queued was not")  # rolls back; whoever asked looks again
    of_review = {effect.review: effect for effect in effects}
    return [_opened(row, of_review[row["review"]]) for row in rows if row["able"]]


_TIMES: Final = ("assigned_at", "turn_at", "grace_at", "warn_at", "deadline_at")


def _opened(row: Any, effect: Assign) -> Opened:
    return Opened(row["id"], row["review"], row["version"], row["title"], row["score"], effect)


class Stamp(msgspec.Struct, frozen=True):
    """An assignment reached this person's page; `seen`: and was opened."""

    employee: UUID
    assignment: UUID
    seen: bool


# Who acknowledges is reachable: the run of what never arrived ends.
_STAMP: Final = """
WITH told AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::boolean[]) AS t(employee, assignment, seen)
), stamped AS (
  UPDATE assignment a SET delivered_at = coalesce(a.delivered_at, clock_timestamp()),
    seen_at = CASE WHEN t.seen THEN coalesce(a.seen_at, clock_timestamp()) ELSE a.seen_at END
  FROM told t WHERE a.id = t.assignment AND a.employee_id = t.employee AND a.state = 'open'
  RETURNING a.id, a.employee_id
), reached AS (
  UPDATE employee e SET undelivered_run = 0, changed_xid = pg_current_xact_id()::text::bigint
  WHERE e.user_id IN (SELECT employee_id FROM stamped) AND e.undelivered_run > 0
)
SELECT id FROM stamped
"""


async def stamp(tx: Transaction, stamps: Sequence[Stamp]) -> set[UUID]:
    """Note what arrived and what was opened, one stamp an assignment; those that are open and their person's."""
    columns = [[s.employee for s in stamps], [s.assignment for s in stamps], [s.seen for s in stamps]]
    return {row["id"] for row in await (await tx.driver()).fetch(_STAMP, *columns)}


_NOTE: Final = """
INSERT INTO review_event (id, review_id, kind, actor_id, assignment_id, data)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::jsonb[])
"""


async def history(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    """Append to the reviews' histories: {review_id, kind, actor_id, assignment_id, data} each."""
    if not rows:
        return
    columns = [[row[name] for row in rows] for name in ("review_id", "kind", "actor_id", "assignment_id")]
    data = [msgspec.json.encode(row["data"]).decode() for row in rows]
    conn = await tx.driver()
    await conn.execute(_NOTE, [new_id() for _ in rows], *columns, data)
