"""Are all processes there? Each beats into the database; the ones with an address answer on it as well."""

from __future__ import annotations

import asyncio
import contextlib

import httpx
from sqlalchemy.exc import SQLAlchemyError

from app.bots.match.embedder_client import Embedder, EmbedderUnavailable
from app.commands.places import split
from app.config import Settings
from app.platform.beats import beats
from app.platform.clock import monotonic
from app.platform.db import Database
from app.platform.telemetry import get_logger

log = get_logger(__name__)
FRESH_SECONDS = 5.0
TELL_SECONDS = 15.0


async def until_ready(db: Database, settings: Settings, names: list[str]) -> None:
    """Return when every named process answers; meanwhile say now and then who is still missing."""
    told, here = monotonic(), set[str]()
    async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
        while missing := await _missing(db, client, settings, names):
            if new := set(names) - set(missing) - here:
                log.debug("processes_ready", names=sorted(new))
                here |= new
            if monotonic() - told > TELL_SECONDS:
                log.warning("still_starting", missing=missing)
                told = monotonic()
            await asyncio.sleep(0.1)


async def _missing(db: Database, client: httpx.AsyncClient, settings: Settings, names: list[str]) -> list[str]:
    beating = await _beating(db)
    missing = [name for name in names if name not in {"practice", "web"} and name not in beating]
    if "embedder" in names and "embedder" not in missing and not await _model_loaded(settings):
        missing.append("embedder")
    if "practice" in names and not await _listens(settings.practice_bind):
        missing.append("practice")
    if "web" in names and not await _answers(client, f"http://{settings.bind}/health/ready"):
        missing.append("web")
    return missing


async def _beating(db: Database) -> set[str]:
    """Components with a beat of this run: the instances of an earlier run on this machine are dead, however fresh."""
    with contextlib.suppress(SQLAlchemyError, OSError):
        async with db.transaction() as tx:
            return {beat.component for beat in await beats(tx, within_seconds=FRESH_SECONDS) if _alive(beat.instance)}
    return set()


def _alive(instance: str) -> bool:
    import psutil

    return bool(psutil.pid_exists(int(instance.rpartition(":")[2])))


async def _model_loaded(settings: Settings) -> bool:
    """It beats while it still loads; it answers when it has."""
    client = Embedder(settings.embedder_socket, timeout_seconds=2)
    try:
        await client.ready()
    except EmbedderUnavailable:
        return False
    finally:
        await client.close()
    return True


async def until_listening(address: str) -> None:
    """Until somebody takes connections there."""
    while not await _listens(address):  # noqa: ASYNC110 - another process's life has no event
        await asyncio.sleep(0.05)


async def _listens(address: str) -> bool:
    try:
        _, writer = await asyncio.open_connection(*split(address))
    except OSError:
        return False
    writer.close()
    return True


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == 200
    except httpx.HTTPError:
        return False
