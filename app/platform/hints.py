"""What leaves after a commit, over Valkey: frames, events, tasks for arq, and everything else as a PUBLISH."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from redis.exceptions import RedisError

from app.platform import bus, live_streams
from app.platform.db import Hint
from app.platform.events import Event
from app.platform.live_streams import LiveFrame
from app.platform.queue import Client, arq_queue

log = structlog.get_logger(__name__)
PATIENCE_SECONDS = 2.0


class ValkeyHints:
    """One round trip for all of it. Never raises: what is lost here, the relay and the sweeps find in the rows."""

    def __init__(self, redis: Client) -> None:
        self.redis = redis

    async def send(self, hints: Sequence[Hint], told: Sequence[LiveFrame | Event] = ()) -> None:
        tasks = [hint for hint in hints if hint.channel.startswith("task:")]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._tell([hint for hint in hints if hint not in tasks], told)
                for hint in tasks:
                    await self.redis.enqueue_job("run", hint.payload, _queue_name=arq_queue(hint.channel[5:]))
        except (RedisError, OSError, TimeoutError) as why:
            log.warning("hints_lost", count=len(hints) + len(told), why=str(why))

    async def _tell(self, hints: Sequence[Hint], told: Sequence[LiveFrame | Event]) -> None:
        if hints or told:
            pipe = self.redis.pipeline(transaction=False)
            add_told(pipe, told)
            for hint in hints:
                pipe.publish(hint.channel, hint.payload)
            await pipe.execute()


def add_told(pipe: Any, told: Sequence[LiveFrame | Event]) -> None:
    """Frames to their streams and events to the bus, by way of a pipeline; what was told before stays as it was."""
    live_streams.add(pipe, [one for one in told if isinstance(one, LiveFrame)])
    bus.publish_once(pipe, [one for one in told if isinstance(one, Event)])
