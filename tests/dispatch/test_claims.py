"""Fifty hands and four dispatchers grab at ten thousand reviews at once; afterwards the rows are counted.

Bounded by acts and by time: each hand acts so often, or until the time is over; then the rest is given out.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import text

from app.config import Settings
from app.dispatch import service
from app.dispatch.dispatcher import Loop, pause
from app.dispatch.reporter import Reporter
from app.errors import AppError
from app.platform import lease
from app.platform.clock import monotonic
from app.platform.db import Database
from app.platform.hints import ValkeyHints
from tests.dispatch.floor import Floor

REVIEWS, PEOPLE, CAPACITY = 10_000, 120, 100
HANDS, DISPATCHERS = 50, 4
ACTS, SECONDS, GIVEN_OUT_SECONDS = 60, 20.0, 60.0
SEED = 11

_FILE = """
INSERT INTO review (id, pool_id, kind, size, title, priority)
SELECT gen_random_uuid(), :pool, 'question', 'small', 'q' || n, n % 3 FROM generate_series(1, :count) AS n
"""
_LATE = """
UPDATE assignment SET delivered_at = coalesce(delivered_at, assigned_at), assigned_at = assigned_at - interval '1 hour',
  grace_at = grace_at - interval '1 hour', warn_at = warn_at - interval '1 hour',
  deadline_at = clock_timestamp() + random() * interval '1 second'
WHERE id IN (SELECT id FROM assignment WHERE state = 'open' AND deadline_at > clock_timestamp() + interval '1 minute'
  ORDER BY random() LIMIT 12 FOR NO KEY UPDATE SKIP LOCKED)
"""
_ARRIVED = """
UPDATE assignment SET delivered_at = clock_timestamp() WHERE id IN (
  SELECT id FROM assignment WHERE state = 'open' AND delivered_at IS NULL FOR NO KEY UPDATE SKIP LOCKED)
"""
_LEFT = """
SELECT state, stranded, count(*) FROM review WHERE state NOT IN ('assigned', 'completed') GROUP BY state, stranded
UNION ALL
SELECT 'running out', NULL, count(*) FROM assignment
WHERE state = 'open' AND deadline_at < clock_timestamp() + interval '1 minute' HAVING count(*) > 0
"""
_COUNTS = """
SELECT (SELECT count(*) FROM review), (SELECT count(*) FROM review WHERE ended_at IS NOT NULL),
  (SELECT count(*) FROM assignment WHERE state = 'open'), (SELECT sum(active) FROM employee),
  (SELECT count(*) FROM assignment WHERE state = 'missed'), (SELECT count(*) FROM strike),
  (SELECT count(*) FROM outbox WHERE type = 'ReviewAssigned'), (SELECT count(*) FROM assignment)
