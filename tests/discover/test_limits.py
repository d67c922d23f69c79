"""The breaker and the shared rate, on real engines."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, update

from app.platform import breaker
from app.platform.db import Database
from app.platform.ratelimit import RateLimit


async def _fail(db: Database, times: int) -> list[bool]:
    opened = []
    for _ in range(times):
        async with db.transaction() as tx:
            opened.append(await breaker.failed(tx, "portal", "500"))
    return opened


async def _allow(db: Database) -> float:
    async with db.transaction() as tx:
        return await breaker.allow(tx, "portal")


async def _pause_over(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.conn.execute(update(breaker.breaker).values(retry_at=func.clock_timestamp()))


async def test_a_breaker_opens_lets_one_try_and_closes(db: Database) -> None:
    assert await _allow(db) == 0
    assert await _fail(db, 5) == [False] * 4 + [True]
    assert 55 < await _allow(db) <= 60
    await _pause_over(db)
    asked = await asyncio.gather(*(_allow(db) for _ in range(8)))
    assert sorted(wait == 0 for wait in asked) == [False] * 7 + [True]
    assert await _fail(db, 1) == [False]  # it was open, and stays open for longer
    assert 115 < await _allow(db) <= 120
    await _pause_over(db)
    assert await _allow(db) == 0
    async with db.transaction() as tx:
        assert await breaker.succeeded(tx, "portal")
        [found] = await breaker.every(tx)
    assert (found.state, found.failures, found.retry_at) == ("closed", 0, None)
    assert await _allow(db) == 0


async def test_failures_in_between_successes_open_nothing(db: Database) -> None:
    for _ in range(4):
        await _fail(db, 4)
        async with db.transaction() as tx:
            assert not await breaker.succeeded(tx, "portal")
    assert await _allow(db) == 0


async def test_a_try_that_never_reports_back_is_replaced(db: Database) -> None:
    await _fail(db, 5)
    await _pause_over(db)
    assert await _allow(db) == 0
    assert await _allow(db) > 0
    await _pause_over(db)
    assert await _allow(db) == 0


async def test_a_person_may_close_it(db: Database) -> None:
    await _fail(db, 5)
    async with db.transaction() as tx:
        assert await breaker.reset(tx, "portal")
        assert not await breaker.reset(tx, "portal")
    assert await _allow(db) == 0


@pytest.fixture
async def processes(redis: Redis) -> AsyncIterator[list[RateLimit]]:
    return [RateLimit(redis) for _ in range(4)]


async def test_all_processes_share_one_rate(processes: list[RateLimit]) -> None:
    grants = [await one.take("portal", rate=0.5, burst=5) for one in processes for _ in range(10)]
    assert sum(grant.granted for grant in grants) == 5
    refused = next(grant for grant in grants if not grant.granted)
    assert 1.5 < refused.wait <= 2.0
    assert (await processes[0].take("another", rate=0.5)).granted


async def test_turns_are_handed_out_ahead_to_the_patient(processes: list[RateLimit]) -> None:
    grants = await asyncio.gather(*(processes[n % 4].take("portal", rate=10, patience=5) for n in range(8)))
    waits = sorted(grant.wait for grant in grants)
    assert all(grant.granted for grant in grants)
    assert all(0.05 < later - earlier < 0.15 for earlier, later in itertools.pairwise(waits))


async def test_a_block_holds_everybody(processes: list[RateLimit]) -> None:
    await processes[0].block("portal", 120)
    await processes[1].block("portal", 5)  # a shorter one doesn't shorten it
    grant = await processes[2].take("portal", rate=100, burst=10, patience=60)
    assert not grant.granted
    assert 115 < grant.wait <= 120


async def test_without_valkey_each_keeps_to_a_fraction(tmp_path: object) -> None:
    away = RateLimit(Redis(unix_socket_path="/nonexistent/valkey.sock"))
    first, second = [await away.take("portal", rate=2, burst=5) for _ in range(2)]
    assert first.granted
    assert not second.granted
    assert 1.5 < second.wait <= 2.0
    await away.block("other", 30)
    assert not (await away.take("other", rate=100)).granted
