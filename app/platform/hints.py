"""What leaves after a commit, over Valkey: frames to their streams, tasks to arq, everything else as a PUBLISH."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from redis.exceptions import RedisError

from app.platform import live_streams
from app.platform.db import Hint
from app.platform.live_streams import LiveFrame
from app.platform.queue import Client, arq_queue

log = structlog.get_logger(__name__)
PATIENCE_SECONDS = 2.0


class ValkeyHints:
    """One round trip for all of it. Never raises: what is lost here, the relay and the sweeps find in the rows."""

    def __init__(self, redis: Client) -> None:
        self.redis = redis

    async def send(self, hints: Sequence[Hint], frames: Sequence[LiveFrame] = ()) -> None:
        tasks = [hint for hint in hints if hint.channel.startswith("task:")]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._tell([hint for hint in hints if hint not in tasks], frames)
                for hint in tasks:
                    await self.redis.enqueue_job("run", hint.payload, _queue_name=arq_queue(hint.channel[5:]))
        except (RedisError, OSError, TimeoutError) as why:
            log.warning("hints_lost", count=len(hints) + len(frames), why=str(why))

    async def _tell(self, hints: Sequence[Hint], frames: Sequence[LiveFrame]) -> None:
        if hints or frames:
            pipe = self.redis.pipeline(transaction=False)
            for frame in frames:
                live_streams.add(pipe, frame)
            for hint in hints:
                pipe.publish(hint.channel, hint.payload)
            await pipe.execute()
