"""`cabrank worker NAME`: arq says "look now", the row in PostgreSQL says what, and the room's handlers do it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from arq.worker import Worker, func
from redis.exceptions import RedisError

from app.platform import queue
from app.platform.beats import instance_name
from app.platform.bus import Consumer, run_consumer
from app.platform.queue import TaskHandler
from app.platform.telemetry import get_logger
from app.process import Process

log = get_logger(__name__)
POLL_SECONDS = 0.05
DRAIN_SECONDS = 15.0  # less than the supervisor's grace


class Room(msgspec.Struct, frozen=True):
    """What one kind of worker serves.

    `timeout` in seconds for one function, `at_once` how many side by side, `close` what to end after the last one.
    """

    tasks: Mapping[str, TaskHandler]
    consumers: Sequence[Consumer] = ()
    at_once: int = 4
    timeout: float = 300
    close: Callable[[], Awaitable[None]] | None = None


def _arq_worker(name: str, room: Room, process: Process) -> Worker:
    async def run(ctx: dict[Any, Any], task_id: str) -> None:
        await queue.run(process.db, room.tasks, UUID(task_id))

    return Worker(
        functions=[func(run, name="run", keep_result=0, timeout=room.timeout, max_tries=1)],
        redis_pool=process.redis,
        queue_name=queue.arq_queue(name),
        handle_signals=False,
        max_jobs=room.at_once,
        keep_result=0,
        max_tries=1,
        retry_jobs=False,
        poll_delay=POLL_SECONDS,
        health_check_interval=10,
        health_check_key=f"arq:health:{name}:{instance_name()}",
        job_serializer=queue.serialize,
        job_deserializer=queue.deserialize,
        log_results=False,
    )


async def _drain(worker: Worker) -> None:
    """Take nothing new, let what runs end, cancel the rest: their rows' leases end and a sweep finds them."""
    worker.allow_pick_jobs = False
    running = [task for task in worker.tasks.values() if not task.done()]
    if running:
        _, late = await asyncio.wait(running, timeout=DRAIN_SECONDS)
        for task in late:
            task.cancel()


async def _one_life(worker: Worker, stop: asyncio.Event) -> None:
    """Poll until the stop, or until Valkey has been away for longer than the client's patience (then it raises)."""
    polling = asyncio.create_task(worker.async_run())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({polling, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if polling.done():
            polling.result()
    finally:
        stopping.cancel()
        await _drain(worker)
        polling.cancel()


async def _poll_arq(name: str, room: Room, process: Process) -> None:
    while not process.stop.is_set():
        try:
            await _one_life(_arq_worker(name, room, process), process.stop)
        except (RedisError, OSError, TimeoutError) as why:
            log.warning("worker_waits", worker=name, why=f"{type(why).__name__}: {why}"[:200])
            await asyncio.sleep(0.5)


async def serve(name: str, room: Room, process: Process) -> None:
    """Until the stop: the room's functions by way of arq, and its consumers of the bus."""
    listening = [asyncio.create_task(run_consumer(c, process.db, process.redis, process.stop)) for c in room.consumers]
    log.info("worker_serves", worker=name, kinds=sorted(room.tasks), consumers=[c.name for c in room.consumers])
    try:
        await _poll_arq(name, room, process)
        await asyncio.gather(*listening)
    finally:
        if room.close is not None:
            await room.close()
