"""What the worker `discover` serves, and what the scheduler asks of it."""

from __future__ import annotations

from functools import partial

import httpx
from redis.asyncio import Redis

from app.bots.discover.fetcher import CONNECT_SECONDS, MAX_BYTES, TOTAL_SECONDS, Fetcher
from app.bots.discover.service import fetch_source
from app.config import Settings
from app.platform.bus import Consumer, Event
from app.platform.db import Database, Tx
from app.platform.egress.http_client import http_client
from app.platform.queue import TaskHandler
from app.platform.ratelimit import RateLimit
from app.postings import service as postings


def open_fetcher(settings: Settings, redis: Redis | None) -> Fetcher:
    """The fetcher of one process; its client lives as long as that."""
    client = http_client(settings, max_bytes=MAX_BYTES)
    client.timeout = httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS)
    return Fetcher(client, RateLimit(redis))


def tasks(db: Database, redis: Redis | None, settings: Settings) -> dict[str, TaskHandler]:
    """`discover.fetch`, by the source's id."""
    return {postings.FETCH: partial(fetch_source, db, open_fetcher(settings, redis))}


async def _take_in(tx: Tx, event: Event) -> None:
    await postings.accept_raw(tx, event.aggregate_id, again=bool(event.data.get("again")))


def consumers() -> list[Consumer]:
    """Raw postings become postings."""
    return [Consumer("postings.accept", {"JobDiscovered": _take_in}, topics=("jobs.raw",))]


async def tick(db: Database) -> int:
    """For the scheduler, every second or so: ask for a fetch of each source whose time has come."""
    async with db.transaction() as tx:
        return await postings.due_sources(tx)
