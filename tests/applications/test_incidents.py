"""While submissions are stopped nothing is armed, whoever is first."""

import asyncio
from uuid import UUID

import pytest

from app.applications import incidents, intents
from app.applications.incidents import OnHold
from app.applications.types import Application
from app.platform.db import Database
from tests.applications.test_intents import _attempt, _prepared, _state
from tests.applications.world import World

BY = UUID(int=7)


async def begin(db: Database, *, stop: bool = True) -> None:
    async with db.transaction() as tx:
        assert await incidents.begin(tx, by=BY, reason="x", stop_submissions=stop, freeze_clocks=True) is not None


async def test_nothing_is_armed_while_it_lasts(world: World, applying: Application) -> None:
    attempt = _attempt(await world.claim(applying))
    intent = await _prepared(world, applying, attempt)
    await begin(world.db)
    with pytest.raises(OnHold):
        async with world.db.transaction() as tx:
            await intents.arm(tx, intent.id, attempt, request={"url": "u"}, answers=[])
    assert await _state(world, intent) == "prepared"
    async with world.db.transaction() as tx:
        assert await incidents.end(tx, by=BY) is not None
        await intents.arm(tx, intent.id, attempt, request={"url": "u"}, answers=[])
    assert await _state(world, intent) == "armed"


async def test_what_is_seen_to_have_left_is_noted_whatever_is_stopped(world: World, applying: Application) -> None:
    attempt = _attempt(await world.claim(applying))
    intent = await _prepared(world, applying, attempt)
    await begin(world.db)
    async with world.db.transaction() as tx:
        await intents.arm(tx, intent.id, attempt, request={"url": "u"}, answers=[], sent=True)
    assert await _state(world, intent) == "armed"


async def test_one_that_only_freezes_clocks_stops_no_submission(world: World, applying: Application) -> None:
    attempt = _attempt(await world.claim(applying))
    intent = await _prepared(world, applying, attempt)
    await begin(world.db, stop=False)
    async with world.db.transaction() as tx:
        await intents.arm(tx, intent.id, attempt, request={"url": "u"}, answers=[])


async def test_it_waits_for_what_is_being_armed_and_lets_nothing_in_after(world: World, applying: Application) -> None:
    """The incident has begun when its act is answered: what is armed then was committed before."""
    attempt = _attempt(await world.claim(applying))
    intent = await _prepared(world, applying, attempt)
    async with world.db.transaction() as tx:
        await intents.arm(tx, intent.id, attempt, request={"url": "u"}, answers=[])
        beginning = asyncio.create_task(begin(world.db))
        await asyncio.sleep(0.3)
        assert not beginning.done()
    await asyncio.wait_for(beginning, 5)
    assert await _state(world, intent) == "armed"

    async with world.db.transaction() as tx:
        await incidents.end(tx, by=BY)
    other = await world.approve(await world.posting())
    attempt = _attempt(await world.claim(other))
    second = await _prepared(world, other, attempt)

    async def arm() -> None:
        async with world.db.transaction() as tx:
            await intents.arm(tx, second.id, attempt, request={"url": "u"}, answers=[])

    async with world.db.transaction() as tx:
        await incidents.begin(tx, by=BY, reason="x", stop_submissions=True, freeze_clocks=False)
        arming = asyncio.create_task(arm())
        await asyncio.sleep(0.3)
        assert not arming.done()
    with pytest.raises(OnHold):
        await asyncio.wait_for(arming, 5)
    assert await _state(world, second) == "prepared"
