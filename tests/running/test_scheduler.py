from __future__ import annotations

import asyncio

from app.platform import lease
from app.platform.db import Database
from app.scheduler import LEASE, Job, Turns, run


async def test_a_job_never_overlaps_itself_and_keeps_its_pace() -> None:
    begun: list[int] = []
    gate = asyncio.Event()

    async def slow() -> None:
        begun.append(1)
        await gate.wait()

    turns = Turns([Job("slow", 10, slow)])
    turns.start_due(0)
    await asyncio.sleep(0)
    turns.start_due(20)
    await asyncio.sleep(0)
    assert len(begun) == 1
    gate.set()
    await asyncio.sleep(0)
    turns.start_due(20)
    turns.start_due(25)
    await asyncio.sleep(0)
    assert len(begun) == 2
    await turns.stop()


async def test_one_jobs_fault_leaves_the_others_running() -> None:
    done = asyncio.Event()

    async def bad() -> None:
        raise ValueError("no")

    async def good() -> None:
        done.set()

    turns = Turns([Job("bad", 1, bad), Job("good", 1, good)])
    turns.start_due(0)
    await asyncio.wait_for(done.wait(), 1)
    await turns.stop()


async def test_only_the_holder_works_and_a_clean_stop_hands_over_at_once(db: Database) -> None:
    stop, worked = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        worked.set()

    epoch = await lease.acquire(db, LEASE, "another", 5)
    assert epoch is not None
    running = asyncio.create_task(run(db, [Job("work", 1, work)], stop))
    await asyncio.sleep(0.8)
    assert not worked.is_set()
    await lease.release(db, LEASE, epoch)
    await asyncio.wait_for(worked.wait(), 3)
    stop.set()
    await running
    assert await lease.acquire(db, LEASE, "another", 5) is not None
