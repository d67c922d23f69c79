"""Are all processes there? The ones with an address answer on it, the others beat into the database.

Looked at often while two cores are busy starting things, so by the barest means.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from app.commands.places import split
from app.config import Settings
from app.platform.beats import beats, instance_name
from app.platform.clock import monotonic
from app.platform.db import Database
from app.platform.telemetry import get_logger

log = get_logger(__name__)
LOOK_SECONDS = 0.15
TELL_SECONDS = 15.0
Pids = Callable[[], Mapping[str, int]]


async def until_ready(db: Database, settings: Settings, names: list[str], pids: Pids) -> None:
    """Return when every named process has answered; now and then say who has not. `pids`: who runs as what now."""
    with_address: dict[str, Callable[[], Awaitable[bool]]] = {
        "web": lambda: _answers(settings.bind, "/health/ready"),
        "practice": lambda: listens(settings.practice_bind),
        "embedder": lambda: _takes(str(settings.embedder_socket)),
    }
    missing, told = list(names), monotonic()
    while missing:
        beating = await _beating(db)
        for name in list(missing):
            look = with_address.get(name)
            if await look() if look else _instance(pids().get(name)) in beating:
                missing.remove(name)
        if missing and monotonic() - told > TELL_SECONDS:
            log.warning("still_starting", missing=missing)
            told = monotonic()
        await asyncio.sleep(LOOK_SECONDS if missing else 0)


def _instance(pid: int | None) -> str:
    """How the process with this pid names itself when it beats; an earlier run's beats don't count."""
    return f"{instance_name().rpartition(':')[0]}:{pid}"


async def _beating(db: Database) -> set[str]:
    with suppress(SQLAlchemyError, OSError):
        async with db.transaction() as tx:
            return {beat.instance for beat in await beats(tx, within_seconds=5)}
    return set()


async def until_listening(address: str) -> None:
    """Until somebody takes connections there."""
    while not await listens(address):  # noqa: ASYNC110 - another process's life has no event
        await asyncio.sleep(0.05)


async def listens(address: str) -> bool:
    """Whether somebody takes connections at host:port."""
    try:
        _, writer = await asyncio.open_connection(*split(address))
    except OSError:
        return False
    writer.close()
    return True


async def _takes(path: str) -> bool:
    """The embedder's socket appears when its model is loaded."""
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.close()
    return True


async def _answers(address: str, path: str) -> bool:
    """Whether a GET there is answered with 200 within two seconds."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(*split(address))
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
            status = await reader.readline()
            writer.close()
    except (OSError, TimeoutError):
        return False
    return status.split(b" ")[1:2] == [b"200"]
