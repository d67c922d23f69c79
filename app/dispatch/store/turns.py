"""The statements that run with every review: who changed, what waits, what is given. On asyncpg itself, set-wise."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from app.dispatch.heartbeats import Presence
from app.dispatch.hours import span
from app.dispatch.policy.types import Assign, Availability, Person, Pool, Size, Waiting
from app.platform import outbox
from app.platform.db import Transaction
from app.platform.ids import new_id
from app.platform.queue import LeaseLost


class Look(msgspec.Struct, frozen=True):
    """What was found at `at` by the database's clock. `xmin`: the oldest transaction that it may not have seen."""

    at: datetime
    xmin: int
    people: list[Person]
    queue: list[Waiting]
    cards: dict[UUID, Card]


class Card(msgspec.Struct, frozen=True):
    """What an assignment's frame and event say of its review."""

    title: str
    version: int
    score: float | None = None


class _PersonRow(msgspec.Struct, array_like=True):
    user_id: UUID
    number: int
    locked: bool
    capacity: int
    active: int
    availability: Availability
    skills: frozenset[str]
    last_assigned_at: datetime | None
    undelivered_run: int
    pools: frozenset[UUID] | None
    shift_until: datetime | None


class _QueueRow(msgspec.Struct, array_like=True):
    review: UUID
    pool: UUID
    size: Size
    queued_at: datetime
    priority: int
    skills: frozenset[str]
    preferred: UUID | None
    stranded: str | None
    version: int
    title: str
    score: float | None
    excluded: dict[UUID, str] | None


_FACTS: Final = """
SELECT json_agg(json_build_array(e.user_id, u.number, u.locked_at IS NOT NULL, e.capacity, e.active, e.availability,
   e.skills, e.last_assigned_at, e.undelivered_run,
   (SELECT json_agg(m.pool_id) FROM pool_member m WHERE m.employee_id = e.user_id), e.shift_until))
 FROM employee e JOIN app_user u ON u.id = e.user_id
"""
# One statement, so that everything in it is of one moment. It locks nothing: what is opened on it is guarded.
# A look that gives no skills doesn't touch what stands behind the heads.
_LOOK_OF: Final = """
SELECT clock_timestamp(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
({facts} WHERE e.home_group = $1 AND e.changed_xid >= $2)::text,
(SELECT json_agg(json_build_array(h.id, h.pool_id, h.size, h.queued_at, h.priority, h.skills, h.preferred_employee,
   h.stranded, h.version, h.title, h.payload -> 'score',
   (SELECT jsonb_object_agg(x.employee_id, x.reason) FROM review_exclusion x
    WHERE x.review_id = h.id AND (x.until IS NULL OR x.until > clock_timestamp()))))
 FROM pool p CROSS JOIN LATERAL (
   (SELECT * FROM review WHERE pool_id = p.id AND state = 'queued' AND stranded IS NULL
    ORDER BY rank_at, id LIMIT $3)
   UNION ALL
   (SELECT * FROM review WHERE pool_id = p.id AND stranded IS NOT NULL ORDER BY rank_at, id LIMIT $3)
   UNION ALL
   (SELECT * FROM review WHERE p.by_skills AND cardinality($5::jsonb[]) > 0 AND pool_id = p.id
      AND state = 'queued' AND stranded IS NULL AND skills <@ ANY($5::jsonb[]) ORDER BY rank_at, id LIMIT $3)
   UNION ALL
   (SELECT * FROM review WHERE p.by_skills AND cardinality($5::jsonb[]) > 0 AND pool_id = p.id
      AND stranded IS NOT NULL AND skills <@ ANY($5::jsonb[]) ORDER BY rank_at, id LIMIT $3)
 ) h WHERE p.group_id = $1 AND (p.paused_at IS NULL OR $4))::text
"""
_LOOK: Final = _LOOK_OF.format(facts=_FACTS)
_people = msgspec.json.Decoder(list[_PersonRow])
_queue = msgspec.json.Decoder(list[_QueueRow])


