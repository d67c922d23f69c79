"""What is late or stranded: raised over what is due, cleared over what is over, each by an index of its own.

Times are compared with `statement_timestamp()`: an index can't be asked with the other one, which moves as it is read.
A kind is told once for each review; what comes again after it was over is shown again and not told again.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from app.dispatch.models import ALERT_OVER
from app.platform.db import Transaction

MOST: Final = 500


class Alert(msgspec.Struct, frozen=True):
    """A review that is late or stranded; `fresh`: its alert is up and has not been told before."""

    review: UUID
    pool: UUID
    version: int
    title: str
    since: datetime
    reason: str | None
    fresh: bool


_LATE: Final = """
WITH due AS (
  SELECT r.id FROM pool p CROSS JOIN LATERAL (
    SELECT id FROM review WHERE pool_id = p.id AND state = 'queued' AND late_at IS NULL
      AND queued_at <= statement_timestamp() - make_interval(secs => p.target_seconds)
    ORDER BY queued_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
  ) r WHERE p.id = ANY($1) AND p.target_seconds IS NOT NULL
), up AS (
  UPDATE review r SET late_at = clock_timestamp() FROM due WHERE r.id = due.id
  RETURNING r.id, r.pool_id, r.version, r.title, r.queued_at, r.stranded
), told AS (
  INSERT INTO review_alert (review_id, kind) SELECT id, 'late' FROM up
  ON CONFLICT (review_id, kind) DO UPDATE SET over_at = NULL RETURNING review_id, xmax = 0 AS fresh
)
SELECT up.*, told.fresh FROM up JOIN told ON told.review_id = up.id
"""
_OVER_WHERE: Final = """
WITH due AS (
  SELECT id FROM review WHERE ({over}) AND pool_id = ANY($1) LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
), down AS (
  UPDATE review r SET late_at = CASE WHEN r.state = 'queued' THEN r.late_at END,
    alarm_at = CASE WHEN r.stranded IS NOT NULL THEN r.alarm_at END
  FROM due WHERE r.id = due.id RETURNING r.id, r.late_at, r.alarm_at
)
UPDATE review_alert a SET over_at = clock_timestamp() FROM down d
WHERE a.review_id = d.id AND a.over_at IS NULL
  AND CASE a.kind WHEN 'late' THEN d.late_at IS NULL ELSE d.alarm_at IS NULL END
"""
_OVER: Final = _OVER_WHERE.format(over=ALERT_OVER)


async def late(tx: Transaction, pools: Collection[UUID]) -> list[Alert]:
    """Raise it for what has just waited longer than its pool's target."""
    return [Alert(*row) for row in await (await tx.driver()).fetch(_LATE, list(pools), MOST)]


async def over(tx: Transaction, pools: Collection[UUID]) -> None:
    """Clear what is late or stranded no more."""
    await (await tx.driver()).execute(_OVER, list(pools), MOST)


_AFRESH: Final = """
WITH down AS (
  SELECT id FROM review WHERE pool_id = $1 AND state = 'queued' AND late_at IS NOT NULL ORDER BY id FOR NO KEY UPDATE
), reset AS (
  UPDATE review r SET late_at = NULL FROM down WHERE r.id = down.id RETURNING r.id
)
UPDATE review_alert a SET over_at = clock_timestamp() FROM reset
WHERE a.review_id = reset.id AND a.kind = 'late' AND a.over_at IS NULL
"""


async def afresh(tx: Transaction, pool: UUID) -> None:
    """The pool's target is another one: the next wake says what is late by it."""
    await (await tx.driver()).execute(_AFRESH, pool)
