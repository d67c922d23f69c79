"""Pools on real rows: by skills, with clocks of their own, and found by the posting."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.applications import service as applications
from app.dispatch import service
from app.dispatch.models import review_event
from app.errors import AppError, Conflict
from app.postings import service as postings
from app.postings.types import NewPosting
from app.seekers import service as seekers
from tests.dispatch.floor import Floor
from tests.dispatch.test_from_applications import listen, reviews


async def add(floor: Floor, name: str, **given: object) -> UUID:
    async with floor.db.transaction() as tx:
        return (await service.add_pool(tx, actor=None, name=name, **given)).id


async def member(floor: Floor, name: str, pool: str, skills: list[str]) -> UUID:
    who = await floor.user(name)
    async with floor.db.transaction() as tx:
        await service.enroll(tx, who, pools=[pool], skills=skills)
        await service.set_availability(tx, who, "available")
    await floor.come(who)
    return who


async def test_only_people_with_all_the_skills(floor: Floor) -> None:
    await add(floor, "Law", by_skills=True)
    await member(floor, "Ana", "Law", ["French"])
    ben = await member(floor, "Ben", "Law", ["french", "Tax law"])
    both = await floor.file(pool="Law", skills=["French", "tax law"])
    await floor.settle()
    assert (await floor.open_of(ben)).review_id == both.id
    welsh = await floor.file(pool="Law", skills=["Welsh"])
    await floor.settle()
    assert (await floor.review(welsh.id)).stranded == "no_skill"
    await floor.check()


async def test_what_waits_for_others_skills_keeps_nobody_from_theirs(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.dispatch.wake.BATCH", 2)
    await add(floor, "Law", by_skills=True)
    ana = await member(floor, "Ana", "Law", ["French"])
    await floor.file(pool="Law", skills=["French"])
    await floor.settle()
    for n in range(4):
        await floor.file(f"for Ana, who is busy: {n}", pool="Law", skills=["French"])
    ben = await member(floor, "Ben", "Law", ["Tax law", "German"])
    wanted = await floor.file(pool="Law", skills=["Tax law"])
    await floor.settle()
    await floor.wake()
    assert (await floor.open_of(ben)).review_id == wanted.id
    assert await floor.open_of(ana) is not None
    await floor.check()


async def test_what_nobody_can_do_keeps_nobody_from_what_they_can_when_they_come_back(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.dispatch.wake.BATCH", 2)
    await add(floor, "Law", by_skills=True)
    ben = await member(floor, "Ben", "Law", ["Tax law"])
    await floor.leave(ben)
    for n in range(4):
        await floor.file(f"Welsh {n}", pool="Law", skills=["Welsh"])
    wanted = await floor.file(pool="Law", skills=["Tax law"])
    await floor.settle()
    assert (await floor.review(wanted.id)).stranded == "all_away"  # as everything is at night
    await floor.come(ben)
    await floor.wake()
    await floor.wake()
    assert (await floor.open_of(ben)).review_id == wanted.id
    await floor.check()


async def test_small_and_large_have_clocks_of_their_own(floor: Floor) -> None:
    pool = await add(floor, "North", sla_seconds=1800, sla_small_seconds=300)
    ana = await member(floor, "Ana", "North", [])
    await floor.file(pool="North", kind="question")
    await floor.settle()
    held = await floor.open_of(ana)
    assert held.deadline_at - held.assigned_at == timedelta(seconds=300)
    boss = await floor.user("Boss", "supervisor")
    async with floor.db.transaction() as tx:
        changed = await service.change_pool(tx, pool, actor=boss, sla_small_seconds=None, strategy="least_loaded")
    assert (changed.sla_seconds, changed.sla_small_seconds, changed.strategy) == (1800, None, "least_loaded")
    assert (await floor.open_of(ana)).deadline_at == held.deadline_at  # what runs stays as it is


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "general"},
        {"sla_small_seconds": 0},
        {"sla_seconds": 86_401},
        {"strategy": "luck"},
        {"region": "x" * 41},
    ],
)
async def test_what_a_pool_refuses(floor: Floor, wrong: dict[str, object]) -> None:
    pool, boss = await add(floor, "North"), await floor.user("Boss", "supervisor")
    with pytest.raises(AppError):
        async with floor.db.transaction() as tx:
            await service.change_pool(tx, pool, actor=boss, **wrong)


async def filed_for(floor: Floor, number: int, **posting: str) -> None:
    seeker = await floor.user(f"Sam{number}", "seeker")
    async with floor.db.transaction() as tx:
        await seekers.create(tx, seeker, name="Sam", email=f"sam{number}@x.test")
        new = NewPosting(origin="t", external_id=str(number), company=f"Acme {number}", title="Welder", **posting)
        found = await postings.create_internal(tx, new)
        await applications.request_review(tx, seeker_id=seeker, posting_id=found.id, score=70, resume_version_id=None)
    await listen(floor)


async def test_a_review_goes_to_the_pool_of_its_posting_and_says_why(floor: Floor) -> None:
    general = await floor.general()
    trades = await add(floor, "Trades", category="trades")
    europe = await add(floor, "Europe", region="europe", category="trades")
    await filed_for(floor, 1, region="Europe", category="trades")
    await filed_for(floor, 2, region="asia-pacific", category="trades")
    await filed_for(floor, 3, region="asia-pacific", category="legal")
    filed = await reviews(floor)
    assert [row.pool_id for row in filed] == [europe, trades, general]
    async with floor.db.transaction() as tx:
        query = select(review_event.c.data).where(review_event.c.kind == "filed").order_by(review_event.c.at)
        lines = [row.data for row in await tx.conn.execute(query)]
    assert [(line["pool"], line["route"]) for line in lines] == [
        ("Europe", "the posting's region and category (Europe, trades)"),
        ("Trades", "the posting's category (asia-pacific, trades)"),
        ("general", "no pool stands for the posting's region or category (asia-pacific, legal)"),
    ]


async def test_a_quick_wake_gives_out_of_a_pool_that_was_opened_since_the_last_whole_one(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    await floor.settle()
    law, boss = await add(floor, "Law"), await floor.user("Boss", "supervisor")
    async with floor.db.transaction() as tx:
        await service.change_employee(tx, ana, actor=boss, pools=["general", "Law"])
    filed = await floor.file(pool=law)
    assert (await floor.quick()).did == {"Assign": 1}
    assert (await floor.review(filed.id)).state == "assigned"


async def test_two_who_take_the_same_name_at_once_learn_who_was_first(floor: Floor) -> None:
    boss = await floor.user("Boss", "supervisor")
    async with floor.db.transaction() as tx:
        one, two = [(await service.add_pool(tx, actor=boss, name=name)).id for name in ("one", "two")]

    async def rename(pool_id: UUID) -> str:
        async with floor.db.transaction() as tx:
            return (await service.change_pool(tx, pool_id, actor=boss, name="three")).name

    done = await asyncio.gather(rename(one), rename(two), return_exceptions=True)
    assert sorted(type(each) for each in done if isinstance(each, Exception)) == [Conflict]
    assert "three" in done
