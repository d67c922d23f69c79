"""Every process killed with -9 during ten journeys, and Valkey emptied: nothing doubled, nothing lost, no strike."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from app.bench.rig import journeys
from app.bench.rig.journeys import Journey
from app.bench.rig.people import Reviewer
from app.bench.rig.stack import Stack, running
from app.platform.embedded import Valkey
from app.platform.queue import connect
from tests.chaos.waits import watched

SEEKERS = ("jane1@cabrank.test", "jane2@cabrank.test")
WANTED = 10
# the first while postings come in and are scored, the others while people and bots are at work
EARLY = ("worker-discover", "worker-match", "embedder")
LATE = ("worker-apply", "relay", "dispatcher", "worker-apply", "web", "scheduler", "supervisor", "worker-apply")
ARRIVES_WITHIN = 30.0  # seconds
EVIDENCE = {"unknown_outcome", "handover"}

pytestmark = pytest.mark.slow


@asynccontextmanager
async def _crew(stack: Stack) -> AsyncIterator[tuple[httpx.AsyncClient, list[Reviewer], dict[str, httpx.AsyncClient]]]:
    supervisor, reviewers = await journeys.staff(stack, pause=0.5)
    clients = {email: await journeys.join(stack, email) for email in SEEKERS}
    try:
        yield supervisor, reviewers, clients
    finally:
        for reviewer in reviewers:
            await reviewer.stop()
            await reviewer.client.aclose()
        for client in (supervisor, *clients.values()):
            await client.aclose()


async def _kill(stack: Stack, name: str) -> None:
    before = stack.supervisor if name == "supervisor" else stack.pids()[name]
    stack.kill(name)
    if name == "supervisor":
        assert stack.process is not None
        await stack.process.wait()
        await stack.start()
    else:
        await stack.until_running(name, before)


async def _each_ended_well(stack: Stack, supervisor: httpx.AsyncClient, found: list[Journey]) -> None:
    """One confirmed submission or an unknown in front of a person; never two arrivals of one pair."""
    board = await stack.practice_json("/control/submissions")
    pairs = Counter((one["email"], one["posting"]) for one in board["submissions"])
    drafts = Counter(one["draft"] for one in board["arrivals"])
    assert [one for one, count in (pairs + drafts).items() if count > 1] == []
    sent = {(one["email"], one["number"]) for one in board["submissions"]}
    for journey in found:
        if journey.status == "applied":
            assert (journey.email, journey.confirmation) in sent, journey
        else:
            assert journey.attention in EVIDENCE, journey
    confirmed = {(one.email, one.confirmation) for one in found if one.status == "applied"}
    unknown = [one for one in found if one.attention == "unknown_outcome"]
    assert len(sent - confirmed) <= len(unknown), "what arrived is confirmed, or a person is asked"
    await _people_see(supervisor, found)


async def _people_see(supervisor: httpx.AsyncClient, found: list[Journey]) -> None:
    """Each open end is an open review, and nobody got a strike."""
    reviews = (await supervisor.get("/api/reviews/", params={"limit": 100})).json()["items"]
    open_kinds = Counter(one["review"]["kind"] for one in reviews)
    wanted = Counter(one.attention for one in found if one.status != "applied")
    assert {kind: open_kinds[kind] for kind in wanted} == dict(wanted)
    people = (await supervisor.get("/api/employees/")).json()["items"]
    for person in people:
        answer = await supervisor.get(f"/api/employees/{person['id']}/strikes")
        assert answer.json()["items"] == [], person


async def test_kill_each_process_during_ten_journeys() -> None:
    async with running() as stack, _crew(stack) as (supervisor, _, clients):
        await stack.practice_json("/control/behaviour", confirm_delay_seconds=0.5)
        await journeys.watch_boards(stack)
        for name in EARLY:
            await asyncio.sleep(1.5)
            await _kill(stack, name)
        await journeys.begun(clients, 2, 120)
        for name in LATE:
            await asyncio.sleep(1.2)
            await _kill(stack, name)
        found = await journeys.ended(clients, WANTED, 240)
        await _each_ended_well(stack, supervisor, found)
        assert any(one.status == "applied" for one in found)


async def test_with_an_emptied_valkey_everything_arrives_within_thirty_seconds() -> None:
    async with running() as stack, _crew(stack) as (supervisor, _, clients), watched(stack.home) as waits:
        await journeys.watch_boards(stack)
        valkey = connect(Valkey(stack.home).url)
        for _ in range(6):
            await asyncio.sleep(2.5)
            await valkey.flushall()
        await valkey.aclose()
        found = await journeys.ended(clients, WANTED, 180)
        await _each_ended_well(stack, supervisor, found)
    print(f"longest waits in {waits.looks} looks: {waits.longest}")
    assert {"event", "discover", "match", "apply"} <= waits.longest.keys(), "each hop was seen waiting"
    assert max(waits.longest.values()) <= ARRIVES_WITHIN
