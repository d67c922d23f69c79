"""A web process that can't do its work says so, and sends its people elsewhere: a half-dead one looks alive to all."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import msgspec
import pytest
from arq.connections import ArqRedis
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from app import web_server
from app.config import Settings
from app.dispatch import reporter
from app.platform import beats
from app.platform.db import Database
from app.platform.objects import Objects
from app.process import Process
from app.web.live import running
from app.web.live.hub import Hub
from tests.browser.house import free_port
from tests.web.conftest import MakeUser
from tests.web.sockets import Served, close_code, hear, say, served, subscribe, token_of

__all__ = ["served", "token_of"]  # fixtures


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


async def test_without_valkey_its_people_are_sent_away_and_taken_back_with_it(
    served: Served, db: Database, make_user: MakeUser, token_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await token_of(await make_user("employee"))
    stop = asyncio.Event()
    other = asyncio.create_task(_another(db, stop))
    presence = served.app.state.resources.presence
    flush = type(presence).flush
    monkeypatch.setattr(running, "REACH_SECONDS", 0.1)
    monkeypatch.setattr(reporter, "CUT_OFF_SECONDS", 1.5)

    async with served.connect(token) as socket:
        await subscribe(socket)
        monkeypatch.setattr(type(presence), "flush", _unreachable)
        status = await hear(socket, "connection_status")
        assert status["data"]["status"] == "draining"
        assert 5000 <= status["data"]["reconnect_after_ms"] <= 20000
        assert await close_code(socket) == 1012
    async with served.connect(token) as socket:  # nor does it take anybody
        assert await close_code(socket) == 1012
    monkeypatch.setattr(type(presence), "flush", flush)
    async with asyncio.timeout(5):
        while served.hub.cut_off:
            await asyncio.sleep(0.05)
    async with served.connect(token) as socket:
        assert (await subscribe(socket))["data"] == {"status": "subscribed"}
    stop.set()
    await other


async def _unreachable(_: object) -> None:
    raise RedisConnectionError("cut off")


async def _another(db: Database, stop: asyncio.Event) -> None:
    """Another web process that serves."""
    while not stop.is_set():
        await beats.beat(db, "web", "other:1")
        await asyncio.sleep(0.2)


async def test_where_no_other_process_does_better_its_people_stay(
    served: Served, make_user: MakeUser, token_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await token_of(await make_user("employee"))
    presence = served.app.state.resources.presence
    monkeypatch.setattr(running, "REACH_SECONDS", 0.1)
    monkeypatch.setattr(reporter, "CUT_OFF_SECONDS", 0.5)

    async with served.connect(token) as socket:
        await subscribe(socket)
        monkeypatch.setattr(type(presence), "flush", _unreachable)
        await asyncio.sleep(2)
        assert presence.cut_off
        await say(socket, type="heartbeat")
        await hear(socket, "heartbeat_ack")
    assert not served.hub.cut_off


async def test_it_gives_no_sign_of_life_that_it_cannot_stand_for(db: Database) -> None:
    reached = asyncio.Event()
    asked = 0

    async def reach() -> None:
        nonlocal asked
        asked += 1
        if not reached.is_set():
            raise RedisConnectionError("cut off")

    async def alive() -> bool:
        async with db.transaction() as tx:
            return bool(await beats.beats(tx))

    stop = asyncio.Event()
    beating = asyncio.create_task(beats.keep_beating(db, "web", stop, reach))
    async with asyncio.timeout(5):
        while asked < 3:
            await asyncio.sleep(0.02)
        assert not await alive()
        reached.set()
        while not await alive():
            await asyncio.sleep(0.02)
    stop.set()
    await beating
