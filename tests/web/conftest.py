"""The application on real engines, and people of each role who are signed in to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar
from redis.asyncio import Redis

from app.accounts import service, sessions
from app.accounts.service import User
from app.config import Settings
from app.platform.db import Database
from app.platform.objects import Objects
from tests.web.reused import application

BASE = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery"
SignIn = Callable[[str], Awaitable[httpx.AsyncClient]]
MakeUser = Callable[..., Awaitable[User]]


@pytest.fixture
def app(settings: Settings, db: Database, redis: Redis, objects: Objects) -> Iterator[Litestar]:
    with application(settings, db=db, redis=redis, objects=objects) as opened:
        yield opened


@pytest_asyncio.fixture
async def running(app: Litestar) -> AsyncIterator[Litestar]:
    # in a task of its own: a fixture's two halves run in different ones, which the lifespan's scopes refuse
    ready, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            ready.set()
            await over.wait()

    task = asyncio.create_task(live())
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if not ready.is_set():
        waiting.cancel()
        await task
    yield app
    over.set()
    await task


@pytest_asyncio.fixture
async def anonymous(running: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(running) as client:
        yield client


def client_of(app: Litestar, token: str | None = None) -> httpx.AsyncClient:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers)


@pytest.fixture
def make_user(db: Database) -> MakeUser:
    async def make(role: str, email: str | None = None) -> User:
        async with db.transaction() as tx:
            mail = email or f"{role}@cabrank.test"
            return await service.create_user(tx, email=mail, name=role.title(), role=role, password=PASSWORD)

    return make


@pytest_asyncio.fixture
async def signed_in(running: Litestar, db: Database, make_user: MakeUser) -> AsyncIterator[SignIn]:
    opened: list[httpx.AsyncClient] = []

    async def sign_in(role: str, email: str | None = None) -> httpx.AsyncClient:
        user = await make_user(role, email)
        async with db.transaction() as tx:
            token = await sessions.open_session(tx, user.id, "bearer")
        opened.append(client_of(running, token))
        return opened[-1]

    yield sign_in
    for client in opened:
        await client.aclose()
