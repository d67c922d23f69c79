"""`cabrank bench timers`: how late warnings and ends come, and whether a wake costs what is due or what is open.

Ten thousand people are connected. Assignments are written straight into the tables, acknowledged, with their times
spread so that some are due each second. The same number is due at each size of what is open; then thousands at once.
At last the dispatcher stands still for a while: all that is open gets the time back.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from app.bench.rig.crowd import Crowd
from app.bench.rig.report import Processes, commit_floor, machine, show, spread
from app.bench.rig.stack import running
from app.platform.clock import monotonic

PEOPLE = 10_000
SIZES = (1_000, 10_000, 100_000, 1_000_000)
LATENESS_SIZE = 100_000
SECONDS = 20.0
DUE_A_SECOND = 50
AT_ONCE = 5_000
SILENT_SECONDS = 8.0
PATIENCE_SECONDS = 60.0
CHUNK = 50_000  # rows a statement, which has its time limit like any other

_CLEAR = "TRUNCATE review, assignment, strike CASCADE"
_NOBODY = "UPDATE employee SET active = 0, availability = 'paused', capacity = 100, overrides = 10"
# Far assignments are open and never due here; near ones are due one after the other, by warning first, then by end.
_OPEN = """
WITH people AS (SELECT user_id, row_number() OVER () - 1 AS n FROM employee),
made AS (
  INSERT INTO review (id, pool_id, kind, size, title, state)
  SELECT gen_random_uuid(), (SELECT id FROM pool LIMIT 1), 'question', 'large', '{title}', 'assigned'
  FROM generate_series(0, :count - 1) RETURNING id
), numbered AS (SELECT id, row_number() OVER () - 1 AS n FROM made)
INSERT INTO assignment
  (id, review_id, employee_id, assigned_at, grace_at, warn_at, deadline_at, delivered_at, warned_at)
SELECT gen_random_uuid(), m.id, p.user_id, clock_timestamp(), clock_timestamp(),
  clock_timestamp() + :first * interval '1 second' + m.n * (:apart * interval '1 second'),
  clock_timestamp() + :last * interval '1 second' + m.n * (:apart * interval '1 second'),
  clock_timestamp(), CASE WHEN :warned THEN clock_timestamp() END
FROM numbered m JOIN people p ON p.n = m.n % :many
"""
_COUNT = """
UPDATE employee e SET active = held.n
FROM (SELECT employee_id, count(*) AS n FROM assignment WHERE state = 'open' GROUP BY employee_id) held
WHERE held.employee_id = e.user_id
"""
_WARNED_LATE = """
SELECT extract(epoch FROM a.warned_at - a.warn_at) FROM assignment a JOIN review r ON r.id = a.review_id
WHERE r.title = :title AND a.warned_at > a.assigned_at + interval '1 millisecond'"""
_ENDED_LATE = """
SELECT extract(epoch FROM a.closed_at - a.deadline_at) FROM assignment a JOIN review r ON r.id = a.review_id
WHERE r.title = :title AND a.state = 'missed'"""
_LEFT = (
    "SELECT count(*) FROM assignment a JOIN review r ON r.id = a.review_id WHERE r.title = :title AND a.state = 'open'"
)
_OUTAGES = "SELECT count(*) FROM outage"
_UNCREDITED = "SELECT count(*) FROM outage WHERE NOT credited"
_TOLD = "SELECT count(DISTINCT assignment_id) FROM review_event WHERE kind = 'deadline_changed'"


class Table:
    """The database of the stack, filled and read by statements."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd

    async def do(self, sql: str, **given: Any) -> None:
        async with self.crowd.db.transaction() as tx:
            await tx.conn.execute(text(sql), given)

    async def column(self, sql: str, **given: Any) -> list[float]:
        async with self.crowd.db.transaction() as tx:
            return [float(row[0]) for row in await tx.conn.execute(text(sql), given)]

    async def open(self, title: str, count: int, *, first: float, last: float, apart: float, warned: bool) -> None:
        """Open assignments, the n-th warned at `first` and ended at `last` seconds from now, each `apart` later."""
        for done in range(0, count, CHUNK):
            given = {"count": min(CHUNK, count - done), "many": PEOPLE, "apart": apart, "warned": warned}
            given |= {"first": first + done * apart, "last": last + done * apart}
            await self.do(_OPEN.replace("{title}", title), **given)
        await self.do(_COUNT)

    async def until_ended(self, title: str, seconds: float) -> bool:
        until = monotonic() + seconds
        while (await self.column(_LEFT, title=title))[0] > 0:
            if monotonic() > until:
                return False
            await asyncio.sleep(0.25)
        return True


