"""Presence in Valkey: connection → last beat, by the server's clock.

A web process beats once for itself and reports its sockets' transitions in batches; a process that stops beating takes
its connections with it. Nothing here is the truth: all of it may vanish, and then presence is *unknown* for the time
to live, never *offline*, until a beat ends that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.dispatch.policy import types
from app.platform.clock import monotonic

log = structlog.get_logger(__name__)

WAKE: Final = "dispatch:wake"
PROCESS_LIFE_MS: Final = 5_000  # a web process beats each second
SILENCE_MS: Final = 5_000  # nobody touched the store for that long: what it holds is old
FORGET_MS: Final = 3_600_000
_KEYS: Final = ["{presence}:touched", "{presence}:since", "{presence}:processes", "{presence}:left"]
_PROCESS: Final = "{presence}:process:"

_TOUCH: Final = f"""
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local touched = redis.call('GET', KEYS[1])
if not touched or now - tonumber(touched) > {SILENCE_MS} then redis.call('SET', KEYS[2], now) end
redis.call('SET', KEYS[1], now)
"""

_BEAT: Final = (
    _TOUCH
    + f"""
local mine, full = '{_PROCESS}' .. ARGV[1], ARGV[2] == '1'
local known = redis.call('ZSCORE', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[3], now, ARGV[1])
if full then redis.call('DEL', mine) end
for i = 3, #ARGV, 4 do
  local connection, employee, state, beat = ARGV[i], ARGV[i + 1], ARGV[i + 2], now - tonumber(ARGV[i + 3])
  if state == 'closed' then
    redis.call('HDEL', mine, connection)
    redis.call('ZADD', KEYS[4], 'GT', beat, employee)
  else
    redis.call('HSET', mine, connection, employee .. ' ' .. state .. ' ' .. beat)
  end
end
if #ARGV > 2 then redis.call('PUBLISH', '{WAKE}', 'presence') end
if known or full then return 1 end
return 0
"""
)

_READ: Final = (
    _TOUCH
    + f"""
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now - {FORGET_MS})) do
  redis.call('DEL', '{_PROCESS}' .. gone)
  redis.call('ZREM', KEYS[3], gone)
end
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - {FORGET_MS})
local processes = redis.call('ZRANGE', KEYS[3], 0, -1, 'WITHSCORES')
local connections = {{}}
for i = 1, #processes, 2 do connections[#connections + 1] = redis.call('HVALS', '{_PROCESS}' .. processes[i]) end
local left = redis.call('ZRANGE', KEYS[4], 0, -1, 'WITHSCORES')
return {{tostring(now), redis.call('GET', KEYS[2]) or tostring(now), processes, connections, left}}
"""
)

State = Literal["open", "fresh", "stale", "closed"]


class Transition(msgspec.Struct, frozen=True):
    """What became of a socket. `age` is seconds since its last beat (0 for open and fresh)."""

    connection: str
    employee: UUID
    state: State
    age: float = 0.0


class Seen(msgspec.Struct, frozen=True):
    """What is known of one person's connections. `fresh`: one beats, in a process that beats."""

    last_beat_at: datetime
    connections: int = 0
    fresh: bool = False


class Presence(msgspec.Struct, frozen=True):
    """Everybody's presence at `at`, by the store's clock. `known_since`: what is older is not known."""

    at: datetime
    known_since: datetime
    people: dict[UUID, Seen] = {}
    web_processes: int = 0

    def of(self, employee: UUID, ttl_seconds: float) -> types.Presence:
        """assignable, online (heard of within the time to live), offline, or unknown."""
        seen = self.people.get(employee)
        if seen is not None and seen.fresh:
            return "assignable"
        if seen is not None and seen.connections and (self.at - seen.last_beat_at).total_seconds() < ttl_seconds:
            return "online"
        return "unknown" if self.unsure(ttl_seconds) else "offline"

    def unsure(self, ttl_seconds: float) -> bool:
        """Whether the store has come back too lately for absence to mean anything."""
        return (self.at - self.known_since).total_seconds() < ttl_seconds

    def last_beat(self, employee: UUID) -> datetime | None:
        seen = self.people.get(employee)
        return seen.last_beat_at if seen else None


async def beat(redis: Redis, process_id: str, transitions: Iterable[Transition], *, full: bool = False) -> bool:
    """The process lives, and this changed. False: the store doesn't know the process; send all its sockets, `full`."""
    given: list[str] = [process_id, "1" if full else "0"]
    for each in transitions:
        given += [each.connection, str(each.employee), each.state, str(int(each.age * 1000))]
    known = await redis.eval(_BEAT, len(_KEYS), *_KEYS, *given)  # type: ignore[misc]  # typed for both clients at once
    return bool(known)


async def leave(redis: Redis, process_id: str) -> None:
    """A clean stop of the process: its connections end now."""
    await redis.delete(_PROCESS + process_id)
    await redis.zrem(_KEYS[2], process_id)


async def presence(redis: Redis) -> Presence:
    """Who is here. Raises RedisError where the store doesn't answer."""
    now, since, processes, connections, left = await redis.eval(_READ, len(_KEYS), *_KEYS)  # type: ignore[misc]  # as above
    at = int(now)
    people: dict[UUID, Seen] = {}
    alive = 0
    for (_, beaten), sockets in zip(_pairs(processes), connections, strict=True):
        lives = at - beaten < PROCESS_LIFE_MS
        alive += lives
        for socket in sockets:
            _count(people, socket.decode(), beaten, lives)
    for employee, beaten in _pairs(left):
        person = UUID(employee)
        if person not in people:
            people[person] = Seen(last_beat_at=_moment(beaten))
    return Presence(at=_moment(at), known_since=_moment(int(since)), people=people, web_processes=alive)


def _pairs(flat: list[bytes]) -> list[tuple[str, int]]:
    return [(flat[i].decode(), int(float(flat[i + 1]))) for i in range(0, len(flat), 2)]


def _count(people: dict[UUID, Seen], socket: str, beaten: int, lives: bool) -> None:
    name, state, last = socket.split(" ")
    person = UUID(name)
    fresh = state != "stale"
    beat_at = _moment(beaten if fresh else int(last))
    seen = people.get(person)
    people[person] = Seen(
        last_beat_at=max(beat_at, seen.last_beat_at) if seen else beat_at,
        connections=(seen.connections if seen else 0) + 1,
        fresh=(fresh and lives) or (seen.fresh if seen else False),
    )


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


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
        """One beat with what changed since the last; raises RedisError, and then nothing is forgotten."""
        self._find_stale()
        changed, self._changed = self._changed, {}
        self._wake.clear()
        try:
            if not await beat(self.redis, self.process_id, changed.values()):
                await beat(self.redis, self.process_id, self._all(), full=True)
        except (RedisError, OSError, TimeoutError):
            self._changed = changed | self._changed
            raise

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


async def presence_if_known(redis: Redis) -> Presence | None:
    """As `presence`, or None where the store doesn't answer: a page then says Unknown and goes on."""
    try:
        return await presence(redis)
    except (RedisError, OSError, TimeoutError) as why:
        log.warning("presence_not_read", why=type(why).__name__)
        return None
