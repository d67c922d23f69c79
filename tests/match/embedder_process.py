"""A real embedder in a process of its own, for tests that want scores."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Running:
    """An embedder under `home` that can be killed and started again; `model` as CABRANK_EMBEDDING_MODEL."""

    def __init__(self, home: Path, model: str = "") -> None:
        self.home = home
        self.model = model
        self.socket = home / "run" / "embedder.sock"
        self.process: subprocess.Popen[bytes] | None = None

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start it and return at once."""
        command = [sys.executable, "-m", "tests.match.embedder_process", str(self.home), self.model]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        return self.process

    def start(self, *, wait_seconds: float = 90) -> None:
        """Start it and return when it takes connections; does nothing where it runs."""
        if self.process is not None and self.process.poll() is None:
            return
        process, until = self.spawn(), time.monotonic() + wait_seconds
        while not self.answers():
            assert process.poll() is None, "the embedder ended while it was loading"
            assert time.monotonic() < until, "the embedder did not get ready"
            time.sleep(0.05)

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)


@contextmanager
def running(home: Path, model: str = "") -> Iterator[Running]:
    """The embedder under `home`, ready when the block begins, gone when it ends."""
    embedder = Running(home, model)
    try:
        embedder.start()
        yield embedder
    finally:
        embedder.stop()


async def _serve(home: Path, model: str) -> None:
    from app.bots.match.embedder import serve
    from app.config import Settings

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await serve(Settings(home=home, embedding_model=model or None), stop)


if __name__ == "__main__":
    os.chdir(ROOT)
    asyncio.run(_serve(Path(sys.argv[1]), sys.argv[2]))