async def _at_size(table: Table, size: int) -> dict[str, Any]:
    """With so many open, so many due a second: how late, and what share of a core the dispatcher takes for it."""
    await table.do(_CLEAR)
    await table.do(_NOBODY)
    await table.open("far", size, first=86_000, last=86_400, apart=0.0, warned=False)
    await table.do("ANALYZE assignment")
    await table.do("ANALYZE review")
    count = int(DUE_A_SECOND * SECONDS)
    await table.open("near", count, first=3.0, last=6.0, apart=1 / DUE_A_SECOND, warned=False)
    processes = Processes(table.crowd.stack)
    whole = await table.until_ended("near", SECONDS + PATIENCE_SECONDS)
    return {
        "open": size,
        "due_a_second": 2 * DUE_A_SECOND,
        "all_ended": whole,
        "warning_late_ms": spread(await table.column(_WARNED_LATE, title="near")),
        "end_late_ms": spread(await table.column(_ENDED_LATE, title="near")),
        "share_of_a_core": processes.share_of_a_core(),
    }


async def _at_once(table: Table) -> dict[str, Any]:
    """Thousands due within one second, each another person's."""
    await table.do(_CLEAR)
    await table.do(_NOBODY)
    await table.open("at once", AT_ONCE, first=1.0, last=4.0, apart=1 / AT_ONCE, warned=True)
    whole = await table.until_ended("at once", PATIENCE_SECONDS)
    late = await table.column(_ENDED_LATE, title="at once")
    return {"due": AT_ONCE, "all_ended": whole, "end_late_ms": spread(late), "last_late_seconds": round(max(late), 2)}


async def _after_silence(table: Table) -> dict[str, Any]:
    """The dispatcher stood still with so much open: how long until everybody has got the time back and was told."""
    await table.do(_CLEAR)
    await table.do(_NOBODY)
    await table.open("far", LATENESS_SIZE, first=86_000, last=86_400, apart=0.0, warned=False)
    await asyncio.sleep(3.0)
    before, pid = (await table.column(_OUTAGES))[0], table.crowd.stack.pids()["dispatcher"]
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(SILENT_SECONDS)
    os.kill(pid, signal.SIGCONT)
    started = monotonic()
    while (recorded := (await table.column(_OUTAGES))[0] - before) == 0 or (await table.column(_UNCREDITED))[0]:
        if monotonic() - started > PATIENCE_SECONDS:
            break
        await asyncio.sleep(0.1)
    return {
        "open": LATENESS_SIZE,
        "silent_seconds": SILENT_SECONDS,
        "given_back": int((await table.column(_TOLD))[0]),
        "given_back_in_seconds": round(monotonic() - started, 1),
        "outages_recorded": int(recorded),
    }


async def _measure() -> dict[str, Any]:
    told: dict[str, Any] = {"bench": "timers", "machine": machine()}
    async with running() as stack:
        crowd = Crowd(stack)
        try:
            await crowd.seed(PEOPLE, available=False)
            told["connected_seconds"] = round(await crowd.connect(), 1)  # who is away gives back, which is other work
            table = Table(crowd)
            told["floor_commit_ms"] = spread(await commit_floor(crowd))
            told["sizes"] = [await _at_size(table, size) for size in SIZES]
            told["at_once"] = await _at_once(table)
            told["outages_recorded"] = int((await table.column(_OUTAGES))[0])
            told["after_silence"] = await _after_silence(table)
        finally:
            await crowd.close()
    return told


def run(environ: Mapping[str, str], *, as_json: bool) -> int:
    """Measure and print; 0."""
    show(asyncio.run(_measure()), as_json=as_json)
    return 0
