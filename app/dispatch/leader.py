"""One tenure of a group's lease: what the dispatcher keeps in mind meanwhile, and what it does when."""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog
from prometheus_client import Counter, Histogram
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.config import Settings
from app.dispatch.heartbeats import Presence
from app.dispatch.roster import Roster
from app.dispatch.rules import rules_of
from app.dispatch.wake import Office, Woken, presence_changed, quick, wake
from app.platform import lease
from app.platform.clock import monotonic
from app.platform.db import Database
from app.platform.queue import LeaseLost

log = structlog.get_logger(__name__)
BEAT_SECONDS = 1.0
LOOK_SECONDS = 1.0  # a whole wake at least so often, whatever the hints say
APART_SECONDS = 0.05  # whole wakes and looks at presence keep so far apart, however much is due
AFRESH_SECONDS = 30.0  # everything is read anew, in case something changed without a trace
PRESENCE_PATIENCE = 1.0
_WAKES = Histogram("cabrank_dispatch_wake_seconds", "How long a wake of the dispatcher took", ["kind"])
_EFFECTS = Counter("cabrank_dispatch_effects_total", "What the dispatcher did", ["effect"])


class Leader:
    """Holds the lease of `epoch`. `hint`: something may be given out; `presence_hint`: somebody came or went."""

    def __init__(
        self, settings: Settings, db: Database, redis: Redis, group: UUID, lease_name: str, epoch: int
    ) -> None:
        ttl = float(settings.presence_ttl_seconds)
        self.db = db
        self.redis = redis
        self.office = Office(group=group, lease=lease_name, epoch=epoch, rules=rules_of(settings), ttl=ttl)
        self.roster = Roster(group, ttl)
        self.presence = Presence()
        self._changed: list[UUID] = []
        self._beat_at = self._afresh_at = self._see_at = self._whole_at = 0.0
        self._seen_at = 0.0

    async def turn(self, presence_hint: asyncio.Event) -> float:
        """One look; the seconds to the next that needs no hint (0: at once). Raises LeaseLost and engines' errors."""
        await self._keep()
        if presence_hint.is_set():
            self._see_at = min(self._see_at, self._seen_at + APART_SECONDS)
        if monotonic() >= self._see_at:
            presence_hint.clear()
            await self._see()
        try:
            woken = await (self._whole() if monotonic() >= self._whole_at else self._quick())
        except BaseException:
            self.roster.forget()  # it counts on what was rolled back
            raise
        for effect, count in woken.did.items():
            _EFFECTS.labels(effect).inc(count)
        return 0.0 if woken.did else max(0.0, min(self._whole_at, self._see_at) - monotonic())

    async def _keep(self) -> None:
        now = monotonic()
        if now >= self._beat_at:
            if not await lease.beat(self.db, self.office.lease, self.office.epoch):
                raise LeaseLost(self.office.lease)
            self._beat_at = now + BEAT_SECONDS
        if now >= self._afresh_at:
            self.roster.forget()
            self.presence = Presence()
            self._see_at = 0.0
            self._afresh_at = now + AFRESH_SECONDS

    async def _see(self) -> None:
        self._seen_at = monotonic()
        self._see_at = self._seen_at + LOOK_SECONDS
        try:
            async with asyncio.timeout(PRESENCE_PATIENCE):
                await self.presence.refresh(self.redis)
            self._changed += self.roster.see(self.presence)
        except (RedisError, OSError, TimeoutError) as why:
            log.warning("presence_unknown", why=type(why).__name__)
            self.presence = Presence()  # an answer that was cut off may be half taken
            self._changed += self.roster.see(None)

    async def _quick(self) -> Woken:
        with _WAKES.labels("quick").time():
            async with self.db.direct(begin=False) as tx:
                return await quick(tx, self.office, self.roster)

    async def _whole(self) -> Woken:
        with _WAKES.labels("whole").time():
            async with self.db.transaction() as tx:
                woken = await wake(tx, self.office, self.roster)
                changed, self._changed = self._changed, []
                presence_changed(tx, self.roster, changed)
        due = LOOK_SECONDS if woken.next_due is None else (woken.next_due - woken.at).total_seconds() + 0.002
        self._whole_at = monotonic() + min(LOOK_SECONDS, max(APART_SECONDS, due))
        return woken

    async def resign(self) -> None:
        """A clean stop: the next holder needn't wait."""
        await lease.release(self.db, self.office.lease, self.office.epoch)
