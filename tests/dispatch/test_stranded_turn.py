"""A stranded review keeps its place: whoever comes back gets the oldest, whichever wake sees them first."""

from __future__ import annotations

from app.dispatch import service
from tests.dispatch.floor import Floor


async def test_a_quick_wake_gives_the_older_stranded_one_before_a_newer(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    async with floor.db.transaction() as tx:
        await service.set_availability(tx, ana, "paused")
    old = await floor.file("old")
    await floor.settle()
    assert (await floor.review(old.id)).stranded == "all_away"
    new = await floor.file("new")
    async with floor.db.transaction() as tx:
        await service.set_availability(tx, ana, "available")
    assert (await floor.quick()).did == {"Assign": 1}
    assert (await floor.open_of(ana)).review_id == old.id
    assert (await floor.review(new.id)).state == "queued"
    await floor.check()


async def test_a_quick_wake_gives_nothing_out_of_a_pool_that_was_just_paused(floor: Floor) -> None:
    ana, boss = await floor.employee("Ana"), await floor.user("Boss", "supervisor")
    async with floor.db.transaction() as tx:
        await service.set_availability(tx, ana, "paused")
    stranded = await floor.file("stranded")
    await floor.settle()
    fresh = await floor.file("fresh")
    async with floor.db.transaction() as tx:
        await service.pause_pool(tx, await floor.general(), actor=boss, paused=True)
        await service.set_availability(tx, ana, "available")
    assert (await floor.quick()).did == {}  # no whole wake has seen the pause yet
    assert [(await floor.review(one.id)).state for one in (stranded, fresh)] == ["queued", "queued"]
    await floor.check()
