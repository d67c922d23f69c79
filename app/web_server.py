"""The web process: uvicorn in our own loop, drained before it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from app.asgi import EMBEDDER_PATIENCE, create_app
from app.bots.match import skills
from app.bots.match.embedder_client import Embedder
from app.process import Process, settle
from app.web.live.protocol import LiveProtocol
from app.web.templating import warm

if TYPE_CHECKING:
    from litestar import Litestar

GRACE_SECONDS = 10  # for requests that still run; less than the supervisor's


class _Server(uvicorn.Server):
    """The stop comes from the process's own event, so uvicorn takes no signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: Litestar, bind: str) -> uvicorn.Config:
    host, _, port = bind.rpartition(":")
    return uvicorn.Config(
        app, host=host.strip("[]"), port=int(port), ws=LiveProtocol, ws_max_size=16 * 1024,
        ws_per_message_deflate=False, ws_ping_interval=None, log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=GRACE_SECONDS,
    )  # fmt: skip


async def serve(process: Process) -> None:
    """Until the stop: then the sockets are told to come back later, and what runs may end.

    Raises SystemExit where a part of it has broken: the supervisor starts another.
    """
    embedder = Embedder(process.settings.embedder_socket, timeout_seconds=EMBEDDER_PATIENCE)
    app = create_app(process.settings, db=process.db, redis=process.redis, objects=process.objects, embedder=embedder)
    skills.default()  # the first edit at a desk must not wait for it
    warm(app)
    settle()
    server = _Server(_config(app, process.settings.bind))
    serving = asyncio.create_task(server.serve())
    broken = app.state.broken
    ends = [asyncio.create_task(event.wait()) for event in (process.stop, broken)]
    await asyncio.wait({serving, *ends}, return_when=asyncio.FIRST_COMPLETED)
    for end in ends:
        end.cancel()
    if server.started and not serving.done():
        await app.state.resources.hub.drain()
    server.should_exit = True
    await serving
    await embedder.close()
    if broken.is_set():
        raise SystemExit(1)
