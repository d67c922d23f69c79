"""The embedded engines of a running house: killed, started again, with what they had."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from app.commands import engines as commands
from app.commands.engines import Engines
from app.config import Settings
from app.platform.clock import monotonic
from app.platform.embedded import Engine, EngineFailed, Postgres, Valkey
from app.platform.queue import connect


@asynccontextmanager
async def watched() -> AsyncIterator[tuple[Engines, asyncio.Task[None]]]:
    with tempfile.TemporaryDirectory(prefix="cabrank-engines-") as folder:
        Path(folder).chmod(0o755)
        with Engines(Settings(home=Path(folder))) as engines:
            engines.start()
            await engines.ensure_database()
            watch = asyncio.create_task(engines.watch())
            yield engines, watch
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)


async def again(engine: Engine, watch: asyncio.Task[None], dead: int) -> None:
    until = monotonic() + 20
    while engine.process is None or engine.process.pid == dead or not engine.answers():
        assert monotonic() < until
        assert not watch.done(), watch
        await asyncio.sleep(0.02)


async def test_killed_engines_come_back_with_what_was_committed() -> None:
    async with watched() as (engines, watch):
        postgres, valkey = engines.engines
        assert isinstance(postgres, Postgres)
        assert isinstance(valkey, Valkey)
        for n in range(3):
            connection = await asyncpg.connect(user="cabrank", database="cabrank", host=str(postgres.run))
            await connection.execute("CREATE TABLE IF NOT EXISTS kept (n integer)")
            await connection.execute("INSERT INTO kept VALUES ($1)", n)
            assert await connection.fetchval("SELECT count(*) FROM kept") == n + 1
            for engine in (postgres, valkey):
                assert engine.process is not None
                dead = engine.process.pid
                os.kill(dead, signal.SIGKILL)
                await again(engine, watch, dead)
            with contextlib.suppress(asyncpg.InterfaceError, OSError):
                connection.terminate()
        client = connect(valkey.url)
        assert await client.ping()
        await client.aclose()


async def test_an_engine_that_does_not_start_at_once_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "WATCH_SECONDS", 0.02)
    failures = [EngineFailed("a shared memory block is still in use")] * 3
    start = Valkey.start

    def stumbles(self: Valkey) -> None:
        if failures:
            raise failures.pop()
        start(self)

    async with watched() as (engines, watch):
        valkey = engines.engines[1]
        assert valkey.process is not None
        dead = valkey.process.pid
        monkeypatch.setattr(Valkey, "start", stumbles)
        os.kill(dead, signal.SIGKILL)
        await again(valkey, watch, dead)
        assert failures == []


async def test_an_engine_that_never_starts_ends_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "WATCH_SECONDS", 0.001)

    def never(self: Valkey) -> None:
        raise EngineFailed("no space left on device")

    async with watched() as (engines, watch):
        valkey = engines.engines[1]
        assert valkey.process is not None
        monkeypatch.setattr(Valkey, "start", never)
        os.kill(valkey.process.pid, signal.SIGKILL)
        with pytest.raises(EngineFailed, match="no space"):
            await asyncio.wait_for(watch, 10)
