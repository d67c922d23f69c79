"""Rates shared by all processes: a token bucket in Valkey, by the server's clock, in one atomic script.

Valkey gone is no reason to stop and none to rush: each process then keeps to a fraction of the rate by itself.
"""

from __future__ import annotations

from typing import Any

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.platform.clock import monotonic

log = structlog.get_logger(__name__)
# What one process allows itself without Valkey: several run, and none knows of the others.
LOCAL_SHARE = 0.25

# Generic cell rate: the stored value is the moment until which the bucket is spoken for. A block moves it forward.
_TAKE = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local gap, burst, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local held = tonumber(redis.call('GET', KEYS[2]) or '0')
local at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = math.max(at - gap * (burst - 1) - now, held - now, 0)
if wait > patience then return {0, wait} end
at = math.max(at, held) + gap
redis.call('SET', KEYS[1], at, 'PX', math.ceil(at - now + gap * burst) + 1000)
return {1, wait}
"""
_BLOCK = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ends = now + tonumber(ARGV[1])
if ends > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], ends, 'PX', math.ceil(ends - now) + 1)
end
return 0
"""


class Grant(msgspec.Struct, frozen=True):
    """`granted`: go after `wait` seconds, the turn is yours. Otherwise nothing was taken; ask again after `wait`."""

    granted: bool
    wait: float


class RateLimit:
    """Turns per name. One instance a process; the names are shared through Valkey."""

    def __init__(self, redis: Redis | None, *, prefix: str = "rate") -> None:
        self._redis = redis
        self._prefix = prefix
        self._local: dict[str, float] = {}

    def _keys(self, name: str) -> tuple[str, str]:
        # The braces keep both keys on one node of a cluster.
        return f"{self._prefix}:{{{name}}}:at", f"{self._prefix}:{{{name}}}:held"

    async def take(self, name: str, *, rate: float, burst: int = 1, patience: float = 0.0) -> Grant:
        """Take a turn of `rate` a second (at most `burst` at once), if it comes within `patience` seconds."""
        gap = 1000.0 / rate
        answer = await self._run(_TAKE, self._keys(name), [gap, burst, patience * 1000.0])
        if answer is None:
            return self._take_locally(name, rate * LOCAL_SHARE, patience)
        return Grant(bool(int(answer[0])), float(answer[1]) / 1000.0)

    async def block(self, name: str, seconds: float) -> None:
        """Nobody gets a turn of this name for so long: the other side asked for it."""
        self._local[name] = max(self._local.get(name, 0.0), monotonic() + seconds)
        await self._run(_BLOCK, self._keys(name)[1:], [seconds * 1000.0])

    async def _run(self, script: str, keys: tuple[str, ...], args: list[float]) -> Any:
        if self._redis is None:
            return None
        try:
            return await self._redis.eval(script, len(keys), *keys, *map(str, args))  # type: ignore[misc]  # typed as for the blocking client
        except (RedisError, OSError, TimeoutError) as why:
            log.warning("rate_limit_is_local", why=type(why).__name__)
            return None

    def _take_locally(self, name: str, rate: float, patience: float) -> Grant:
        now = monotonic()
        at = max(self._local.get(name, 0.0), now)
        if at - now > patience:
            return Grant(False, at - now)
        self._local[name] = at + 1.0 / rate
        return Grant(True, at - now)
