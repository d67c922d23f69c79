"""`cabrank bench dispatch`: from the commit of a review to the frame at the right socket, under load.

A thousand employees, each with a socket of their own, acknowledge and complete what they get. First the floors, then a
steady minute, then rates until it gives way, then five thousand reviews at once. The load runs in a process of its own.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from app.bench.rig.crowd import Crowd, Frame, Member
from app.bench.rig.report import Processes, commit_floor, frame_floor, machine, show, spread, until_quiet
from app.bench.rig.stack import running
from app.dispatch import service as dispatch
from app.platform.clock import monotonic
from app.platform.db import Tx

PEOPLE = 1000
RATE, SECONDS = 100.0, 60.0
KNEE_RATES, KNEE_SECONDS, KNEE_P99_MS = (150, 200, 250, 300, 400, 500), 8.0, 100.0
BURST, BURST_CAPACITY = 5000, 5
HANDLING_SECONDS = (1.0, 6.0)


class Load:
    """Reviews filed at a rate, and what became of them (moments are monotonic seconds)."""

    def __init__(self, crowd: Crowd, *, completes: bool = True) -> None:
        self.crowd = crowd
        self.completes = completes
        self.committed: dict[str, float] = {}
        self.arrived: dict[str, float] = {}
        self.astray: list[Frame] = []
        self.statuses: dict[int, int] = {}
        crowd.on_frame = self._heard

    def _heard(self, member: Member, frame: Frame, at: float) -> None:
        if frame["type"] != "review_assigned":
            return
        review, assignment = frame["data"]["review"], frame["data"]["assignment"]
        self.arrived.setdefault(review, at)
        if self.completes:
            self.crowd.spawn(self._complete(member, review, assignment))

    async def _complete(self, member: Member, review: str, assignment: str) -> None:
        await asyncio.sleep(random.uniform(*HANDLING_SECONDS))  # noqa: S311 - a day's work, not secrecy
        status = await self.crowd.complete(member, review, assignment)
        self.statuses[status] = self.statuses.get(status, 0) + 1

    async def file(self, count: int = 1) -> None:
        """Reviews in one commit, as any room would file them."""
        db = self.crowd.db
        async with db.engine.connect() as conn:
            tx = Tx(conn)
            async with conn.begin():
                filed = [await dispatch.file_review(tx, kind="question", title="A question") for _ in range(count)]
            at = monotonic()
        self.committed |= {str(review.id): at for review in filed}
        await db.hints.send(tx.hints, tx.told)

    async def steady(self, rate: float, seconds: float) -> None:
        """`rate` a second by the clock, whatever the answers take."""
        started = monotonic()
        for n in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, started + n / rate - monotonic()))
            self.crowd.spawn(self.file())

    async def all_arrived(self, seconds: float) -> bool:
        until = monotonic() + seconds
        while len(self.arrived) < len(self.committed) or not self.committed:
            if monotonic() > until:
                return False
            await asyncio.sleep(0.02)
        return True

    def latencies(self) -> list[float]:
        return [self.arrived[review] - at for review, at in self.committed.items() if review in self.arrived]


async def steady(crowd: Crowd, rate: float, seconds: float) -> dict[str, Any]:
    """One run at a rate, until everything has arrived and been completed."""
    load, processes = Load(crowd), Processes(crowd.stack)
    await load.steady(rate, seconds)
    whole = await load.all_arrived(20)
    shares = processes.share_of_a_core()
    until = monotonic() + HANDLING_SECONDS[1] + 20
    while sum(load.statuses.values()) < len(load.arrived) and monotonic() < until:  # noqa: ASYNC110 - counted elsewhere
        await asyncio.sleep(0.05)
    return {
        "rate": rate,
        "seconds": seconds,
        "filed": len(load.committed),
        "all_arrived": whole,
        "commit_to_frame_ms": spread(load.latencies()),
        "completions_by_status": load.statuses,
        "share_of_a_core": shares,
    }


async def knee(crowd: Crowd) -> dict[str, Any]:
    """The first rate at which p99 passes the bound."""
    found = []
    for rate in KNEE_RATES:
        run = await steady(crowd, rate, KNEE_SECONDS)
        found.append({name: run[name] for name in ("rate", "all_arrived", "commit_to_frame_ms")})
        if run["commit_to_frame_ms"].get("p99", 1e9) > KNEE_P99_MS:
            return {"p99_passes_100_ms_at": rate, "runs": found}
    return {"p99_passes_100_ms_at": None, "runs": found}


async def burst(crowd: Crowd) -> dict[str, Any]:
    """Everything at once, in one commit, to people with room for all of it."""
    await crowd.set_capacity(BURST_CAPACITY)
    load = Load(crowd, completes=False)
    started = monotonic()
    await load.file(BURST)
    whole = await load.all_arrived(60)
    last = max(load.arrived.values(), default=started)
    at = next(iter(load.committed.values()))
    return {
        "reviews": BURST,
        "filing_seconds": round(at - started, 2),
        "all_arrived": whole,
        "commit_to_last_frame_seconds": round(last - at, 3),
        "commit_to_frame_ms": spread(load.latencies()),
    }


async def _measure() -> dict[str, Any]:
    told: dict[str, Any] = {"bench": "dispatch", "machine": machine(), "people": PEOPLE}
    async with running() as stack:
        crowd = Crowd(stack)
        try:
            await crowd.seed(PEOPLE)
            told["connected_seconds"] = round(await crowd.connect(), 2)
            await steady(crowd, 20, 3)  # pools, plans and caches as after a minute of work
            async with crowd.db.transaction() as tx:
                await tx.conn.execute(text("ANALYZE"))
            told["settled_seconds"] = await until_quiet(stack)
            frames, commits = await frame_floor(crowd), await commit_floor(crowd)
            told["floor_frame_ms"], told["floor_commit_ms"] = spread(frames), spread(commits)
            told["steady"] = await steady(crowd, RATE, SECONDS)
            floor = told["floor_frame_ms"]["p50"] + 2 * told["floor_commit_ms"]["p50"]
            told["p50_to_floor_and_two_commits"] = round(told["steady"]["commit_to_frame_ms"]["p50"] / floor, 2)
            told["knee"] = await knee(crowd)
            told["burst"] = await burst(crowd)
        finally:
            await crowd.close()
    return told


def run(environ: Mapping[str, str], *, as_json: bool) -> int:
    """Measure and print; 0."""
    show(asyncio.run(_measure()), as_json=as_json)
    return 0
