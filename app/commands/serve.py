"""`cabrank web|dispatcher|relay|scheduler|embedder|practice|worker`: one process each, until SIGTERM.

The settings are read before the process's own libraries: a wrong one is told at once.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping

import structlog
import uvloop

from app import config
from app.config import Settings
from app.platform.db import TROUBLES
from app.process import Process, opened, settings_of, settle

log = structlog.get_logger(__name__)
Environ = Mapping[str, str]
WARM = ("web", "dispatcher")  # where somebody waits for each millisecond
Work = Callable[[Process], Awaitable[None]]


def _serve(settings: Settings, component: str, work: Work) -> int:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_opened(settings, component, work))
    return 0


async def _opened(settings: Settings, component: str, work: Work) -> None:
    async with opened(settings, component) as process:
        if component in WARM:
            await _warm(process)
        settle()
        await work(process)


async def _warm(process: Process) -> None:
    try:
        await process.db.warm()
    except TROUBLES as why:  # it comes up: the connections warm themselves
        log.info("not_warm", why=type(why).__name__)


def web(given: argparse.Namespace, environ: Environ) -> int:
    settings = settings_of(environ)
    from app import web_server

    return _serve(settings, "web", web_server.serve)


def relay(given: argparse.Namespace, environ: Environ) -> int:
    settings = settings_of(environ)
    from app.platform import relay as carrier

    return _serve(settings, "relay", lambda process: carrier.run(process.db, process.redis, process.stop))


def dispatcher(given: argparse.Namespace, environ: Environ) -> int:
    settings = settings_of(environ)
    from app.dispatch import dispatcher as rank

    return _serve(
        settings, "dispatcher", lambda process: rank.run(process.settings, process.db, process.redis, process.stop)
    )


def scheduler(given: argparse.Namespace, environ: Environ) -> int:
    settings = settings_of(environ)
    from app import scheduler as periodic

    return _serve(settings, "scheduler", periodic.serve)


def embedder(given: argparse.Namespace, environ: Environ) -> int:
    settings = settings_of(environ)
    os.environ.setdefault("TQDM_DISABLE", "1")  # a progress bar is nothing for a log
    from app.bots.match import embedder as model

    return _serve(settings, "embedder", lambda process: model.serve(process.settings, process.stop))


def practice(given: argparse.Namespace, environ: Environ) -> int:
    settings = config.load(environ)
    from app.platform import telemetry
    from app.practice import server

    telemetry.configure("practice", form=settings.log_format)
    server.serve(settings, recorded=given.recorded)
    return 0


def worker(given: argparse.Namespace, environ: Environ) -> int:
    settings = settings_of(environ)
    from app import rooms
    from app.worker import serve

    name: str = given.name
    return _serve(settings, f"worker-{name}", lambda process: serve(name, rooms.ROOMS[name](process), process))
