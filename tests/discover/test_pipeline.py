"""The practice board through the real relay, bus and consumer; edits, ends, returns and odd postings."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from app.bots.discover import background, lever
from app.bots.discover.service import fetch_source
from app.platform import bus, outbox, queue, relay
from app.postings import service
from app.postings.types import Posting
from tests.discover.conftest import Discovery


async def _listed(discovery: Discovery, ats: str = "", token: str = "") -> list[dict[str, str]]:
    """What the practice board lists, as its controls say; of one board, or of all."""
    found: list[dict[str, str]] = (await discovery.board.get("/control/postings")).json()
    return [item for item in found if ats in ("", item["ats"]) and token in ("", item["token"])]


async def test_every_posting_of_the_practice_board_comes_in(discovery: Discovery) -> None:
    listed = await _listed(discovery)
    for kind, token, employer in sorted({(item["ats"], item["token"], item["employer"]) for item in listed}):
        assert (await discovery.fetch(await discovery.watch(kind, token, employer))).last_error is None
    links = await discovery.links()
    assert set(links) == {item["id"] for item in listed}
    assert len({posting.id for _, posting in links.values()}) == len({item["slug"] for item in listed})
    for item in listed:
        link, posting = links[item["id"]]
        assert (posting.company, posting.title, link.location) == (item["employer"], item["title"], item["location"])
        assert link.url == item["url"]
    assert len({posting.category for _, posting in links.values()}) >= 8


async def test_from_the_schedule_to_the_event_with_every_part_running(discovery: Discovery, redis: Redis) -> None:
    db, stop = discovery.db, asyncio.Event()
    source = await discovery.watch("greenhouse", "northwick")
    running = [
        asyncio.create_task(relay.run(db, redis, stop)),
        asyncio.create_task(bus.run_consumer(discovery.consumer, db, redis, stop)),
    ]
    assert await background.tick(db) == 1
    assert await background.tick(db) == 0
    async with db.transaction() as tx:
        [task_id] = (await tx.conn.execute(select(queue.task.c.id).where(queue.task.c.state == "queued"))).scalars()
    await queue.run(db, {service.FETCH: lambda claim: fetch_source(db, discovery.fetcher, claim)}, task_id)
    wanted = await _listed(discovery, "greenhouse", "northwick")
    async with asyncio.timeout(20):
        while len(await discovery.postings()) < len(wanted):
            await asyncio.sleep(0.05)
    stop.set()
    await asyncio.gather(*running)
    async with db.transaction() as tx:
        accepted = (await tx.conn.execute(select(outbox.outbox).where(outbox.outbox.c.type == "JobAccepted"))).all()
        assert (await service.get_source(tx, source.id)).last_count == len(wanted)
    assert {event.aggregate_id for event in accepted} == {posting.id for posting in await discovery.postings()}
    assert {(event.topic, event.version, event.data["change"]) for event in accepted} == {("jobs.new", 1, "new")}


async def test_edited_vanished_and_back(discovery: Discovery) -> None:
    source = await discovery.fetch(await discovery.watch("lever", "larkspur"))
    first, second = (await _listed(discovery, "lever", "larkspur"))[:2]

    async def now(item: dict[str, str]) -> Posting:
        return (await discovery.links())[item["id"]][1]

    await discovery.behave(edit={first["slug"]: {"title": "Another Title", "location": "Lyon, France"}})
    await discovery.behave(remove=[second["slug"]])
    await discovery.fetch(source)
    edited, closed = await now(first), await now(second)
    assert (edited.title, edited.location, edited.version, edited.region) == (
        "Another Title",
        "Lyon, France",
        2,
        "europe",
    )
    assert (closed.state, closed.version) == ("closed", 2)
    await discovery.board.delete("/control/behaviour")
    await discovery.fetch(source)
    assert (await now(first)).title == first["title"]
    assert ((await now(second)).state, (await now(second)).version) == ("open", 3)
    before = await discovery.postings()
    await discovery.fetch(source)
    assert await discovery.postings() == before


async def test_odd_postings(discovery: Discovery) -> None:
    tame = await _listed(discovery, "greenhouse", "northwick")
    scripted, big, nameless = (item["slug"] for item in tame[:3])
    await discovery.behave(script_tags=[scripted], big_description=[big], no_title=[nameless])
    source = await discovery.fetch(await discovery.watch("greenhouse", "northwick"))
    links = await discovery.links()
    assert source.last_error is None
    assert source.last_note == f"1 of {len(tame)} entries can't be used; their reasons are listed."
    async with discovery.db.transaction() as tx:
        [rejected] = await service.rejected(tx, source.id)
    assert (rejected.external_id, rejected.reason) == (tame[2]["id"], "it has no title")
    assert set(links) == {item["id"] for item in tame} - {tame[2]["id"]}
    assert "<script" not in links[tame[0]["id"]][1].description_html
    large = links[tame[1]["id"]][1]
    assert len(large.description_text) <= 200_000
    assert large.note is not None
    await discovery.board.delete("/control/behaviour")
    assert (await discovery.fetch(source)).last_note is None
    assert set(await discovery.links()) == {item["id"] for item in tame}


async def test_lever_in_pages(discovery: Discovery, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {item["id"] for item in await _listed(discovery, "lever", "larkspur")}
    monkeypatch.setattr(lever, "PAGE", 3)
    source = await discovery.fetch(await discovery.watch("lever", "larkspur"))
    assert (source.last_error, source.last_count) == (None, len(wanted))
    assert set(await discovery.links()) == wanted
