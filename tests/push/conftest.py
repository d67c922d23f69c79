"""The office of each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from app.config import Settings
from app.platform.db import Database
from app.platform.objects import Objects
from tests.applications.world import make_world
from tests.push.browser import push_service
from tests.push.office import Office


@pytest_asyncio.fixture
async def office(db: Database, settings: Settings, objects: Objects) -> AsyncIterator[Office]:
    async with push_service() as outside:
        made = Office(db, settings, await make_world(db, objects), outside)
        await made.sign_in()
        yield made
        await made.courier.close()
