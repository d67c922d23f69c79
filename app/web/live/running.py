"""The loops behind the sockets, started and stopped with the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from app.web.resources import Resources


@asynccontextmanager
async def listening(resources: Resources) -> AsyncIterator[None]:
    """Hear Valkey and tell presence until the block ends; then the connections end too."""
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(resources.hub.run(stop), name="hub"),
        asyncio.create_task(resources.presence.run(stop), name="presence"),
        asyncio.create_task(resources.roll.run(stop), name="roll"),
        asyncio.create_task(resources.acks.run(stop), name="acks"),
    ]
    try:
        yield
    finally:
        await resources.hub.drain()
        stop.set()
        _, late = await asyncio.wait(tasks, timeout=3)
        for task in late:
            task.cancel()


async def drain(app: Litestar) -> None:
    """Tell every socket to come back later, close them, and wait until they have gone. Before the server stops."""
    resources: Resources = app.state.resources
    await resources.hub.drain()
