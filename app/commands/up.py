"""`cabrank up`: one command that runs everything and leaves nothing behind."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from app import config
from app.commands import places
from app.commands.database import bring_up, check_connections
from app.commands.engines import Engines
from app.commands.ready import until_listening, until_ready
from app.config import Settings
from app.demo.people import sign_ins
from app.demo.state import State, look
from app.errors import Unavailable
from app.platform import telemetry
from app.platform.chromium import find
from app.platform.clock import monotonic
from app.platform.db import Database
from app.platform.telemetry import get_logger
from app.process import ROOT, open_database, open_redis, stop_event, with_engines
from app.supervisor import Program, Supervisor, programs

log = get_logger(__name__)
EARLY = ("embedder", "practice")  # they need no engine; nothing takes longer than the first
NO_CHROMIUM = "No Chromium found: bots can't open forms until one is installed or CABRANK_CHROMIUM names one."
NOT_LOOPBACK = "No demo data: its passwords are public, and {bind} is not a loopback address."


def up(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Everything until SIGINT or SIGTERM; 0 after a clean stop. Raises ConfigError, EngineFailed, Unavailable."""
    settings = config.load(environ)
    telemetry.configure("up", form=settings.log_format)
    practice = settings.database_url is None
    with ExitStack() as stack:
        stack.enter_context(places.only_one(settings.home))
        places.check_free("CABRANK_BIND", settings.bind)
        if practice:
            places.check_free("CABRANK_PRACTICE_BIND", settings.practice_bind)
        house = House(settings, dict(environ), practice=practice, demo=not given.no_demo)
        try:
            return asyncio.run(house.run())
        except (OSError, SQLAlchemyError) as why:
            raise Unavailable(f"The database does not answer: {type(why).__name__}: {why}".splitlines()[0]) from why


class House:
    """One run of everything."""

    def __init__(self, settings: Settings, environ: dict[str, str], *, practice: bool, demo: bool) -> None:
        self.given = settings
        self.settings = with_engines(settings)
        self.practice = practice
        self.demo = demo
        self.supervisor = Supervisor(environ | self._for_children())
        self.started = monotonic()

    def _for_children(self) -> dict[str, str]:
        """What the processes are told beside their own environment: where the engines, the board and Chromium are."""
        told = {"CABRANK_HOME": str(self.settings.home), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        told |= {"DATABASE_URL": str(self.settings.database_url), "REDIS_URL": str(self.settings.redis_url)}
        if self.practice:
            told["CABRANK_PRACTICE_ORIGIN"] = f"http://{self.settings.practice_bind}"
        chromium = find(self.settings.chromium)
        if chromium is None:
            print(NO_CHROMIUM, file=sys.stderr)
        return told | ({"CABRANK_CHROMIUM": str(chromium)} if chromium else {})

    async def run(self) -> int:
        stop = stop_event()
        async with AsyncExitStack() as stack:
            stack.callback(log.info, "stopped")
            engines = stack.enter_context(Engines(self.given))
            stack.push_async_callback(self.supervisor.stop)
            wanted = self._programs()
            early = [program for program in wanted if program.name in EARLY]
            self.supervisor.start(early)
            await asyncio.sleep(0)  # they are off before the engines' start holds this loop up
            engines.start()
            works = [self._work(wanted, engines), engines.watch(), stop.wait()]
            await first_of(works)
        return 0

    def _programs(self) -> list[Program]:
        found = programs((ROOT / "Procfile").read_text())
        return [program for program in found if self.practice or program.name != "practice"]

    async def _work(self, wanted: list[Program], engines: Engines) -> None:
        await engines.ensure_database()
        db = open_database(self.settings, "up", pool=1)
        try:
            await check_connections(db, [program.name for program in wanted if program.name != "practice"])
            await bring_up(db, str(self.settings.database_url))
            if self.practice:
                await until_listening(self.settings.practice_bind)  # or the first fetch finds nobody, and waits
            self.supervisor.start([program for program in wanted if program.name not in EARLY])
            signs = await self.seed()
            await until_ready(db, self.settings, [program.name for program in wanted], self.supervisor.pids)
        finally:
            await db.dispose()
        self._welcome(signs)
        await asyncio.Event().wait()

    async def seed(self) -> list[str]:
        """Demo data where wanted and harmless; the lines that tell the sign-ins, where the demo is."""
        redis = open_redis(self.settings)
        db = open_database(self.settings, "up", redis, pool=2)
        try:
            return await self._seed(db)
        finally:
            await db.dispose()
            await redis.aclose()

    async def _seed(self, db: Database) -> list[str]:
        state = await look(db)
        if state.empty and self.demo and not places.is_loopback(self.settings.bind):
            print(NOT_LOOPBACK.format(bind=self.settings.bind), file=sys.stderr)
        elif state.empty and self.demo:
            from app.demo import seed

            await seed.fill(db, self.settings)
            state = await look(db)
        await self._watch(db, state)
        return sign_ins(self.settings.public_url) if state.demo else []

    async def _watch(self, db: Database, state: State) -> None:
        """The practice board's boards, at the address where it runs this time."""
        origin = f"http://{self.settings.practice_bind}"
        if state.demo and self.practice and state.origins != {origin}:
            from app.demo import seed

            await seed.watch(db, origin)

    def _welcome(self, signs: list[str]) -> None:
        log.info("everything_ready", seconds=round(monotonic() - self.started, 1))
        print(f"\nready http://{self.settings.bind}", flush=True)
        print("\n".join(signs), flush=True)


async def first_of(works: Iterable[Coroutine[Any, Any, Any]]) -> None:
    """Until one ends, or raises, which is raised; the others are cancelled."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
