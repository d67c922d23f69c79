"""The embedded engines of one `cabrank up`: started, watched, stopped last."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import asyncpg

from app.config import Settings
from app.platform.embedded import Postgres, Valkey
from app.platform.telemetry import get_logger

log = get_logger(__name__)
WATCH_SECONDS = 0.5


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
        """Start again what dies, for ever. The processes wait for it meanwhile, as they do for any engine."""
        while True:
            for engine in self.engines:
                if engine.process is not None and engine.process.poll() is not None:
                    log.warning("engine_ended", engine=engine.name, code=engine.process.returncode)
                    engine.start()
            await asyncio.sleep(WATCH_SECONDS)


async def _create(postgres: Postgres) -> None:
    connection = await asyncpg.connect(user="cabrank", database="postgres", host=str(postgres.run))
    try:
        with suppress(asyncpg.DuplicateDatabaseError):
            await connection.execute("CREATE DATABASE cabrank")
    finally:
        await connection.close()
