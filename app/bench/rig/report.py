"""What measurements share: spreads, the machine, the floors that a figure is compared with."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import statistics
from typing import Any

import psutil
from sqlalchemy import text

from app.bench.rig.crowd import Crowd, Frame, Member
from app.bench.rig.stack import Stack
from app.platform import live_streams
from app.platform.clock import monotonic, utcnow
from app.platform.ids import new_id
from app.platform.live_streams import LiveFrame

FLOOR_TRIES = 300
FLOOR_PAUSE = 0.01
QUIET_SECONDS, QUIET_SHARE, QUIET_PATIENCE = 2.0, 0.3, 60.0


def spread(seconds: list[float]) -> dict[str, float | int]:
    """Count, p50, p95, p99 and the largest, in milliseconds."""
    if len(seconds) < 2:
        return {"n": len(seconds)}
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    found = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": max(seconds)}
    return {"n": len(seconds)} | {name: round(value * 1000, 2) for name, value in found.items()}


def machine() -> dict[str, Any]:
    """Where and when this was measured."""
    return {
        "at": utcnow().isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def show(told: dict[str, Any], *, as_json: bool) -> None:
    print(json.dumps(told, indent=None if as_json else 2, default=str))


async def commit_floor(crowd: Crowd) -> list[float]:
    """One commit that wrote one row, on the same database, over and over."""
    took = []
    async with crowd.db.engine.connect() as conn:
        await conn.execute(text("CREATE TABLE IF NOT EXISTS bench_floor (n integer)"))
        await conn.commit()
        for n in range(FLOOR_TRIES):
            await conn.execute(text("INSERT INTO bench_floor VALUES (:n)"), {"n": n})
            started = monotonic()
            await conn.commit()
            took.append(monotonic() - started)
            await asyncio.sleep(FLOOR_PAUSE)
    return took


class FrameTimer:
    """Times frames from the call that publishes them on Valkey to the sockets of some members, one after the other."""

    def __init__(self, crowd: Crowd, members: list[Member]) -> None:
        self.crowd = crowd
        self.members = members
        self._sent: dict[str, float] = {}
        self._took: list[float] = []
        self._before = crowd.on_frame
        crowd.on_frame = self._heard

    def _heard(self, member: Member, frame: Frame, at: float) -> None:
        sent = self._sent.pop(str(frame.get("id")), None)
        if sent is None:
            self._before(member, frame, at)
        else:
            self._took.append(at - sent)

    async def _tell(self, member: Member, *, text: str = "floor", timed: bool = True) -> None:
        frame = LiveFrame(live_streams.user_stream(member.user), new_id(), utcnow(), "message", {"text": text})
        if timed:
            self._sent[str(frame.id)] = monotonic()
        await live_streams.append(self.crowd.redis, frame)

    async def measure(self, seconds: float, pause: float = FLOOR_PAUSE) -> list[float]:
        """For so long; what is still under way half a second later is not counted."""
        self._sent, self._took = {}, []
        until, n = monotonic() + seconds, 0
        while monotonic() < until:
            await self._tell(self.members[n % len(self.members)])
            n += 1
            await asyncio.sleep(pause)
        await asyncio.sleep(0.5)
        return self._took

    async def flood(self, members: list[Member], frames: int) -> None:
        """Large frames to these, in turn."""
        for n in range(frames):
            await self._tell(members[n % len(members)], text="x" * 8_000, timed=False)

    def stop(self) -> None:
        self.crowd.on_frame = self._before


async def frame_floor(crowd: Crowd, tries: int = FLOOR_TRIES) -> list[float]:
    """From the call that publishes on Valkey to the socket, through the same web process."""
    timer = FrameTimer(crowd, crowd.members)
    took = await timer.measure(tries * FLOOR_PAUSE)
    timer.stop()
    return took


class Processes:
    """CPU seconds and resident memory of a stack's processes, from one moment to another."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._started = monotonic()
        self._before = self._cpu()

    def _all(self) -> dict[str, psutil.Process]:
        named = {pid: name for name, pid in self._stack.pids().items()}
        found = {}
        for child in psutil.Process(self._stack.supervisor).children():
            found[named.get(child.pid) or child.name()] = child
        return found

    def _cpu(self) -> dict[str, float]:
        return {name: _seconds(process) for name, process in self._all().items()}

    def share_of_a_core(self) -> dict[str, float]:
        """Of each process that used at least half a percent, since this was made; engines with their children."""
        took = monotonic() - self._started
        shares = {name: (now - self._before.get(name, 0.0)) / took for name, now in self._cpu().items()}
        return {name: round(share, 3) for name, share in sorted(shares.items()) if share >= 0.005}

    def resident(self, name: str) -> int:
        """Bytes."""
        return int(self._all()[name].memory_info().rss)


def _seconds(process: psutil.Process) -> float:
    try:
        family = [process, *process.children(recursive=True)]
        return sum(sum(one.cpu_times()[:2]) for one in family)
    except psutil.NoSuchProcess:
        return 0.0


async def until_quiet(stack: Stack) -> float:
    """Wait until what a start or a load leaves behind is over: the seconds it took, a minute at most."""
    started = monotonic()
    while monotonic() - started < QUIET_PATIENCE:
        processes = Processes(stack)
        await asyncio.sleep(QUIET_SECONDS)
        if sum(processes.share_of_a_core().values()) < QUIET_SHARE:
            break
    return round(monotonic() - started, 1)
