"""Ten thousand open reviews and a thousand employees, put there by SQL."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from app.dispatch import service as dispatch
from app.platform.db import Database

_REVIEWS = """
INSERT INTO review (id, pool_id, kind, size, title, queued_at, state, snoozed_until)
SELECT gen_random_uuid(), :pool, 'question', 'small', 'Question ' || n, clock_timestamp() - n * interval '1 second',
  CASE WHEN n % 10 = 0 THEN 'snoozed' ELSE 'queued' END,
  CASE WHEN n % 10 = 0 THEN clock_timestamp() + interval '1 day' END
FROM generate_series(1, CAST(:count AS int)) AS n
"""
_PEOPLE = """
WITH made AS (
  INSERT INTO app_user (id, email, name, role, password_hash)
  SELECT gen_random_uuid(), 'p' || n || '@cabrank.test', 'Person ' || n, 'employee', '-'
  FROM generate_series(1, CAST(:count AS int)) AS n RETURNING id
)
INSERT INTO employee (user_id, home_group) SELECT made.id, pool.group_id FROM made, pool WHERE pool.id = :pool
"""
_MEMBERS = "INSERT INTO pool_member (pool_id, employee_id) SELECT :pool, user_id FROM employee ON CONFLICT DO NOTHING"
_HELD = """
WITH taken AS (
  SELECT r.id, e.user_id, row_number() OVER (ORDER BY r.queued_at) AS n
  FROM (SELECT id, queued_at, row_number() OVER (ORDER BY queued_at) AS n FROM review WHERE state = 'queued') r
  JOIN (SELECT user_id, row_number() OVER (ORDER BY user_id) AS n FROM employee WHERE active = 0) e ON e.n = r.n
  LIMIT CAST(:count AS int)
), given AS (
  INSERT INTO assignment (id, review_id, employee_id, assigned_at, grace_at, warn_at, deadline_at, delivered_at)
  SELECT gen_random_uuid(), id, user_id, clock_timestamp(), clock_timestamp() + interval '1 min',
    clock_timestamp() + n * interval '1 min', clock_timestamp() + n * interval '1 min' + interval '5 min',
    clock_timestamp() FROM taken RETURNING review_id, employee_id
), moved AS (UPDATE review r SET state = 'assigned' FROM given g WHERE r.id = g.review_id)
UPDATE employee e SET active = 1 FROM given g WHERE e.user_id = g.employee_id
"""


async def crowd(db: Database, *, reviews: int, people: int = 0, held: int = 0) -> UUID:
    """Reviews titled “Question N”, the oldest the last; people named “Person N”; so many of the reviews are held."""
    async with db.transaction() as tx:
        await dispatch.ensure_defaults(tx)
        pool = (await dispatch.list_pools(tx))[0].id
        await tx.conn.execute(text("UPDATE pool SET paused_at = clock_timestamp()"))  # nobody is given anything
        await tx.conn.execute(text(_PEOPLE), {"count": people, "pool": pool})
        await tx.conn.execute(text(_MEMBERS), {"pool": pool})
        await tx.conn.execute(text(_REVIEWS), {"count": reviews, "pool": pool})
        await tx.conn.execute(text(_HELD), {"count": held})
        await tx.conn.execute(text("ANALYZE"))
    return pool
