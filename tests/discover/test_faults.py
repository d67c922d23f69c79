"""Every bad answer has its name, says what to do, closes nothing, and slows nobody else."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from app.bots.discover import lever, problems
from app.bots.discover.ashby import Ashby
from app.bots.discover.background import open_fetcher
from app.bots.discover.fetcher import retry_after
from app.bots.discover.lever import Lever
from app.bots.discover.service import pause
from app.bots.discover.source import Board
from app.config import Settings
from app.platform.db import Database
from app.practice.server import create_app, running
from tests.discover.conftest import Discovery, fetcher_for
from tests.discover.server import response, serving


async def _counts(discovery: Discovery) -> tuple[int, int]:
    postings = await discovery.postings()
    return len(postings), sum(posting.state == "open" for posting in postings)


@pytest.mark.parametrize(
    ("fault", "says", "waits"),
    [
        ({"status": 404}, "There is no such board", 3600),
        ({"status": 429, "retry_after": 1234}, "slow down (429). We wait 1234 s", 1234),
        ({"status": 500}, "trouble of its own (500)", 60),
        ({"status": "html"}, "A web page came instead of data", 60),
        ({"status": "half_json"}, "broke off or is no valid JSON", 60),
        ({"status": "hang"}, "No whole answer within 1 s", 60),
    ],
)
async def test_a_bad_answer_is_named_and_closes_nothing(
    discovery: Discovery, settings: Settings, redis: Redis, fault: dict[str, Any], says: str, waits: float
) -> None:
    """On each kind of board."""
    boards = {"greenhouse": "northwick", "lever": "larkspur", "ashby": "tessera"}
    sources = [await discovery.fetch(await discovery.watch(kind, token)) for kind, token in boards.items()]
    before = await _counts(discovery)
    assert before[0] == before[1] > 15
    await discovery.behave(lists=dict.fromkeys(boards.values(), fault))
    for source in sources:
        await redis.flushall()  # no memory of the 429 before
        discovery.fetcher = fetcher_for(settings, discovery.origin, redis, total_seconds=1.0)
        began = time.monotonic()
        failed = await discovery.fetch(source)
        assert time.monotonic() - began < 5
        assert says in str(failed.last_error)
        assert failed.failures == 1
        assert waits - 5 < await discovery.due_in(source) <= waits
    assert await _counts(discovery) == before
    await discovery.behave(lists={})
    if fault["status"] == 429:
        assert "not this portal's turn" in str((await discovery.fetch(sources[0])).last_error)
        await redis.flushall()
    discovery.fetcher = fetcher_for(settings, discovery.origin, redis)
    for source in sources:
        mended = await discovery.fetch(source)
        assert (mended.last_error, mended.failures) == (None, 0)
    assert await _counts(discovery) == before


async def test_a_hanging_board_does_not_slow_another(
    db: Database, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    async with running(create_app(tmp_path / "p")) as origin, httpx.AsyncClient(base_url=origin) as board:
        slow = Discovery(db, fetcher_for(settings, origin, redis, total_seconds=3.0), origin, board)
        await slow.behave(lists={"northwick": {"status": "hang"}})
        hanging = asyncio.create_task(slow.fetch(await slow.watch("greenhouse", "northwick")))
        await asyncio.sleep(0.3)
        other = await slow.fetch(await slow.watch("lever", "larkspur"))
        assert not hanging.done()
        assert other.last_error is None
        assert "No whole answer" in str((await hanging).last_error)


async def test_the_breaker_opens_for_the_portal_and_tries_once(discovery: Discovery) -> None:
    source = await discovery.watch("greenhouse", "northwick")
    await discovery.behave(lists={"northwick": {"status": 500}})
    for _ in range(5):
        await discovery.fetch(source)
    [breaker] = await discovery.breakers()
    assert (breaker.state, breaker.failures) == ("open", 5)
    assert discovery.origin.endswith(breaker.name)
    await discovery.behave(lists={})
    paused = await discovery.fetch(await discovery.watch("greenhouse", "harbourline"))  # the same portal
    assert "failed several times in a row" in str(paused.last_error)
    assert paused.failures == 0
    assert 50 < await discovery.due_in(paused) <= 60
    await discovery.end_pause()
    assert (await discovery.fetch(source)).last_error is None
    assert [found.state for found in await discovery.breakers()] == ["closed"]


async def test_a_private_address_is_refused(discovery: Discovery) -> None:
    for address in ("http://127.0.0.1:9", "http://169.254.169.254", "http://[::1]", "http://10.0.0.1"):
        source = await discovery.fetch(await discovery.watch("greenhouse", "x", base_url=address))
        assert "Correct this source's address." in str(source.last_error)


async def _document(settings: Settings, answer: bytes, **change: Any) -> Any:
    async with serving(lambda _: answer) as origin:
        fetcher = fetcher_for(settings, origin, None, **change)
        return await fetcher.document("here", f"{origin}/x")


async def test_answers_too_large_on_the_wire_or_unfolded(settings: Settings) -> None:
    with pytest.raises(problems.TooBig, match="larger than 1 MB"):
        await _document(settings, response(200, b"[" + b" " * 3_000_000 + b"]"), max_bytes=1024 * 1024)
    bomb = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
    with pytest.raises(problems.TooBig):
        await _document(settings, response(200, bomb, content_encoding="gzip"), max_bytes=1024 * 1024)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"", problems.Unreachable),
        (b"\x00\x01 nonsense\r\n\r\n", problems.Unreachable),
        (response(200, b"[1, 2")[:-2], problems.Unreachable),  # the connection ends before its promised length
        (response(403, b"{}"), problems.Denied),
        (response(503, b"<html>"), problems.ServerFault),
        (response(200, b""), problems.BrokenJson),
        (response(200, b"\xff\xfe{"), problems.BrokenJson),
        (response(200, b"[" * 200_000), problems.BrokenJson),
        (response(200, b" <!doctype html>"), problems.NotJson),
        (response(200, b"oops", content_type="text/html"), problems.NotJson),
        (response(200, b"[]", content_encoding="gzip"), problems.Unreachable),
        (response(302, b"", location="http://169.254.169.254/"), problems.NotAllowed),
    ],
)
async def test_other_bad_answers(settings: Settings, answer: bytes, problem: type[problems.FetchError]) -> None:
    with pytest.raises(problem):
        await _document(settings, answer)


async def test_nobody_answers(settings: Settings) -> None:
    async with serving(lambda _: b"") as origin:
        pass
    with pytest.raises(problems.Unreachable, match="Check the address"):
        await fetcher_for(settings, origin, None).document("here", origin)


async def test_json_that_is_no_board(settings: Settings) -> None:
    async with serving(lambda _: response(200, b'{"jobs": {"a": 1}}')) as origin:
        with pytest.raises(problems.NotAList, match="not an object with a list"):
            await Ashby().listing(Board(origin, "x"), fetcher_for(settings, origin, None))


@pytest.fixture
def pages_of_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lever, "PAGE", 10)


def _page(url: str) -> list[dict[str, str]]:
    """One page of a board of 25."""
    asked = {name: int(value) for name, value in re.findall(r"(skip|limit)=(\d+)", url)}
    return [{"id": str(n), "text": f"Cook {n}"} for n in range(asked["skip"], min(asked["skip"] + asked["limit"], 25))]


@pytest.mark.usefixtures("pages_of_ten")
async def test_lever_reads_all_pages(settings: Settings) -> None:
    async with serving(lambda url: response(200, json.dumps(_page(url)).encode())) as origin:
        found = await Lever().listing(Board(origin, "x"), fetcher_for(settings, origin, None))
    assert len(found.items) == 25
    assert found.complete


@pytest.mark.usefixtures("pages_of_ten")
async def test_a_page_that_fails_leaves_the_list_incomplete(settings: Settings) -> None:
    def answer(url: str) -> bytes:
        return response(500, b"") if "skip=18&" in url else response(200, json.dumps(_page(url)).encode())

    async with serving(answer) as origin:
        found = await Lever().listing(Board(origin, "x"), fetcher_for(settings, origin, None))
    assert (len(found.items), found.complete) == (19, False)
    assert isinstance(found.problem, problems.ServerFault)


@pytest.mark.usefixtures("pages_of_ten")
@pytest.mark.parametrize("left", [25, 10])
async def test_a_list_that_moves_while_it_is_read_is_incomplete(settings: Settings, left: int) -> None:
    """One posting goes from the first page between the requests: all others move up, and one would be passed over."""

    def answer(url: str) -> bytes:
        asked = {name: int(value) for name, value in re.findall(r"(skip|limit)=(\d+)", url)}
        jobs = [{"id": str(n), "text": "Cook"} for n in range(left) if n or not asked["skip"]]
        return response(200, json.dumps(jobs[asked["skip"] : asked["skip"] + asked["limit"]]).encode())

    async with serving(answer) as origin:
        found = await Lever().listing(Board(origin, "x"), fetcher_for(settings, origin, None))
    assert not found.complete
    assert "moved" in str(found.note)
    assert found.problem is None


@pytest.mark.parametrize("size", [40, 100, 170])
async def test_a_board_that_does_not_page_ends(settings: Settings, size: int) -> None:
    everything = json.dumps([{"id": str(n), "text": "Cook"} for n in range(size)]).encode()
    async with serving(lambda _: response(200, everything)) as origin:
        found = await Lever().listing(Board(origin, "x"), fetcher_for(settings, origin, None))
    assert len(found.items) == size
    assert found.complete


async def test_what_an_employer_takes_off_its_ashby_list_is_gone(
    db: Database, redis: Redis, settings: Settings
) -> None:
    jobs: list[dict[str, Any]] = [{"id": str(n), "title": f"Cook {n}", "isListed": True} for n in range(3)]
    async with (
        serving(lambda _: response(200, json.dumps({"jobs": jobs}).encode())) as origin,
        httpx.AsyncClient() as unused,
    ):
        discovery = Discovery(db, fetcher_for(settings, origin, redis), origin, unused)
        source = await discovery.fetch(await discovery.watch("ashby", "x", base_url=origin))
        jobs[1]["isListed"] = False
        source = await discovery.fetch(source)
    assert (source.last_count, source.last_note) == (2, "1 that the employer doesn't list was left out.")
    links = await discovery.links()
    assert {name: posting.state for name, (_, posting) in links.items()} == {"0": "open", "1": "closed", "2": "open"}


@pytest.mark.usefixtures("pages_of_ten")
async def test_a_partial_list_is_kept_and_closes_nothing(db: Database, redis: Redis, settings: Settings) -> None:
    state = {"broken": False}

    def answer(url: str) -> bytes:
        if state["broken"] and "skip=0&" not in url:
            return response(500, b"")
        jobs = _page(url)
        return response(
            200, json.dumps([*jobs[1:], {"id": "new", "text": "Chef"}] if state["broken"] else jobs).encode()
        )

    async with serving(answer) as origin, httpx.AsyncClient() as unused:
        discovery = Discovery(db, fetcher_for(settings, origin, redis), origin, unused)
        source = await discovery.fetch(await discovery.watch("lever", "x", base_url=origin))
        assert source.last_count == 25
        state["broken"] = True
        source = await discovery.fetch(source)
    assert "trouble of its own" in str(source.last_error)
    links = await discovery.links()
    assert len(links) == 26
    assert all(link.gone_at is None for link, _ in links.values())


def test_retry_after_as_number_as_date_and_as_nonsense() -> None:
    assert retry_after("120") == 120
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 80 < retry_after(later) <= 90
    assert retry_after(None) == retry_after("soon") == 60
    assert retry_after("99999999") == 6 * 3600
    assert retry_after("0") == retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 1


def test_pauses_double_to_six_hours() -> None:
    assert [pause(n, 0) for n in (0, 1, 2, 9, 500)] == [60, 120, 240, 21_600, 21_600]
    assert pause(0, 900) == 900


async def test_time_limits_are_those_of_the_brief(settings: Settings) -> None:
    fetcher = open_fetcher(settings, None)
    assert (fetcher._client.timeout.connect, fetcher._total, fetcher._max_bytes) == (5.0, 30.0, 20 * 1024 * 1024)
    assert "Cabrank" in fetcher._client.headers["user-agent"]


def test_a_board_names_its_portal_and_quotes_its_token() -> None:
    board = Board("https://X.example:8/a", "b c/d")
    assert (board.portal, board.quoted) == ("x.example:8", "b%20c%2Fd")
