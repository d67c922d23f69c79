"""`cabrank bench presence`: ten thousand sockets that beat every ten seconds, for five minutes.

Counted: how often anybody is not assignable though their socket is open, and what web process and socket cost.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

from app.bench.rig.crowd import Crowd
from app.bench.rig.report import Processes, commit_floor, frame_floor, machine, show, spread
from app.bench.rig.stack import running
from app.dispatch import heartbeats
from app.platform.clock import monotonic

PEOPLE = 10_000
SECONDS = 300.0
TTL_SECONDS = 35.0


async def _watch(crowd: Crowd, seconds: float) -> dict[str, Any]:
    """Who is seen as what, once a second."""
    states: Counter[str] = Counter()
    read: list[float] = []
    until = monotonic() + seconds
    presence = await heartbeats.presence(crowd.redis)
    while monotonic() < until:
        started = monotonic()
        await presence.refresh(crowd.redis)
        read.append(monotonic() - started)
        states.update(presence.of(member.user, TTL_SECONDS) for member in crowd.members)
        await asyncio.sleep(1.0)
    return {"looks": len(read), "seen_as": dict(states), "reading_changes_ms": spread(read)}


async def _measure() -> dict[str, Any]:
    told: dict[str, Any] = {"bench": "presence", "machine": machine(), "people": PEOPLE, "seconds": SECONDS}
    async with running() as stack:
        crowd = Crowd(stack)
        try:
            await crowd.seed(PEOPLE, available=False)
            idle = Processes(stack)
            before = idle.resident("web")
            told["connected_seconds"] = round(await crowd.connect(), 1)
            await asyncio.sleep(5)
            told["resident_kb_a_socket"] = round((idle.resident("web") - before) / PEOPLE / 1024, 1)
            frames, commits = await frame_floor(crowd, 100), await commit_floor(crowd)
            told["floor_frame_ms"], told["floor_commit_ms"] = spread(frames), spread(commits)
            processes, beats = Processes(stack), crowd.beats
            told |= await _watch(crowd, SECONDS)
            told["beats"] = crowd.beats - beats
            told["share_of_a_core"] = processes.share_of_a_core()
            told["sockets_lost"] = sum(len(member.closed) for member in crowd.members)
            told["resident_kb_a_socket_at_the_end"] = round((idle.resident("web") - before) / PEOPLE / 1024, 1)
        finally:
            await crowd.close()
    return told


def run(environ: Mapping[str, str], *, as_json: bool) -> int:
    """Measure and print; 0."""
    show(asyncio.run(_measure()), as_json=as_json)
    return 0
