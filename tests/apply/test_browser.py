"""The walk through real forms in real Chromium, without a database: what leaves, and when."""

import hashlib
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import pytest_asyncio

from app.bots.apply.browser import Chromium
from app.bots.apply.gate import Gate
from app.bots.apply.plan import Facts, Upload
from app.bots.apply.sites import site_for
from app.bots.apply.walk import Confirmed, Handover, Questions, Rehearsed, Unknown, Walk
from app.platform.egress.guard import Guard
from app.practice.server import create_app, running
from app.seekers.types import Profile
from tests.apply.board import Board, years_bank

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
RESUME = b"%PDF-1.4\n" + bytes(range(256)) * 4096 + b"\n%%EOF"


@pytest_asyncio.fixture(loop_scope="module")
async def board(tmp_path: Path) -> AsyncIterator[Board]:
    """The board in the loop that the module's browser lives in."""
    app = create_app(tmp_path / "practice")
    async with running(app) as origin, httpx.AsyncClient(base_url=origin, trust_env=False) as client:
        yield Board(origin, client)


KNOWN = Profile(
    name="Ada Byron",
    email="ada@example.org",
    phone="+44 20 7946 0000",
    location="London",
    authorized_to_work="Yes",
    needs_sponsorship="No",
    earliest_start="2099-02-01",
)


def facts_for(posting: dict[str, Any], **more: Any) -> Facts:
    resume = Upload("Ada Byron.pdf", len(RESUME), hashlib.sha256(RESUME).hexdigest())
    given, bank = more.get("given", {}), more.get("bank", {})
    return Facts(
        known=KNOWN, given=given, bank=bank, resume=resume, employer=posting["employer"], today=date(2026, 11, 23)
    )


class Attempt:
    """One walk, with what was armed and reported."""

    def __init__(self, chromium: Chromium, board: Board) -> None:
        self.chromium, self.board = chromium, board
        self.armed: list[dict[str, Any]] = []
        self.phases: list[str] = []
        self.walk: Walk | None = None

    async def arm(self, request: dict[str, Any]) -> None:
        self.armed.append(request)

    async def report(self, percent: int, phase: str) -> None:
        self.phases.append(phase)

    async def go(self, posting: dict[str, Any], facts: Facts, *, rehearsal: bool = False) -> Any:
        url = posting["url"] + "/apply"
        gate = Gate(site=site_for(url, practice=True), rehearsal=rehearsal, marks=("ada@example.org",))
        async with self.chromium.session(Guard(self.board.origin), gate, self.arm) as session:
            self.walk = Walk(session, facts, RESUME, self.report)
            return await self.walk.through(url)


async def test_a_standard_form_is_filled_sent_once_and_confirmed(chromium: Chromium, board: Board) -> None:
    posting = (await board.postings())[0]
    attempt = Attempt(chromium, board)
    outcome = await attempt.go(posting, facts_for(posting, bank=await years_bank(board, posting)))
    assert isinstance(outcome, Confirmed), outcome
    arrived = await board.arrivals()
    assert arrived["count"] == arrived["received_count"] == len(attempt.armed) == 1
    kept = arrived["submissions"][0]
    assert kept["number"] == outcome.confirmation
    assert (kept["filename"], kept["sha256"]) == ("Ada Byron.pdf", hashlib.sha256(RESUME).hexdigest())
    assert attempt.phases == [
        "Opening the form",
        "Filling page 1 of 2, reading back…",
        "Filling page 2 of 2, reading back…",
        "Sending",
        "Waiting for the confirmation",
    ]
    assert attempt.walk is not None
    assert {answer["source"] for answer in attempt.walk.answers} == {
        "profile",
        "resume",
        "answer bank",
        "the seeker's order to apply",
    }


