"""A seeker with a resume, and postings to apply for."""

import pytest

from app.applications import service
from app.applications.types import Application
from app.platform.db import Database
from app.platform.objects import Objects
from tests.applications.world import World, make_world


@pytest.fixture
async def world(db: Database, objects: Objects) -> World:
    return await make_world(db, objects)


@pytest.fixture
async def applying(world: World) -> Application:
    """An application that was just given to the bot."""
    posting = await world.posting()
    async with world.db.transaction() as tx:
        return await service.approve(
            tx, seeker_id=world.seeker_id, posting_id=posting.id, score=93.5, resume_version_id=world.resume_id
        )