async def look(
    tx: Transaction,
    group: UUID,
    since: int,
    most: int,
    presence: Presence | None,
    ttl: float,
    *,
    paused: bool,
    skills: Collection[Collection[str]] = (),
) -> Look:
    """The group's people that changed since the look of that `xmin` (0: everybody), and the head of each pool's queue.

    At most `most` reviews a pool, and as many of the stranded ones, which stand apart so that they block nobody.
    `paused`: of pools that are paused as well; only a look that says why nobody comes for them wants those.
    `skills`: what each of those who are free can do. Where a pool goes by skills, as much of what they could take is
    read too, however much stands before it that waits for others.
    """
    given = [msgspec.json.encode(sorted(each)).decode() for each in skills]
    at, xmin, people, queue = await (await tx.driver()).fetchrow(_LOOK, group, since, most, paused, given)
    rows = list({row.review: row for row in _queue.decode(queue)}.values()) if queue else []
    return Look(
        at=at,
        xmin=xmin,
        people=[_person(row, presence, ttl) for row in (_people.decode(people) if people else [])],
        queue=[_waiting(row) for row in rows],
        cards={row.review: Card(row.title, row.version, row.score) for row in rows},
    )


_GUESTS_OF: Final = """
SELECT ({facts} WHERE e.home_group <> $1 AND e.active > 0 AND EXISTS (
  SELECT 1 FROM assignment a JOIN review r ON r.id = a.review_id JOIN pool p ON p.id = r.pool_id
  WHERE a.employee_id = e.user_id AND a.state = 'open' AND p.group_id = $1))::text
"""
_GUESTS: Final = _GUESTS_OF.format(facts=_FACTS)


async def guests(tx: Transaction, group: UUID, presence: Presence | None, ttl: float) -> list[Person]:
    """Those of other groups who hold a review of this one: given to them by hand, or before they were moved."""
    people = await (await tx.driver()).fetchval(_GUESTS, group)
    return [_person(row, presence, ttl) for row in (_people.decode(people) if people else [])]


def _person(row: _PersonRow, presence: Presence | None, ttl: float) -> Person:
    return Person(
        id=row.user_id,
        number=row.number,
        capacity=row.capacity,
        active=row.active,
        presence=presence.of(row.user_id, ttl) if presence else "unknown",
        availability=row.availability,
        locked=row.locked,
        pools=row.pools or frozenset(),
        skills=frozenset(skill.casefold() for skill in row.skills),
        last_assigned_at=row.last_assigned_at,
        last_beat_at=presence.last_beat(row.user_id) if presence else None,
        undelivered_run=row.undelivered_run,
        shift_until=row.shift_until,
    )


def _waiting(row: _QueueRow) -> Waiting:
    return Waiting(
        review=row.review,
        pool=row.pool,
        size=row.size,
        queued_at=row.queued_at,
        priority=row.priority,
        skills=row.skills,
        excluded=row.excluded or {},
        preferred=row.preferred,
        stranded=row.stranded,
    )


_HOLD: Final = "SELECT 1 FROM lease WHERE name = $1 AND epoch = $2 FOR SHARE"


async def hold(tx: Transaction, lease: str, epoch: int) -> None:
    """Lock the lease for this transaction. Raises LeaseLost."""
    if await (await tx.driver()).fetchval(_HOLD, lease, epoch) is None:
        raise LeaseLost(lease)


async def database_time(tx: Transaction) -> datetime:
    """The only clock that deadlines are compared with."""
    moment: datetime = await (await tx.driver()).fetchval("SELECT clock_timestamp()")
    return moment


_POOLS: Final = (
    "SELECT id, strategy, by_skills, sla_seconds, sla_small_seconds, paused_at IS NOT NULL AS paused, hours,"
    " clock_timestamp() AS now FROM pool WHERE group_id = $1"
)


async def pools(tx: Transaction, group: UUID) -> dict[UUID, Pool]:
    """The group's pools as the policy sees them."""
    rows = await (await tx.driver()).fetch(_POOLS, group)
    return {row["id"]: _pool(dict(row)) for row in rows}


def _pool(row: dict[str, Any]) -> Pool:
    open_time = span(row.pop("hours"), row.pop("now"))
    if open_time is None:
        return Pool(**row)
    return Pool(**row, open_from=open_time.start, open_until=open_time.end)


class Opening(msgspec.Struct, frozen=True):
    """An assignment to be made, with the id that it will have, and what is told of it."""

    id: UUID
    effect: Assign
    outbox: list[outbox.Row]
    notes: list[dict[str, Any]]


