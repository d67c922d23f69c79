"""Houses that stay open for all tests of a file, on one event loop: what is asked of every page is asked many times."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from app.config import Settings
from app.platform.db import Database
from app.platform.embedded import Valkey
from app.platform.hints import ValkeyHints
from app.platform.ids import new_id
from app.platform.objects import Objects
from app.platform.queue import connect
from tests.browser.house import House, free_port
from tests.browser.quality.furnished import GRACE, Furnished, furnish
from tests.conftest import Engines


@asynccontextmanager
async def opened_house(engines: Engines, browser: Browser, home: Path) -> AsyncIterator[House]:
    """A house on a database and a Valkey of its own, for others come and go beside it.

    No embedder: scores are written down, not reckoned.
    """
    name = f"t{new_id().hex}"
    await engines.sql(f"CREATE DATABASE {name} TEMPLATE template_cabrank STRATEGY file_copy")
    valkey = Valkey(home, durable=False)
    valkey.start()
    redis = connect(valkey.url)
    url, bind = engines.postgres.url(name), f"127.0.0.1:{free_port()}"
    db = Database(url, hints=ValkeyHints(redis), pool_size=10, process="test")
    settings = Settings(home=home, database_url=url, redis_url=valkey.url)
    # what is on a desk stays there, though its page is opened minutes later
    patient = {"delivery_grace_seconds": GRACE, "disconnect_grace_seconds": GRACE}
    settings = msgspec.structs.replace(settings, bind=bind, public_url=f"http://{bind}", **patient)
    house = House(settings, db, redis, Objects.in_memory(), browser)
    await house.open()
    yield house
    await house.close()
    await db.dispose()
    await redis.aclose()
    valkey.stop()
    await engines.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def house(engines: Engines, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with opened_house(engines, chromium, tmp_path_factory.mktemp("furnished")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def made(house: House) -> Furnished:
    return await furnish(house)
