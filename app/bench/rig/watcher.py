"""Frames timed from a process of their own: what the rest of a load costs its generator isn't in the figures."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from app.bench.rig.crowd import Crowd, Member
from app.bench.rig.report import FrameTimer
from app.bench.rig.stack import NotReady, Stack

LIMIT = 64 * 1024 * 1024  # bytes of one answer


class Watcher:
    """The other process, as seen from here."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, given: object) -> list[float]:
        """Seconds that each frame took; empty for the members to hold. Raises NotReady where the process has ended."""
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101, PT018 - pipes
        self._process.stdin.write(json.dumps(given, default=str).encode() + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise NotReady("the process that times frames has ended")
        took: list[float] = json.loads(line)
        return took

    async def measure(self, seconds: float) -> list[float]:
        """Time frames to the members, one after the other, for so long."""
        return await self.ask(seconds)


@asynccontextmanager
async def watching(stack: Stack, port: int, members: Sequence[Member]) -> AsyncIterator[Watcher]:
    """Hold a socket of each of these at the web process of this port, and time frames to them."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.bench.rig.watcher", str(stack.home), str(port)),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[3], limit=LIMIT,
    )  # fmt: skip
    watcher = Watcher(process)
    try:
        await watcher.ask([[member.user, member.token] for member in members])
        yield watcher
    finally:
        process.terminate()
        await process.wait()


async def _serve(home: str, port: str) -> None:
    stack = Stack(Path(home))
    stack.address = f"http://127.0.0.1:{port}"
    crowd, loop = Crowd(stack), asyncio.get_running_loop()
    crowd.members = [Member(UUID(user), token) for user, token in json.loads(sys.stdin.readline())]
    await crowd.connect()
    timer = FrameTimer(crowd, crowd.members)
    print("[]", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await timer.measure(float(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
