"""How long anything has waited that could have been looked at: read from the rows twice a second, by their clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.platform.db import Database
from app.platform.embedded import Postgres

# Events that a consumer has still to record, frames that nobody has published, tasks that are due, reviews that
# somebody with a free place could have, assignments that have not reached a page.
_WAITING = """
SELECT 'event', extract(epoch FROM clock_timestamp() - o.at) FROM outbox o
WHERE o.topic <> 'live' AND EXISTS (
  SELECT 1 FROM consumer c WHERE c.types ? o.type
  AND NOT EXISTS (SELECT 1 FROM consumed_event e WHERE e.event_id = o.id AND e.consumer = c.name))
UNION ALL
SELECT 'frame', extract(epoch FROM clock_timestamp() - at) FROM outbox WHERE topic = 'live' AND published_at IS NULL
UNION ALL
SELECT split_part(kind, '.', 1), extract(epoch FROM clock_timestamp() - run_at) FROM task
WHERE state = 'queued' AND run_at <= clock_timestamp()
UNION ALL
SELECT 'review', extract(epoch FROM clock_timestamp() - queued_at) FROM review
WHERE state = 'queued' AND EXISTS (SELECT 1 FROM employee WHERE availability = 'available' AND active < capacity)
UNION ALL
SELECT 'delivery', extract(epoch FROM clock_timestamp() - assigned_at) FROM assignment
WHERE state = 'open' AND delivered_at IS NULL
"""
_RUNNING = "SELECT split_part(kind, '.', 1), count(*) FROM task WHERE state = 'running' GROUP BY 1"
_PLACES = {"discover": 4, "match": 4, "apply": 2}  # how many tasks a worker does side by side


class Waits:
    """The longest wait seen of each kind, in seconds; a task's while its worker has a place free."""

    def __init__(self) -> None:
        self.longest: dict[str, float] = {}
        self.looks = 0
        self._full_at: dict[str, float] = {}

    def _note(self, at: float, waiting: list[Any], running: list[Any]) -> None:
        self.looks += 1
        self._full_at |= {worker: at for worker, count in running if count >= _PLACES[worker]}
        for kind, seconds in waiting:
            wait = min(float(seconds), at - self._full_at.get(kind, 0.0))
            self.longest[kind] = max(wait, self.longest.get(kind, 0.0))

    async def watch(self, home: Path) -> None:
        """Until cancelled."""
        db = Database(Postgres(home).url(), pooled=False, process="waits")
        while True:
            async with db.transaction() as tx:
                at = float((await tx.conn.execute(text("SELECT extract(epoch FROM clock_timestamp())"))).scalar_one())
                running = list((await tx.conn.execute(text(_RUNNING))).all())
                self._note(at, list((await tx.conn.execute(text(_WAITING))).all()), running)
            await asyncio.sleep(0.5)


@asynccontextmanager
async def watched(home: Path) -> AsyncIterator[Waits]:
    """Watch while the block runs; a watcher that fell over fails it."""
    waits = Waits()
    task = asyncio.create_task(waits.watch(home))
    try:
        yield waits
    finally:
        if task.done():
            task.result()
        task.cancel()
