"""`cabrank bench pages`: first bytes of pages and of their parts while reviews are dispatched, and what a board does.

A thousand employees hold ten thousand reviews; twenty more a second are filed and completed while fifty requests a
second ask for pages and parts of them, as a supervisor, an employee and a seeker do. Then a board and a desk in a
browser (pages_browser.py).
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import httpx
from sqlalchemy import text

from app.bench import pages_browser
from app.bench.dispatch import Load
from app.bench.rig.crowd import Crowd
from app.bench.rig.report import Processes, commit_floor, machine, show, spread, until_quiet
from app.bench.rig.stack import STAFF_PASSWORD, running
from app.demo.people import DOMAIN, PASSWORD
from app.platform.clock import monotonic
from app.process import settle

PEOPLE, HELD_EACH = 1000, 10
RATE, REQUESTS_A_SECOND, SECONDS = 20.0, 50.0, 40.0
SUPERVISOR = "pages@bench.test"
SEEKER = f"jane@{DOMAIN}"
GOALS = {"page_p99_ms": 60, "part_p99_ms": 40, "painted_ms": 150, "long_task_ms": 50, "grows_mb": 10}
PAGES = {
    "supervisor": ("/board", "/board/violations", "/board/pools", "/operations"),
    "employee": ("/desk", "/desk/history"),
    "seeker": ("/portal", "/portal/matches", "/portal/applications"),
}
# As a page of 1440 × 900 asks for them.
PARTS = {
    "supervisor": (
        "/board/rows?from=0&count=37",
        "/board/people/rows?from=0&count=33",
        "/board/kpis",
        "/board/notices",
        "/board/violations/digest",
    ),
    "employee": ("/desk/top", "/desk/work"),
    "seeker": ("/portal/today", "/portal/figures", "/portal/matches/list", "/portal/applications/list"),
}


class Readers:
    """One client a role; `took`: seconds to the first byte, by path."""

    def __init__(self, clients: Mapping[str, httpx.AsyncClient]) -> None:
        self.clients = clients
        self.took: dict[str, list[float]] = defaultdict(list)
        self.refused: dict[str, int] = defaultdict(int)

    async def read(self, role: str, path: str) -> None:
        """Time until the head of the answer is there; the rest is read and forgotten."""
        started = monotonic()
        async with self.clients[role].stream("GET", path, follow_redirects=False) as answer:
            self.took[path].append(monotonic() - started)
            if answer.status_code != 200:
                self.refused[f"{path} {answer.status_code}"] += 1
            await answer.aread()

    async def steady(self, rate: float, seconds: float) -> None:
        """`rate` a second by the clock, each path as often as another."""
        asked = [(role, path) for told in (PAGES, PARTS) for role, paths in told.items() for path in paths]
        started, running = monotonic(), set[asyncio.Task[None]]()
        for n in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, started + n / rate - monotonic()))
            task = asyncio.create_task(self.read(*random.choice(asked)))  # noqa: S311 - a load, not secrecy
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)

    def figures(self, told: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
        """All of these paths together, and each."""
        paths = [path for some in told.values() for path in some]
        together = spread([one for path in paths for one in self.took[path]])
        return together | {"each": {path: spread(self.took[path]) for path in paths}}


async def _filled(crowd: Crowd) -> None:
    """Everybody holds what they can, and has room for one more."""
    await crowd.set_capacity(HELD_EACH)
    load = Load(crowd, completes=False)
    for _ in range(PEOPLE * HELD_EACH // 1000):
        await load.file(1000)
    if not await load.all_arrived(120):
        raise TimeoutError(f"{len(load.arrived)} of {len(load.committed)} reviews reached somebody")
    await crowd.set_capacity(HELD_EACH + 1)
    async with crowd.db.transaction() as tx:
        await tx.conn.execute(text("ANALYZE"))


async def _clients(crowd: Crowd) -> dict[str, httpx.AsyncClient]:
    await crowd.stack.add_user(SUPERVISOR, "supervisor")
    bearer = {"authorization": f"Bearer {crowd.members[0].token}"}
    return {
        "supervisor": await crowd.stack.sign_in(SUPERVISOR, STAFF_PASSWORD),
        "employee": httpx.AsyncClient(base_url=crowd.stack.address, timeout=30, headers=bearer),
        "seeker": await crowd.stack.sign_in(SEEKER, PASSWORD),
    }


async def _under_load(crowd: Crowd) -> dict[str, Any]:
    readers = Readers(await _clients(crowd))
    try:
        await readers.steady(10, 5)  # plans, templates and caches as after a minute of work
        readers.took.clear()
        await until_quiet(crowd.stack)
        settle()  # or a look for garbage among what the load has made is measured as the answer's time
        load, processes = Load(crowd), Processes(crowd.stack)
        await asyncio.gather(load.steady(RATE, SECONDS), readers.steady(REQUESTS_A_SECOND, SECONDS))
        shares = processes.share_of_a_core()
        return {
            "pages_ms": readers.figures(PAGES),
            "parts_ms": readers.figures(PARTS),
            "refused": dict(readers.refused),
            "all_arrived": await load.all_arrived(20),
            "commit_to_frame_ms": spread(load.latencies()),
            "share_of_a_core": shares,
        }
    finally:
        for client in readers.clients.values():
            await client.aclose()


async def _measure() -> dict[str, Any]:
    told: dict[str, Any] = {"bench": "pages", "machine": machine(), "goals": GOALS}
    async with running(demo=True) as stack:
        crowd = Crowd(stack)
        try:
            await crowd.seed(PEOPLE)
            await crowd.connect()
            await _filled(crowd)
            told["settled_seconds"] = await until_quiet(stack)
            told["floor_commit_ms"] = spread(await commit_floor(crowd))
            told |= await _under_load(crowd)
            await until_quiet(stack)
            told["board"] = await pages_browser.measure(crowd, SUPERVISOR)
        finally:
            await crowd.close()
    return told


def run(environ: Mapping[str, str], *, as_json: bool) -> int:
    """Measure and print; 0."""
    show(asyncio.run(_measure()), as_json=as_json)
    return 0
