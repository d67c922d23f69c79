"""What was scored before something changed decides nothing, and hides nothing that was scored after."""

from __future__ import annotations

import asyncio
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, update

from app.bots.match import background, decisions, service, store
from app.bots.match.background import Matcher
from app.bots.match.models import match
from app.bots.match.preparing import Ready, Subject
from app.platform.clock import utcnow
from app.platform.db import Tx
from app.postings.models import posting as posting_table
from app.seekers import service as seekers
from app.seekers.models import seeker as seeker_table
from tests.match.test_background import FITTING, Stage, stage

__all__ = ["stage"]  # the fixture, shared
WAITER = """Jane Roe
jane@example.org

Experience
Waiter, Corner Cafe
2019 - present
- Served tables and took orders
"""
WRITTEN = (*store._KEPT, "seeker_id", "posting_id", "model_version")


async def _jane_scored(stage: Stage, text: str) -> tuple[UUID, UUID]:
    """A seeker and a posting that fits; scored, and nothing decided yet."""
    posting_id = await stage.posted("Senior Python Engineer, Payments", FITTING)
    jane = await stage.seeker(text)
    async with stage.db.transaction() as tx:
        await service.stop(tx, jane)
    await stage.work()
    return jane, posting_id


async def _ready(stage: Stage, jane: UUID, posting_id: UUID) -> tuple[Matcher, Subject, Ready]:
    """A matcher that has read both, as one in the middle of its work has."""
    matcher = Matcher(stage.db, stage.objects, stage.embedder, stage.settings)
    subject = await matcher.prepare.subject(jane)
    (ready,) = await matcher.prepare.postings([posting_id])
    assert subject is not None
    return matcher, subject, ready


async def _edited(tx: Tx, posting_id: UUID, **values: object) -> None:
    changed = values | {"version": posting_table.c.version + 1}
    await tx.conn.execute(update(posting_table).where(posting_table.c.id == posting_id).values(changed))


@pytest.mark.parametrize("change", ["the seeker", "the posting", "the resume"])
async def test_a_score_from_before_a_change_decides_nothing(stage: Stage, jane_text: str, change: str) -> None:
    jane, posting_id = await _jane_scored(stage, jane_text)
    async with stage.db.transaction() as tx:
        await tx.conn.execute(update(seeker_table).values(matching_active=True))
        if change == "the seeker":
            await seekers.update(tx, jane, {"preferences": {"excluded_employers": ["Northgate"]}})
        elif change == "the posting":
            await _edited(tx, posting_id, title="Ward Nurse", description_text="Care for patients")
        else:
            version = await seekers.store_upload(tx, stage.objects, jane, "new.txt", b"Jane Roe\nWaiter\n")
            await seekers.parsed(tx, stage.objects, version.id, text="Jane Roe\nWaiter\n", found={})
    async with stage.db.transaction() as tx:
        assert await decisions.decide(tx, stage.settings, jane) == []
    assert await stage.statuses(jane) == []
    if change == "the posting":
        await stage.accepted(posting_id)
    await stage.work()
    assert {view.decision for view in await stage.matches(jane)} <= {"filtered", "below"}
    assert await stage.statuses(jane) == []


@pytest.mark.parametrize("change", ["the seeker", "the resume"])
async def test_an_older_score_does_not_replace_a_newer_one(stage: Stage, jane_text: str, change: str) -> None:
    jane, posting_id = await _jane_scored(stage, jane_text)
    matcher, subject, vacancy = await _ready(stage, jane, posting_id)
    async with stage.db.transaction() as tx:
        if change == "the seeker":
            await seekers.update(tx, jane, {"preferences": {"excluded_employers": ["Northgate"]}})
        else:
            await seekers.store_upload(tx, stage.objects, jane, "new.txt", WAITER.encode())
    await stage.work()
    newer = await stage.matches(jane)
    assert await matcher._score([subject], [vacancy]) == []
    assert await stage.matches(jane) == newer
    assert newer[0].decision in ("filtered", "below")


async def test_what_closed_while_it_was_scored_is_not_on_offer(stage: Stage, jane_text: str) -> None:
    jane, posting_id = await _jane_scored(stage, jane_text)
    assert len(await stage.matches(jane)) == 1
    async with stage.db.transaction() as tx:
        await _edited(tx, posting_id, state="closed", closed_at=utcnow())
    assert await stage.matches(jane) == []


async def test_two_who_write_to_the_same_matches_do_not_wait_for_each_other(stage: Stage, jane_text: str) -> None:
    jane, _ = await _jane_scored(stage, jane_text)
    for number in range(30):
        await stage.posted(f"Python Engineer {number}", FITTING)
    await stage.work()
    async with stage.db.transaction() as tx:
        found = (await tx.conn.execute(select(match).where(match.c.seeker_id == jane))).mappings()
        rows = [{name: row[name] for name in WRITTEN} for row in found]
        ids = list((await tx.conn.execute(select(match.c.id))).scalars())

    async def scored(order: int) -> None:
        async with stage.db.transaction() as tx:
            await store.upsert(tx, rows[::order])

    async def waits() -> None:
        async with stage.db.transaction() as tx:
            await store.set_state(tx, ids[::-1], "waiting")

    for _ in range(20):  # without one order for all, this ends in a deadlock within the first few
        await asyncio.gather(scored(1), scored(-1), waits())


async def test_a_late_score_does_not_bring_a_closed_posting_back(stage: Stage, jane_text: str) -> None:
    jane, posting_id = await _jane_scored(stage, jane_text)
    matcher, subject, vacancy = await _ready(stage, jane, posting_id)
    async with stage.db.transaction() as tx:
        await _edited(tx, posting_id, state="closed", closed_at=utcnow())
    await stage.accepted(posting_id)
    await matcher._score([subject], [vacancy])
    assert await stage.matches(jane) == []


async def test_what_no_longer_deserves_an_act_no_longer_waits(stage: Stage, jane_text: str) -> None:
    stage.settings = msgspec.structs.replace(stage.settings, daily_applications=0)
    stage.tasks = background.tasks(stage.db, stage.objects, stage.embedder, stage.settings)
    await stage.posted("Senior Python Engineer, Payments", FITTING)
    jane = await stage.seeker(jane_text)
    await stage.work()
    assert [view.state for view in await stage.matches(jane)] == ["waiting"]
    async with stage.db.transaction() as tx:
        await seekers.update(tx, jane, {"preferences": {"excluded_employers": ["Northgate"]}})
    await stage.work()
    assert [(view.decision, view.state) for view in await stage.matches(jane)] == [("filtered", "open")]
    assert await background.tick(stage.db, stage.settings) == 0


async def test_the_tick_reaches_everybody(stage: Stage, jane_text: str) -> None:
    people = [await stage.seeker(jane_text, name) for name in ("Ann Lee", "Ben Moss", "Cid Hall")]
    await stage.work()
    await stage.posted("Senior Python Engineer, Payments", FITTING)
    async with stage.db.transaction() as tx:
        await tx.conn.exec_driver_sql("DELETE FROM task")  # the event's own task is lost
    assert await background.tick(stage.db, stage.settings, limit=1) == len(people)


async def test_a_posting_taken_up_again_goes_on_where_it_was_left(stage: Stage, jane_text: str) -> None:
    jane, posting_id = await _jane_scored(stage, jane_text)
    await stage.accepted(posting_id)
    assert await stage.work() == 1
    async with stage.db.transaction() as tx:
        kept = select(match.c.version).where(match.c.seeker_id == jane)
        assert (await tx.conn.execute(kept)).scalar_one() == 1
