"""`/ws/realtime/` on a real server, with real sockets."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from websockets.exceptions import InvalidStatus

from app.accounts import service, sessions
from app.config import Settings
from app.platform import live_streams
from app.platform.db import Database
from app.web.live.running import drain
from tests.web.conftest import MakeUser
from tests.web.sockets import Served, close_code, give, hear, say, served, subscribe, tell, token_of

__all__ = ["served", "token_of"]  # fixtures


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


async def test_one_who_leaves_while_all_catch_up_keeps_nothing_from_the_others(
    served: Served, redis: Redis, make_user: MakeUser, token_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaver, user = await make_user("seeker"), await make_user("employee")
    read = live_streams.read_since

    async def slowly(given: Redis, stream: str, cursor: str) -> Any:
        served.hub._positions.pop(live_streams.user_stream(leaver.id), None)  # as when a socket closes meanwhile
        return await read(given, stream, cursor)

    async with (
        served.connect(await token_of(await make_user("supervisor")), origin=None) as first,
        served.connect(await token_of(leaver), origin=None) as gone,
        served.connect(await token_of(user), origin=None) as socket,
    ):
        for each in (first, gone, socket):
            await subscribe(each)
        monkeypatch.setattr(live_streams, "read_since", slowly)
        stream = live_streams.user_stream(user.id)
        await give(redis, user, 1)
        await hear(socket, "message")
        prefix, number = served.hub._positions[stream]
        served.hub._positions[stream] = (prefix, number - 1)  # as if the hint had been told to nobody
        await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        assert (await hear(socket, "message", 10))["data"] == {"n": 1}


async def test_one_whose_log_is_slow_to_read_keeps_nobody_waiting(
    served: Served, redis: Redis, make_user: MakeUser, token_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, user = await make_user("seeker"), await make_user("employee")
    read, released = live_streams.read_since, asyncio.Event()

    async def slowly(given: Redis, stream: str, cursor: str) -> Any:
        if stream == live_streams.user_stream(slow.id):
            await released.wait()
        return await read(given, stream, cursor)

    async with (
        served.connect(await token_of(slow), origin=None) as first,
        served.connect(await token_of(user), origin=None) as socket,
    ):
        for each in (first, socket):
            await subscribe(each)
        monkeypatch.setattr(live_streams, "read_since", slowly)
        stream = live_streams.user_stream(user.id)
        await give(redis, user, 1)
        await hear(socket, "message")
        prefix, number = served.hub._positions[stream]
        served.hub._positions[stream] = (prefix, number - 1)
        await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        assert (await hear(socket, "message", 10))["data"] == {"n": 1}
        released.set()


async def test_what_could_not_be_read_is_asked_for_by_the_page(
    served: Served, redis: Redis, make_user: MakeUser, token_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await make_user("employee")
    read = live_streams.read_since

    async def fails(*_: Any) -> Any:
        monkeypatch.setattr(live_streams, "read_since", read)
        raise RedisConnectionError

    async with served.connect(await token_of(user), origin=None) as socket:
        await subscribe(socket)
        monkeypatch.setattr(live_streams, "read_since", fails)
        await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        await hear(socket, "snapshot_required", 10)
        await give(redis, user, 1)
        assert (await hear(socket, "message"))["data"] == {"n": 1}


async def test_more_missed_than_a_backlog_holds_is_a_snapshot_and_no_slow_reader(
    served: Served, redis: Redis, make_user: MakeUser, token_of: Any
) -> None:
    user = await make_user("employee")
    token = await token_of(user)
    async with served.connect(token, origin=None) as socket:
        since = (await subscribe(socket))["cursor"]
    for n in range(300):
        await give(redis, user, n)
    async with served.connect(token, origin=None) as socket:
        await say(socket, type="subscribe", events=["*"], since=since)
        await hear(socket, "snapshot_required")
        await give(redis, user, 300)
        assert (await hear(socket, "message"))["data"] == {"n": 300}


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
        for _ in range(400):
            await tell(redis, live_streams.user_stream(user.id), "message", text="x" * 60_000)
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
