"""What no page of ours sends over a socket: refused with a reason and counted, without a traceback in the log, and no
neighbour is slower for it."""

from __future__ import annotations

import asyncio
import json
import logging
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from app.accounts import service, sessions
from app.accounts.service import User
from app.config import Settings
from app.dispatch import heartbeats
from app.dispatch import service as dispatch
from app.dispatch.policy.types import Rules
from app.platform.clock import monotonic
from app.platform.db import Database
from app.web.live.socket import BURST, Session
from tests.web.conftest import MakeUser
from tests.web.sockets import Served, close_code, give, hear, say, served, subscribe, token_of

__all__ = ["served", "token_of"]  # fixtures


def refused(why: str) -> float:
    return REGISTRY.get_sample_value("cabrank_frames_refused_total", {"why": why}) or 0.0


class Log:
    """What was logged, by structlog or by the standard library."""

    def __init__(self, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
        self.caplog, self.capfd = caplog, capfd

    def tracebacks(self) -> list[str]:
        out, err = self.capfd.readouterr()
        found = [line for line in (out + err).splitlines() if "Traceback" in line]
        records = self.caplog.records
        return found + [record.name for record in records if record.exc_info or "exc_info" in str(record.msg)]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Log:
    caplog.set_level(logging.INFO)
    return Log(caplog, capfd)


async def test_a_traceback_would_be_seen_here(
    served: Served, make_user: MakeUser, token_of: Any, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Session, "_obey", fails)
    async with served.connect(await token_of(await make_user("employee")), origin=None) as socket:
        await say(socket, type="heartbeat")
        assert (await hear(socket, "system_notification"))["data"]["kind"] == "internal"
    assert log.tracebacks() != []


async def _assignable(redis: Redis, user: User) -> bool:
    return (await heartbeats.presence(redis)).of(user.id, 35) == "assignable"


async def test_beats_of_a_locked_account(
    served: Served, settings: Settings, redis: Redis, make_user: MakeUser, token_of: Any, log: Log
) -> None:
    user, before = await make_user("employee"), refused("signed-out")
    deaf = Database(settings.database_url or "", pool_size=1)  # hints of this one go nowhere
    async with served.connect(await token_of(user), origin=None) as socket:
        await subscribe(socket)
        async with deaf.transaction() as tx:
            await service.lock(tx, user.id, actor=None, reason="four strikes")
            restricted = await sessions.open_session(tx, user.id, "bearer", restricted=True)
        await say(socket, type="heartbeat")
        assert await close_code(socket) == 4401
    async with served.connect(restricted, origin=None) as socket:
        await say(socket, type="heartbeat")
        await hear(socket, "heartbeat_ack")  # it may read its strikes
        async with asyncio.timeout(5):
            while await _assignable(redis, user):
                await asyncio.sleep(0.02)
        kept = refused("forbidden")
        await say(socket, type="availability", state="available")
        assert (await hear(socket, "system_notification"))["data"]["kind"] == "forbidden"
        assert not await _assignable(redis, user)
    assert (refused("signed-out"), refused("forbidden")) == (before + 1, kept + 1)
    assert log.tracebacks() == []
    await deaf.dispose()


async def test_acks_of_what_is_anothers(
    served: Served, db: Database, make_user: MakeUser, token_of: Any, log: Log
) -> None:
    ana, ben = await make_user("employee"), await make_user("employee", "ben@cabrank.test")
    boss, before = await make_user("supervisor"), refused("assignment-lost")
    async with db.transaction() as tx:
        await dispatch.enroll(tx, ana.id)
        review = await dispatch.file_review(tx, kind="question", title="Which visa?")
        hers = await dispatch.assign(
            tx, review.id, actor=boss.id, employee_id=ana.id, rules=Rules(), ignore_capacity=True
        )
    async with served.connect(await token_of(ben), origin=None) as socket:
        for type in ("ack", "seen"):
            await say(socket, type=type, assignment=str(hers.id))
            told = (await hear(socket, "system_notification"))["data"]
            assert (told["kind"], told["level"]) == ("assignment-lost", "error")
    async with db.transaction() as tx:
        (work,) = await dispatch.reviews_of(tx, ana.id)
    assert (work.assignment.delivered_at, work.assignment.seen_at) == (None, None)
    assert refused("assignment-lost") == before + 2
    assert log.tracebacks() == []


NESTED = '{"type":"heartbeat","x":' + "[" * 8000 + "]" * 8000 + "}"
NUL = r'{"type":"availability","state":"paused","reason":"a\u0000b"}'
FAR = '{"type":"subscribe","since":"x-' + "9" * 6000 + '"}'


@pytest.mark.parametrize(
    "frame",
    ["{", "", '"x"', "[]", '{"type":"nothing"}', '{"type":7}', '{"type":"subscribe","events":[7]}', NESTED, NUL, FAR,
     b"\x00\xff"],
    ids=["cut", "empty", "text", "list", "unknown", "number", "numbers", "nested", "nul", "far", "binary"],
)  # fmt: skip
async def test_what_cannot_be_read(
    served: Served, make_user: MakeUser, token_of: Any, log: Log, frame: str | bytes
) -> None:
    before = refused("invalid")
    async with served.connect(await token_of(await make_user("employee")), origin=None) as socket:
        await socket.send(frame)
        told = (await hear(socket, "system_notification"))["data"]
        assert (told["kind"], told["level"]) == ("invalid", "error")
        assert told["text"]
        await say(socket, type="heartbeat")
        await hear(socket, "heartbeat_ack")
    assert refused("invalid") == before + 1
    assert log.tracebacks() == []


async def test_text_that_is_no_text_ends_the_socket(
    served: Served, make_user: MakeUser, token_of: Any, log: Log
) -> None:
    before = refused("not-text")
    async with served.connect(await token_of(await make_user("employee")), origin=None) as socket:
        await socket.send(b"\xff\xfe", text=True)
        assert await close_code(socket) == 1007
    await _until_counted("not-text", before)
    assert log.tracebacks() == []


async def _until_counted(why: str, before: float) -> None:
    async with asyncio.timeout(5):
        while refused(why) != before + 1:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("size", [16 * 1024 + 1, 1_000_000])
async def test_a_frame_that_is_too_large(
    served: Served, make_user: MakeUser, token_of: Any, log: Log, size: int
) -> None:
    before = refused("frame-too-large")
    async with served.connect(await token_of(await make_user("employee")), origin=None) as socket:
        with suppress(ConnectionClosed):  # it may be refused before its end was sent
            await socket.send("x" * size)
        assert await close_code(socket) == 1009
    await _until_counted("frame-too-large", before)
    assert log.tracebacks() == []


async def test_pings_without_end(served: Served, make_user: MakeUser, token_of: Any, log: Log) -> None:
    before = refused("too-many-frames")
    async with served.connect(await token_of(await make_user("employee")), origin=None) as socket:
        with suppress(ConnectionClosed):
            for _ in range(5_000):
                await socket.ping()
                await asyncio.sleep(0)
        assert await close_code(socket) in (1008, None)  # None: the answer was lost under what it went on sending
    await _until_counted("too-many-frames", before)
    assert log.tracebacks() == []


async def test_a_subscription_to_anothers_events(
    served: Served, redis: Redis, make_user: MakeUser, token_of: Any, log: Log
) -> None:
    user, other = await make_user("employee"), await make_user("employee", "other@cabrank.test")
    before = refused("forbidden")
    async with served.connect(await token_of(user), origin=None) as socket:
        await say(socket, type="subscribe", events=["message", f"user:{other.id}", "presence_changed"])
        told = (await hear(socket, "system_notification"))["data"]
        assert told["kind"] == "forbidden"
        assert f"user:{other.id}" in told["text"]
        assert "presence_changed" in told["text"]
        assert "message" not in told["text"]
        await hear(socket, "connection_status")
        await give(redis, other, 1)
        await give(redis, user, 2)
        assert json.loads(await socket.recv())["data"] == {"n": 2}
        for own in (["*"], ["message", "account_locked"]):
            await say(socket, type="subscribe", events=own)
            assert json.loads(await socket.recv())["type"] == "connection_status"
    assert refused("forbidden") == before + 1
    assert log.tracebacks() == []


async def _echoes(socket: ClientConnection, count: int) -> float:
    """The median time to a heartbeat's answer."""
    took = []
    for _ in range(count):
        started = monotonic()
        await say(socket, type="heartbeat")
        await hear(socket, "heartbeat_ack")
        took.append(monotonic() - started)
        await asyncio.sleep(0.02)
    return statistics.median(took)


class Flood:
    """A client that opens a socket, sends a thousand frames as fast as they go, and does so again."""

    def __init__(self) -> None:
        self.sent = self.sockets = 0
        self.codes: set[int | None] = set()

    async def run(self, served: Served, token: str) -> None:
        while True:
            async with served.connect(token, origin=None) as socket:
                self.sockets += 1
                self.codes.add(await self._drown(socket))

    async def _drown(self, socket: ClientConnection) -> int | None:
        with suppress(ConnectionClosed):
            for _ in range(1000):
                await socket.send('{"type":"nothing"}')
                self.sent += 1
        return await close_code(socket)


@asynccontextmanager
async def flooding(served: Served, token: str) -> AsyncIterator[Flood]:
    flood = Flood()
    task = asyncio.create_task(flood.run(served, token))
    yield flood
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_thousand_frames_a_second_slow_no_neighbour(
    served: Served, make_user: MakeUser, token_of: Any, log: Log
) -> None:
    token = await token_of(await make_user("employee"))
    flooder = await token_of(await make_user("employee", "flood@cabrank.test"))
    read, ended = refused("invalid"), refused("too-many-frames")
    async with served.connect(token, origin=None) as neighbour:
        await _echoes(neighbour, 5)
        alone = await _echoes(neighbour, 20)
        async with flooding(served, flooder) as flood:
            beside = await _echoes(neighbour, 25)
            async with asyncio.timeout(10):
                while not flood.codes:
                    await asyncio.sleep(0.01)
    assert flood.codes <= {1008, None}  # None: the answer was lost under what it went on sending
    assert refused("too-many-frames") - ended >= 1
    assert refused("invalid") - read <= 1.5 * BURST * flood.sockets  # what it sent beyond that was never looked at
    assert flood.sent > refused("invalid") - read
    assert beside < 25 * alone
    assert log.tracebacks() == []
