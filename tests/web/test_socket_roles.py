"""Role × frame on the one socket: who may choose to hear what, and who may say what. A new type is decided here."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection

from app.accounts import sessions
from app.platform.db import Database
from app.web.live import frames
from tests.web.conftest import MakeUser
from tests.web.sockets import Served, close_code, give, hear, say, served, token_of

__all__ = ["served", "token_of"]

PEOPLE, BOARDS = "employee locked supervisor", "supervisor operator"
# Frame type → who may subscribe to it by name.
HEARS: dict[str, str] = {
    "job_match_update": "seeker",
    "matching_started": "seeker",
    "matching_stopped": "seeker",
    "application_status_change": "seeker",
    "application_progress": "seeker",
    "application_completed": "seeker",
    "application_failed": "seeker",
    "interview_scheduled": "seeker",
    "preview_progress": "seeker",
    "batch_progress": "seeker",
    "analytics_update": "seeker supervisor operator",
    "review_assigned": PEOPLE,
    "review_warning": PEOPLE,
    "review_deadline_changed": PEOPLE,
    "review_revoked": PEOPLE,
    "review_completed": PEOPLE,
    "message": PEOPLE,
    "strike_recorded": PEOPLE,
    "account_locked": PEOPLE,
    "account_unlocked": PEOPLE,
    "availability_changed": PEOPLE,
    "queue_changed": BOARDS,
    "presence_changed": BOARDS,
    "violation_recorded": BOARDS,
    "appeal_opened": BOARDS,
    "breaker_changed": BOARDS,
    "dead_letter_added": BOARDS,
}
NOBODY = "01a20681-0553-76ef-85de-286b6a047ba1"
# What a client says → who may say it.
SAYS: dict[str, tuple[dict[str, Any], str]] = {
    "heartbeat": ({}, "seeker employee locked supervisor operator"),
    "subscribe": ({"events": ["*"]}, "seeker employee locked supervisor operator"),
    "availability": ({"state": "paused"}, "employee"),
    "ack": ({"assignment": NOBODY}, "employee"),
    "seen": ({"assignment": NOBODY}, "employee"),
}
ROLES = ("seeker", "employee", "locked", "supervisor", "operator")


def test_every_type_is_decided() -> None:
    known = frozenset().union(*frames._OF_ROLES.values())
    assert known == HEARS.keys()
    assert {kind.__struct_config__.tag for kind in frames.Incoming.__args__} == SAYS.keys()


async def _token(db: Database, make_user: MakeUser, role: str) -> tuple[Any, str]:
    user = await make_user("employee" if role == "locked" else role, f"{role}@cabrank.test")
    async with db.transaction() as tx:
        return user, await sessions.open_session(tx, user.id, "bearer", restricted=role == "locked")


async def _until(socket: ClientConnection, type: str) -> list[str]:
    """The kinds of refusal that are told before the next frame of a type."""
    kinds = []
    while (frame := json.loads(await socket.recv()))["type"] != type:
        kinds += [frame["data"]["kind"]] if frame["type"] == "system_notification" else []
    return kinds


async def test_each_role_chooses_its_own_frames_and_no_others(
    served: Served, db: Database, make_user: MakeUser
) -> None:
    wrong = {}
    for role in ROLES:
        _, token = await _token(db, make_user, role)
        async with served.connect(token, origin=None) as socket, asyncio.timeout(20):
            for type, roles in HEARS.items():
                await say(socket, type="subscribe", events=[type])
                refused = await _until(socket, "connection_status")
                # a locked employee may choose as any employee; what they get is less (below)
                if refused != ([] if role in roles.split() else ["forbidden"]):
                    wrong[f"{role} {type}"] = refused
    assert wrong == {}


async def test_each_role_says_what_it_may(served: Served, db: Database, make_user: MakeUser) -> None:
    wrong = {}
    for role in ROLES:
        _, token = await _token(db, make_user, role)
        async with served.connect(token, origin=None) as socket, asyncio.timeout(20):
            for type, (more, roles) in SAYS.items():
                await say(socket, type=type, **more)
                if type != "heartbeat":  # whose answer comes after what is said of the frame before
                    await say(socket, type="heartbeat")
                refused = await _until(socket, "heartbeat_ack")
                if ("forbidden" in refused) != (role not in roles.split()):
                    wrong[f"{role} {type}"] = refused
    assert wrong == {}


async def test_the_locked_hear_of_their_account_and_of_no_work(
    served: Served, db: Database, redis: Redis, make_user: MakeUser
) -> None:
    user, token = await _token(db, make_user, "locked")
    async with served.connect(token, origin=None) as socket:
        await say(socket, type="subscribe", events=["*"])
        await hear(socket, "connection_status")
        for n, type in enumerate(("review_assigned", "message", "account_unlocked")):
            await give(redis, user, n, type)
        assert (await hear(socket, "account_unlocked"))["data"] == {"n": 2}


async def test_without_a_sign_in_nothing_is_heard(served: Served) -> None:
    async with served.connect() as socket:
        assert await close_code(socket) == 4401
