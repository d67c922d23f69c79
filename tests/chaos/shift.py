"""People at work while everything is killed around them: reviews come in, pages hold, ack, complete, and come back."""

from __future__ import annotations

import asyncio
import random
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import text

from app.accounts import sessions
from app.bench.rig.crowd import Crowd, Frame, Member
from app.bench.rig.stack import Stack
from app.dispatch import service as dispatch
from app.errors import AppError
from app.platform.clock import monotonic
from app.platform.db import TROUBLES

RATE = 12.0  # reviews a second
HANDLING_SECONDS = (0.2, 1.5)
SLUGGISH = 0.02  # of the assignments somebody lets run out: their strikes are deserved, and they are the only ones
ASKS_FOR = 15.0  # seconds that a page waits for an answer before it asks again
LOST = (*TROUBLES, RedisError, ConnectionError, asyncio.IncompleteReadError)
DONE, TOO_LATE = 200, 409


class Shift:
    """What was filed and acknowledged to us, what arrived where, and what each completion was answered with."""

    def __init__(self, stack: Stack) -> None:
        self.crowd = Crowd(stack)
        self.filed: dict[str, float] = {}  # committed, as far as we were told; when
        self.arrived: dict[str, float] = {}
        self.done: dict[str, list[str]] = {}  # review → assignments whose completion was answered with 200
        self.sluggish: set[str] = set()
        self.answers: dict[int, int] = {}
        # When the latest assignment was made that a frame has told of, by the database's clock.
        self.latest_given = "0001-01-01T00:00:00+00:00"
        self.unsure = 0  # filings that broke off: done or not, nobody was told
        self.files = True
        self.ends = False
        self._mine: set[str] = set()
        self._work: list[asyncio.Task[None]] = []
        self.crowd.on_frame = self._heard
        self.crowd.when_lost = self._lost

    async def open(self, people: int) -> None:
        await self.crowd.seed(people)
        await self.crowd.connect()
        self._work = [asyncio.create_task(work) for work in (self._stream(), self._watch(), self._supervise())]

    def check(self) -> None:
        """Raises what ended any of the shift's own work."""
        for work in self._work:
            if work.done():
                work.result()

    async def close(self) -> None:
        self.ends = True
        for work in self._work:
            work.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await self.crowd.close()

    # What comes in
    async def _stream(self) -> None:
        started, n = monotonic(), 0
        while not self.ends:
            n += 1
            await asyncio.sleep(max(0.0, started + n / RATE - monotonic()))
            if self.files:
                self.crowd.spawn(self._file())

    async def _file(self) -> None:
        try:
            async with self.crowd.db.transaction() as tx:
                review = await dispatch.file_review(tx, kind="question", title="A question")
            self.filed[str(review.id)] = monotonic()
        except LOST:
            self.unsure += 1

    # What pages do
    def _heard(self, member: Member, frame: Frame, at: float) -> None:
        if frame["type"] == "review_assigned":
            self.latest_given = max(self.latest_given, frame["data"]["assigned_at"])
            self._take(member, frame["data"]["review"], frame["data"]["assignment"], at)

    def _take(self, member: Member, review: str, assignment: str, at: float) -> None:
        self.arrived.setdefault(review, at)
        if assignment in self._mine:
            return
        self._mine.add(assignment)
        if random.random() < SLUGGISH and self.files:
            self.sluggish.add(assignment)
        else:
            self.crowd.spawn(self._complete(member, review, assignment))

    async def _complete(self, member: Member, review: str, assignment: str) -> None:
        await asyncio.sleep(random.uniform(*HANDLING_SECONDS))
        while not self.ends:
            try:
                async with asyncio.timeout(ASKS_FOR):
                    status = await self.crowd.complete(member, review, assignment)
            except LOST:
                status = 0
            self.answers[status] = self.answers.get(status, 0) + 1
            if status == DONE:
                self.done.setdefault(review, []).append(assignment)
            if DONE <= status < 500:
                return
            await asyncio.sleep(random.uniform(0.2, 0.6))

    def _lost(self, member: Member, code: int) -> None:
        if not self.ends:
            self.crowd.spawn(self._come_back(member))

    async def _come_back(self, member: Member) -> None:
        wait = 0.3
        while not self.ends:
            await asyncio.sleep(random.uniform(0, wait))
            try:
                await self.crowd.open(member)
                return
            except LOST:
                wait = min(3.0, wait * 2)

    # What a page that comes back reads, and what supervisors do for people
    async def _watch(self) -> None:
        """What is held by somebody whose page doesn't know of it, as its first load would show."""
        while not self.ends:
            await asyncio.sleep(1.0)
            for review, assignment, who in await self._rows(_HELD):
                member = self.crowd.by_user[str(who)]
                if str(assignment) not in self._mine and member.wire is not None:
                    member.wire.send({"type": "ack", "assignment": str(assignment)})
                    self._take(member, str(review), str(assignment), monotonic())

    async def _supervise(self) -> None:
        """Whoever was locked or paused may go on: the shift is about work, not about rest."""
        while not self.ends:
            await asyncio.sleep(1.0)
            for who, locked in await self._rows(_AWAY):
                try:
                    async with self.crowd.db.transaction() as tx:
                        if locked:
                            await dispatch.unlock(tx, who, actor=who, reason="a shift of trials")
                        await dispatch.set_availability(tx, who, "available")
                        token = await sessions.open_session(tx, who, "bearer") if locked else None
                    if token is not None:  # a lock ends every session: whoever is unlocked signs in again
                        self.crowd.by_user[str(who)].token = token
                except AppError:  # locked since we looked
                    continue
                except LOST:
                    break

    async def _rows(self, query: str) -> list[Any]:
        try:
            return await self.rows(query)
        except LOST:
            return []

    async def rows(self, query: str, **given: Any) -> list[Any]:
        """Raises LOST."""
        async with self.crowd.db.transaction() as tx:
            return list((await tx.conn.execute(text(query), given)).all())

    def ids(self, rows: list[Any]) -> set[str]:
        return {str(UUID(str(row[0]))) for row in rows}


_HELD = """
SELECT review_id, id, employee_id FROM assignment
WHERE state = 'open' AND assigned_at < clock_timestamp() - interval '3 seconds'
"""
_AWAY = """
SELECT user_id, locked_at IS NOT NULL FROM employee JOIN app_user u ON u.id = user_id
WHERE locked_at IS NOT NULL OR availability = 'paused'
"""
