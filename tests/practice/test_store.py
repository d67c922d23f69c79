"""What the board keeps survives kill -9."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import httpx

from app.practice.server import create_app, running
from app.practice.store import Store
from tests.practice.conftest import BEST, Caller

SERVE = """
import sys
from pathlib import Path
from app.config import Settings
from app.practice.server import serve
serve(Settings(home=Path(sys.argv[1]), practice_bind=sys.argv[2]))
"""


async def started(home: Path, port: int) -> asyncio.subprocess.Process:
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVE, str(home), f"127.0.0.1:{port}")
    async with httpx.AsyncClient() as client:
        for _ in range(200):
            try:
                if (await client.get(f"http://127.0.0.1:{port}/health/live")).text == "ok":
                    return child
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    raise AssertionError("the board did not start")


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_kill_9_loses_nothing_that_was_confirmed(tmp_path: Path) -> None:
    port = free_port()
    numbers: list[str] = []
    for round_ in range(2):
        child = await started(tmp_path, port)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            board = Caller(client, tmp_path / "practice")
            posting = await board.posting(BEST)
            pages = [await board.draft(posting) for _ in range(8)]
            sending = [asyncio.create_task(board.send(posting, page)) for page in pages]
            while sum(t.done() for t in sending) < 3:
                await asyncio.sleep(0.005)
            os.kill(child.pid, signal.SIGKILL)
            answers = await asyncio.gather(*sending, return_exceptions=True)
        numbers += [a.headers["location"].rsplit("/", 1)[1] for a in answers if isinstance(a, httpx.Response)]
        await child.wait()
        assert len(numbers) >= 3 * (round_ + 1)
    kept = Store(tmp_path / "practice")
    found = [s.number for s in kept.submissions()]
    assert set(numbers) <= set(found)
    assert len(found) == len(set(found))
    assert [s.n for s in kept.submissions()] == list(range(1, len(found) + 1))
    assert len(kept.arrivals()) >= len(found)


async def test_a_stop_leaves_no_process(tmp_path: Path) -> None:
    child = await started(tmp_path, free_port())
    child.terminate()
    await asyncio.wait_for(child.wait(), 10)


async def test_the_sequence_goes_on_after_a_restart(tmp_path: Path) -> None:
    for turn in (1, 2):
        async with running(create_app(tmp_path)) as origin, httpx.AsyncClient(base_url=origin) as client:
            board = Caller(client, tmp_path)
            answer = await board.send(await board.posting(BEST))
            assert answer.headers["location"].endswith(f"NW-{20400 + turn}")
            counted = await board.counted()
            assert (counted["count"], counted["received_count"]) == (turn, turn)


def test_half_written_things_are_cleared_away(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.arrived(at="2026-11-23T00:00:00Z", posting="1", draft="d", body=b"abc", reused=False, outcome="received")
    with (tmp_path / "arrivals.jsonl").open("ab") as file:
        file.write(b'{"arrival":2,"at"')
    (tmp_path / "submissions" / ".incoming-1").mkdir()
    again = Store(tmp_path)
    assert [a.arrival for a in again.arrivals()] == [1]
    assert not list((tmp_path / "submissions").iterdir())
    again.arrived(at="2026-11-23T00:00:00Z", posting="1", draft="d", body=b"abc", reused=False, outcome="received")
    lines = (tmp_path / "arrivals.jsonl").read_text().splitlines()
    assert [json.loads(line)["arrival"] for line in lines] == [1, 2]


def test_old_drafts_go(tmp_path: Path) -> None:
    store = Store(tmp_path)
    draft = store.new_draft("/x", {}, "2026-11-23T00:00:00Z")
    store.forget_drafts(0)
    assert store.draft(draft.token) == draft
    store.forget_drafts(10**12)
    assert store.draft(draft.token) is None
