"""The dispatcher's process: for each pool group one loop under a lease; a standby takes over within five seconds.

A loop wakes on a hint, on the nearest deadline, or each second. After a wake that did something it looks again at
once, for what was taken back can be given to the next one.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

import structlog
from prometheus_client import Counter, Histogram
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.dispatch import heartbeats
from app.dispatch.background import consumers
from app.dispatch.heartbeats import Presence
from app.dispatch.rules import rules_of
from app.dispatch.store import defaults
from app.dispatch.wake import Office, Woken, presence_changed, wake
from app.platform import lease
from app.platform.beats import instance_name
from app.platform.bus import run_consumer
from app.platform.clock import monotonic
from app.platform.db import Database
from app.platform.ids import new_id
from app.platform.queue import LeaseLost

log = structlog.get_logger(__name__)
LEASE_SECONDS = 3.0
STANDBY_SECONDS = 0.25
BEAT_SECONDS = 1.0
ROLL_CALL_SECONDS = 5.0  # new groups, new employees
_WAKES = Histogram("cabrank_dispatch_wake_seconds", "How long a wake of the dispatcher took")
_EFFECTS = Counter("cabrank_dispatch_effects_total", "What the dispatcher did", ["effect"])
_TROUBLES = (SQLAlchemyError, RedisError, OSError, TimeoutError)


async def pause(seconds: float, *events: asyncio.Event) -> None:
    """Sleep until one of the events is set, or for so long."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    _, late = await asyncio.wait(waiting, timeout=max(0.0, seconds), return_when=asyncio.FIRST_COMPLETED)
    for task in late:
        task.cancel()


async def read_presence(redis: Redis) -> Presence | None:
    """Who is here, or None where the store doesn't answer within a second."""
    try:
        async with asyncio.timeout(1.0):
            return await heartbeats.presence(redis)
    except (RedisError, OSError, TimeoutError) as why:
        log.warning("presence_unknown", why=type(why).__name__)
        return None


class Loop:
    """One group's dispatcher, holding the lease or standing by for it."""

    def __init__(self, settings: Settings, db: Database, redis: Redis, group: UUID, stop: asyncio.Event) -> None:
        self.settings = settings
        self.db = db
        self.redis = redis
        self.group = group
        self.stop = stop
        self.hint = asyncio.Event()
        self.name = f"dispatcher:{group}"
        self.holder = f"{instance_name()}:{new_id().hex[-8:]}"
        self._seen: dict[UUID, str] = {}

    async def run(self) -> None:
        """Hold the lease whenever it is free, until `stop`."""
        while not self.stop.is_set():
            try:
                epoch = await lease.acquire(self.db, self.name, self.holder, LEASE_SECONDS)
                if epoch is not None:
                    log.info("dispatcher_leads", group=str(self.group), epoch=epoch)
                    await self._lead(epoch)
            except LeaseLost:
                log.warning("dispatcher_replaced", group=str(self.group))
            except _TROUBLES as why:
                log.warning("dispatcher_waits", why=f"{type(why).__name__}: {why}"[:200])
            await pause(STANDBY_SECONDS, self.stop)

    def _office(self, epoch: int) -> Office:
        ttl = float(self.settings.presence_ttl_seconds)
        return Office(group=self.group, lease=self.name, epoch=epoch, rules=rules_of(self.settings), ttl=ttl)

    async def _lead(self, epoch: int) -> None:
        office, beat_at = self._office(epoch), monotonic() + BEAT_SECONDS
        while not self.stop.is_set():
            self.hint.clear()
            if monotonic() >= beat_at:
                if not await lease.beat(self.db, self.name, epoch):
                    raise LeaseLost(self.name)
                beat_at = monotonic() + BEAT_SECONDS
            woken = await self._wake(office)
            if not woken.did:
                await pause(_until(woken), self.hint, self.stop)
        await lease.release(self.db, self.name, epoch)

    async def _wake(self, office: Office) -> Woken:
        presence = await read_presence(self.redis)
        with _WAKES.time():
            async with self.db.transaction() as tx:
                woken = await wake(tx, office, presence)
                if self._changed(presence):
                    await presence_changed(tx, self.group)
        for effect, count in woken.did.items():
            _EFFECTS.labels(effect).inc(count)
        return woken

    def _changed(self, presence: Presence | None) -> bool:
        ttl = float(self.settings.presence_ttl_seconds)
        now: dict[UUID, str] = {person: presence.of(person, ttl) for person in presence.people()} if presence else {}
        before, self._seen = self._seen, now
        return before != now


def _until(woken: Woken) -> float:
    """Seconds to the next look: the nearest deadline, a second at most."""
    return 1.0 if woken.next_due is None else min(1.0, _seconds(woken.at, woken.next_due) + 0.002)


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


async def _listen(redis: Redis, loops: dict[UUID, Loop], stop: asyncio.Event) -> None:
    """Turn hints into wakes; without Valkey the loops' own second has to do."""
    while not stop.is_set():
        try:
            async with redis.pubsub() as ears:
                await ears.subscribe(heartbeats.WAKE)
                while not stop.is_set():
                    if await ears.get_message(ignore_subscribe_messages=True, timeout=1.0):
                        for loop in loops.values():
                            loop.hint.set()
        except (RedisError, OSError, TimeoutError) as why:
            log.warning("dispatcher_deaf", why=type(why).__name__)
            await pause(0.25, stop)


async def _roll_call(db: Database) -> list[UUID]:
    try:
        async with db.transaction() as tx:
            await defaults.ensure(tx)
            return await defaults.groups(tx)
    except _TROUBLES as why:
        log.warning("dispatcher_waits", why=f"{type(why).__name__}: {why}"[:200])
        return []


async def run(settings: Settings, db: Database, redis: Redis, stop: asyncio.Event) -> None:
    """The process: loops for all groups, the ears, and dispatch's consumers, until `stop`."""
    loops: dict[UUID, Loop] = {}
    async with asyncio.TaskGroup() as tasks:
        ears = tasks.create_task(_listen(redis, loops, stop))
        for consumer in consumers():
            tasks.create_task(run_consumer(consumer, db, redis, stop))
        while not stop.is_set():
            for group in await _roll_call(db):
                if group not in loops:
                    loops[group] = Loop(settings, db, redis, group, stop)
                    tasks.create_task(loops[group].run())
            await pause(ROLL_CALL_SECONDS if loops else 0.5, stop)
        ears.cancel()
