"""`make chaos`: a whole house under load, of which one part after the other is killed with -9, two hundred times.

At named places (a file in a folder, once) and at random moments: dispatcher, web, relay, Valkey, PostgreSQL, and one
of PostgreSQL's own processes. At the end nothing is lost, nothing doubled, nobody wrongly struck: read from the rows,
and compared with what the people were told. Prints the times to recover as JSON; exits with 1 where something is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
from sqlalchemy import text

from app.bench.rig.report import machine, spread
from app.bench.rig.stack import Stack, running
from app.platform.clock import monotonic, utcnow
from app.platform.crashpoints import FOLDER
from app.platform.db import Database
from app.platform.embedded import Postgres, Valkey
from tests.chaos.shift import LOST, Shift
from tests.dispatch.invariants import EVERYTHING

PEOPLE, KILLS = 60, 210
POINTS = {
    "dispatch.decided": "dispatcher",
    "dispatch.opened": "dispatcher",
    "dispatch.carried_out": "dispatcher",
    "review.completing": "web",
    "db.committed": "any",
    "relay.published": "relay",
}
PROCESSES, ENGINES = ("dispatcher", "web", "relay"), ("valkey", "postgres", "postgres-backend")
CALM = 10.0  # seconds between two deaths of the same process: what ends right after its start is made to wait
PATIENCE, POINT_PATIENCE = 90.0, 6.0
CLOCKS = {
    "CABRANK_SLA_SECONDS": "25",
    "CABRANK_SLA_SMALL_SECONDS": "25",
    "CABRANK_SLA_WARNING_SECONDS": "8",
}
_LED = "SELECT 1 FROM lease WHERE holder LIKE :holder"
_BEATS = "SELECT count(*) FROM process_beat WHERE component = :name AND instance LIKE '%:' || :pid"
_COMPLETED_TWICE = """
SELECT review_id FROM review_event WHERE kind = 'complete' GROUP BY review_id HAVING count(*) > 1
"""


class Storm:
    """Kills, waits until what was killed is back and work flows, and notes how long that took."""

    def __init__(self, stack: Stack, shift: Shift, folder: Path, dice: random.Random) -> None:
        self.stack, self.shift, self.folder, self.dice = stack, shift, folder, dice
        self.back: dict[str, list[float]] = defaultdict(list)
        self.flows: dict[str, list[float]] = defaultdict(list)
        self.kills: Counter[str] = Counter()
        self._died: dict[str, float] = {}

    async def rage(self, kills: int) -> None:
        plan = [*POINTS] * 6 + [*PROCESSES] * 36 + ["valkey", "postgres"] * 28 + ["postgres-backend"] * 10
        self.dice.shuffle(plan)
        while sum(self.kills.values()) < kills:
            target = plan[sum(self.kills.values()) % len(plan)] if self.dice.random() < 0.9 else self.dice.choice(plan)
            await asyncio.sleep(self.dice.uniform(0.1, 1.0))
            await (self._at_point(target) if target in POINTS else self._at_random(target))
            self.shift.check()
            print(f"{sum(self.kills.values())} kills", file=sys.stderr, flush=True)

    async def _rest(self, name: str) -> None:
        await asyncio.sleep(max(0.0, self._died.get(name, 0.0) + CALM - monotonic()))

    async def _at_random(self, name: str) -> None:
        await self._rest(name)
        pid = self._pid(name)
        os.kill(pid, signal.SIGKILL)
        await self._mends(name, name, pid)

    async def _at_point(self, point: str) -> None:
        """Lay the file down; whoever comes by dies of it. Where nobody does for a while, it was not the place."""
        for name in PROCESSES:
            await self._rest(name)
        before = self.stack.pids()
        (self.folder / point).touch()
        until = monotonic() + POINT_PATIENCE
        while (self.folder / point).exists() and monotonic() < until:
            await asyncio.sleep(0.01)
        (self.folder / point).unlink(missing_ok=True)
        await asyncio.sleep(0.05)
        for name, pid in before.items():
            if not _alive(pid):
                await self._mends(name, f"{name} at {point}", pid)

    def _pid(self, name: str) -> int:
        if name in PROCESSES:
            return self.stack.pids()[name]
        children = psutil.Process(self.stack.supervisor).children()
        binary = "valkey-server" if name == "valkey" else "postgres"
        engine = next(child for child in children if child.name() == binary)
        return engine.pid if name != "postgres-backend" else self.dice.choice(engine.children()).pid

    async def _mends(self, name: str, label: str, pid: int) -> None:
        self.kills[label] += 1
        started, at = monotonic(), utcnow()
        checks: dict[str, Callable[[int], Awaitable[bool]]] = {
            "valkey": self._valkey_answers,
            "postgres": self._postgres_answers,
            "postgres-backend": self._postgres_answers,
        }
        await self._until(checks.get(name) or self._process_is_back(name), pid)
        self.back[name].append(monotonic() - started)
        self._died[name] = monotonic()
        while datetime.fromisoformat(self.shift.latest_given) <= at:
            self.shift.check()
            if monotonic() - started > PATIENCE:
                raise TimeoutError(f"no work flows after the death of {label}\n{self.stack.tail(60)}")
            await asyncio.sleep(0.01)
        self.flows[name].append(monotonic() - started)

    async def _until(self, check: Callable[[int], Awaitable[bool]], pid: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    if await check(pid):
                        return
                except (*LOST, httpx.HTTPError):
                    pass
                await asyncio.sleep(0.02)

    async def _postgres_answers(self, pid: int) -> bool:
        if _alive(pid):
            return False
        db = Database(Postgres(self.stack.home).url(), pooled=False, process="storm")
        async with db.transaction() as tx:
            return (await tx.conn.execute(text("SELECT 1"))).scalar_one() == 1

    async def _valkey_answers(self, pid: int) -> bool:
        return not _alive(pid) and Valkey(self.stack.home).answers()

    def _process_is_back(self, name: str) -> Callable[[int], Awaitable[bool]]:
        async def check(pid: int) -> bool:
            now = self.stack.pids().get(name, pid)
            if now == pid:
                return False
            if name == "web":
                async with httpx.AsyncClient() as client:
                    return (await client.get(f"{self.stack.address}/health/live")).status_code == 200
            (beats,) = (await self.shift.rows(_BEATS, name=name, pid=str(now)))[0]
            led = await self.shift.rows(_LED, holder=f"%:{now}:%")
            return beats > 0 and (name != "dispatcher" or bool(led))

        return check


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def _calm_down(shift: Shift) -> None:
    """Nothing more comes in; what is there is finished, or is in front of a supervisor."""
    shift.files = False
    until = monotonic() + 120
    open_ones = "SELECT count(*) FROM review WHERE state NOT IN ('completed', 'escalated')"
    while (await shift.rows(open_ones))[0][0] and monotonic() < until:
        await asyncio.sleep(0.5)


async def _verdict(shift: Shift) -> dict[str, Any]:
    """What is wrong; empty lists everywhere where nothing is."""
    there = shift.ids(await shift.rows("SELECT id FROM review"))
    completed = shift.ids(await shift.rows("SELECT id FROM review WHERE state = 'completed'"))
    struck = shift.ids(await shift.rows("SELECT assignment_id FROM strike WHERE voided_at IS NULL"))
    unfinished = await shift.rows("SELECT id, state FROM review WHERE state NOT IN ('completed', 'escalated')")
    wrong = {
        "lost": sorted(shift.filed.keys() - there),
        "never finished": [tuple(map(str, row)) for row in unfinished],
        "told done, but not done": sorted(shift.done.keys() - completed),
        "told done twice": [review for review, by in shift.done.items() if len(by) > 1],
        "done twice": sorted(shift.ids(await shift.rows(_COMPLETED_TWICE))),
        "struck without having let it run out": sorted(struck - shift.sluggish),
        "invariants": [tuple(row) for row in await shift.rows(EVERYTHING)],
    }
    counts = {"filed": len(shift.filed), "unsure": shift.unsure, "reviews": len(there), "completed": len(completed)}
    counts |= {"escalated": len(there) - len(completed) - len(unfinished), "strikes": len(struck)}
    counts |= {"let run out": len(shift.sluggish), "assignments": len(shift._mine)}
    return {"counts": counts, "answers": shift.answers, "wrong": wrong}


async def _run(kills: int, seed: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="cabrank-points-") as points:
        Path(points).chmod(0o755)
        async with running(CLOCKS | {FOLDER: points}) as stack:
            shift = Shift(stack)
            storm = Storm(stack, shift, Path(points), random.Random(seed))
            began = monotonic()
            try:
                await shift.open(PEOPLE)
                await storm.rage(kills)
                await _calm_down(shift)
                found = await _verdict(shift)
            finally:
                await shift.close()
            told = {"machine": machine(), "seed": seed, "minutes": round((monotonic() - began) / 60, 1)}
            told |= {"kills": dict(storm.kills), "total": sum(storm.kills.values())}
            told["back_ms"] = {name: spread(took) for name, took in storm.back.items()}
            told["work_flows_ms"] = {name: spread(took) for name, took in storm.flows.items()}
            return told | found


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--kills", type=int, default=KILLS)
    given.add_argument("--seed", type=int, default=1)
    wanted = given.parse_args()
    told = asyncio.run(_run(wanted.kills, wanted.seed))
    print(json.dumps(told, indent=2, default=str))
    return 1 if any(told["wrong"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
