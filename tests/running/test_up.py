"""The whole house, started as a person would: ready, refused twice, stopped clean, killed clean, started again."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import psutil
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import delete

from app.accounts import service as accounts
from app.accounts.models import app_user
from app.bench.rig.stack import Stack
from app.commands.database import check_connections, heads
from app.commands.up import House
from app.config import ConfigError, Settings
from app.demo.people import PASSWORD, PEOPLE
from app.platform.db import Database
from app.postings import service as postings
from app.process import ROOT

pytestmark = pytest.mark.slow
NAMES = {
    *("web", "relay", "dispatcher", "scheduler", "embedder", "practice"),
    *("worker-discover", "worker-match", "worker-apply", "worker-hooks"),
}


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="cabrank-up-"))
    folder.chmod(0o755)  # PostgreSQL runs as another user where the tests run as root
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def family(stack: Stack) -> list[psutil.Process]:
    return [psutil.Process(stack.supervisor), *psutil.Process(stack.supervisor).children(recursive=True)]


async def until_gone(processes: list[psutil.Process], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]:
            await asyncio.sleep(0.05)


async def test_up_starts_everything_stops_clean_and_starts_again(home: Path) -> None:
    stack = Stack(home, demo=True)
    first = await stack.start()
    assert stack.process is not None
    assert stack.process.stdout is not None
    signs = [(await stack.process.stdout.readline()).decode() for _ in range(len(PEOPLE) + 1)]
    assert PASSWORD in signs[0]
    assert all(person.email in sign for person, sign in zip(PEOPLE, signs[1:], strict=True))
    assert set(stack.pids()) == NAMES
    await _every_role_signs_in(stack)
    _is_refused_a_second_time(stack)
    running = family(stack)
    assert await stack.stop() == 0
    await until_gone(running, 2)

    second = await stack.start()
    print(f"first start ready in {first:.1f} s, second in {second:.1f} s, load {os.getloadavg()[0]:.1f}")
    running = family(stack)
    os.kill(stack.supervisor, signal.SIGKILL)
    await stack.process.wait()
    await until_gone(running, 10)
    assert not [path for path in home.rglob("postmaster.pid") if path.exists()]


async def _every_role_signs_in(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.address, timeout=30) as client:
        for person in PEOPLE:
            asked = {"email": person.email, "password": PASSWORD}
            answer = await client.post("/api/auth/token", json=asked)
            assert answer.json()["role"] == person.role


def _is_refused_a_second_time(stack: Stack) -> None:
    command = [sys.executable, "-m", "app.cli", "up"]
    done = subprocess.run(command, env=stack.environ, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert f"already runs on {stack.home} (process {stack.supervisor})" in done.stderr


HOLDS = """
import asyncio, sys
from pathlib import Path
from app.bench.rig.stack import Stack

async def main():
    stack = Stack(Path(sys.argv[1]))
    starts = asyncio.create_task(stack.start())
    while stack.process is None:
        await asyncio.sleep(0.01)
    print(stack.supervisor, flush=True)
    await starts

asyncio.run(main())
"""


async def test_a_stack_ends_with_whoever_measures_on_it(home: Path) -> None:
    holder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDS, str(home)), stdout=subprocess.PIPE, cwd=ROOT
    )
    assert holder.stdout is not None
    supervisor = psutil.Process(int(await holder.stdout.readline()))
    async with asyncio.timeout(30):
        while len(supervisor.children()) < 2:
            await asyncio.sleep(0.05)
    running = [supervisor, *supervisor.children(recursive=True)]
    holder.kill()
    await until_gone(running, 10)


async def test_demo_people_are_refused_on_a_public_address(
    settings: Settings, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    public = msgspec.structs.replace(settings, bind="0.0.0.0:8000")
    assert await House(public, dict(os.environ), practice=True, demo=True).seed() == []
    assert "0.0.0.0:8000 is not a loopback address" in capsys.readouterr().err
    async with db.transaction() as tx:
        assert await accounts.list_users(tx) == []


async def test_demo_data_go_into_an_empty_database_alone_and_follow_the_practice_board(
    settings: Settings, db: Database
) -> None:
    async with db.transaction() as tx:
        await accounts.create_user(tx, email="a@b.example", name="A", role="operator", password="long enough")
    assert await House(settings, dict(os.environ), practice=True, demo=True).seed() == []
    async with db.transaction() as tx:
        await tx.conn.execute(delete(app_user))
    assert await House(settings, dict(os.environ), practice=True, demo=False).seed() == []
    assert len(await House(settings, dict(os.environ), practice=True, demo=True).seed()) == len(PEOPLE) + 1
    moved = msgspec.structs.replace(settings, practice_bind="127.0.0.1:9999")
    await House(moved, dict(os.environ), practice=True, demo=True).seed()
    async with db.transaction() as tx:
        sources = await postings.list_sources(tx)
    watched = [source.base_url for source in sources if source.enabled]
    assert len(watched) == len(sources) / 2
    assert all(url.startswith("http://127.0.0.1:9999/") for url in watched)
    await House(settings, dict(os.environ), practice=True, demo=True).seed()  # and back
    async with db.transaction() as tx:
        back = [source.base_url for source in await postings.list_sources(tx) if source.enabled]
    assert len(back) == len(watched)
    assert not set(back) & set(watched)


async def test_a_server_with_too_few_connections_is_told_before_anything_starts(db: Database) -> None:
    await check_connections(db, ["web", "worker-match"])
    with pytest.raises(ConfigError, match="max_connections 100, takes at least"):
        await check_connections(db, ["web"] * 12)


def test_the_newest_revision_is_read_from_the_files(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('revision = "a1"\ndown_revision = None\n')
    (tmp_path / "b.py").write_text('revision: str = "b2"\ndown_revision: str | None = "a1"\n')
    assert heads(tmp_path) == {"b2"}
    script = ScriptDirectory(str(ROOT / "migrations"))
    assert heads() == set(script.get_heads())


@pytest.mark.parametrize("after", [0.3, 1.0, 2.5])
async def test_an_early_ctrl_c_leaves_nothing(home: Path, after: float) -> None:
    stack = Stack(home)
    starting = asyncio.create_task(stack.start())
    await asyncio.sleep(after)
    running = family(stack)
    os.kill(stack.supervisor, signal.SIGINT)
    assert stack.process is not None
    await asyncio.wait_for(stack.process.wait(), 40)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await until_gone(running, 5)
