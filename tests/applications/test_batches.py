"""Several at once: a few at a time, with pauses, within the day's limit, each once, and stopped when told."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from app.applications import batches, service
from app.applications.batch_store import Batch
from app.applications.batches import Plan, Wanted
from app.applications.models import application_batch
from app.errors import Invalid, NotFound
from app.platform.outbox import outbox
from app.postings.models import posting
from app.postings.types import Posting
from tests.applications.world import World

QUICK = Plan(max_concurrent=2, delay_seconds=0)


async def _batch(world: World, offered: list[Posting], plan: Plan = QUICK) -> Batch:
    async with world.db.transaction() as tx:
        return await batches.create(tx, world.seeker_id, [Wanted(one.id, 90) for one in offered], plan)


async def _states(world: World, batch: Batch) -> list[str]:
    async with world.db.transaction() as tx:
        return [item.status or item.state for item in await batches.items(tx, batch.id)]


async def _ended(world: World, batch: Batch, status: str = "applied") -> None:
    """What runs has come to its end."""
    async with world.db.transaction() as tx:
        for item in await batches.items(tx, batch.id):
            if item.status == "applying" and item.application_id:
                await service.transition(tx, item.application_id, status, source="bot")


async def _frames(world: World) -> list[dict[str, object]]:
    query = select(outbox.c.data).where(outbox.c.type == "batch_progress").order_by(outbox.c.id)
    async with world.db.transaction() as tx:
        return list((await tx.conn.execute(query)).scalars())


async def test_a_few_at_a_time_until_all_are_done(world: World) -> None:
    batch = await _batch(world, [await world.posting() for _ in range(3)])
    await batches.tick(world.db, 20)
    assert await _states(world, batch) == ["applying", "applying", "waiting"]
    await batches.tick(world.db, 20)
    assert await _states(world, batch) == ["applying", "applying", "waiting"], "two at once, not more"
    await _ended(world, batch)
    await batches.tick(world.db, 20)
    assert await _states(world, batch) == ["applied", "applied", "applying"]
    await _ended(world, batch, "needs_attention")
    await batches.tick(world.db, 20)
    assert await batches.tick(world.db, 20) == 0, "it is over"
    told = [(frame["state"], frame["waiting"], frame["running"], frame["sent"]) for frame in await _frames(world)]
    assert told == [("open", 1, 2, 0), ("open", 0, 1, 2), ("done", 0, 0, 2)], "each change is told once"


async def test_a_pause_between_two(world: World) -> None:
    batch = await _batch(world, [await world.posting() for _ in range(2)], Plan(max_concurrent=5, delay_seconds=60))
    await batches.tick(world.db, 20)
    await batches.tick(world.db, 20)
    assert await _states(world, batch) == ["applying", "waiting"]
    async with world.db.transaction() as tx:
        before = func.clock_timestamp() - timedelta(seconds=61)
        await tx.conn.execute(update(application_batch).values(last_started_at=before))
    await batches.tick(world.db, 20)
    assert await _states(world, batch) == ["applying", "applying"]


async def test_the_days_limit_holds_and_the_rest_waits(world: World) -> None:
    await world.approve(await world.posting())
    batch = await _batch(world, [await world.posting() for _ in range(3)], Plan(max_concurrent=10, delay_seconds=0))
    await batches.tick(world.db, 2)
    await batches.tick(world.db, 2)
    assert await _states(world, batch) == ["applying", "waiting", "waiting"]


async def test_cancelling_stops_what_has_not_begun(world: World) -> None:
    batch = await _batch(world, [await world.posting() for _ in range(3)], Plan(max_concurrent=1, delay_seconds=0))
    await batches.tick(world.db, 20)
    async with world.db.transaction() as tx:
        await batches.cancel(tx, world.seeker_id, batch.id)
        again = await batches.cancel(tx, world.seeker_id, batch.id)
    assert again.state == "cancelled"
    await _ended(world, batch)
    await batches.tick(world.db, 20)
    assert await _states(world, batch) == ["applied", "cancelled", "cancelled"]


async def test_no_posting_gets_two_applications(world: World) -> None:
    """By two batches, looked at side by side, and one that had been applied for before."""
    offered = [await world.posting() for _ in range(3)]
    first = await world.approve(offered[0])
    plan = Plan(max_concurrent=10, delay_seconds=0)
    one, two = await _batch(world, offered, plan), await _batch(world, offered, plan)
    assert (await _states(world, one))[0] == "skipped"
    await asyncio.gather(*(batches.tick(world.db, 20) for _ in range(4)))
    async with world.db.transaction() as tx:
        apps = await service.of_seeker(tx, world.seeker_id)
    assert len(apps) == 3
    for app in apps:
        assert (await world.statuses(app)).count("applying") == 1
    assert sorted(await _states(world, two)) == ["skipped", "skipped", "skipped"]
    assert first.id in {app.id for app in apps}


async def test_a_posting_that_closes_is_left_out_and_holds_up_nobody(world: World) -> None:
    offered = [await world.posting() for _ in range(2)]
    batch = await _batch(world, offered)
    async with world.db.transaction() as tx:
        closed = {"state": "closed", "closed_at": func.clock_timestamp()}
        await tx.conn.execute(update(posting).where(posting.c.id == offered[0].id).values(closed))
    await batches.tick(world.db, 20)
    assert await _states(world, batch) == ["skipped", "applying"]


async def test_what_was_withdrawn_since_is_not_begun_again(world: World) -> None:
    before, since = await world.posting(), await world.posting()
    async with world.db.transaction() as tx:
        await service.transition(tx, (await world.approve(before)).id, "withdrawn", source="seeker")
    batch = await _batch(world, [since, before], Plan(max_concurrent=1, delay_seconds=0))
    async with world.db.transaction() as tx:
        await service.transition(tx, (await world.approve(since)).id, "withdrawn", source="seeker")
    for _ in range(2):
        await batches.tick(world.db, 20)
    assert await _states(world, batch) == ["skipped", "applying"]


async def test_refusals(world: World) -> None:
    posting = await world.posting()
    wrong = [Plan(max_concurrent=11), Plan(max_concurrent=0), Plan(delay_seconds=301)]
    for plan in wrong:
        with pytest.raises(Invalid):
            await _batch(world, [posting], plan)
    for offered in ([], [posting, posting]):
        with pytest.raises(Invalid):
            await _batch(world, offered)
    batch = await _batch(world, [posting])
    async with world.db.transaction() as tx:
        with pytest.raises(NotFound):
            await batches.owned(tx, UUID(int=9), batch.id)
        with pytest.raises(NotFound):
            await batches.cancel(tx, UUID(int=9), batch.id)
