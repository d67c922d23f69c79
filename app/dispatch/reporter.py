"""A web process's own sockets, told to the store of presence: transitions in batches, one beat a second for all."""

from __future__ import annotations

import asyncio
from uuid import UUID

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.dispatch.heartbeats import State, Transition, beat, leave
from app.platform.clock import monotonic

log = structlog.get_logger(__name__)
PATIENCE_SECONDS = 4.0
CUT_OFF_SECONDS = 12.0  # less than a silent process lives, so that there's time to come in by another


class _Socket(msgspec.Struct):
    employee: UUID
    beat_at: float
    state: State


class Reporter:
    """A web process's sockets of employees: `touch` at open and at every heartbeat, `closed` at the end.

    `run` beats each second for the process and sends what changed; a store that came back empty gets everything.
    """

    def __init__(self, redis: Redis, process_id: str, *, heartbeat_seconds: float = 10) -> None:
        self.redis = redis
        self.process_id = process_id
        self.stale_after = 2 * heartbeat_seconds
        self._sockets: dict[str, _Socket] = {}
        self._changed: dict[str, Transition] = {}
        self._wake = asyncio.Event()
        self._told_at = monotonic()

    @property
    def cut_off(self) -> bool:
        """For so long nothing could be told that the people here soon count as gone, however well they are."""
        return monotonic() - self._told_at > CUT_OFF_SECONDS

    def touch(self, connection: str, employee: UUID) -> None:
        """The socket is open and has just been heard of."""
        socket = self._sockets.get(connection)
        if socket is None or socket.state == "stale":
            self._note(Transition(connection, employee, "fresh" if socket else "open"))
        self._sockets[connection] = _Socket(employee, monotonic(), "fresh")

    def closed(self, connection: str) -> None:
        """The socket is gone."""
        socket = self._sockets.pop(connection, None)
        if socket is not None:
            age = 0.0 if socket.state != "stale" else monotonic() - socket.beat_at
            self._note(Transition(connection, socket.employee, "closed", age))

    def _note(self, change: Transition) -> None:
        self._changed[change.connection] = change
        self._wake.set()

    def _find_stale(self) -> None:
        now = monotonic()
        for name, socket in self._sockets.items():
            if socket.state != "stale" and now - socket.beat_at > self.stale_after:
                socket.state = "stale"
                self._changed[name] = Transition(name, socket.employee, "stale", now - socket.beat_at)

    async def flush(self) -> None:
        """One beat with what changed since the last. Raises RedisError, TimeoutError: then nothing is forgotten."""
        self._find_stale()
        changed, self._changed = self._changed, {}
        self._wake.clear()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):  # a connection that died without a word is given up
                if not await beat(self.redis, self.process_id, changed.values()):
                    gone = [change for change in changed.values() if change.state == "closed"]
                    await beat(self.redis, self.process_id, [*gone, *self._all()], full=True)
        except (RedisError, OSError, TimeoutError):
            self._changed = changed | self._changed
            raise
        self._told_at = monotonic()

    def _all(self) -> list[Transition]:
        now = monotonic()
        return [
            Transition(name, socket.employee, socket.state, now - socket.beat_at if socket.state == "stale" else 0.0)
            for name, socket in self._sockets.items()
        ]

    async def run(self, stop: asyncio.Event) -> None:
        """Beat each second, and at once when something changed, until `stop`."""
        while not stop.is_set():
            try:
                await self.flush()
            except (RedisError, OSError, TimeoutError) as why:
                log.warning("presence_not_told", why=type(why).__name__)
                await asyncio.sleep(0.25)
            await self._rest(stop)
        await self._leave()

    async def _leave(self) -> None:
        for name in list(self._sockets):
            self.closed(name)
        try:
            await self.flush()
            await leave(self.redis, self.process_id)
        except (RedisError, OSError, TimeoutError) as why:  # the store will miss the beats
            log.warning("presence_not_told", why=type(why).__name__)

    async def _rest(self, stop: asyncio.Event) -> None:
        waiting = {asyncio.create_task(self._wake.wait()), asyncio.create_task(stop.wait())}
        _, late = await asyncio.wait(waiting, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
        for task in late:
            task.cancel()