# A person takes all that is given to them here, or nothing. An override grants what is above capacity, pause or not.
# Everything in one statement, guarded by the lease where there is one: it needs no transaction around it.
_OPEN: Final = """
WITH holder AS (
  SELECT 1 FROM lease WHERE name = $12 AND epoch = $13 FOR SHARE
), wanted AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
    $7::timestamptz[], $8::timestamptz[], $9::jsonb[])
  AS g(id, review, employee, assigned_at, turn_at, grace_at, warn_at, deadline_at, why)
), locked AS (
  SELECT r.id FROM review r WHERE r.id = ANY($2) AND r.state = ANY($10) ORDER BY r.id FOR NO KEY UPDATE SKIP LOCKED
), given AS (
  SELECT g.* FROM wanted g JOIN locked l ON l.id = g.review WHERE $12::text IS NULL OR EXISTS (SELECT 1 FROM holder)
), more AS (
  SELECT employee, count(*)::smallint AS n, max(turn_at) AS turn_at FROM given GROUP BY employee
), ready AS (
  SELECT e.user_id FROM employee e WHERE e.user_id = ANY($3) ORDER BY e.user_id FOR NO KEY UPDATE
), able AS (
  UPDATE employee e SET active = e.active + m.n, last_assigned_at = m.turn_at,
    overrides = CASE WHEN $11 THEN greatest(e.overrides, e.active + m.n - e.capacity) ELSE e.overrides END,
    changed_xid = pg_current_xact_id()::text::bigint
  FROM more m JOIN ready ON ready.user_id = m.employee WHERE e.user_id = ANY($3) AND e.user_id = m.employee
    AND ($11 OR (e.active + m.n <= e.capacity AND e.availability = 'available'))
    AND NOT EXISTS (SELECT 1 FROM app_user u WHERE u.id = e.user_id AND u.locked_at IS NOT NULL)
    AND ($29::uuid IS NULL OR e.home_group = $29)
  RETURNING e.user_id
), moved AS (
  UPDATE review r SET state = 'assigned', version = r.version + 1, stranded = NULL, stranded_at = NULL,
    snoozed_until = NULL
  FROM given g WHERE r.id = ANY($2) AND r.id = g.review AND g.employee IN (SELECT user_id FROM able)
  RETURNING r.id
), opened AS (
  INSERT INTO assignment (id, review_id, employee_id, assigned_at, grace_at, warn_at, deadline_at, why)
  SELECT g.id, g.review, g.employee, g.assigned_at, g.grace_at, g.warn_at, g.deadline_at, g.why
  FROM given g JOIN moved m ON m.id = g.review
), told AS (
  INSERT INTO outbox (id, topic, type, stream, aggregate_id, version, data, trace)
  SELECT o.id, o.topic, o.type, o.stream, o.aggregate_id, o.version, o.data, o.trace
  FROM unnest($14::uuid[], $15::text[], $16::text[], $17::text[], $18::uuid[], $19::int[], $20::jsonb[], $21::text[],
    $22::uuid[]) AS o(id, topic, type, stream, aggregate_id, version, data, trace, review)
  JOIN moved m ON m.id = o.review
), noted AS (
  INSERT INTO review_event (id, review_id, kind, actor_id, assignment_id, data)
  SELECT n.id, n.review, n.kind, n.actor, n.assignment, n.data
  FROM unnest($23::uuid[], $24::uuid[], $25::text[], $26::uuid[], $27::uuid[], $28::jsonb[])
    AS n(id, review, kind, actor, assignment, data)
  JOIN moved m ON m.id = n.review
)
SELECT (SELECT array_agg(id) FROM moved) AS moved, EXISTS (SELECT 1 FROM holder) AS held
"""
FROM_QUEUE: Final = ("queued",)
BY_HAND: Final = ("queued", "snoozed", "escalated")
_TIMES: Final = ("assigned_at", "turn_at", "grace_at", "warn_at", "deadline_at")


