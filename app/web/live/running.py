"""The loops behind the sockets, started and stopped with the process."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from litestar import Litestar

from app.platform.beats import beats, instance_name
from app.platform.db import TROUBLES
from app.web.resources import Resources

log = structlog.get_logger(__name__)
REACH_SECONDS, SERVES_SECONDS = 1.0, 2.0


@asynccontextmanager
async def listening(resources: Resources, broken: asyncio.Event) -> AsyncIterator[None]:
    """Hear Valkey and tell presence until the block ends; then the connections end too.

    A loop that ends before is a fault of ours and sets `broken`: a process that is half deaf looks alive.
    """
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(resources.hub.run(stop), name="hub"),
        asyncio.create_task(resources.presence.run(stop), name="presence"),
        asyncio.create_task(resources.roll.run(stop), name="roll"),
        asyncio.create_task(resources.acks.run(stop), name="acks"),
        asyncio.create_task(_mind_reach(resources, stop), name="reach"),
    ]
    for task in tasks:
        task.add_done_callback(functools.partial(_ended, broken=broken, stop=stop))
    try:
        yield
    finally:
        await resources.hub.drain()
        stop.set()
        _, late = await asyncio.wait(tasks, timeout=3)
        for task in late:
            task.cancel()


async def _mind_reach(resources: Resources, stop: asyncio.Event) -> None:
    while not stop.is_set():
        cut_off = resources.presence.cut_off and await _another_serves(resources)
        resources.hub.reaches(not cut_off)
        try:
            await asyncio.wait_for(stop.wait(), REACH_SECONDS)
        except TimeoutError:
            continue


async def _another_serves(resources: Resources) -> bool:
    """Whether another web process gives signs of life, which it does only while it reaches Valkey itself."""
    try:
        async with resources.db.transaction() as tx:
            alive = await beats(tx, within_seconds=SERVES_SECONDS)
    except TROUBLES:
        return False
    return any(one.component == "web" and one.instance != instance_name() for one in alive)


def _ended(task: asyncio.Task[None], *, broken: asyncio.Event, stop: asyncio.Event) -> None:
    if not stop.is_set():  # nobody cancels one before
        why = None if task.cancelled() else task.exception()
        log.critical("live_loop_ended", loop=task.get_name(), exc_info=why)
        broken.set()


async def drain(app: Litestar) -> None:
    """Tell every socket to come back later, close them, and wait until they have gone. Before the server stops."""
    resources: Resources = app.state.resources
    await resources.hub.drain()
