"""What every process of ours has: settings, engines, files, a sign of life each second, and one way to stop."""

from __future__ import annotations

import asyncio
import functools
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from app import config
from app.config import Settings
from app.platform import telemetry
from app.platform.beats import beat, instance_name, keep_beating
from app.platform.db import Database
from app.platform.embedded import Postgres, Valkey
from app.platform.hints import ValkeyHints
from app.platform.objects import Objects
from app.platform.queue import Client, connect

log = structlog.get_logger(__name__)
ROOT = Path(__file__).resolve().parents[1]
# Database connections by component; `cabrank up` compares their sum with what the server allows.
POOLS = {"web": 12, "dispatcher": 6, "relay": 4, "scheduler": 4, "embedder": 2, "worker": 8}

# New objects to a young look, of those to an older one, of those to a whole one. A young look holds up everybody for
# 1 ms in 800 objects that it drops: many small ones are better than few.
GARBAGE = (5_000, 200, 100)


class Process(msgspec.Struct, frozen=True):
    """One running process's means. `stop` is set by SIGTERM or SIGINT, once."""

    settings: Settings
    db: Database
    redis: Client
    objects: Objects
    stop: asyncio.Event


def with_engines(settings: Settings) -> Settings:
    """The settings with the URLs of the embedded engines filled in where none are given; starts nothing."""
    return msgspec.structs.replace(
        settings,
        database_url=settings.database_url or Postgres(settings.home).url(),
        redis_url=settings.redis_url or Valkey(settings.home).url,
    )


def settings_of(environ: Mapping[str, str]) -> Settings:
    """The settings as every command but `up` wants them. Raises ConfigError."""
    return with_engines(config.load(environ))


def pool_size(component: str) -> int:
    """How many database connections a component may hold: `worker-match` counts as `worker`."""
    return POOLS[component.split("-", 1)[0]]


def open_database(
    settings: Settings, component: str, redis: Client | None = None, *, pool: int | None = None
) -> Database:
    """The database under these settings; `with_engines` has been asked before."""
    if settings.database_url is None:
        raise config.ConfigError("DATABASE_URL: got nothing, takes a URL")
    hints = ValkeyHints(redis) if redis is not None else None
    return Database(settings.database_url, hints=hints, pool_size=pool or pool_size(component), process=component)


def open_redis(settings: Settings) -> Client:
    if settings.redis_url is None:
        raise config.ConfigError("REDIS_URL: got nothing, takes a URL")
    return connect(settings.redis_url)


def settle() -> None:
    """For what serves people at once: no look for garbage at everything that lives, which takes 100 to 300 ms.

    What a start has made lives as long as the process, as sockets do for a shift; what dies in cycles dies young.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)


def stop_event() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    return stop


@asynccontextmanager
async def opened(settings: Settings, component: str) -> AsyncIterator[Process]:
    """Logs, engines and the stop event of one process, beating until the block ends."""
    telemetry.configure(component, form=settings.log_format)
    redis = open_redis(settings)
    db = open_database(settings, component, redis)
    stop = stop_event()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(redis.aclose)
        stack.push_async_callback(db.dispose)
        # a web process that doesn't reach Valkey hears nothing and reports nobody: its people aren't to blame
        beating = asyncio.create_task(_beat(db, component, redis.ping if component == "web" else None))
        beating.add_done_callback(functools.partial(_without_beat, stop=stop))
        stack.callback(beating.cancel)
        yield Process(settings, db, redis, Objects.of(settings), stop)


def _without_beat(task: asyncio.Task[None], *, stop: asyncio.Event) -> None:
    """Who gives no sign of life any more is taken for dead: better to end and be started again."""
    if not task.cancelled():
        log.critical("beat_ended", exc_info=task.exception())
        stop.set()


async def _beat(db: Database, component: str, reach: Callable[[], Awaitable[object]] | None) -> None:
    """From the first one that is taken on: a process may be there before its engines and tables are."""
    while True:
        try:
            await beat(db, component, instance_name())
            break
        except (SQLAlchemyError, OSError, TimeoutError):
            await asyncio.sleep(0.2)
    await keep_beating(db, component, asyncio.Event(), reach)
