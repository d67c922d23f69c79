"""All periodic work, in whichever scheduler holds the lease.

A job that runs when the lease is lost does no harm: what it does is guarded row by row. The lease only saves the work
of doing it twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from app.platform import lease
from app.platform.beats import instance_name
from app.platform.clock import monotonic
from app.platform.db import Database
from app.platform.telemetry import get_logger
from app.process import Process

log = get_logger(__name__)
LEASE = "scheduler"
LEASE_SECONDS = 5.0
TURN_SECONDS = 0.5


class Job(msgspec.Struct, frozen=True):
    """Something to do every so many seconds. It may be cut off anywhere and done again."""

    name: str
    every: float
    act: Callable[[], Awaitable[Any]]


class Turns:
    """When each job is due, and which still run: none overlaps itself."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.jobs = jobs
        self.due = {job.name: 0.0 for job in jobs}
        self.running: dict[str, asyncio.Task[None]] = {}

    def start_due(self, now: float) -> None:
        """Start what is due at `now` (monotonic seconds)."""
        for job in self.jobs:
            running = self.running.get(job.name)
            if now >= self.due[job.name] and (running is None or running.done()):
                self.due[job.name] = now + job.every
                self.running[job.name] = asyncio.create_task(self._do(job), name=job.name)

    async def _do(self, job: Job) -> None:
        try:
            await job.act()
        except (SQLAlchemyError, OSError, TimeoutError) as why:
            log.warning("job_waits", job=job.name, why=f"{type(why).__name__}: {why}"[:200])
        except Exception:  # the process's edge: one job's fault must not stop the others
            log.exception("job_failed", job=job.name)

    async def stop(self) -> None:
        running = [task for task in self.running.values() if not task.done()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class Holder:
    """The lease as this process sees it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.epoch: int | None = None

    async def holds(self) -> bool:
        """Beat, or try to take the lease; False while another has it or the database is away."""
        try:
            if self.epoch is None or not await lease.beat(self.db, LEASE, self.epoch):
                self.epoch = await lease.acquire(self.db, LEASE, instance_name(), LEASE_SECONDS)
        except (SQLAlchemyError, OSError, TimeoutError) as why:
            log.warning("scheduler_waits", why=type(why).__name__)
            self.epoch = None
        return self.epoch is not None

    async def release(self) -> None:
        if self.epoch is not None:
            await lease.release(self.db, LEASE, self.epoch)


async def run(db: Database, jobs: Sequence[Job], stop: asyncio.Event) -> None:
    """Until `stop`: look at the lease and at what is due, twice a second."""
    turns, holder = Turns(jobs), Holder(db)
    while not stop.is_set():
        if await holder.holds():
            turns.start_due(monotonic())
        try:
            await asyncio.wait_for(stop.wait(), TURN_SECONDS)
        except TimeoutError:
            continue
    await turns.stop()
    await holder.release()


async def serve(process: Process) -> None:
    """The scheduler process."""
    from app.rooms import jobs

    await run(process.db, jobs(process), process.stop)
