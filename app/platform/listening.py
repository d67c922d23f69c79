"""Hints as they come: one Valkey subscription that lives through reconnects and says when it may have missed some."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec
import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
STOP_SECONDS = 0.2  # between two looks whether it is over, while nothing is heard


class Heard(msgspec.Struct, frozen=True):
    """One message of a channel."""

    channel: str
    payload: bytes


class Deaf(msgspec.Struct, frozen=True):
    """The subscription has just been made, or made again: what was told before it is not known here."""


async def listen(redis: Redis, patterns: Sequence[str], stop: asyncio.Event) -> AsyncIterator[Heard | Deaf]:
    """Messages of all channels that match, until `stop`. Each (re)subscription is told as one `Deaf`."""
    while not stop.is_set():
        try:
            async with redis.pubsub() as pubsub:
                await pubsub.psubscribe(*patterns)
                async for heard in _messages(pubsub, patterns[-1], stop):
                    yield heard
        except (RedisError, OSError, TimeoutError) as why:
            log.warning("hints_not_heard", why=type(why).__name__)
            await asyncio.sleep(0.25)


async def _messages(pubsub: PubSub, last_pattern: str, stop: asyncio.Event) -> AsyncIterator[Heard | Deaf]:
    while not stop.is_set():
        message = await pubsub.get_message(timeout=STOP_SECONDS)
        if message is None:
            continue
        if message["type"] == "pmessage":
            yield Heard(message["channel"].decode(), message["data"])
        elif message["type"] == "psubscribe" and message["channel"] == last_pattern.encode():
            yield Deaf()  # the client library reconnects by itself; the confirmation is its only trace
