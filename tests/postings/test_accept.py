"""New, known elsewhere, edited, gone, back: on a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, update

from app.postings import service, source_store, store
from app.postings.models import posting as posting_table
from app.postings.types import Rejected
from tests.postings.conftest import DUTIES, Desk, raw


async def test_a_new_posting(desk: Desk) -> None:
    source = await desk.source()
    [accepted] = await desk.lists(source, raw("1", remote=False, pay="30 – 35 k"))
    [posting] = await desk.postings()
    assert accepted is not None
    assert (accepted.posting_id, accepted.number, accepted.change) == (posting.id, posting.number, "new")
    assert (posting.company, posting.title, posting.location) == ("Harbour Hotel", "Sous Chef", "Leeds, UK")
    assert (posting.portal, posting.region, posting.category) == ("greenhouse", "europe", "hospitality")
    assert posting.description_text == DUTIES
    assert posting.identity_key == "harbour hotel|sous chef|leeds"
    assert (posting.version, posting.state, posting.pay) == (1, "open", "30 – 35 k")
    [link] = await desk.links(posting.id)
    assert (link.external_id, link.apply_url) == ("1", "https://harbour.example/jobs/1")
    assert await desk.changes() == [("new", 1)]


async def test_the_same_again_does_nothing(desk: Desk) -> None:
    source = await desk.source()
    await desk.lists(source, raw("1"))
    await desk.changes()
    before = (await desk.links((await desk.postings())[0].id))[0].last_seen_at
    recorded = await desk.record(source, raw("1"))
    assert (recorded.listed, recorded.changed, recorded.gone) == (1, 0, 0)
    assert await desk.accept() == []
    assert await desk.changes() == []
    assert (await desk.links((await desk.postings())[0].id))[0].last_seen_at > before


async def test_the_same_vacancy_on_two_boards_is_one_posting(desk: Desk) -> None:
    one, other = await desk.source(), await desk.source("lever")
    await desk.lists(one, raw("1"))
    about = f"<p>{DUTIES} Apply on our page.</p>"
    [accepted] = await desk.lists(
        other, raw("x", company="HARBOUR HOTEL Ltd", title="Sous-Chef (m/w/d)", location="Leeds", about=about)
    )
    [posting] = await desk.postings()
    assert accepted is not None
    assert accepted.change == "linked"
    assert {link.external_id for link in await desk.links(posting.id)} == {"1", "x"}
    assert posting.version == 1
    assert posting.description_text == DUTIES
    assert await desk.changes() == [("new", 1), ("linked", 1)]


async def test_what_differs_stays_apart(desk: Desk) -> None:
    one, other = await desk.source(), await desk.source("lever")
    bakery = "<p>You bake bread from four in the morning, shape croissants by hand and sell both until noon.</p>"
    await desk.lists(one, raw("1"), raw("2", location="York, UK"))
    await desk.lists(other, raw("x", location="Leeds, AL"), raw("y", title="Chef"), raw("z", about=bakery))
    assert len(await desk.postings()) == 5
    keys = [posting.identity_key for posting in await desk.postings()]
    assert len(set(keys)) == 5
    assert "harbour hotel|sous chef|leeds#2" in keys


async def test_one_board_with_two_ids_means_two_vacancies_unless_all_is_equal(desk: Desk) -> None:
    source = await desk.source()
    await desk.lists(source, raw("1"), raw("2", about=f"<p>{DUTIES} Nights.</p>"), raw("3"))
    first, second = await desk.postings()
    assert {link.external_id for link in await desk.links(first.id)} == {"1", "3"}
    assert {link.external_id for link in await desk.links(second.id)} == {"2"}


async def test_an_edit_is_one_version_up(desk: Desk) -> None:
    source = await desk.source()
    await desk.lists(source, raw("1"))
    [accepted] = await desk.lists(source, raw("1", title="Head Chef", location="York, UK", about="<p>New.</p>"))
    [posting] = await desk.postings()
    assert accepted is not None
    assert accepted.change == "edited"
    assert (posting.title, posting.location, posting.description_text) == ("Head Chef", "York, UK", "New.")
    assert posting.version == 2
    assert posting.identity_key == "harbour hotel|sous chef|leeds"  # a vacancy keeps its name: intents hang on it
    [link] = await desk.links(posting.id)
    assert (link.title, link.location) == ("Head Chef", "York, UK")
    assert await desk.changes() == [("new", 1), ("edited", 2)]


async def test_what_shows_nowhere_is_no_edit(desk: Desk) -> None:
    source = await desk.source()
    await desk.lists(source, raw("1", updated="2026-07-06"))
    [accepted] = await desk.lists(source, raw("1", updated="2026-07-07"))
    assert accepted is not None
    assert accepted.change == "unchanged"
    assert await desk.changes() == [("new", 1)]


async def test_vanished_and_back(desk: Desk) -> None:
    source = await desk.source()
    await desk.lists(source, raw("1"), raw("2", title="Chef"))
    await desk.lists(source, raw("2", title="Chef"))
    first, second = await desk.postings()
    assert (first.state, first.version, second.state) == ("closed", 2, "open")
    assert first.closed_at is not None
    assert (await desk.links(first.id))[0].gone_at is not None
    await desk.lists(source, raw("1"), raw("2", title="Chef"))
    first, _ = await desk.postings()
    assert (first.state, first.version, first.closed_at) == ("open", 3, None)
    assert (await desk.links(first.id))[0].gone_at is None
    assert await desk.changes() == [("new", 1), ("new", 1), ("closed", 2), ("edited", 3)]


async def test_an_incomplete_list_closes_nothing(desk: Desk) -> None:
    source = await desk.source()
    await desk.lists(source, raw("1"), raw("2", title="Chef"))
    await desk.lists(source, raw("3", title="Cook"), complete=False)
    assert [posting.state for posting in await desk.postings()] == ["open"] * 3


async def test_a_posting_lives_while_one_board_lists_it(desk: Desk) -> None:
    one, other = await desk.source(), await desk.source("lever")
    await desk.lists(one, raw("1"))
    await desk.lists(other, raw("x", about=f"<p>{DUTIES} Apply on our page.</p>"))
    await desk.lists(one)
    [posting] = await desk.postings()
    # The other board speaks for it now: its form is the one that is still there.
    assert (posting.state, posting.version, posting.portal) == ("open", 2, "lever")
    assert posting.apply_url == "https://harbour.example/jobs/x"
    await desk.lists(other)
    [posting] = await desk.postings()
    assert (posting.state, posting.version) == ("closed", 3)


async def test_only_the_oldest_live_link_speaks(desk: Desk) -> None:
    one, other = await desk.source(), await desk.source("lever")
    await desk.lists(one, raw("1"))
    await desk.lists(other, raw("x"))
    await desk.lists(other, raw("x", about="<p>Another text.</p>"))
    assert (await desk.postings())[0].version == 1
    await desk.lists(one, raw("1", about="<p>Our own text.</p>"))
    assert (await desk.postings())[0].description_text == "Our own text."


async def test_a_repost_under_a_new_id_is_the_same_vacancy_for_a_month(desk: Desk) -> None:
    source = await desk.source()
    await desk.lists(source, raw("1"))
    await desk.lists(source)
    await desk.lists(source, raw("2", about=f"<p>{DUTIES} Soon.</p>"))
    [posting] = await desk.postings()
    assert (posting.state, posting.version) == ("open", 3)
    await desk.lists(source)
    async with desk.db.transaction() as tx:
        await tx.conn.execute(update(posting_table).values(closed_at=func.clock_timestamp() - timedelta(days=40)))
    await desk.lists(source, raw("3"))
    assert [posting.state for posting in await desk.postings()] == ["closed", "open"]


async def test_the_number_of_a_known_system_is_proof(desk: Desk) -> None:
    one, other = await desk.source(), await desk.source("lever")
    url = "https://boards.greenhouse.io/harbour/jobs/4285367"
    await desk.lists(one, raw("1", apply_url=url))
    [accepted] = await desk.lists(
        other,
        raw("x", company="Harbour Group", title="Sous Chef, Leeds", about="<p>?</p>", apply_url=f"{url}?gh_src=z"),
    )
    assert accepted is not None
    assert accepted.change == "linked"


async def test_a_refused_entry_is_kept_with_its_reason_and_mends(desk: Desk) -> None:
    source = await desk.source()
    bad = Rejected(external_id="1", reason="it has no title", excerpt='{"id":1}')
    recorded = await desk.record(source, bad, raw("2"))
    assert (recorded.listed, recorded.changed, recorded.rejected) == (2, 2, 1)
    assert len(await desk.accept()) == 1
    async with desk.db.transaction() as tx:
        [shown] = await service.rejected(tx, source)
    assert shown == bad
    assert (await desk.record(source, bad, raw("2"))).rejected == 1
    [accepted] = await desk.lists(source, raw("1", title="Cook"), raw("2"))
    assert accepted is not None
    assert accepted.change == "new"
    async with desk.db.transaction() as tx:
        assert await service.rejected(tx, source) == []


async def test_a_posting_that_loses_its_title_stays_as_it_was(desk: Desk) -> None:
    source = await desk.source()
    await desk.lists(source, raw("1"))
    await desk.lists(source, Rejected(external_id="1", reason="it has no title"))
    [posting] = await desk.postings()
    assert (posting.state, posting.title, posting.version) == ("open", "Sous Chef", 1)
    [accepted] = await desk.lists(source, raw("1"))
    assert accepted is not None
    assert accepted.change == "unchanged"


async def test_one_vacancy_from_many_sources_at_once(desk: Desk) -> None:
    sources = [await desk.source(token=f"board-{number}") for number in range(12)]
    for source in sources:
        await desk.record(source, raw("1"), raw("2", title="Chef"))
    ids = await desk.discovered()
    assert len(ids) == 24

    async def accept(raw_id: UUID) -> str:
        async with desk.db.transaction() as tx:
            accepted = await service.accept_raw(tx, raw_id)
        return accepted.change if accepted else "nothing"

    changes = await asyncio.gather(*(accept(raw_id) for raw_id in ids for _ in range(2)))
    assert sorted(changes) == ["linked"] * 22 + ["new"] * 2 + ["nothing"] * 24
    assert [len(await desk.links(posting.id)) for posting in await desk.postings()] == [12, 12]


async def test_closing_and_linking_at_once_never_leaves_a_listed_posting_closed(desk: Desk) -> None:
    for turn in range(8):
        one, other = await desk.source(token=f"a{turn}"), await desk.source("lever", f"b{turn}")
        await desk.lists(one, raw("1", title=f"Chef {turn}"))
        await desk.record(other, raw("x", title=f"Chef {turn}"))
        [raw_id] = await desk.discovered()

        async def link(raw_id: UUID = raw_id) -> None:
            async with desk.db.transaction() as tx:
                await service.accept_raw(tx, raw_id)

        async def leave(source: UUID = one) -> None:
            async with desk.db.transaction() as tx:
                await service.close_missing(tx, source, [])

        await asyncio.gather(link(), leave())
        await desk.accept()
        posting = (await desk.postings())[-1]
        assert posting.state == "open"
        assert [link.gone_at is None for link in await desk.links(posting.id)] == [False, True]


async def test_a_link_that_goes_and_another_that_is_read_never_wait_for_each_other(desk: Desk) -> None:
    """In the middle of taking one board's word in, another board's link of the same posting goes."""
    one, other = await desk.source(token="a"), await desk.source("lever", "b")
    await desk.lists(one, raw("1"))
    await desk.lists(other, raw("x", note="read after"))
    [posting] = await desk.postings()
    async with desk.db.transaction() as tx:
        raw_id = await source_store.raw_id_of(tx, other, "x")
    assert raw_id is not None
    reading = asyncio.Event()

    async def read() -> None:
        async with desk.db.transaction() as tx:
            await source_store.lock_raw(tx, raw_id)
            reading.set()
            await asyncio.sleep(0.3)
            await store.get(tx, posting.id, lock=True)

    async def leave() -> None:
        await reading.wait()
        async with desk.db.transaction() as tx:
            assert await service.close_missing(tx, one, []) == 1

    await asyncio.gather(read(), leave())
    assert [accepted.change for accepted in await desk.accept() if accepted] == ["edited"]
    [posting] = await desk.postings()
    assert posting.note == "read after"  # the board that still lists it speaks now
