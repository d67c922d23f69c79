"""Both sides are kept and give the same score; a long run scores the nearest first, says how far it is, and goes on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, func, select

from app.bots.match import background, likeness, ranking, requirements, service, sides, store_sides
from app.bots.match.background import Matcher
from app.bots.match.models import match, posting_side, seeker_side
from app.bots.match.person import person
from app.bots.match.sides import PersonSide, PostingSide
from app.platform.clock import utcnow
from app.platform.db import Tx
from app.platform.outbox import outbox
from tests.match.test_background import FITTING, OTHER, PARTLY, Stage, stage

__all__ = ["stage"]  # the fixture, shared
lines = st.text(st.sampled_from("abc Python Kafka 2019-2021\n•-;:,()äß中"), max_size=400)


def _vectors(texts: list[str]) -> dict[str, Any]:
    chance = np.random.default_rng(len(texts))
    rows = chance.normal(size=(len(texts), 384)).astype(np.float16).astype(np.float32)
    return dict(zip(texts, rows, strict=True))


@settings(deadline=None)  # the list of skills is read in the first example
@given(title=lines, description=lines, resume=lines)
def test_what_is_packed_comes_out_the_same(title: str, description: str, resume: str) -> None:
    needs, who = requirements.analyse(title, description), person(resume, utcnow().date())
    vectors = _vectors(list(dict.fromkeys(likeness.texts_of(needs, who))))
    posting = PostingSide(needs, likeness.asked(needs, vectors))
    resume_side = PersonSide(who, likeness.told(who, vectors))
    asked, told = sides.unpack_posting(sides.pack_posting(posting)), sides.unpack_person(sides.pack_person(resume_side))
    assert (asked.needs, told.who) == (needs, who)
    for before, after in ((posting.asked, asked.asked), (resume_side.told, told.told)):
        assert all(np.array_equal(getattr(before, name), getattr(after, name)) for name in before.__struct_fields__)


async def test_a_kept_side_gives_the_score_of_the_texts(stage: Stage, jane_text: str) -> None:
    posting_id = await stage.posted("Backend Engineer, Python", PARTLY)
    jane = await stage.seeker(jane_text)
    await stage.work()
    (before,) = await stage.matches(jane)
    prepare = Matcher(stage.db, stage.objects, stage.embedder, stage.settings).prepare
    subject, (ready,) = await prepare.subject(jane), await prepare.postings([posting_id])
    assert subject is not None
    (like,) = likeness.of_postings([ready.side.asked], subject.side.told)
    assert ranking.score(ready.side.needs, subject.side.who, like).score == pytest.approx(before.score, abs=0.01)
    async with stage.db.transaction() as tx:
        assert [await _count(tx, table) for table in (posting_side, seeker_side)] == [1, 1]


async def _count(tx: Tx, table: Table) -> int:
    found: int = (await tx.conn.execute(select(func.count()).select_from(table))).scalar_one()
    return found


async def test_a_side_goes_with_its_posting_and_its_seeker(stage: Stage, jane_text: str) -> None:
    posting_id = await stage.posted("Ward Nurse", OTHER)  # no application keeps the resume
    jane = await stage.seeker(jane_text)
    await stage.work()
    async with stage.db.transaction() as tx:
        await tx.conn.exec_driver_sql("UPDATE posting SET state = 'closed', closed_at = now(), version = version + 1")
    await stage.accepted(posting_id)
    async with stage.db.transaction() as tx:
        assert [await _count(tx, table) for table in (posting_side, seeker_side)] == [0, 1]
        await tx.conn.exec_driver_sql(f"DELETE FROM resume_version WHERE seeker_id = '{jane}'")
        assert await _count(tx, seeker_side) == 0


async def _lots(stage: Stage) -> None:
    for number in range(12):
        await stage.posted(f"Ward Nurse {number}", OTHER, company=f"Clinic {number}")
    await stage.posted("Senior Python Engineer, Payments", FITTING)


async def _frames(stage: Stage, jane: UUID) -> list[dict[str, Any]]:
    async with stage.db.transaction() as tx:
        rows = await tx.conn.execute(
            select(outbox.c.data).where(outbox.c.type == "job_match_update").order_by(outbox.c.id)
        )
        return [dict(data.get("data", data)) for data in rows.scalars()]


async def test_the_nearest_first_and_the_page_is_told_how_far(
    stage: Stage, jane_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    jane = await stage.seeker(jane_text)
    await stage.work()
    await _lots(stage)
    await stage.work()  # analysed now
    monkeypatch.setattr(background, "_BATCH", 5)
    async with stage.db.transaction() as tx:
        await tx.conn.exec_driver_sql("UPDATE seeker SET version = version + 1")
        await tx.conn.exec_driver_sql("DELETE FROM outbox")
    matcher = Matcher(stage.db, stage.objects, stage.embedder, stage.settings)
    subject = await matcher.prepare.subject(jane)
    assert subject is not None
    async with stage.db.transaction() as tx:
        near = await store_sides.nearest_stale(tx, subject.basis, subject.side.told.gist, 100)
        assert len(near) == 13
    titles = {posting.vacancy.id: posting.vacancy.title for posting in await matcher.prepare.postings(near)}
    assert titles[near[0]] == "Senior Python Engineer, Payments"
    await matcher._score_all(subject, near)
    assert [frame["left"] for frame in await _frames(stage, jane)] == [8, 3]


async def test_a_run_that_was_cut_off_goes_on_and_scores_nothing_twice(
    stage: Stage, jane_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _lots(stage)
    jane = await stage.seeker(jane_text)
    async with stage.db.transaction() as tx:
        await service.stop(tx, jane)  # a decision counts the version up too
    monkeypatch.setattr(background, "_BATCH", 5)
    matcher = Matcher(stage.db, stage.objects, stage.embedder, stage.settings)
    async with stage.db.transaction() as tx:
        await tx.conn.exec_driver_sql("UPDATE task SET state = 'done' WHERE kind <> 'match.resume'")
    await stage.work()  # the resume is read, and asks for its scores
    monkeypatch.setattr(matcher, "_score", _dies_after(matcher._score, 2))
    subject = await matcher.prepare.subject(jane)
    assert subject is not None
    async with stage.db.transaction() as tx:
        await tx.conn.execute(match.delete())
    with pytest.raises(ConnectionError):
        await matcher._score_all(subject, await matcher._stale(subject))
    async with stage.db.transaction() as tx:
        await background.queue.add(tx, "match.seeker", str(jane))
    await stage.work()
    async with stage.db.transaction() as tx:
        versions = (await tx.conn.execute(select(match.c.version))).scalars().all()
    assert versions == [1] * 13


def _dies_after(score: Any, times: int) -> Any:
    calls = 0

    async def run(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > times:
            raise ConnectionError("killed")
        return await score(*given)

    return run
