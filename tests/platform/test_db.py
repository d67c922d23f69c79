"""The pool of connections: what the server closed is replaced unseen, and the pool can be opened beforehand."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import text

from app.platform.db import Database

MINE = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'cabrank pool-test %'"


async def backends(db: Database) -> set[int]:
    async with db.transaction() as tx:
        return set((await tx.conn.execute(text(MINE))).scalars())


async def one(db: Database, together: asyncio.Barrier) -> int:
    async with db.transaction() as tx:
        pid: int = (await tx.conn.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        await together.wait()
        return pid


async def direct(db: Database) -> int:
    async with db.direct() as tx:
        pid: int = await (await tx.driver()).fetchval("SELECT pg_backend_pid()")
        return pid


def url_of(db: Database) -> str:
    return db.engine.url.render_as_string(hide_password=False)


async def test_what_the_server_closed_is_replaced_without_anybody_noticing(db: Database) -> None:
    mine = Database(url_of(db), pool_size=4, process="pool-test")
    together = asyncio.Barrier(3)
    before = set(await asyncio.gather(*(one(mine, together) for _ in range(3)))) | {await direct(mine)}
    assert await backends(db) == before
    async with db.transaction() as tx:
        await tx.conn.execute(text(f"SELECT pg_terminate_backend(pid) FROM ({MINE}) AS mine"))
    await asyncio.sleep(0.2)
    after = set(await asyncio.gather(*(one(mine, together) for _ in range(3))))
    assert len(after) == 3
    assert not before & (after | {await direct(mine)})
    await mine.dispose()


async def test_a_pool_can_be_opened_before_it_is_needed(db: Database) -> None:
    mine = Database(url_of(db), pool_size=4, process="pool-test")
    await asyncio.gather(mine.warm(), direct(mine))
    known = await backends(db)
    assert len(known) == 4
    asked: list[Any] = []
    async with mine.transaction() as tx:
        driver = await tx.driver()
        driver.add_query_logger(asked.append)
        await driver.fetch("SELECT $1::jsonb[], $2::uuid[], $3::timestamptz[]", [], [], [])
    assert [record.query for record in asked if "typeinfo" in record.query] == []
    assert await backends(db) == known
    await mine.dispose()
