"""The house for browser tests; the embedder is loaded once for all of them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect
from pytest_asyncio import is_async_test
from redis.asyncio import Redis

from app.config import Settings
from app.platform.chromium import find
from app.platform.db import Database
from app.platform.objects import Objects
from tests.browser.chromium import ARGS
from tests.browser.house import House, free_port
from tests.conftest import Engines, emptied_redis, new_database, opened_database
from tests.match.embedder_process import running

HERE = Path(__file__).parent
expect.set_options(timeout=20_000)  # other tests run beside these


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these run on the session's loop, the browser's own."""
    mine = [item for item in items if item.path.is_relative_to(HERE) and is_async_test(item)]
    for item in mine:
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def embedder_home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="cabrank-embedder-"))
    with running(home):
        yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One for all tests of a process: it belongs to the loop that it was started on, and so do these tests."""
    found = find(None)
    if found is None:
        pytest.skip("no Chromium here; the README says how to get one")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=str(found), args=ARGS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chromium: Browser) -> AsyncIterator[Browser]:
    """Empty: what a test has opened is closed after it, and its cookies, storage and cache go with that."""
    yield chromium
    for context in chromium.contexts:
        await context.close()


# As every test's, on the loop of these. Each is a function of its own: a fixture's loop is noted on its function.
@pytest_asyncio.fixture(loop_scope="session")
async def database_url(engines: Engines) -> AsyncIterator[str]:
    async for url in new_database(engines):
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def redis(engines: Engines) -> AsyncIterator[Redis]:
    async for client in emptied_redis(engines):
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def db(database_url: str, redis: Redis) -> AsyncIterator[Database]:
    async for database in opened_database(database_url, redis):
        yield database


@pytest_asyncio.fixture(loop_scope="session")
async def house(
    settings: Settings, db: Database, redis: Redis, objects: Objects, browser: Browser, embedder_home: Path
) -> AsyncIterator[House]:
    bind = f"127.0.0.1:{free_port()}"
    settings = msgspec.structs.replace(settings, home=embedder_home, bind=bind, public_url=f"http://{bind}")
    opened = House(settings, db, redis, objects, browser)  # type: ignore[arg-type]  # the fixture's Redis is an ArqRedis
    await opened.open()
    yield opened
    await opened.close()
