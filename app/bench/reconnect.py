"""`cabrank bench reconnect`: a web process with five thousand sockets is killed; and one client in twenty never reads.

A second web process holds a thousand others, whose frames are timed before and during, from a process of their own.
The clients come back as the pages' live client does, with full jitter.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from app.bench.rig.crowd import Crowd, Member
from app.bench.rig.report import FrameTimer, commit_floor, machine, show, spread, until_quiet
from app.bench.rig.stack import Stack, free_ports, running
from app.bench.rig.watcher import Watcher, watching
from app.dispatch import heartbeats
from app.platform.clock import monotonic

KILLED, OTHERS = 5_000, 1_000
LONGEST_WAIT, FIRST_WAIT = 20.0, 0.5  # static/src/live.js
BACK_WITHIN = 60.0
TTL_SECONDS = 35.0
MUTE_SHARE = 0.05
FLOOD_FRAMES = 4_000


@asynccontextmanager
async def another_web(stack: Stack) -> AsyncIterator[tuple[int, psutil.Process]]:
    """A second web process on a port of its own."""
    (port,) = free_ports(1)
    environ = stack.environ | {"CABRANK_BIND": f"127.0.0.1:{port}"}
    with stack.log.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.cli", "web"), env=environ, stdout=log, stderr=log,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
    try:
        async with httpx.AsyncClient() as client, asyncio.timeout(60):
            while True:
                try:
                    await client.get(f"http://127.0.0.1:{port}/health/live")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


class Herd:
    """Sockets that come back after a loss, each with full jitter and a longer patience each time."""

    def __init__(self, crowd: Crowd, members: list[Member]) -> None:
        self.crowd = crowd
        self.members = {member.user for member in members}
        self.back_at: dict[Any, float] = {}
        crowd.when_lost = self._lost

    def _lost(self, member: Member, code: int) -> None:
        if member.user in self.members and not self.crowd.stops:
            self.crowd.spawn(self._come_back(member))

    async def _come_back(self, member: Member) -> None:
        for attempt in range(20):
            most = min(LONGEST_WAIT, FIRST_WAIT * 2**attempt)
            await asyncio.sleep(random.uniform(0, most))  # noqa: S311 - jitter, not secrecy
            try:
                await self.crowd.open(member)
                self.back_at[member.user] = monotonic()
                return
            except (OSError, TimeoutError):
                continue


async def _kill(crowd: Crowd, mine: list[Member], others: Watcher) -> dict[str, Any]:
    herd = Herd(crowd, mine)
    before = await others.measure(10)
    presence = await heartbeats.presence(crowd.redis)
    pid, killed_at = crowd.stack.pids()["web"], monotonic()
    os.kill(pid, signal.SIGKILL)
    states: Counter[str] = Counter()
    during = asyncio.create_task(others.measure(20))
    while len(herd.back_at) < len(mine) and monotonic() < killed_at + BACK_WITHIN:
        await presence.refresh(crowd.redis)
        states.update(presence.of(member.user, TTL_SECONDS) for member in crowd.members)
        await asyncio.sleep(0.5)
    back = [at - killed_at for at in herd.back_at.values()]
    return {
        "killed_with_sockets": len(mine),
        "back": len(back),
        "all_back_seconds": round(max(back, default=0.0), 2),
        "back_ms": spread(back),
        "seen_as": dict(states),
        "others_before_ms": spread(before),
        "others_during_ms": spread(await during),
    }


async def _mute(crowd: Crowd, some: list[Member], others: Watcher, web: psutil.Process) -> dict[str, Any]:
    """One in twenty is written to, first as they read, then as they don't any more and are dropped in the end."""
    timer = FrameTimer(crowd, some)
    quiet = await others.measure(10)
    reading = await _flooded(timer, some, others)
    resident = web.memory_info().rss
    for member in some:
        assert member.wire is not None  # noqa: S101 - all are open
        member.wire.stop_reading()
    mute = await _flooded(timer, some, others)
    return {
        "never_read": len(some),
        "frames_to_each": FLOOD_FRAMES // max(1, len(some)),
        "others_ms": spread(quiet),
        "others_while_some_read_much_ms": spread(reading),
        "others_while_the_same_never_read_ms": spread(mute),
        "web_grew_mb": round((web.memory_info().rss - resident) / 2**20, 1),
    }


async def _flooded(timer: FrameTimer, some: list[Member], others: Watcher) -> list[float]:
    flood = asyncio.create_task(timer.flood(some, FLOOD_FRAMES))
    taken = await others.measure(10)
    await flood
    return taken


async def _measure() -> dict[str, Any]:
    told: dict[str, Any] = {"bench": "reconnect", "machine": machine()}
    async with running() as stack, another_web(stack) as (port, second):
        crowd = Crowd(stack)
        try:
            await crowd.seed(KILLED + OTHERS, available=False)
            mine, others = crowd.members[:KILLED], crowd.members[KILLED:]
            some = others[: int(OTHERS * MUTE_SHARE)]
            for member in some:
                member.port = port
            told["connected_seconds"] = round(await crowd.connect([*mine, *some]), 1)
            async with watching(stack, port, others[len(some) :]) as watcher:
                told["settled_seconds"] = await until_quiet(stack)
                told["floor_commit_ms"] = spread(await commit_floor(crowd))
                told["kill"] = await _kill(crowd, mine, watcher)
                told["settled_again_seconds"] = await until_quiet(stack)
                told["mute"] = await _mute(crowd, some, watcher, second)
        finally:
            await crowd.close()
    return told


def run(environ: Mapping[str, str], *, as_json: bool) -> int:
    """Measure and print; 0."""
    show(asyncio.run(_measure()), as_json=as_json)
    return 0
