"""One holder at a time."""

from __future__ import annotations

import asyncio

import pytest

from app.platform import lease
from app.platform.db import Database
from app.platform.queue import LeaseLost


async def test_one_of_many_gets_the_lease(db: Database) -> None:
    epochs = await asyncio.gather(*(lease.acquire(db, "rank", f"holder {n}", 5) for n in range(6)))
    assert [epoch for epoch in epochs if epoch] == [1]


async def test_a_standby_takes_over_and_the_old_holder_writes_nothing(db: Database) -> None:
    old = await lease.acquire(db, "rank", "old", 5)
    assert old == 1
    await asyncio.sleep(0.02)
    new = await lease.acquire(db, "rank", "new", 0.01)
    assert new == 2
    assert not await lease.beat(db, "rank", old)
    with pytest.raises(LeaseLost):
        async with db.transaction() as tx:
            await lease.hold(tx, "rank", old)
    async with db.transaction() as tx:
        await lease.hold(tx, "rank", new)


async def test_a_released_lease_is_free_at_once(db: Database) -> None:
    epoch = await lease.acquire(db, "rank", "old", 5)
    assert epoch is not None
    await lease.release(db, "rank", epoch)
    assert await lease.acquire(db, "rank", "new", 5) == 2
