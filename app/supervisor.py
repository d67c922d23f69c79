"""Keeps the processes of the Procfile running, and leaves none behind.

Each child has its own session, no shell in between, and a standing order to the kernel to end it when the supervisor
dies. What dies is started again after a pause that grows; at a stop all get SIGTERM, `grace` seconds, then SIGKILL.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterable, Mapping

import msgspec
import psutil
from honcho.environ import parse_procfile

from app.platform.clock import monotonic
from app.platform.telemetry import get_logger

log = get_logger(__name__)
GRACE_SECONDS = 20.0
STEADY_SECONDS = 10.0  # one that lived this long starts again at once: its death was not its start's fault
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Program(msgspec.Struct, frozen=True):
    """A process to keep: its name in the Procfile and its command, split into words."""

    name: str
    command: tuple[str, ...]


def programs(procfile: str) -> list[Program]:
    """The Procfile's lines, in its order."""
    return [Program(name, tuple(shlex.split(line))) for name, line in parse_procfile(procfile).processes.items()]


def backoff(failures: int) -> float:
    """Seconds to wait before starting again what ended `failures` times in a row right after its start."""
    return 0.0 if failures == 0 else min(10.0, 0.25 * 2.0 ** min(failures - 1, 6))


def bound_to(parent: int) -> Callable[[], None]:
    """For `preexec_fn`: the child is killed when `parent` dies, even if that happens before the order is in force."""

    def bind() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return bind


class Supervisor:
    """Start programs with `start`, end them all with `stop`."""

    def __init__(self, environ: Mapping[str, str], *, grace: float = GRACE_SECONDS) -> None:
        self.environ = dict(environ)
        self.grace = grace
        self.stopping = asyncio.Event()
        self.running: dict[str, asyncio.subprocess.Process] = {}
        self.restarts: dict[str, int] = {}
        self._keepers: list[asyncio.Task[None]] = []

    def start(self, wanted: Iterable[Program]) -> None:
        """Keep these running from now on; returns at once."""
        self._keepers += [asyncio.create_task(self._keep(program), name=program.name) for program in wanted]

    def pids(self) -> dict[str, int]:
        """Who runs as what now."""
        return {name: process.pid for name, process in self.running.items()}

    async def stop(self) -> None:
        """End every program and whatever they started; returns when all are gone."""
        family = [found for process in self.running.values() for found in self._descendants(process.pid)]
        self.stopping.set()
        for task in self._keepers:
            with contextlib.suppress(OSError):
                await task
        self._end_leftovers(family)

    async def _keep(self, program: Program) -> None:
        failures = 0
        while not self.stopping.is_set():
            started = monotonic()
            code = await self._run_once(program)
            if self.stopping.is_set():
                return
            failures = 0 if monotonic() - started > STEADY_SECONDS else failures + 1
            self.restarts[program.name] = self.restarts.get(program.name, 0) + 1
            log.warning("process_ended", name=program.name, code=code, again_in=backoff(failures))
            await self._pause(backoff(failures))

    async def _run_once(self, program: Program) -> int | None:
        """Start it, wait for its end or for the stop; its exit code, or None when it could not be started."""
        try:
            process = await self._spawn(program)
        except OSError as why:
            log.error("process_not_started", name=program.name, why=str(why))
            return None
        self.running[program.name] = process
        try:
            await self._until_ended_or_stopping(process)
            return await self._end(program, process)
        finally:
            self.running.pop(program.name, None)

    async def _spawn(self, program: Program) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *program.command,
            env=self.environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=sys.stderr,  # our own stdout is for people: the address, the sign-ins
            start_new_session=True,
            preexec_fn=bound_to(os.getpid()),
        )

    async def _until_ended_or_stopping(self, process: asyncio.subprocess.Process) -> None:
        """The flag is looked at after the spawn too: a stop that came during it must not be missed."""
        waits = [asyncio.create_task(process.wait()), asyncio.create_task(self.stopping.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()

    async def _end(self, program: Program, process: asyncio.subprocess.Process) -> int:
        """SIGTERM, the grace, SIGKILL; nothing to do for one that has ended by itself but what it left in its group."""
        try:
            if process.returncode is None:
                process.terminate()
            return await asyncio.wait_for(process.wait(), self.grace)
        except TimeoutError:
            log.warning("process_killed", name=program.name, after_seconds=self.grace)
            process.kill()
            return await process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)

    def _descendants(self, pid: int) -> list[psutil.Process]:
        try:
            return list(psutil.Process(pid).children(recursive=True))
        except psutil.NoSuchProcess:
            return []

    def _end_leftovers(self, family: list[psutil.Process]) -> None:
        """What a child started outside its group (a browser does) and did not end. psutil knows a reused pid."""
        for process in family:
            if process.is_running():
                with contextlib.suppress(psutil.NoSuchProcess):
                    log.warning("leftover_killed", name=process.name(), pid=process.pid)
                    process.kill()