"""


class Hand:
    """Somebody who acts as fast as it goes: a supervisor, or whoever holds something."""

    def __init__(self, floor: Floor, people: list[UUID], boss: UUID, dice: random.Random) -> None:
        self.floor, self.people, self.boss, self.dice = floor, people, boss, dice
        self.did: Counter[str] = Counter()

    async def act(self, until: float) -> None:
        acts: list[Callable[[], Awaitable[str]]] = [self.supervise, self.work, self.work]
        for _ in range(ACTS):
            if monotonic() > until:
                return
            try:
                self.did[await self.dice.choice(acts)()] += 1
            except AppError as why:
                self.did[type(why).__name__] += 1

    async def supervise(self) -> str:
        who, verb = self.dice.choice(self.people), self.dice.choice(["assign", "assign", "transfer", "revoke", "back"])
        async with self.floor.db.transaction() as tx:
            review = await self._any(tx, held=verb in ("transfer", "revoke"))
            if review is None:
                return "nothing to do"
            if verb == "revoke":
                await service.revoke(tx, review, actor=self.boss, reason="-")
            elif verb == "back":
                await service.unlock(tx, who, actor=self.boss, reason="-")
                await service.set_availability(tx, who, "available")
            else:
                give = service.assign if verb == "assign" else service.transfer
                ids = {"actor": self.boss, "employee_id": who, "rules": self.floor.rules}
                await give(tx, review, ignore_capacity=self.dice.random() < 0.3, **ids)
        return verb

    async def _any(self, tx: Any, *, held: bool) -> UUID | None:
        """A review that somebody holds, if any is held yet, or any that is open."""
        query = "SELECT id FROM review WHERE ended_at IS NULL OFFSET :n LIMIT 1"
        if held:
            query = "SELECT review_id FROM assignment WHERE state = 'open' ORDER BY random() LIMIT 1"
        found: UUID | None = (await tx.conn.execute(text(query), {"n": self.dice.randrange(REVIEWS // 2)})).scalar()
        return found

    async def work(self) -> str:
        """On any open assignment, as its person; another hand may do the same at this moment."""
        verb = self.dice.choice(["complete", "complete", "complete", "decline", "release"])
        async with self.floor.db.transaction() as tx:
            query = (
                "SELECT id, review_id, employee_id FROM assignment WHERE state = 'open' ORDER BY deadline_at LIMIT 40"
            )
            rows = (await tx.conn.execute(text(query))).all()
        if not rows:
            return "nothing to do"
        one = self.dice.choice(rows)
        ids = {"employee_id": one.employee_id, "review_id": one.review_id, "assignment_id": one.id}
        async with self.floor.db.transaction() as tx:
            if verb == "complete":
                await service.complete(tx, **ids, verdict="answered")
            else:
                give_back = service.decline if verb == "decline" else service.release
                await give_back(tx, **ids, reason="-", rules=self.floor.rules)
        return verb


class Yard:
    """What goes on around the hands until `stop`."""

    def __init__(self, floor: Floor, settings: Settings, redis: Redis) -> None:
        self.floor, self.stop = floor, asyncio.Event()
        self.dbs = [
            Database(settings.database_url or "", hints=ValkeyHints(redis), pool_size=3, process=f"d{n}")  # type: ignore[arg-type]  # it is an ArqRedis
            for n in range(DISPATCHERS)
        ]
        self.loops = [Loop(settings, db, redis, floor.group, self.stop) for db in self.dbs]
        self.leads: set[str] = set()

    async def every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        while not self.stop.is_set():
            await act()
            await pause(seconds, self.stop)

    async def sql(self, statement: str, **given: Any) -> list[Any]:
        async with self.floor.db.transaction() as tx:
            done = await tx.conn.execute(text(statement), given)
            return list(done.all()) if done.returns_rows else []

    async def hints(self) -> None:
        for loop in self.loops:
            loop.hear(b"")

    async def usurps(self) -> None:
        """The leader is taken for dead in the midst of its work, and goes on until it notices."""
        ((holder,),) = await self.sql("SELECT holder FROM lease WHERE name = :name", name=self.floor.lease)
        self.leads.add(holder)
        await self.sql(
            "UPDATE lease SET beat_at = beat_at - interval '1 day' WHERE name = :name", name=self.floor.lease
        )

    async def late(self) -> None:
        await self.sql(_ARRIVED)
        await self.sql(_LATE)

    async def close(self) -> None:
        for db in self.dbs:
            await db.dispose()


async def _until_given_out(yard: Yard, floor: Floor, boss: UUID, people: list[UUID]) -> None:
    """Who was locked or paused is back, what was escalated goes back into the queue; then everything finds somebody."""
    for who in people:
        async with floor.db.transaction() as tx:
            await service.unlock(tx, who, actor=boss, reason="-")
            await service.set_availability(tx, who, "available")
    until = monotonic() + GIVEN_OUT_SECONDS
    while monotonic() < until:
        await yard.sql(_ARRIVED)
        for (review,) in await yard.sql("SELECT id FROM review WHERE state = 'escalated'"):
            async with floor.db.transaction() as tx:
                await service.requeue(tx, review, actor=boss)
        if await yard.sql(_LEFT) == []:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"these found nobody: {await yard.sql(_LEFT)}")


async def test_whoever_claims_each_review_is_with_one(floor: Floor, settings: Settings, redis: Redis) -> None:
    boss = await floor.user("Boss", "supervisor")
    people = [await floor.employee(f"P{n}", capacity=CAPACITY) for n in range(PEOPLE)]
    await lease.release(floor.db, floor.lease, floor.epoch)
    reporter = Reporter(redis, "web:1")

    async def pages_beat() -> None:
        for who in people:
            reporter.touch(f"c{who}", who)

    await pages_beat()
    yard = Yard(floor, settings, redis)
    await yard.sql(_FILE, pool=await floor.general(), count=REVIEWS)
    dice = random.Random(SEED)
    hands = [Hand(floor, people, boss, random.Random(dice.random())) for _ in range(HANDS)]
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(reporter.run(yard.stop))
        for loop in yard.loops:
            tasks.create_task(loop.run())
        tasks.create_task(yard.every(0.02, yard.hints))
        tasks.create_task(yard.every(5.0, pages_beat))
        usurper = tasks.create_task(yard.every(0.3, yard.usurps))
        ageing = tasks.create_task(yard.every(0.25, yard.late))
        await asyncio.gather(*(hand.act(monotonic() + SECONDS) for hand in hands))
        usurper.cancel()
        ageing.cancel()
        await _until_given_out(yard, floor, boss, people)
        yard.stop.set()
    did = sum((hand.did for hand in hands), Counter[str]())
    (counts,) = await yard.sql(_COUNTS)
    await yard.close()
    print(f"{dict(did)}; {len(yard.leads)} dispatchers led; {tuple(counts)}")
    await _conserved(floor, counts, did)
    assert len(yard.leads - {"test"}) > 1, "they took over from each other in the midst of it"


async def _conserved(floor: Floor, counts: Any, did: Counter[str]) -> None:
    filed, ended, held, active, missed, struck, told, opened = counts
    await floor.check()
    assert filed == REVIEWS == ended + held, "each is with one person, or done"
    assert active == held
    assert ended == did["complete"]
    assert told == opened, "each assignment was told once"
    assert 0 < struck <= missed
    assert min(did[verb] for verb in ("complete", "decline", "release", "assign", "transfer", "revoke")) > 0
