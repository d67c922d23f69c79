"""Dispatcher processes share the groups, and take over from each other."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select

from app.config import Settings
from app.dispatch import service
from app.platform.clock import monotonic
from app.platform.db import Database
from app.platform.lease import lease
from tests.conftest import ROOT
from tests.dispatch.test_dispatcher import until

GROUPS = 4


@asynccontextmanager
async def dispatcher(settings: Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    environ = os.environ | {
        "DATABASE_URL": settings.database_url or "",
        "REDIS_URL": settings.redis_url or "",
        "CABRANK_HOME": str(settings.home),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", "dispatcher", cwd=ROOT, env=environ, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def led(db: Database) -> Counter[int]:
    """How many leases that are alive each process holds, by its pid."""
    fresh = lease.c.beat_at > func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, 3)
    async with db.transaction() as tx:
        rows = await tx.conn.execute(select(lease.c.holder).where(lease.c.name.like("dispatcher:%"), fresh))
        return Counter(int(row[0].split(":")[1]) for row in rows)


@pytest.mark.slow
async def test_two_processes_share_and_take_over(settings: Settings, db: Database, redis: Redis) -> None:
    async with db.transaction() as tx:
        await service.ensure_defaults(tx)
        for n in range(GROUPS - 1):
            await service.add_pool(tx, actor=None, name=f"P{n}", group=f"G{n}")
    async with dispatcher(settings) as first:

        async def all_first() -> bool:
            return await led(db) == {first.pid: GROUPS}

        await until(all_first, 30)
        async with dispatcher(settings) as second:

            async def halved() -> bool:
                return await led(db) == {first.pid: GROUPS // 2, second.pid: GROUPS // 2}

            await until(halved, 30)
            await asyncio.sleep(5)
            assert await halved(), "it stays as it is shared"
            first.kill()
            killed = monotonic()

            async def all_second() -> bool:
                return await led(db) == {second.pid: GROUPS}

            await until(all_second, 10)
            assert monotonic() - killed < 5
