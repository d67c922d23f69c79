"""The dispatcher's process: for each pool group one loop under a lease; a standby takes over within five seconds.

A loop wakes on a hint, on the nearest deadline, or each second. After a wake that did something it looks again at
once, for what was taken back can be given to the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

import structlog
from prometheus_client import Counter
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.dispatch import heartbeats
from app.dispatch.background import consumers
from app.dispatch.leader import Leader
from app.dispatch.store import defaults
from app.dispatch.store.shares import shares
from app.platform import lease
from app.platform.beats import instance_name
from app.platform.bus import run_consumer
from app.platform.db import Database
from app.platform.ids import new_id
from app.platform.queue import LeaseLost

log = structlog.get_logger(__name__)
LEASE_SECONDS = 3.0
STANDBY_SECONDS = 0.25  # and as much more for each group that is led already, so that the idle one is quicker
MOST_STANDBY = 5
SHARE_SECONDS = 2.0  # between two looks at who leads how many; whoever hands one over keeps off it as long
ROLL_CALL_SECONDS = 5.0  # new groups, new employees
FAILED_SECONDS = 2.0  # longer than a standby's look at the lease takes
_FAILURES = Counter("cabrank_dispatch_failures_total", "Faults of ours that ended a group's tenure")
_TROUBLES = (SQLAlchemyError, RedisError, OSError, TimeoutError)


async def pause(seconds: float, event: asyncio.Event) -> None:
    """Sleep until the event is set, or for so long."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await event.wait()
    except TimeoutError:
        pass


class Loop:
    """One group's dispatcher, holding the lease or standing by for it."""

    def __init__(
        self,
        settings: Settings,
        db: Database,
        redis: Redis,
        group: UUID,
        stop: asyncio.Event,
        led: Callable[[], int] = lambda: 0,
    ) -> None:
        self.settings = settings
        self.db = db
        self.redis = redis
        self.group = group
        self.stop = stop
        self.wake = asyncio.Event()
        self.presence_hint = asyncio.Event()
        self.name = f"dispatcher:{group}"
        self.holder = f"{instance_name()}:{new_id().hex[-8:]}"
        self.led = led
        self.leads = self.yields = False

    async def run(self) -> None:
        """Hold the lease whenever it is free, until `stop`."""
        while not self.stop.is_set():
            epoch: int | None = None
            try:
                epoch = await lease.acquire(self.db, self.name, self.holder, LEASE_SECONDS)
                if epoch is not None:
                    log.info("dispatcher_leads", group=str(self.group), epoch=epoch)
                    await self._lead(epoch)
            except LeaseLost:
                log.warning("dispatcher_replaced", group=str(self.group))
            except _TROUBLES as why:
                log.warning("dispatcher_waits", why=f"{type(why).__name__}: {why}"[:200])
            except Exception:  # the edge of a group's loop: one group's fault must not stop the others
                log.exception("dispatcher_failed", group=str(self.group))
                _FAILURES.inc()
                await self._step_back(epoch)
            await pause(self._patience(), self.stop)

    async def _step_back(self, epoch: int | None) -> None:
        """What fails here may work in another process: let go of the lease, and keep off it for a while."""
        try:
            if epoch is not None:
                await lease.release(self.db, self.name, epoch)
        except _TROUBLES as why:
            log.warning("dispatcher_waits", why=type(why).__name__)  # it runs out by itself
        await pause(FAILED_SECONDS, self.stop)

    def _patience(self) -> float:
        """How long to wait before the lease is looked at again."""
        yielded, self.yields = self.yields, False
        return SHARE_SECONDS if yielded else STANDBY_SECONDS * min(1 + self.led(), MOST_STANDBY)

    async def _lead(self, epoch: int) -> None:
        leader = Leader(self.settings, self.db, self.redis, self.group, self.name, epoch)
        self.leads = True
        try:
            while not (self.stop.is_set() or self.yields):
                self.wake.clear()
                wait = await leader.turn(self.presence_hint)
                if wait:
                    await pause(wait, self.wake)
            await leader.resign()
        finally:
            self.leads = False

    def hand_over(self) -> None:
        """Let another process lead this group."""
        self.yields = True
        self.wake.set()

    def hear(self, what: bytes) -> None:
        """A hint: of presence, or of a review or a person."""
        if what == heartbeats.PRESENCE.encode():
            self.presence_hint.set()
        self.wake.set()


async def _listen(redis: Redis, loops: dict[UUID, Loop], stop: asyncio.Event) -> None:
    """Turn hints into wakes; without Valkey the loops' own second has to do."""
    while not stop.is_set():
        try:
            async with redis.pubsub() as ears:
                await ears.subscribe(heartbeats.WAKE)
                while not stop.is_set():
                    heard = await ears.get_message(ignore_subscribe_messages=True, timeout=1.0)
                    for loop in loops.values() if heard else ():
                        loop.hear(heard["data"])
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


async def _share(db: Database, loops: dict[UUID, Loop]) -> None:
    """Hand a group over where another live process leads at least two fewer."""
    try:
        async with db.transaction() as tx:
            led = await shares(tx)
    except _TROUBLES:
        return
    mine = [loop for loop in loops.values() if loop.leads]
    others = [count for instance, count in led.items() if instance != instance_name()]
    if others and len(mine) - min(others) >= 2:
        log.info("dispatcher_hands_over", group=str(mine[-1].group), leads=len(mine))
        mine[-1].hand_over()


async def _keep_sharing(db: Database, loops: dict[UUID, Loop], stop: asyncio.Event) -> None:
    while not stop.is_set():
        await _share(db, loops)
        await pause(SHARE_SECONDS, stop)


async def run(settings: Settings, db: Database, redis: Redis, stop: asyncio.Event) -> None:
    """The process: loops for all groups, the ears, and dispatch's consumers, until `stop`."""
    loops: dict[UUID, Loop] = {}
    async with asyncio.TaskGroup() as tasks:
        ears = tasks.create_task(_listen(redis, loops, stop))
        for consumer in consumers():
            tasks.create_task(run_consumer(consumer, db, redis, stop))
        tasks.create_task(_keep_sharing(db, loops, stop))
        while not stop.is_set():
            for group in await _roll_call(db):
                if group not in loops:
                    loops[group] = Loop(settings, db, redis, group, stop, lambda: sum(x.leads for x in loops.values()))
                    tasks.create_task(loops[group].run())
            await pause(ROLL_CALL_SECONDS if loops else 0.5, stop)
        for loop in loops.values():
            loop.wake.set()
        ears.cancel()