async def open_assignments(
    tx: Transaction,
    openings: Sequence[Opening],
    *,
    lease: tuple[str, int] | None = None,
    states: Sequence[str] = FROM_QUEUE,
    override: bool = False,
    group: UUID | None = None,
) -> list[Opening]:
    """Open assignments, and tell; returns those that could be. `lease`: its name and epoch, where nobody holds it yet.

    Left out is whose review went another way meanwhile, whose person has no place any more, and with a `group` whose
    person isn't of it. Raises LeaseLost.
    """
    effects = [one.effect for one in openings]
    columns = [[one.id for one in openings], [e.review for e in effects], [e.employee for e in effects]]
    times = [[getattr(e, name) for e in effects] for name in _TIMES]
    why = [msgspec.json.encode(e.why).decode() for e in effects]
    rows = [(row, one.effect.review) for one in openings for row in one.outbox]
    told = [*outbox.columns([row for row, _ in rows]), [review for _, review in rows]]
    notes = _notes([note for one in openings for note in one.notes])
    held = lease or (None, None)
    conn = await tx.driver()
    found = await conn.fetchrow(_OPEN, *columns, *times, why, list(states), override, *held, *told, *notes, group)
    if lease is not None and not found["held"]:
        raise LeaseLost(lease[0])
    moved = set(found["moved"] or ())
    opened = [one for one in openings if one.effect.review in moved]
    tx.told += [row.told for one in opened for row in one.outbox]
    return opened


class Stamp(msgspec.Struct, frozen=True):
    """An assignment reached this person's page; `seen`: and was opened."""

    employee: UUID
    assignment: UUID
    seen: bool


# Who acknowledges is reachable: the run of what never arrived ends.
_STAMP: Final = """
WITH told AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::boolean[]) AS t(employee, assignment, seen)
), mine AS (
  SELECT a.id FROM assignment a WHERE a.id = ANY($2) AND a.state = 'open' ORDER BY a.id FOR NO KEY UPDATE
), stamped AS (
  UPDATE assignment a SET delivered_at = coalesce(a.delivered_at, clock_timestamp()),
    seen_at = CASE WHEN t.seen THEN coalesce(a.seen_at, clock_timestamp()) ELSE a.seen_at END
  FROM told t JOIN mine ON mine.id = t.assignment
  WHERE a.id = ANY($2) AND a.id = t.assignment AND a.employee_id = t.employee AND a.state = 'open'
  RETURNING a.id, a.employee_id
), late AS (
  SELECT e.user_id FROM employee e WHERE e.user_id IN (SELECT employee_id FROM stamped) AND e.undelivered_run > 0
  ORDER BY e.user_id FOR NO KEY UPDATE
), reached AS (
  UPDATE employee e SET undelivered_run = 0, changed_xid = pg_current_xact_id()::text::bigint
  FROM late WHERE e.user_id = late.user_id
)
SELECT id FROM stamped
"""


async def stamp(tx: Transaction, stamps: Sequence[Stamp]) -> set[UUID]:
    """Note what arrived and what was opened, one stamp an assignment; those that are open and their person's."""
    columns = [[s.employee for s in stamps], [s.assignment for s in stamps], [s.seen for s in stamps]]
    return {row["id"] for row in await (await tx.driver()).fetch(_STAMP, *columns)}


_TELL: Final = """
WITH told AS (
  INSERT INTO outbox (id, topic, type, stream, aggregate_id, version, data, trace)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::int[], $7::jsonb[], $8::text[])
)
INSERT INTO review_event (id, review_id, kind, actor_id, assignment_id, data)
SELECT * FROM unnest($9::uuid[], $10::uuid[], $11::text[], $12::uuid[], $13::uuid[], $14::jsonb[])
"""


async def tell(tx: Transaction, rows: list[dict[str, Any]], notes: Sequence[dict[str, Any]]) -> None:
    """Events and frames into the outbox, {review_id, kind, actor_id, assignment_id, data} into the histories."""
    if rows or notes:
        written = outbox.stamped(rows)
        await (await tx.driver()).execute(_TELL, *outbox.columns(written), *_notes(notes))
        tx.told += [row.told for row in written]


def _notes(notes: Sequence[dict[str, Any]]) -> list[list[Any]]:
    columns = [[note[name] for note in notes] for name in ("review_id", "kind", "actor_id", "assignment_id")]
    return [[new_id() for _ in notes], *columns, [msgspec.json.encode(note["data"]).decode() for note in notes]]