async def test_a_question_that_nobody_answered_goes_to_a_person_and_nothing_is_sent(
    chromium: Chromium, board: Board
) -> None:
    posting = (await board.postings("unknowable"))[0]
    attempt = Attempt(chromium, board)
    outcome = await attempt.go(posting, facts_for(posting, bank=await years_bank(board, posting)))
    assert isinstance(outcome, Questions)
    assert [one.field.label for one in outcome.missing] == [
        "What is the reference number on the invitation letter our director sent you?"
    ]
    assert attempt.armed == []
    assert (await board.arrivals())["received_count"] == 0


async def test_a_form_without_a_button_is_handed_over(chromium: Chromium, board: Board) -> None:
    posting = (await board.postings("no_submit"))[0]
    outcome = await Attempt(chromium, board).go(posting, facts_for(posting, bank=await years_bank(board, posting)))
    assert isinstance(outcome, Handover)
    assert outcome.what == "no_button"


async def test_a_rehearsal_lets_nothing_of_the_seeker_leave(chromium: Chromium, board: Board) -> None:
    posting = (await board.postings())[0]
    attempt = Attempt(chromium, board)
    outcome = await attempt.go(posting, facts_for(posting), rehearsal=True)
    assert isinstance(outcome, Rehearsed)
    assert outcome.more_pages
    assert attempt.armed == []
    assert not list((await board.client.get("/control/submissions")).json()["arrivals"])


@pytest.mark.parametrize("keeps", [True, False])
async def test_a_connection_that_breaks_after_receiving_arrives_once_and_is_unknown(
    chromium: Chromium, board: Board, keeps: bool
) -> None:
    await board.told(drop_after_receiving=1, drop_keeps=keeps)
    posting = (await board.postings())[0]
    outcome = await Attempt(chromium, board).go(posting, facts_for(posting, bank=await years_bank(board, posting)))
    assert isinstance(outcome, Unknown), outcome
    arrived = await board.arrivals()
    assert arrived["received_count"] == 1
    assert arrived["count"] == int(keeps)


async def test_a_500_after_sending_is_unknown(chromium: Chromium, board: Board) -> None:
    await board.told(fail_next=1)
    posting = (await board.postings())[0]
    outcome = await Attempt(chromium, board).go(posting, facts_for(posting, bank=await years_bank(board, posting)))
    assert isinstance(outcome, Unknown)
    assert outcome.status == 500
    assert (await board.arrivals())["received_count"] == 1


async def test_a_slow_success_is_a_success(chromium: Chromium, board: Board) -> None:
    await board.told(confirm_delay_seconds=6)
    posting = (await board.postings())[0]
    outcome = await Attempt(chromium, board).go(posting, facts_for(posting, bank=await years_bank(board, posting)))
    assert isinstance(outcome, Confirmed)


async def _title(chromium: Chromium) -> tuple[Any, str]:
    """One session: the browser that it was in, and that it works."""
    gate = Gate(site=site_for("https://jobs.example.org/", practice=False), rehearsal=True, marks=())
    async with chromium.session(Guard(), gate, _nothing) as session:
        await session.page.set_content("<title>here</title>")
        return session.context.browser, await session.page.title()


async def _nothing(_: object) -> None:
    return None


async def test_a_worn_browser_is_replaced_and_ends_with_its_last_application() -> None:
    chromium = Chromium(None, recycle_after=2)
    gate = Gate(site=site_for("https://jobs.example.org/", practice=False), rehearsal=True, marks=())
    try:
        async with chromium.session(Guard(), gate, _nothing) as first:
            worn = first.context.browser
            assert worn is not None
            assert (await _title(chromium))[0] is worn
            fresh, title = await _title(chromium)
            assert fresh is not worn
            assert title == "here"
            assert worn.is_connected()
        assert not worn.is_connected()
        assert (await _title(chromium))[0] is fresh
    finally:
        await chromium.close()


async def test_a_driver_that_dies_is_started_again() -> None:
    chromium = Chromium(None)
    try:
        before = set(psutil.Process().children())
        await _title(chromium)
        [driver] = set(psutil.Process().children()) - before
        driver.kill()
        driver.wait(10)
        assert (await _title(chromium))[1] == "here"
    finally:
        await chromium.close()
