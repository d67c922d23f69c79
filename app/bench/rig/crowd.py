"""A thousand employees at once: seeded by one statement each table, each with a socket that acknowledges by itself."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import text, update

from app.accounts.models import app_user, session
from app.bench.rig.stack import Stack
from app.bench.rig.wire import Lines, Wire, open_wire
from app.dispatch import service as dispatch
from app.dispatch.models import employee
from app.platform.clock import monotonic
from app.platform.db import Database
from app.platform.embedded import Postgres, Valkey
from app.platform.hints import ValkeyHints
from app.platform.ids import new_id
from app.platform.queue import Client, connect
from app.platform.security import new_token, token_hash

HEARTBEAT_SECONDS = 10.0
OPENING_AT_ONCE = 50
CHUNK = 1000
Frame = dict[str, Any]


class Member:
    """One employee with one socket."""

    def __init__(self, user: UUID, token: str) -> None:
        self.user, self.token = user, token
        self.wire: Wire | None = None
        self.cursor: str | None = None
        self.closed: list[int] = []
        self.port: int | None = None  # of the web process, where it isn't the stack's own


class Crowd:
    """The employees and their sockets. `on_frame` is told every frame but the acknowledgements of beats."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        host, _, port = stack.address.removeprefix("http://").rpartition(":")
        self.host, self.port = host, int(port)
        self.redis: Client = connect(Valkey(stack.home).url)
        self.db = Database(Postgres(stack.home).url(), hints=ValkeyHints(self.redis), pool_size=8, process="bench")
        self.lines = Lines(self.host, self.port)
        self.members: list[Member] = []
        self.by_user: dict[str, Member] = {}
        self.on_frame: Callable[[Member, Frame, float], None] = lambda member, frame, at: None
        self.when_lost: Callable[[Member, int], None] = lambda member, code: None
        self.acknowledges = True
        self.stops = False
        self.beats = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    async def seed(self, count: int, *, capacity: int = 1, available: bool = True) -> None:
        """Employees of the general pool with an open bearer session each."""
        for start in range(0, count, CHUNK):
            await self._seed_chunk(range(start, min(count, start + CHUNK)))
        async with self.db.transaction() as tx:
            await dispatch.ensure_defaults(tx)
            await tx.conn.execute(update(employee).values(availability="available" if available else "paused"))
            await tx.conn.execute(text("ANALYZE"))
        await self.set_capacity(capacity)

    async def set_capacity(self, capacity: int) -> None:
        """Of everybody."""
        async with self.db.transaction() as tx:
            await tx.conn.execute(update(employee).values(capacity=capacity))

    async def _seed_chunk(self, numbers: Iterable[int]) -> None:
        made = [Member(new_id(), new_token()) for _ in numbers]
        people = [
            {
                "id": m.user,
                "email": f"{m.user}@bench.test",
                "name": f"P {m.user}",
                "role": "employee",
                "password_hash": "-",
            }
            for m in made
        ]
        async with self.db.transaction() as tx:
            until = (await tx.conn.execute(text("SELECT clock_timestamp() + interval '1 day'"))).scalar_one()
            await tx.conn.execute(app_user.insert(), people)
            sessions = [
                {"id": new_id(), "user_id": m.user, "token_hash": token_hash(m.token), "kind": "bearer", "csrf": "-",
                 "expires_at": until}
                for m in made
            ]  # fmt: skip
            await tx.conn.execute(session.insert(), sessions)
        self.members += made
        self.by_user |= {str(m.user): m for m in made}

    async def connect(self, members: Iterable[Member] | None = None) -> float:
        """Open everybody's socket; the seconds it took."""
        started, places = monotonic(), asyncio.Semaphore(OPENING_AT_ONCE)

        async def one(member: Member) -> None:
            async with places:
                await self.open(member)

        await asyncio.gather(*(one(member) for member in members or self.members))
        return monotonic() - started

    async def open(self, member: Member) -> None:
        """Open and subscribe, going on from the last frame seen. Raises OSError."""

        def heard(body: bytes) -> None:
            self._heard(member, body)

        def lost(code: int) -> None:
            member.wire = None
            member.closed.append(code)
            self.when_lost(member, code)

        wire = await open_wire(self.host, member.port or self.port, member.token, heard, lost)
        member.wire = wire
        since = {"since": member.cursor} if member.cursor else {}
        wire.send({"type": "subscribe", "events": ["*"], **since})
        self.spawn(self._beat(member, wire))

    def spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _beat(self, member: Member, wire: Wire) -> None:
        await asyncio.sleep(random.uniform(0, HEARTBEAT_SECONDS))  # noqa: S311 - spreading load, not secrecy
        while member.wire is wire and not self.stops:
            wire.send_text(b'{"type":"heartbeat"}')
            self.beats += 1
            await asyncio.sleep(HEARTBEAT_SECONDS)

    def _heard(self, member: Member, body: bytes) -> None:
        at = monotonic()
        if b'"heartbeat_ack"' in body:
            return
        frame = json.loads(body)
        member.cursor = frame.get("cursor", member.cursor)
        if self.acknowledges and frame["type"] == "review_assigned" and member.wire is not None:
            member.wire.send({"type": "ack", "assignment": frame["data"]["assignment"]})
        self.on_frame(member, frame, at)

    async def complete(self, member: Member, review: str, assignment: str) -> int:
        """By the API, as the page does; the status."""
        body = {"assignment": assignment, "verdict": "answered", "answers": []}
        status, _ = await self.lines.post(f"/api/reviews/{review}/complete", member.token, body)
        return status

    async def close(self) -> None:
        self.stops = True
        for member in self.members:
            if member.wire is not None:
                member.wire.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.lines.close()
        await self.db.dispose()
        await self.redis.aclose()
