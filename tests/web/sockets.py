"""A running server, and what a client of its sockets says and hears."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
import uvicorn
from litestar import Litestar
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.accounts import sessions
from app.accounts.service import User
from app.config import Settings
from app.platform import live_streams
from app.platform.clock import utcnow
from app.platform.db import Database
from app.platform.ids import new_id
from app.platform.live_streams import LiveFrame
from app.platform.objects import Objects
from app.web.live.hub import Hub
from tests.web.reused import application


class Served:
    """A running server and how to reach its socket."""

    def __init__(self, app: Litestar, port: int) -> None:
        self.app = app
        self.url = f"ws://127.0.0.1:{port}/ws/realtime/"
        self.origin = f"http://127.0.0.1:{port}"

    @property
    def hub(self) -> Hub:
        hub: Hub = self.app.state.resources.hub
        return hub

    def connect(self, token: str | None = None, *, origin: str | None = "", query: str = "", **more: Any) -> Any:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        given = self.origin if origin == "" else origin
        return connect(self.url + query, additional_headers=headers | more, origin=given, max_queue=1)  # type: ignore[arg-type]  # the library wants its own string type


@pytest_asyncio.fixture
async def served(settings: Settings, db: Database, redis: Redis, objects: Objects) -> AsyncIterator[Served]:
    listener = sockets.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    bound = msgspec.structs.replace(settings, bind=f"127.0.0.1:{port}", public_url=f"http://127.0.0.1:{port}")
    with application(bound, db=db, redis=redis, objects=objects) as app:
        config = uvicorn.Config(
            app,
            ws="app.web.live.protocol:LiveProtocol",
            ws_max_size=16 * 1024,
            ws_per_message_deflate=False,
            log_config=None,
            timeout_graceful_shutdown=2,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        yield Served(app, port)
        server.should_exit = True
        await serving


@pytest.fixture
def token_of(db: Database) -> Any:
    async def make(user: User, kind: str = "bearer") -> str:
        async with db.transaction() as tx:
            return await sessions.open_session(tx, user.id, kind)  # type: ignore[arg-type]  # one of the kinds

    return make


async def say(socket: ClientConnection, **frame: Any) -> None:
    await socket.send(json.dumps(frame))


async def hear(socket: ClientConnection, type: str, seconds: float = 5) -> dict[str, Any]:
    """The next frame of a type, past others."""
    async with asyncio.timeout(seconds):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if frame["type"] == type:
                return frame


async def subscribe(socket: ClientConnection, *events: str, **more: Any) -> dict[str, Any]:
    await say(socket, type="subscribe", events=list(events) or ["*"], **more)
    return await hear(socket, "connection_status")


async def close_code(socket: ClientConnection, seconds: float = 8) -> int | None:
    async with asyncio.timeout(seconds):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


async def give(redis: Redis, user: User, n: int, type: str = "message") -> str:
    return await tell(redis, live_streams.user_stream(user.id), type, n=n)


async def tell(redis: Redis, stream: str, type: str, **data: Any) -> str:
    """A frame as whoever committed it tells it; its cursor."""
    cursor = await live_streams.append(redis, LiveFrame(stream, new_id(), utcnow(), type, data))
    assert cursor is not None
    return cursor
