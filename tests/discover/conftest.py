"""The practice board on a free port, and discovery against it on real engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import select, update

from app.bots.discover import background
from app.bots.discover.fetcher import Fetcher
from app.bots.discover.service import fetch_source
from app.config import Settings
from app.platform import breaker, bus, outbox, queue
from app.platform.db import Database
from app.platform.egress.http_client import http_client
from app.platform.events import Event
from app.platform.ratelimit import RateLimit
from app.postings import service, store
from app.postings.models import source as source_table
from app.postings.types import Link, Posting, Source
from app.practice.server import create_app, running


class Discovery:
    """Runs what the scheduler, the worker and the bus would run, one step at a time."""

    def __init__(self, db: Database, fetcher: Fetcher, origin: str, board: httpx.AsyncClient) -> None:
        self.db, self.origin, self.board = db, origin, board
        self.fetcher = fetcher
        [self.consumer] = background.consumers()

    async def behave(self, **wish: Any) -> None:
        answer = await self.board.post("/control/behaviour", json=wish)
        assert answer.status_code == 200, answer.text

    async def watch(self, kind: str, token: str, name: str | None = None, *, base_url: str | None = None) -> Source:
        base = base_url or f"{self.origin}/{kind}"
        async with self.db.transaction() as tx:
            found, _ = await service.add_source(tx, kind=kind, token=token, name=name, base_url=base)
        return found

    async def fetch(self, source: Source) -> Source:
        """Fetch now and take in what came; the source as it is afterwards."""
        async with self.db.transaction() as tx:
            task_id = await queue.add(tx, service.FETCH, str(source.id))
        await queue.run(self.db, {service.FETCH: lambda claim: fetch_source(self.db, self.fetcher, claim)}, task_id)
        async with self.db.transaction() as tx:
            state = await tx.conn.execute(select(queue.task.c.state).where(queue.task.c.id == task_id))
            assert state.scalar_one() == "done"
        await self.take_in()
        async with self.db.transaction() as tx:
            return await service.get_source(tx, source.id)

    async def take_in(self) -> int:
        async with self.db.transaction() as tx:
            query = select(outbox.outbox).where(outbox.outbox.c.type == "JobDiscovered").order_by(outbox.outbox.c.id)
            rows = [row._mapping for row in await tx.conn.execute(query)]
        events = [Event(**{name: row[name] for name in Event.__struct_fields__}) for row in rows]
        return sum([await bus.handle(self.db, self.consumer, event) for event in events])

    async def due_in(self, source: Source) -> float:
        """Seconds until the next fetch, by the database's clock."""
        async with self.db.transaction() as tx:
            left = source_table.c.next_at - breaker._now()
            query = select(breaker.func.extract("epoch", left)).where(source_table.c.id == source.id)
            return float((await tx.conn.execute(query)).scalar_one())

    async def postings(self) -> list[Posting]:
        async with self.db.transaction() as tx:
            return (await service.list_postings(tx, limit=1000))[::-1]

    async def links(self) -> dict[str, tuple[Link, Posting]]:
        """Every link by its external id, with its posting."""
        found = {}
        for posting in await self.postings():
            async with self.db.transaction() as tx:
                found |= {link.external_id: (link, posting) for link in await store.links(tx, posting.id)}
        return found

    async def breakers(self) -> list[breaker.Breaker]:
        async with self.db.transaction() as tx:
            return await breaker.every(tx)

    async def end_pause(self) -> None:
        async with self.db.transaction() as tx:
            await tx.conn.execute(update(breaker.breaker).values(retry_at=breaker._now()))


def fetcher_for(settings: Settings, origin: str, redis: Redis | None, **change: Any) -> Fetcher:
    """A fetcher that may reach `origin` on this machine, and doesn't dawdle."""
    client = http_client(msgspec.structs.replace(settings, practice_origin=origin))
    return Fetcher(client, RateLimit(redis), **({"rate": 1000.0, "total_seconds": 5.0} | change))


@pytest_asyncio.fixture
async def discovery(
    db: Database, redis: Redis, settings: Settings, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Discovery]:
    """A test that takes `shared_data` finds the recorded boards there too."""
    recorded = request.getfixturevalue("shared_data") / "boards" if "shared_data" in request.fixturenames else None
    async with (
        running(create_app(tmp_path / "practice", recorded=recorded)) as origin,
        httpx.AsyncClient(base_url=origin) as board,
    ):
        yield Discovery(db, fetcher_for(settings, origin, redis), origin, board)


async def stored_raws(db: Database, source_id: UUID) -> int:
    async with db.transaction() as tx:
        return len(await service.hashes(tx, source_id))
