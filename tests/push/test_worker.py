"""The whole way: a commit, the bus, the worker that sends, a browser that reads."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec
from cryptography.fernet import Fernet
from redis.asyncio import Redis

from app import rooms
from app.accounts import sessions
from app.applications import service as applications
from app.config import Settings
from app.platform import relay
from app.platform.db import Database
from app.platform.egress.guard import Guard
from app.platform.objects import Objects
from app.platform.security import Vault
from app.process import Process
from app.push import service
from app.push.service import Device
from app.worker import serve
from tests.applications.world import make_world
from tests.push.browser import Browser, push_service


async def test_from_a_commit_to_the_browser(settings: Settings, db: Database, redis: Redis, objects: Objects) -> None:
    world, browser, key = await make_world(db, objects), Browser(), Fernet.generate_key().decode()
    async with push_service() as outside:
        settings = msgspec.structs.replace(settings, practice_origin=outside.origin, secret_keys=(key,))
        process = Process(settings, db, redis, objects, asyncio.Event())  # type: ignore[arg-type]  # it is an ArqRedis
        device = msgspec.convert(browser.subscription(f"{outside.origin}/push/one"), Device)
        async with db.transaction() as tx:
            me = {"seeker_id": world.seeker_id, "device": device}
            me["session_id"] = (await sessions.open_full(tx, world.seeker_id, "cookie")).session_id
            await service.subscribe(tx, Vault([key]), Guard(outside.origin), **me)
        works = [serve("hooks", rooms.hooks(process), process), relay.run(db, process.redis, process.stop)]
        running = [asyncio.create_task(work) for work in works]
        app = await world.approve(await world.posting())
        async with db.transaction() as tx:
            await applications.transition(tx, app.id, "applied", source="bot", changes={"confirmation": "C-7"})
        with suppress(TimeoutError):
            async with asyncio.timeout(20):
                while not outside.came:
                    await asyncio.sleep(0.02)
        process.stop.set()
        await asyncio.gather(*running)
    (came,) = outside.came
    assert msgspec.json.decode(browser.read(came.body))["body"].endswith("Number C-7")
