from __future__ import annotations

import pytest_asyncio
from redis.asyncio import Redis

from app.dispatch.policy.types import Rules
from app.platform.db import Database
from tests.dispatch.floor import Floor


@pytest_asyncio.fixture
async def floor(db: Database, redis: Redis) -> Floor:
    return await Floor(db, redis, Rules()).open()
