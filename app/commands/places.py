"""Where things may stand: one `up` per home, free ports, loopback or not."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app import config
from app.config import ConfigError
from app.errors import Unavailable


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the home for this process. The kernel lets go when we die.

    Raises Unavailable with the other's pid, and ConfigError for a home that can't be.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = (home / "up.lock").open("a+")
    except OSError as why:
        takes = f"a folder that can be written to ({why.strerror})"
        raise ConfigError(f"CABRANK_HOME: got {str(home)!r}, takes {takes}") from None
    with file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Unavailable(f"`cabrank up` already runs on {home} (process {lock.read().strip()})") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def split(address: str) -> tuple[str, int]:
    """`127.0.0.1:8000` or `[::1]:8000` as host and port."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def check_free(variable: str, address: str) -> None:
    """Raises ConfigError in one line when somebody listens there already, or when it isn't ours to listen on."""
    host, port = split(address)
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as why:
        raise ConfigError(f"{variable}: got {address!r}, takes an address that is free ({why.strerror})") from None


def is_loopback(address: str) -> bool:
    return config.is_loopback(split(address)[0])
