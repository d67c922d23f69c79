"""kill -9 at named points: none or one submission arrives, never two, and what stays is what the books say."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from app.applications import intents, outcomes
from app.applications.background import tick
from app.applications.types import Application
from app.config import Settings
from app.platform import queue
from app.platform.crashpoints import VARIABLE
from app.platform.ids import new_id
from app.platform.objects import Objects
from app.seekers import service as seekers
from tests.applications.world import World, make_world
from tests.apply.board import Board

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
MARK = "CABRANK_TEST_MARK"


class Ground:
    """An application on the practice board and workers that do it, each a process of its own."""

    def __init__(self, world: World, board: Board, database_url: str, home: Path) -> None:
        self.world, self.board, self.database_url, self.home = world, board, database_url, home
        self.mark = new_id().hex

    async def application(self) -> Application:
        posting = (await self.board.postings())[0]
        question = await self.board.years_question(posting)
        async with self.world.db.transaction() as tx:
            await seekers.set_answer(tx, self.world.seeker_id, question=question, answer="7")
        url = posting["url"] + "/apply"
        made = await self.world.posting(company=posting["employer"], title=posting["title"], apply_url=url)
        return await self.world.approve(made)

    async def work(self, app: Application, crash_point: str = "") -> int:
        """Run one worker to its end; its exit status (minus the signal that killed it)."""
        query = queue.select(queue.task.c.id).where(queue.task.c.key == str(app.id)).order_by(queue.task.c.id.desc())
        async with self.world.db.transaction() as tx:
            task_id = (await tx.conn.execute(query.limit(1))).scalar_one()
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.apply.one_task", self.database_url, self.board.origin, str(self.home),
            str(task_id), cwd=ROOT, env={**os.environ, VARIABLE: crash_point, MARK: self.mark},
        )  # fmt: skip
        return await asyncio.wait_for(worker.wait(), 90)

    async def lease_ends(self) -> None:
        async with self.world.db.transaction() as tx:
            await tx.conn.execute(text("UPDATE task SET lease_until = now() WHERE state = 'running'"))

    async def intent(self, app: Application) -> str:
        async with self.world.db.transaction() as tx:
            [found] = await intents.of_application(tx, app.id)
        return found.state

    async def arrivals(self) -> int:
        return int((await self.board.arrivals())["received_count"])

    async def left_behind(self) -> list[str]:
        """Processes of ours that outlive the worker by more than a few seconds."""
        for _ in range(60):
            found = list(_marked(self.mark))
            if not found:
                return []
            await asyncio.sleep(0.1)
        return found


def _marked(mark: str) -> list[str]:
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and mark.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes()[:80].decode(errors="replace"))
        except OSError:
            continue
    return found


@pytest.fixture
async def ground(db, board: Board, database_url: str, tmp_path: Path) -> Ground:  # type: ignore[no-untyped-def]  # db is conftest's
    home = tmp_path / "home"
    home.mkdir()
    world = await make_world(db, Objects.of(Settings(home=home)))
    return Ground(world, board, database_url, home)


async def test_killed_before_arming_it_is_tried_again_and_sent_once(ground: Ground) -> None:
    app = await ground.application()
    assert await ground.work(app, "apply.before_arm") == -signal.SIGKILL
    assert await ground.intent(app) == "prepared"
    assert await ground.left_behind() == []
    assert await ground.arrivals() == 0
    await ground.lease_ends()
    assert await tick(ground.world.db) == 0
    assert await ground.work(app) == 0
    assert await ground.intent(app) == "confirmed"
    assert await ground.arrivals() == 1
    assert (await ground.world.get(app)).status == "applied"


@pytest.mark.parametrize(
    ("point", "arrived"), [("apply.after_arm", {0}), ("apply.after_continue", {0, 1}), ("apply.before_confirm", {1})]
)
async def test_killed_after_arming_a_person_decides_and_no_machine_sends_again(
    ground: Ground, point: str, arrived: set[int]
) -> None:
    app = await ground.application()
    assert await ground.work(app, point) == -signal.SIGKILL
    assert await ground.intent(app) == "armed"
    assert await ground.left_behind() == []
    assert await ground.arrivals() in arrived
    await ground.lease_ends()
    assert await ground.work(app) == 0  # another worker takes the task over, sees, and doesn't touch the board
    assert await ground.intent(app) == "unknown"
    assert await tick(ground.world.db) == 0
    now = await ground.world.get(app)
    assert now.status == "needs_attention"
    assert now.attention is not None
    assert (now.attention["kind"], now.attention["title"]) == ("unknown_outcome", outcomes.UNKNOWN_TITLE)
    assert now.attention["payload"]["answers"]
    assert (await ground.world.told(app)).count("ManualReviewRequired") == 1
    assert await ground.arrivals() in arrived


async def test_the_sweep_alone_finds_an_armed_orphan(ground: Ground) -> None:
    app = await ground.application()
    await ground.work(app, "apply.after_arm")
    await ground.lease_ends()
    assert await tick(ground.world.db) == 1
    assert await ground.intent(app) == "unknown"
    assert await ground.work(app) == 0
    assert (await ground.world.get(app)).status == "needs_attention"
    assert await ground.arrivals() == 0
