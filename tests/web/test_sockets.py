"""`/ws/realtime/` on a real server, with real sockets."""

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
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.accounts import service, sessions
from app.accounts.service import User
from app.asgi import create_app
from app.config import Settings
from app.dispatch import heartbeats
from app.dispatch import service as dispatch
from app.dispatch.policy.types import Rules
from app.platform import live_streams
from app.platform.db import Database
from app.platform.objects import Objects
from app.web.live.hub import Hub
from app.web.live.running import drain
from tests.web.conftest import MakeUser


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
    app = create_app(bound, db=db, redis=redis, objects=objects)
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
    frame = {"type": type, "at": "2026-11-23T00:00:00Z", "data": {"n": n}}
    return await live_streams.append(redis, live_streams.user_stream(user.id), frame)


async def test_without_a_sign_in_the_socket_is_accepted_and_closed(served: Served) -> None:
    async with served.connect() as socket:
        assert await close_code(socket) == 4401


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "http://127.0.0.1.evil.test", None])
async def test_a_foreign_origin_is_refused_at_the_handshake(served: Served, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with served.connect(origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_a_foreign_origin_with_a_cookie_is_refused_too(
    served: Served, make_user: MakeUser, token_of: Any
) -> None:
    cookie = await token_of(await make_user("employee"), "cookie")
    async with served.connect(cookie=f"cabrank={cookie}") as socket:
        assert (await subscribe(socket))["data"] == {"status": "subscribed"}
    for origin in ("http://evil.test", None):
        with pytest.raises(InvalidStatus):
            async with served.connect(origin=origin, cookie=f"cabrank={cookie}"):
                pass


async def test_a_heartbeat_is_answered_with_the_servers_time(
    served: Served, make_user: MakeUser, token_of: Any
) -> None:
    async with served.connect(await token_of(await make_user("employee")), origin=None) as socket:
        await say(socket, type="heartbeat")
        assert (await hear(socket, "heartbeat_ack"))["data"]["server_time"]


async def test_a_ticket_opens_one_socket(served: Served, db: Database, make_user: MakeUser, token_of: Any) -> None:
    token = await token_of(await make_user("seeker"))
    async with db.transaction() as tx:
        principal = await sessions.load(tx, token, "bearer")
        assert principal is not None
        ticket = await sessions.open_ticket(tx, principal)
    async with served.connect(origin=None, query=f"?ticket={ticket}") as socket:
        await subscribe(socket)
        async with served.connect(origin=None, query=f"?ticket={ticket}") as second:
            assert await close_code(second) == 4401


async def test_frames_arrive_by_choice_and_in_order(
    served: Served, redis: Redis, make_user: MakeUser, token_of: Any
) -> None:
    user, other = await make_user("employee"), await make_user("employee", "other@cabrank.test")
    async with served.connect(await token_of(user), origin=None) as socket:
        await subscribe(socket, "message")
        await give(redis, other, 0)
        await give(redis, user, 1, "strike_recorded")
        cursor = await give(redis, user, 2)
        frame = await hear(socket, "message")
        assert (frame["data"], frame["cursor"]) == ({"n": 2}, cursor)


async def test_what_was_missed_is_replayed_and_what_is_lost_is_said(
    served: Served, redis: Redis, make_user: MakeUser, token_of: Any
) -> None:
    user = await make_user("employee")
    token = await token_of(user)
    async with served.connect(token, origin=None) as socket:
        since = (await subscribe(socket))["cursor"]
    cursors = [await give(redis, user, n) for n in range(5)]
    async with served.connect(token, origin=None) as socket:
        await say(socket, type="subscribe", events=["*"], since=since)
        assert [(await hear(socket, "message"))["cursor"] for _ in range(5)] == cursors
        await redis.flushall()
        await say(socket, type="subscribe", events=["*"], since=cursors[2])
        assert (await hear(socket, "snapshot_required"))["cursor"]
        await give(redis, user, 7)
        assert (await hear(socket, "message"))["data"] == {"n": 7}


async def test_a_gap_in_the_hints_is_read_from_the_log(
    served: Served, redis: Redis, make_user: MakeUser, token_of: Any
) -> None:
    user = await make_user("employee")
    stream = live_streams.user_stream(user.id)
    async with served.connect(await token_of(user), origin=None) as socket:
        await subscribe(socket)
        await give(redis, user, 1)
        await hear(socket, "message")
        prefix, number = served.hub._positions[stream]
        served.hub._positions[stream] = (prefix, number - 1)  # as if the hint of the last frame had been lost
        await give(redis, user, 2)
        assert [(await hear(socket, "message"))["data"]["n"] for _ in range(2)] == [1, 2]


async def test_state_frames_are_coalesced_and_bear_no_cursor(
    served: Served, redis: Redis, make_user: MakeUser, token_of: Any
) -> None:
    user = await make_user("supervisor")
    pool = f"state:pool:{user.id}"
    async with served.connect(await token_of(user), origin=None) as socket:
        await subscribe(socket)
        for n in range(100):
            await redis.publish(pool, json.dumps({"type": "queue_changed", "data": {"depth": n}}))
        seen = []
        while not seen or seen[-1] != 99:
            frame = await hear(socket, "queue_changed")
            assert "cursor" not in frame
            seen.append(frame["data"]["depth"])
        assert len(seen) < 20


async def test_signing_out_closes_open_sockets(
    served: Served, db: Database, make_user: MakeUser, token_of: Any
) -> None:
    user = await make_user("employee")
    token, second = await token_of(user), await token_of(user)
    async with served.connect(token, origin=None) as one, served.connect(second, origin=None) as two:
        await subscribe(one)
        await subscribe(two)
        async with db.transaction() as tx:
            principal = await sessions.load(tx, token, "bearer")
            assert principal is not None
            await sessions.close(tx, principal.session_id)
        assert await close_code(one) == 4401
        await say(two, type="heartbeat")
        await hear(two, "heartbeat_ack")
        async with db.transaction() as tx:
            await service.lock(tx, user.id, actor=None, reason="four strikes")
        assert await close_code(two) == 4401


async def test_a_session_that_ended_unheard_ends_at_the_next_heartbeat(
    served: Served, settings: Settings, make_user: MakeUser, token_of: Any
) -> None:
    user = await make_user("employee")
    deaf = Database(settings.database_url or "", pool_size=1)  # hints of this one go nowhere
    async with served.connect(await token_of(user), origin=None) as socket:
        await subscribe(socket)
        async with deaf.transaction() as tx:
            await sessions.close_all(tx, user.id)
        await say(socket, type="heartbeat")
        assert await close_code(socket) == 4401
    await deaf.dispose()


async def test_a_slow_reader_is_dropped_while_others_get_every_frame(
    served: Served, redis: Redis, make_user: MakeUser, token_of: Any
) -> None:
    user = await make_user("employee")
    async with (
        served.connect(await token_of(user), origin=None) as slow,
        served.connect(await token_of(user), origin=None) as quick,
    ):
        await subscribe(slow)
        await subscribe(quick)
        frame = {"type": "message", "at": "2026-11-23T00:00:00Z", "data": {"text": "x" * 60_000}}
        for _ in range(400):
            await live_streams.append(redis, live_streams.user_stream(user.id), frame)
            await hear(quick, "message")
        async with asyncio.timeout(5):
            while len(served.hub.clients) > 1:
                await asyncio.sleep(0.01)
        assert await close_code(slow, 20) in (1013, None)


async def test_bad_frames_are_told_and_huge_ones_end_the_socket(
    served: Served, make_user: MakeUser, token_of: Any
) -> None:
    async with served.connect(await token_of(await make_user("seeker")), origin=None) as socket:
        for bad in ("{", '"x"', '{"type":"nothing"}', '{"type":"ack","assignment":"no"}'):
            await socket.send(bad)
            assert (await hear(socket, "system_notification"))["data"]["level"] == "error"
        await say(socket, type="availability", state="available")
        assert (await hear(socket, "system_notification"))["data"]["kind"] == "forbidden"
        await socket.send("x" * 17_000)
        assert await close_code(socket) == 1009


async def test_a_flood_of_frames_ends_the_socket(served: Served, make_user: MakeUser, token_of: Any) -> None:
    async with served.connect(await token_of(await make_user("seeker")), origin=None) as socket:
        for _ in range(80):
            await say(socket, type="subscribe", events=[])
        assert await close_code(socket) == 1008


async def test_a_drain_says_when_to_come_back(served: Served, make_user: MakeUser, token_of: Any) -> None:
    async with served.connect(await token_of(await make_user("seeker")), origin=None) as socket:
        await subscribe(socket)
        draining = asyncio.create_task(drain(served.app))
        frame = await hear(socket, "connection_status")
        assert frame["data"]["status"] == "draining"
        assert frame["data"]["reconnect_after_ms"] > 0
        assert await close_code(socket) == 1012
        await draining


async def _present(redis: Redis, user: User) -> str:
    return (await heartbeats.presence(redis)).of(user.id, 35)


async def test_an_employees_socket_is_their_presence_until_it_closes(
    served: Served, redis: Redis, make_user: MakeUser, token_of: Any
) -> None:
    user = await make_user("employee")
    async with served.connect(await token_of(user), origin=None) as socket:
        await subscribe(socket)
        async with asyncio.timeout(5):
            while await _present(redis, user) != "assignable":
                await asyncio.sleep(0.02)
    async with asyncio.timeout(5):
        while await _present(redis, user) == "assignable":
            await asyncio.sleep(0.02)


async def test_availability_ack_and_seen_reach_dispatch(
    served: Served, db: Database, make_user: MakeUser, token_of: Any
) -> None:
    user, boss = await make_user("employee"), await make_user("supervisor")
    async with db.transaction() as tx:
        await dispatch.enroll(tx, user.id)
        review = await dispatch.file_review(tx, kind="question", title="Which visa?")
    async with db.transaction() as tx:
        given = await dispatch.assign(
            tx, review.id, actor=boss.id, employee_id=user.id, rules=Rules(), ignore_capacity=True
        )
    async with served.connect(await token_of(user), origin=None) as socket:
        await subscribe(socket)
        await say(socket, type="availability", state="available")
        await say(socket, type="ack", assignment=str(given.id))
        await say(socket, type="seen", assignment=str(given.id))
        await say(socket, type="heartbeat")
        await hear(socket, "heartbeat_ack")
    async with db.transaction() as tx:
        (work,) = await dispatch.reviews_of(tx, user.id)
        (person,) = await dispatch.list_employees(tx)
    assert work.assignment.delivered_at is not None
    assert work.assignment.seen_at is not None
    assert person.availability == "available"


async def test_a_supervisor_hears_every_pool_and_replays_by_stream(
    served: Served, db: Database, redis: Redis, make_user: MakeUser, token_of: Any
) -> None:
    user = await make_user("supervisor")
    async with db.transaction() as tx:
        (pool,) = await dispatch.list_pools(tx)
    stream, token = live_streams.pool_stream(pool.id), await token_of(user)

    async def happen(n: int) -> str:
        frame = {"type": "review_assigned", "at": "2026-11-23T00:00:00Z", "data": {"n": n}}
        return await live_streams.append(redis, stream, frame)

    async with served.connect(token, origin=None) as socket:
        own = (await subscribe(socket))["cursor"]
        first = await happen(1)
        assert (await hear(socket, "review_assigned"))["cursor"] == first
    await happen(2)
    async with served.connect(token, origin=None) as socket:
        await say(socket, type="subscribe", events=["*"], since=[own, first])
        assert (await hear(socket, "review_assigned"))["data"] == {"n": 2}
        await say(socket, type="subscribe", events=["*"], since=own)  # of the pool it isn't known what was missed
        await hear(socket, "snapshot_required")


async def test_a_locked_employees_socket_hears_of_the_account_alone(
    served: Served, db: Database, redis: Redis, make_user: MakeUser
) -> None:
    user = await make_user("employee")
    async with db.transaction() as tx:
        await service.lock(tx, user.id, actor=None, reason="four strikes")
        token = await sessions.open_session(tx, user.id, "bearer", restricted=True)
    async with served.connect(token, origin=None) as socket:
        await subscribe(socket)
        await give(redis, user, 1, "review_assigned")
        await give(redis, user, 2, "account_unlocked")
        assert json.loads(await socket.recv())["type"] == "account_unlocked"
        await say(socket, type="availability", state="available")
        assert (await hear(socket, "system_notification"))["data"]["kind"] == "forbidden"


async def test_a_pub_sub_that_broke_is_made_again_and_what_was_missed_arrives(
    served: Served, redis: Redis, make_user: MakeUser, token_of: Any
) -> None:
    user = await make_user("employee")
    async with served.connect(await token_of(user), origin=None) as socket:
        await subscribe(socket)
        await give(redis, user, 1)
        await hear(socket, "message")
        await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        await give(redis, user, 2)  # told to nobody
        assert (await hear(socket, "message", 10))["data"] == {"n": 2}
