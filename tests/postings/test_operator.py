"""Postings filed by hand, lists of postings, and sources."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import func, select, update

from app.errors import Invalid, NotFound
from app.platform.queue import task
from app.postings import service
from app.postings.models import source as source_table
from app.postings.types import NewPosting
from tests.postings.conftest import Desk, raw


def new(external_id: str = "1", **change: str) -> NewPosting:
    given = {"company": "Harbour Hotel", "title": "Night Porter", "location": "Leeds, UK", "external_id": external_id}
    body = given | {"source": "reception", "description_html": "<p>You <script>x</script>watch.</p>"} | change
    return msgspec.convert(body, NewPosting)


async def test_an_internal_posting(desk: Desk) -> None:
    async with desk.db.transaction() as tx:
        posting = await service.create_internal(tx, new(region="apac", category="night"))
    assert (posting.portal, posting.apply_url, posting.region, posting.category) == ("internal", None, "apac", "night")
    assert posting.description_html == "<p>You watch.</p>"
    assert await desk.changes() == [("new", 1)]
    async with desk.db.transaction() as tx:
        again = await service.create_internal(tx, new(title="Day Porter", region="apac", category="night"))
        [(link, name)] = await service.links(tx, posting.id)
    assert (again.id, again.title, again.version) == (posting.id, "Day Porter", 2)
    assert (link.external_id, name) == ("1", "reception")


@pytest.mark.parametrize(
    ("url", "portal"),
    [
        ("https://jobs.lever.co/acme/0c66e8ed-1c18-4b64-ad27-a522a866b6e1", "lever"),
        ("https://acme.example/x", "website"),
    ],
)
async def test_with_an_address_it_is_applied_for_there(desk: Desk, url: str, portal: str) -> None:
    async with desk.db.transaction() as tx:
        posting = await service.create_internal(tx, new(apply_url=url))
    assert (posting.portal, posting.apply_url) == (portal, url)


async def test_an_address_is_kept_without_what_cannot_be_stored(desk: Desk) -> None:
    async with desk.db.transaction() as tx:
        posting = await service.create_internal(tx, new(apply_url=" https://acme.example/\x00x\u200b "))
    assert posting.apply_url == "https://acme.example/x"


async def test_many_are_all_or_none(desk: Desk) -> None:
    async with desk.db.transaction() as tx:
        with pytest.raises(Invalid) as refused:
            await service.create_many(tx, [new("1"), new("2", title=" ", apply_url="javascript:x"), new("")])
    assert [(e.path) for e in refused.value.errors] == ["1.title", "1.apply_url", "2.external_id"]
    assert await desk.postings() == []
    async with desk.db.transaction() as tx:
        filed = await service.create_many(tx, [new(str(n), title=f"Porter {n}") for n in range(50)])
    assert [posting.title for posting in filed] == [f"Porter {n}" for n in range(50)]


async def test_bulk_requests_in_opposite_order_do_not_block_each_other(desk: Desk) -> None:
    async def file(source: str, order: list[int]) -> None:
        async with desk.db.transaction() as tx:
            await service.create_many(tx, [new(str(n), source=source, title=f"Porter {n}") for n in order])

    await asyncio.gather(*(file(f"s{k}", list(range(20))[:: 1 if k % 2 else -1]) for k in range(6)))
    assert len(await desk.postings()) == 20


async def test_a_large_request_holds_up_nobody_else(desk: Desk) -> None:
    """Cleaning foreign HTML takes time; the process that was asked serves everybody's pages and sockets."""
    many = [new(str(n), description_html="<div><p>word</p></div>" * 18_000) for n in range(36)]
    one = max([await _longest_hold(desk, [each]) for each in many[:6]])
    assert await _longest_hold(desk, many[6:]) < 8 * one, "one posting's share at most, not that of all 30"


async def _longest_hold(desk: Desk, many: list[Any]) -> float:
    """For how many seconds of its thread's work, at most, the event loop serves nobody while these are stored."""
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = time.thread_time()  # not the clock: what others do on the machine is no hold of this loop
            await asyncio.sleep(0.01)
            longest = max(longest, time.thread_time() - before)

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    async with desk.db.transaction() as tx:
        assert len(await service.create_many(tx, many)) == len(many)
    watching.cancel()
    return longest


