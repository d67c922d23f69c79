"""Durable live frames: one Valkey stream per person or pool, numbered without gaps, with a generation.

Whoever committed a frame tells it at once, and the relay tells again what nobody seems to have told: a frame's id makes
that harmless.

A cursor is `GENERATION-N`. The generation ends with the store that kept the stream: after an empty Valkey comes back,
older cursors get `SnapshotRequired`. A pool's generation carries the pool's name, so that a cursor says whose it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.platform.security import new_token

KEPT_FRAMES = 1000
TOLD_SECONDS = 120  # for so long a frame that comes a second time is known by its id
TROUBLES = (RedisError, OSError, TimeoutError)  # the store doesn't answer
_GENERATION = "live:generation"
# Many frames in one go, each told at most once. KEYS: the generation, then three of each frame; ARGV: three, then two.
_APPEND = """
local generation = redis.call('GET', KEYS[1])
if not generation then generation = ARGV[1]; redis.call('SET', KEYS[1], generation) end
local told = {}
for i = 1, (#KEYS - 1) / 3 do
  local channel, frame = ARGV[2 * i + 2], ARGV[2 * i + 3]
  told[i] = false
  if redis.call('SET', KEYS[3 * i - 1], 1, 'NX', 'EX', ARGV[3]) then
    local n = redis.call('INCR', KEYS[3 * i])
    redis.call('XADD', KEYS[3 * i + 1], 'MAXLEN', '~', ARGV[2], n .. '-1', 'f', frame)
    redis.call('PUBLISH', channel, generation .. ' ' .. n .. ' ' .. frame)
    told[i] = {generation, n}
  end
end
return told
"""
AT_ONCE = 100  # frames a script: others wait for about a millisecond


class SnapshotRequired(Exception):
    """What came after the cursor is no longer kept whole: load the page's state afresh."""


def user_stream(user_id: UUID) -> str:
    return f"user:{user_id}"


def pool_stream(pool_id: UUID) -> str:
    return f"pool:{pool_id}"


def channel(stream: str) -> str:
    """The pub/sub channel on which the stream's frames are told as they come."""
    return f"live:{stream}"


def _keys(stream: str) -> list[str]:
    return [_GENERATION, f"live:seq:{stream}", f"live:log:{stream}"]


def new_generation() -> str:
    return new_token()[:10].replace("-", "x").replace("_", "y")


class LiveFrame(msgspec.Struct, frozen=True):
    """A durable frame: its outbox row's `id` makes telling it twice the same as telling it once."""

    stream: str
    id: UUID
    at: datetime
    type: str
    data: dict[str, Any]

    def encode(self) -> bytes:
        return msgspec.json.encode({"type": self.type, "at": self.at, "data": self.data, "id": self.id})


def told_key(frame_id: UUID) -> str:
    """There while the frame is known to have been told."""
    return f"live:told:{frame_id}"


def add(pipe: Any, frames: Sequence[LiveFrame], *, kept: int = KEPT_FRAMES) -> None:
    """Number the frames, keep and tell them, by way of a pipeline; one that was told before stays as it was."""
    for some in (frames[at : at + AT_ONCE] for at in range(0, len(frames), AT_ONCE)):
        keys, given = [_GENERATION], [new_generation(), kept, TOLD_SECONDS]
        for one in some:
            keys += [told_key(one.id), *_keys(one.stream)[1:]]
            given += [channel(one.stream), one.encode()]
        pipe.eval(_APPEND, len(keys), *keys, *given)


async def append(redis: Redis, frame: LiveFrame, *, kept: int = KEPT_FRAMES) -> str | None:
    """`add` of one; the frame's cursor, or None where it was told before."""
    pipe = redis.pipeline(transaction=False)
    add(pipe, [frame], kept=kept)
    ((told,),) = await pipe.execute()
    return cursor_of(frame.stream, _text(told[0]), int(told[1])) if told else None


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _tag(stream: str) -> str:
    kind, _, name = stream.partition(":")
    return "" if kind == "user" else f".{name.replace('-', '')}"


def cursor_of(stream: str, generation: str, n: int) -> str:
    return f"{generation}{_tag(stream)}-{n}"


def decode(stream: str, message: bytes) -> dict[str, Any]:
    """A pub/sub message of the stream's channel as a frame with its cursor."""
    generation, n, raw = message.decode().split(" ", 2)
    frame: dict[str, Any] = msgspec.json.decode(raw)
    return frame | {"cursor": cursor_of(stream, generation, int(n))}


async def head(redis: Redis, stream: str) -> str:
    """The cursor of the newest frame: what a freshly loaded page subscribes `since`."""
    asked = _keys(stream)[:2]
    generation, n = await redis.mget(asked)
    if generation is None:
        await redis.set(_GENERATION, new_generation(), nx=True)
        generation, n = await redis.mget(asked)
    return cursor_of(stream, _text(generation), int(n or 0))


async def generation(redis: Redis) -> str | None:
    """The store's present generation; None right after the store was emptied."""
    value = await redis.get(_GENERATION)
    return None if value is None else _text(value)


async def read_since(redis: Redis, stream: str, cursor: str, newest: str | None = None) -> list[dict[str, Any]]:
    """The frames after `cursor`, oldest first; `newest` is the stream's head where it was just read.

    Raises SnapshotRequired when not all of them are kept.
    """
    prefix, _, number = cursor.rpartition("-")
    now_prefix, _, last = (newest or await head(redis, stream)).rpartition("-")
    if prefix != now_prefix or not number.isdigit() or int(number) > int(last):
        raise SnapshotRequired(cursor)
    if number == last:
        return []
    rows = await redis.xrange(_keys(stream)[2], min=f"{int(number) + 1}-0")
    frames = [
        msgspec.json.decode(fields[b"f"]) | {"cursor": f"{prefix}-{_text(row).split('-')[0]}"} for row, fields in rows
    ]
    wanted = range(int(number) + 1, int(last) + 1)
    if [frame["cursor"] for frame in frames[: len(wanted)]] != [f"{prefix}-{n}" for n in wanted]:
        raise SnapshotRequired(cursor)
    return frames
