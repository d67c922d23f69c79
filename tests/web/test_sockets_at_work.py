"""`/ws/realtime/` on a real server, with dispatch behind it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from redis.asyncio import Redis

from app.accounts import service, sessions
from app.accounts.service import User
from app.dispatch import heartbeats
from app.dispatch import service as dispatch
from app.dispatch.policy.types import Rules
from app.platform import live_streams
from app.platform.db import Database
from tests.web.conftest import MakeUser
from tests.web.sockets import Served, give, hear, say, served, subscribe, tell, token_of

__all__ = ["served", "token_of"]  # fixtures


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


async def _seen(db: Database, user_id: Any) -> bool:
    async with db.transaction() as tx:
        (work,) = await dispatch.reviews_of(tx, user_id)
    return work.assignment.seen_at is not None


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
        await say(socket, type="availability", state="paused", reason=" end  of shift ")
        told = await hear(socket, "availability_changed")
        assert told["data"]["reason"] == "end of shift"
        await say(socket, type="availability", state="available", reason="not kept")
        await say(socket, type="ack", assignment=str(given.id))
        await say(socket, type="seen", assignment=str(given.id))
        await say(socket, type="heartbeat")
        await hear(socket, "heartbeat_ack")
        async with asyncio.timeout(5):
            while not await _seen(db, user.id):
                await asyncio.sleep(0.02)
    async with db.transaction() as tx:
        (work,) = await dispatch.reviews_of(tx, user.id)
        (person,) = await dispatch.list_employees(tx)
    assert work.assignment.delivered_at is not None
    assert work.assignment.seen_at is not None
    assert (person.availability, person.availability_reason) == ("available", "")


async def test_a_supervisor_hears_every_pool_and_replays_by_stream(
    served: Served, db: Database, redis: Redis, make_user: MakeUser, token_of: Any
) -> None:
    user = await make_user("supervisor")
    async with db.transaction() as tx:
        (pool,) = await dispatch.list_pools(tx)
    stream, token = live_streams.pool_stream(pool.id), await token_of(user)

    async def happen(n: int) -> str:
        return await tell(redis, stream, "review_assigned", n=n)

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
