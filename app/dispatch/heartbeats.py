"""Presence in Valkey: connection → last beat, by the server's clock.

A web process beats once for itself and reports its sockets' transitions in batches; a process that stops beating takes
its connections with it. What changed is numbered and kept for a while, so that a reader asks for the changes alone.
Nothing here is the truth: all of it may vanish, and then presence is *unknown* for the time to live, never *offline*,
until a beat ends that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.dispatch.policy import types
from app.platform.clock import monotonic

log = structlog.get_logger(__name__)

WAKE: Final = "dispatch:wake"
PRESENCE: Final = "presence"  # what a wake for presence says; a wake for reviews says nothing
PROCESS_LIFE_MS: Final = 5_000  # a web process beats each second
SILENCE_MS: Final = 5_000  # nobody touched the store for that long: what it holds is old
FORGET_MS: Final = 3_600_000
KEPT_CHANGES: Final = 20_000
_KEYS: Final = [
    "{presence}:touched",
    "{presence}:since",
    "{presence}:processes",
    "{presence}:left",
    "{presence}:count",
    "{presence}:changes",
]
_PROCESS: Final = "{presence}:process:"

_TOUCH: Final = f"""
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local touched = redis.call('GET', KEYS[1])
if not touched or now - tonumber(touched) > {SILENCE_MS} then redis.call('SET', KEYS[2], now) end
redis.call('SET', KEYS[1], now)
"""

# One line a change: process, connection, employee, state, beat.
_NOTE: Final = f"""
local function note(line)
  local n = redis.call('INCR', KEYS[5])
  redis.call('XADD', KEYS[6], 'MAXLEN', '~', {KEPT_CHANGES}, n .. '-1', 'c', line)
end
"""

_BEAT: Final = (
    _TOUCH
    + _NOTE
    + f"""
local process = ARGV[1]
local mine, full = '{_PROCESS}' .. process, ARGV[2] == '1'
if not full and not redis.call('ZSCORE', KEYS[3], process) then return 0 end
redis.call('ZADD', KEYS[3], now, process)
if full then
  redis.call('DEL', mine)
  note(process .. ' - - reset 0')
end
for i = 3, #ARGV, 4 do
  local connection, employee, state, beat = ARGV[i], ARGV[i + 1], ARGV[i + 2], now - tonumber(ARGV[i + 3])
  if state == 'closed' then
    redis.call('HDEL', mine, connection)
    redis.call('ZADD', KEYS[4], 'GT', beat, employee)
  else
    redis.call('HSET', mine, connection, employee .. ' ' .. state .. ' ' .. beat)
  end
  note(process .. ' ' .. connection .. ' ' .. employee .. ' ' .. state .. ' ' .. beat)
end
if #ARGV > 2 then redis.call('PUBLISH', '{WAKE}', '{PRESENCE}') end
return 1
"""
)

_LEAVE: Final = (
    _NOTE
    + f"""
