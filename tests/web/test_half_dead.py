"""A web process that can't hear any more ends, so that another is started; a half-dead one looks alive to everybody."""

from __future__ import annotations

import asyncio

import httpx
import msgspec
import pytest
from arq.connections import ArqRedis
from redis.asyncio import Redis

from app import web_server
from app.config import Settings
from app.platform.db import Database
from app.platform.objects import Objects
from app.process import Process
from app.web.live.hub import Hub
from tests.browser.house import free_port


async def test_it_ends_when_a_loop_behind_its_sockets_has_ended(
    settings: Settings, db: Database, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(redis, ArqRedis)
    answered: list[int] = []

    async def fails(hub: Hub, stop: asyncio.Event) -> None:
        async with httpx.AsyncClient() as client:
            while not answered:
                try:
                    answered.append((await client.get(f"http://{bind}/health/live")).status_code)
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        raise KeyError("a fault of ours")

    monkeypatch.setattr(Hub, "run", fails)
    bind = f"127.0.0.1:{free_port()}"
    process = Process(msgspec.structs.replace(settings, bind=bind), db, redis, Objects.in_memory(), asyncio.Event())
    async with asyncio.timeout(20):
        with pytest.raises(SystemExit) as ended:
            await web_server.serve(process)
    assert answered == [200]
    assert ended.value.code == 1
    assert not process.stop.is_set()