async def test_lists(desk: Desk, nobody: UUID) -> None:
    source = await desk.source()
    await desk.lists(
        source, *(raw(str(n), title=f"Chef {n}", location="Leeds" if n % 2 else "Boston") for n in range(7))
    )
    await desk.lists(
        source, *(raw(str(n), title=f"Chef {n}", location="Leeds" if n % 2 else "Boston") for n in range(6))
    )
    async with desk.db.transaction() as tx:
        page = await service.list_open(tx, limit=4)
        rest = await service.list_open(tx, limit=4, before=page[-1].number)
        assert [posting.title for posting in page + rest] == [f"Chef {n}" for n in (5, 4, 3, 2, 1, 0)]
        assert len(await service.list_open(tx, region="europe")) == 3
        assert [posting.title for posting in await service.list_open(tx, query="chef 3")] == ["Chef 3"]
        assert await service.list_open(tx, query="%") == []
        assert len(await service.list_postings(tx, state="closed")) == 1
        assert await service.count_open(tx) == 6
        assert await service.by_number(tx, page[0].number) == await service.get(tx, page[0].id)
        assert set(await service.by_ids(tx, [page[0].id, nobody])) == {page[0].id}
        with pytest.raises(NotFound):
            await service.get(tx, nobody)


async def test_a_source_is_fetched_at_once_and_then_when_due(desk: Desk, nobody: UUID) -> None:
    async def asked() -> int:
        async with desk.db.transaction() as tx:
            query = (
                select(func.count()).select_from(task).where(task.c.kind == "discover.fetch", task.c.state == "queued")
            )
            return int((await tx.conn.execute(query)).scalar_one())

    async with desk.db.transaction() as tx:
        source, made = await service.add_source(tx, kind="Lever", token="harbour", name="Harbour Hotel")
        again, made_again = await service.add_source(tx, kind="lever", token="harbour")
    assert (made, made_again, again.id, source.name) == (True, False, source.id, "Harbour Hotel")
    assert await asked() == 1
    async with desk.db.transaction() as tx:
        assert await service.due_sources(tx) == 1  # joins the one that waits
        assert await service.due_sources(tx) == 0
    assert await asked() == 1
    async with desk.db.transaction() as tx:
        await tx.conn.execute(update(source_table).values(next_at=func.clock_timestamp()))
        await service.change_source(tx, source.id, enabled=False)
        assert await service.due_sources(tx) == 0
        with pytest.raises(NotFound):
            await service.run_source(tx, nobody)
        assert (await service.change_source(tx, source.id, interval_seconds=60, enabled=True)).interval_seconds == 60


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"kind": "operator"}, "kind"),
        ({"kind": "monster"}, "kind"),
        ({"token": ""}, "token"),
        ({"token": "a/../b"}, "token"),
        ({"token": "a\x00b"}, "token"),
        ({"base_url": "file:///etc"}, "base_url"),
        ({"base_url": "https://acme.example/" + "a" * 300}, "base_url"),
        ({"base_url": f"https://{'a.' * 90}example"}, "base_url"),  # breakers and rates are kept by the host
        ({"base_url": "https://me:hunter2@acme.example"}, "base_url"),  # it would be shown and logged
        ({"base_url": "https://acme.example/x\x00"}, "base_url"),
        ({"base_url": "https://acme.example/api?key=1"}, "base_url"),
        ({"interval_seconds": 1}, "interval_seconds"),
    ],
)
async def test_a_wrong_source_says_which_field(desk: Desk, change: dict[str, object], path: str) -> None:
    async with desk.db.transaction() as tx:
        with pytest.raises(Invalid) as refused:
            await service.add_source(tx, **({"kind": "lever", "token": "x"} | change))  # type: ignore[arg-type]  # wrong on purpose
    assert [error.path for error in refused.value.errors] == [path]


async def test_names_that_operators_file_under_are_no_boards(desk: Desk) -> None:
    async with desk.db.transaction() as tx:
        await service.create_internal(tx, new())
        assert await service.list_sources(tx) == []
        [row] = (await tx.conn.execute(select(source_table.c.id))).all()
        with pytest.raises(Invalid):
            await service.run_source(tx, row.id)