redis.call('DEL', '{_PROCESS}' .. ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
note(ARGV[1] .. ' - - reset 0')
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
local since = redis.call('GET', KEYS[2]) or tostring(now)
local count, read = tonumber(redis.call('GET', KEYS[5]) or '0'), tonumber(ARGV[2])
local processes = redis.call('ZRANGE', KEYS[3], 0, -1, 'WITHSCORES')
if ARGV[1] == since and read <= count then
  local changes = {{}}
  if read < count then
    for _, entry in ipairs(redis.call('XRANGE', KEYS[6], '(' .. read .. '-1', '+')) do
      changes[#changes + 1] = entry[2][2]
    end
  end
  if #changes == count - read then return {{tostring(now), since, count, processes, 0, changes}} end
end
local whole = {{}}
for i = 1, #processes, 2 do whole[#whole + 1] = redis.call('HGETALL', '{_PROCESS}' .. processes[i]) end
return {{tostring(now), since, count, processes, 1, whole, redis.call('ZRANGE', KEYS[4], 0, -1, 'WITHSCORES')}}
"""
)

State = Literal["open", "fresh", "stale", "closed"]


class Transition(msgspec.Struct, frozen=True):
    """What became of a socket. `age` is seconds since its last beat (0 for open and fresh)."""

    connection: str
    employee: UUID
    state: State
    age: float = 0.0


class Socket(msgspec.Struct, frozen=True):
    """A connection as the store has it; `beat` in milliseconds of its clock, when it went stale."""

    process: str
    stale: bool
    beat: int


class Presence:
    """Everybody's presence at `at`, by the store's clock; what is older than `known_since` is not known.

    `refresh` brings it up to date by what changed since it was last read.
    """

    def __init__(self, at: datetime | None = None, known_since: datetime | None = None) -> None:
        self._at = _milliseconds(at) if at else 0
        self._since = _milliseconds(known_since) if known_since else 0
        self._read = -1
        self._processes: dict[str, int] = {}
        self._sockets: dict[UUID, dict[str, Socket]] = {}
        self._of_process: dict[str, dict[str, UUID]] = {}
        self.left: dict[UUID, int] = {}
        self._apart: tuple[set[str], tuple[list[UUID], list[UUID]]] | None = None

    @property
    def at(self) -> datetime:
        return _moment(self._at)

    @property
    def known_since(self) -> datetime:
        return _moment(self._since)

    @property
    def web_processes(self) -> int:
        """How many web processes beat."""
        return sum(self._lives(process) for process in self._processes)

    def people(self) -> Iterable[UUID]:
        """Whoever has a connection, or had one in the last hour."""
        return self._sockets.keys() | self.left.keys()

    def here(self, ttl_seconds: float) -> list[UUID]:
        """Whoever `of` calls assignable or online."""
        since = self._at - ttl_seconds * 1000
        beating, silent = self._told_apart()
        return beating + [who for who in silent if any(self._beat(s) > since for s in self._sockets[who].values())]

    def _told_apart(self) -> tuple[list[UUID], list[UUID]]:
        """Who is assignable, and who else has a connection: looked at again only when some connection has changed."""
        living = {each for each in self._processes if self._lives(each)}
        if self._apart is None or self._apart[0] != living:
            beating: list[UUID] = []
            silent: list[UUID] = []
            for who, sockets in self._sockets.items():
                beats = any(not s.stale and s.process in living for s in sockets.values())
                (beating if beats else silent).append(who)
            self._apart = living, (beating, silent)
        return self._apart[1]

    def connections(self, employee: UUID) -> int:
        return len(self._sockets.get(employee, ()))

    def of(self, employee: UUID, ttl_seconds: float) -> types.Presence:
        """assignable, online (heard of within the time to live), offline, or unknown."""
        sockets = self._sockets.get(employee)
        if sockets:
            if any(not s.stale and self._lives(s.process) for s in sockets.values()):
                return "assignable"
            if self._at - max(self._beat(s) for s in sockets.values()) < ttl_seconds * 1000:
                return "online"
        return "unknown" if self.unsure(ttl_seconds) else "offline"

    def unsure(self, ttl_seconds: float) -> bool:
        """Whether the store has come back too lately for absence to mean anything."""
        return self._at - self._since < ttl_seconds * 1000

    def last_beat(self, employee: UUID) -> datetime | None:
        """When this person was last heard of; of what was before the store came back it knows nothing."""
        beats = [self._beat(socket) for socket in self._sockets.get(employee, {}).values()]
        beats += [self.left[employee]] if employee in self.left else []
        return _moment(max(beats) if beats else self._since) if beats or self._since else None

    def processes_of(self, employee: UUID) -> set[str]:
        """The instances of the web processes that hold this person's sockets, but for those that fell silent before."""
        sockets = self._sockets.get(employee, {}).values()
        return {socket.process.rpartition(":")[0] for socket in sockets if not socket.stale}

    def _lives(self, process: str) -> bool:
        return self._at - self._processes.get(process, 0) < PROCESS_LIFE_MS

    def _beat(self, socket: Socket) -> int:
        return socket.beat if socket.stale else self._processes.get(socket.process, socket.beat)

    async def refresh(self, redis: Redis) -> None:
        """Raises RedisError where the store doesn't answer; what was known stands then."""
        answer = await redis.eval(_READ, len(_KEYS), *_KEYS, str(self._since), str(self._read))  # type: ignore[misc]  # typed for both clients at once
        now, since, count, processes, whole, *told = answer
        self._at, self._since, self._read = int(now), int(since), count
        beats = dict(_pairs(processes))
        if whole or told[0] or self._of_process.keys() - beats.keys():
            self._apart = None
        if whole:
            self._take_whole(list(beats), *told)
        else:
            for line in told[0]:
                self._take(*line.decode().split(" "))
        for gone in self._of_process.keys() - beats.keys():
            self._reset(gone)
        self._processes = beats

    def _take_whole(self, processes: list[str], sockets: list[list[bytes]], left: list[bytes]) -> None:
        self._sockets, self._of_process = {}, {}
        self.left = {UUID(employee): beat for employee, beat in _pairs(left)}
        for process, flat in zip(processes, sockets, strict=True):
            for n in range(0, len(flat), 2):
                self._take(process, flat[n].decode(), *flat[n + 1].decode().split(" "))

    def _take(self, process: str, connection: str, employee: str, state: str, beat: str) -> None:
        if state == "reset":
            self._reset(process)
            return
        person = UUID(employee)
        if state == "closed":
            self.left[person] = max(int(beat), self.left.get(person, 0))
            self._of_process.get(process, {}).pop(connection, None)
            self._drop(person, connection)
        else:
            self._of_process.setdefault(process, {})[connection] = person
            self._sockets.setdefault(person, {})[connection] = Socket(process, state == "stale", int(beat))

    def _reset(self, process: str) -> None:
        for connection, person in self._of_process.pop(process, {}).items():
            self._drop(person, connection)

    def _drop(self, person: UUID, connection: str) -> None:
        mine = self._sockets.get(person, {})
        mine.pop(connection, None)
        if not mine:
            self._sockets.pop(person, None)


async def beat(redis: Redis, process_id: str, transitions: Iterable[Transition], *, full: bool = False) -> bool:
    """The process lives, and this changed. False: the store doesn't know it and took nothing: send all, `full`.

    So the store knows a process only once it has heard all of it, whichever answer is lost on the way.
    """
    given: list[str] = [process_id, "1" if full else "0"]
    for each in transitions:
        given += [each.connection, str(each.employee), each.state, str(int(each.age * 1000))]
    known = await redis.eval(_BEAT, len(_KEYS), *_KEYS, *given)  # type: ignore[misc]  # typed for both clients at once
    return bool(known)


async def leave(redis: Redis, process_id: str) -> None:
    """A clean stop of the process: its connections end now."""
    await redis.eval(_LEAVE, len(_KEYS), *_KEYS, process_id)  # type: ignore[misc]  # as above


async def presence(redis: Redis) -> Presence:
    """Who is here. Raises RedisError where the store doesn't answer."""
    seen = Presence()
    await seen.refresh(redis)
    return seen


class SharedPresence:
    """One view for all that a process serves: it reads what changed; those who ask meanwhile share the next reading."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._view = Presence()
        self._reading = asyncio.Lock()
        self._began = 0.0

    async def if_known(self) -> Presence | None:
        """As it stands now, or None where the store doesn't answer: a page then says Unknown and goes on."""
        asked = monotonic()
        async with self._reading:
            try:
                if self._began < asked:
                    began = monotonic()
                    await self._view.refresh(self._redis)
                    self._began = began
            except (RedisError, OSError, TimeoutError) as why:
                log.warning("presence_not_read", why=type(why).__name__)
                return None
        return self._view


def _pairs(flat: list[Any]) -> list[tuple[str, int]]:
    return [(flat[i].decode(), int(float(flat[i + 1]))) for i in range(0, len(flat), 2)]


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
