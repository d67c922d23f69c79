"""A whole Cabrank of one's own on free ports, for loads and for tests that kill: started, asked, stopped by pid."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from app.errors import Unavailable
from app.platform.clock import monotonic
from app.supervisor import bound_to

STAFF_PASSWORD = "a long enough pass phrase"  # noqa: S105 - of a home that lives for a minute on loopback
READY_SECONDS = 120.0


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on now."""
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return ports


class NotReady(Unavailable):
    """The processes did not answer in time; the detail ends with the log's last lines."""


class Stack:
    """`cabrank up` as a child process. `home` outlives a stop, so that `start` brings the same data back."""

    def __init__(self, home: Path, environ: Mapping[str, str] | None = None, *, demo: bool = False) -> None:
        web, practice = free_ports(2)
        self.home = home
        self.address = f"http://127.0.0.1:{web}"
        self.practice = f"http://127.0.0.1:{practice}"
        self.demo = demo
        self.log = home / "up.log"
        own = {"CABRANK_HOME": str(home), "CABRANK_BIND": f"127.0.0.1:{web}", "CABRANK_LOG_FORMAT": "json"}
        own |= {"CABRANK_PRACTICE_BIND": f"127.0.0.1:{practice}"}
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CABRANK_", "DATABASE_", "REDIS_"))
        }
        self.environ = kept | own | dict(environ or {})
        self.process: asyncio.subprocess.Process | None = None
        self.welcome: list[str] = []

    async def start(self) -> float:
        """Start and wait for `ready`; the seconds it took. Raises NotReady."""
        started = monotonic()
        command = [sys.executable, "-m", "app.cli", "up", *([] if self.demo else ["--no-demo"])]
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *command,
                env=self.environ,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=Path(__file__).parents[3],
                preexec_fn=bound_to(os.getpid()),  # what is measured next must not share the machine with this
            )
        try:
            await asyncio.wait_for(self._until_ready(), READY_SECONDS)
        except TimeoutError as why:
            raise NotReady(f"not ready after {READY_SECONDS:.0f} s\n{self.tail()}") from why
        return monotonic() - started

    async def _until_ready(self) -> None:
        assert self.process is not None and self.process.stdout is not None  # noqa: S101, PT018 - just started
        async for line in self.process.stdout:
            self.welcome.append(line.decode().rstrip())
            if self.welcome[-1].startswith("ready "):
                return
        raise NotReady(f"it ended before it was ready\n{self.tail()}")

    def tail(self, lines: int = 30) -> str:
        """The last lines of the processes' common log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    @property
    def supervisor(self) -> int:
        assert self.process is not None  # noqa: S101 - only asked while it runs
        return self.process.pid

    def pids(self) -> dict[str, int]:
        """The running processes by their Procfile names."""
        found = {}
        for child in psutil.Process(self.supervisor).children():
            try:
                words = child.cmdline()
            except (psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
            at = next((n for n, word in enumerate(words) if Path(word).name == "cabrank"), None)
            if at is not None:
                found["-".join(words[at + 1 : at + 3])] = child.pid
        return found

    def kill(self, name: str) -> None:
        """SIGKILL to one process by its Procfile name, or to the supervisor."""
        os.kill(self.supervisor if name == "supervisor" else self.pids()[name], signal.SIGKILL)

    async def until_running(self, name: str, other_than: int, seconds: float = 60) -> None:
        """Until the process is back under another pid."""
        async with asyncio.timeout(seconds):
            while self.pids().get(name, other_than) == other_than:  # noqa: ASYNC110 - another process's life has no event
                await asyncio.sleep(0.05)

    async def stop(self) -> int | None:
        """SIGTERM, and wait; its exit code."""
        if self.process is None:
            return None
        if self.process.returncode is None:
            self.process.terminate()
        return await self.process.wait()

    def memory(self) -> dict[str, int]:
        """PSS in bytes by process, its children (a browser) counted with it; engines under their own names."""
        totals: dict[str, int] = {"supervisor": _pss(self.supervisor)}
        named = {pid: name for name, pid in self.pids().items()}
        for child in psutil.Process(self.supervisor).children():
            family = [child.pid, *(one.pid for one in child.children(recursive=True))]
            name = named.get(child.pid) or child.name()
            totals[name] = totals.get(name, 0) + sum(_pss(pid) for pid in family)
        return totals

    async def add_user(self, email: str, role: str) -> None:
        """By `cabrank users add`, as an operator would."""
        who = [email, "--role", role, "--name", email.split("@")[0], "--password-stdin"]
        done = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.cli", "users", "add", *who),
            env=self.environ,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        _, said = await done.communicate(STAFF_PASSWORD.encode())
        if done.returncode != 0:
            raise NotReady(f"users add {email}: {said.decode()[-500:]}")

    async def sign_in(self, email: str, password: str = STAFF_PASSWORD) -> httpx.AsyncClient:
        """A client with the person's bearer token."""
        client = httpx.AsyncClient(base_url=self.address, timeout=30)
        answer = await client.post("/api/auth/token", json={"email": email, "password": password})
        answer.raise_for_status()
        client.headers["authorization"] = f"Bearer {answer.json()['token']}"
        return client

    async def practice_json(self, path: str, **body: Any) -> Any:
        """Ask the practice board; with a body, tell it."""
        async with httpx.AsyncClient(base_url=self.practice, timeout=30) as client:
            answer = await (client.post(path, json=body) if body else client.get(path))
            answer.raise_for_status()
            return answer.json() if answer.content else None


def _pss(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied, AttributeError):
        return 0


@asynccontextmanager
async def running(environ: Mapping[str, str] | None = None, *, demo: bool = False) -> AsyncIterator[Stack]:
    """A ready stack in a new home that goes with it."""
    with tempfile.TemporaryDirectory(prefix="cabrank-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)  # the embedded PostgreSQL may run as another user
        stack = Stack(home, environ, demo=demo)
        try:
            await stack.start()
            yield stack
        finally:
            await stack.stop()
