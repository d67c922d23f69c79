"""The embedded engines of one `cabrank up`: started, watched, stopped last."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import asyncpg

from app.config import Settings
from app.platform.embedded import EngineFailed, Postgres, Valkey
from app.platform.telemetry import get_logger

log = get_logger(__name__)
WATCH_SECONDS = 0.5
TRIES = 8  # eighteen seconds in all


class Engines:
    """Those that no URL was given for. Start them from the main thread: they end with the thread that started them."""

    def __init__(self, settings: Settings) -> None:
        self.engines: list[Postgres | Valkey] = []
        if settings.database_url is None:
            self.engines.append(Postgres(settings.home))
        if settings.redis_url is None:
            self.engines.append(Valkey(settings.home))

    def __enter__(self) -> Engines:
        return self

    def __exit__(self, *_: object) -> None:
        for engine in self.engines:
            engine.stop()

    def start(self) -> None:
        """Raises EngineFailed."""
        for engine in self.engines:
            engine.start()

    async def ensure_database(self) -> None:
        """A new cluster holds only the server's own databases."""
        for engine in self.engines:
            if isinstance(engine, Postgres):
                await _create(engine)

    async def watch(self) -> None:
        """Start again what dies, for ever. The processes wait for it meanwhile, as they do for any engine.

        Raises EngineFailed where one can't be started however often it is tried.
        """
        while True:
            for engine in self.engines:
                if engine.process is not None and engine.process.poll() is not None:
                    log.warning("engine_ended", engine=engine.name, code=engine.process.returncode)
                    await _again(engine)
            await asyncio.sleep(WATCH_SECONDS)


async def _again(engine: Postgres | Valkey) -> None:
    """What a dead server left behind (its own children, a lock) may be in the way of the next one for a while."""
    for attempt in range(1, TRIES + 1):
        try:
            engine.start()
            return
        except EngineFailed as why:
            if attempt == TRIES:
                raise
            log.warning("engine_not_started", engine=engine.name, attempt=attempt, why=str(why))
            await asyncio.sleep(WATCH_SECONDS * attempt)


async def _create(postgres: Postgres) -> None:
    connection = await asyncpg.connect(user="cabrank", database="postgres", host=str(postgres.run))
    try:
        with suppress(asyncpg.DuplicateDatabaseError):
            await connection.execute("CREATE DATABASE cabrank")
    finally:
        await connection.close()
