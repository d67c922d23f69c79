"""A board, a browser, a seeker."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from app.bots.apply.browser import Chromium
from app.platform.db import Database
from app.platform.objects import Objects
from app.practice.server import create_app, running
from tests.applications.world import World, make_world
from tests.apply.board import Board


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[Board]:
    app = create_app(tmp_path / "practice")
    async with running(app) as origin, httpx.AsyncClient(base_url=origin, trust_env=False) as client:
        yield Board(origin, client)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Chromium]:
    """One browser a module; every attempt has a context of its own."""
    browser = Chromium(None)
    yield browser
    await browser.close()


@pytest.fixture
async def world(db: Database, objects: Objects) -> World:
    return await make_world(db, objects)
