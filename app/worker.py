"""`cabrank worker NAME`: arq says "look now", the row in PostgreSQL says what, and the room's handlers do it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from arq.worker import Worker, func
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.platform import queue
from app.platform.beats import instance_name
from app.platform.bus import Consumer, run_consumer
from app.platform.queue import TaskHandler
from app.platform.telemetry import get_logger
from app.process import Process

log = get_logger(__name__)
POLL_SECONDS = 0.05
DRAIN_SECONDS = 15.0  # less than the supervisor's grace
MOST_WAITING = 20_000  # ids in memory; more than that the sweep brings when there is room


class Room(msgspec.Struct, frozen=True):
    """What one kind of worker serves.

    `timeout` in seconds for one function, `at_once` how many side by side, `close` what to end after the last one.
    """

    tasks: Mapping[str, TaskHandler]
    consumers: Sequence[Consumer] = ()
    at_once: int = 4
    timeout: float = 300
    close: Callable[[], Awaitable[None]] | None = None


class Desk:
    """What is to be looked at, each row once however often it was hinted at, and the runners that do it.

    arq's message ends when its row lies here: a killed worker leaves no message behind that blocks others, and a
    backlog costs one look a row. What a killed worker had here the sweep hints at again.
    """

    def __init__(self, room: Room, process: Process) -> None:
        self.room = room
        self.process = process
        self.waiting: dict[UUID, None] = {}
        self.filled = asyncio.Event()

    async def look(self, ctx: dict[Any, Any], task_id: str) -> None:
        """arq's function."""
        if len(self.waiting) < MOST_WAITING:
            self.waiting[UUID(task_id)] = None
            self.filled.set()

    async def run(self) -> None:
        """One runner: the first that waits, until the stop."""
        stop = self.process.stop
        while not stop.is_set():
            if not self.waiting:
                self.filled.clear()
                await either(self.filled, stop)
                continue
            task_id = next(iter(self.waiting))
            del self.waiting[task_id]
            await self._one(task_id)

    async def _one(self, task_id: UUID) -> None:
        try:
            await queue.run(self.process.db, self.room.tasks, task_id, seconds=self.room.timeout)
        except (SQLAlchemyError, OSError) as why:  # the row's lease ends, and a sweep finds it
            log.warning("task_left", task=str(task_id), why=f"{type(why).__name__}: {why}"[:200])


async def either(*events: asyncio.Event) -> None:
    """Until one of them is set."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for task in waits:
        task.cancel()


def _arq_worker(name: str, desk: Desk, process: Process) -> Worker:
    return Worker(
        functions=[func(desk.look, name="run", keep_result=0, timeout=10, max_tries=1)],
        redis_pool=process.redis,
        queue_name=queue.arq_queue(name),
        handle_signals=False,
        max_jobs=50,
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
        polling.cancel()


async def _poll_arq(name: str, desk: Desk, process: Process) -> None:
    while not process.stop.is_set():
        try:
            await _one_life(_arq_worker(name, desk, process), process.stop)
        except (RedisError, OSError, TimeoutError) as why:
            log.warning("worker_waits", worker=name, why=f"{type(why).__name__}: {why}"[:200])
            await asyncio.sleep(0.5)


async def _drain(runners: list[asyncio.Task[None]]) -> None:
    """Let what runs end; cancel the rest."""
    _, late = await asyncio.wait(runners, timeout=DRAIN_SECONDS)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)


async def _until_stop(parts: Sequence[asyncio.Task[None]], stop: asyncio.Event) -> None:
    """A part that ends before the stop is a fault of ours and raised: half a worker looks alive and does nothing."""
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([stopping, *parts], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
    for part in done:
        part.result()


async def serve(name: str, room: Room, process: Process) -> None:
    """Until the stop: the room's functions by way of arq, and its consumers of the bus."""
    desk = Desk(room, process)
    listening = [asyncio.create_task(run_consumer(c, process.db, process.redis, process.stop)) for c in room.consumers]
    listening.append(asyncio.create_task(_poll_arq(name, desk, process)))
    runners = [asyncio.create_task(desk.run()) for _ in range(room.at_once)]
    log.info("worker_serves", worker=name, kinds=sorted(room.tasks), consumers=[c.name for c in room.consumers])
    try:
        await _until_stop([*listening, *runners], process.stop)
        await _drain(runners)
        await asyncio.gather(*listening)
    finally:
        for part in (*listening, *runners):
            part.cancel()
        await asyncio.gather(*listening, *runners, return_exceptions=True)
        if room.close is not None:
            await room.close()
