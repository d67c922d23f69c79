"""A real embedder in a process of its own, for tests that want scores."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def running(home: Path, *, wait_seconds: float = 90) -> Iterator[subprocess.Popen[bytes]]:
    """The embedder under `home`, ready when the block begins, gone when it ends."""
    command = [sys.executable, "-m", "tests.match.embedder_process", str(home)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        socket, until = home / "run" / "embedder.sock", time.monotonic() + wait_seconds
        while not socket.exists():
            assert process.poll() is None, "the embedder ended while it was loading"
            assert time.monotonic() < until, "the embedder did not get ready"
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait(20)


async def _serve(home: Path) -> None:
    from app.bots.match.embedder import serve
    from app.config import Settings

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await serve(Settings(home=home), stop)


if __name__ == "__main__":
    os.chdir(ROOT)
    asyncio.run(_serve(Path(sys.argv[1])))
