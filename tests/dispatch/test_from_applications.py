"""From an application that needs a person to its verdict and back, through the consumers."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select

from app.applications import service as applications
from app.dispatch import service
from app.dispatch.background import consumers
from app.dispatch.models import review
from app.platform import bus
from app.platform.outbox import LIVE, outbox
from app.platform.queue import task
from app.postings import service as postings
from app.postings.types import NewPosting
from app.seekers import service as seekers
from tests.dispatch.floor import Floor


async def apply(floor: Floor, *, score: float = 71.5) -> applications.Application:
    seeker = await floor.user("Sam", "seeker")
    async with floor.db.transaction() as tx:
        await seekers.create(tx, seeker, name="Sam", email="sam@x.test")
        new = NewPosting(origin="t", external_id="1", company="Acme", title="Welder", apply_url="https://a.test/1")
        posting = await postings.create_internal(tx, new)
        return await applications.request_review(
            tx, seeker_id=seeker, posting_id=posting.id, score=score, resume_version_id=None
        )


async def listen(floor: Floor) -> None:
    """Give dispatch every event there is; those it has had are skipped by its record."""
    async with floor.db.transaction() as tx:
        rows = (await tx.conn.execute(select(outbox).where(outbox.c.topic != LIVE).order_by(outbox.c.id))).all()
    for row in rows:
        event = bus.Event(
            id=row.id, type=row.type, topic=row.topic, at=row.at, aggregate_id=row.aggregate_id, data=row.data
        )
        await bus.handle(floor.db, consumers()[0], event)


async def reviews(floor: Floor) -> list[object]:
    async with floor.db.transaction() as tx:
        return list((await tx.conn.execute(select(review).order_by(review.c.number))).all())


async def finish(floor: Floor, who: UUID, verdict: str, **more: object) -> None:
    held = await floor.ack(who)
    async with floor.db.transaction() as tx:
        await service.complete(
            tx, employee_id=who, review_id=held.review_id, assignment_id=held.id, verdict=verdict, **more
        )
    await listen(floor)


async def test_approved_by_a_person_goes_to_the_bot(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    app = await apply(floor)
    await listen(floor)
    await listen(floor)  # at least once means once
    (filed,) = await reviews(floor)
    assert (filed.kind, filed.size, filed.title) == ("resume", "large", "Welder at Acme")
    assert filed.payload["score"] == 71.5
    await floor.settle()
    (frame,) = await floor.frames("review_assigned", f"user:{ana}")
    assert frame["score"] == 71.5
    await finish(floor, ana, "approve")
    async with floor.db.transaction() as tx:
        assert (await applications.get(tx, app.id)).status == "applying"
        tasks = (await tx.conn.execute(select(task.c.key).where(task.c.kind == "apply.application"))).all()
    assert [row[0] for row in tasks] == [str(app.id)]
    (filed,) = await reviews(floor)
    assert filed.state == "completed"
    await floor.check()


async def test_asked_and_answered_comes_back_with_its_age_to_the_same_person(floor: Floor) -> None:
    ben = await floor.employee("Ben")
    app = await apply(floor)
    await listen(floor)
    await floor.settle()
    await finish(floor, ben, "ask_seeker", notes="Which city?")
    (waits,) = await reviews(floor)
    assert (waits.state, waits.preferred_employee) == ("waiting", ben)
    await floor.employee("Ana")  # never had anything: she would be next
    async with floor.db.transaction() as tx:
        await applications.seeker_answered(tx, app.id, [{"question": "Which city?", "answer": "Bern"}])
    await listen(floor)
    (back,) = await reviews(floor)
    assert (back.state, back.queued_at) == ("queued", waits.queued_at)
    await floor.settle()
    assert (await floor.open_of(ben)).review_id == back.id
    await finish(floor, ben, "approve")
    await floor.check()


async def test_a_withdrawn_application_takes_its_review_along(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    app = await apply(floor)
    await listen(floor)
    await floor.settle()
    async with floor.db.transaction() as tx:
        await applications.withdraw(tx, app.id, actor=app.seeker_id)
    await listen(floor)
    (gone,) = await reviews(floor)
    assert gone.state == "cancelled"
    assert await floor.open_of(ana) is None
    (frame,) = await floor.frames("review_revoked", f"user:{ana}")
    assert frame["reason"] == "withdrawn"
    await floor.check()


@pytest.mark.parametrize("kind", ["question", "handover", "unknown_outcome"])
async def test_a_stuck_bot_gets_a_small_review(floor: Floor, kind: str) -> None:
    app = await apply(floor)
    async with floor.db.transaction() as tx:
        await applications.transition(tx, app.id, "applying", source="reviewer")
        await applications.needs_person(tx, app.id, kind=kind, title="Captcha", payload={"url": "https://a.test/1"})
    await listen(floor)
    filed = [r for r in await reviews(floor) if r.kind == kind]
    assert [(r.size, r.state, r.title) for r in filed] == [("small", "queued", "Welder at Acme: Captcha")]
    assert filed[0].payload["attention"] == {"url": "https://a.test/1"}


async def test_a_review_of_another_kind_ends_when_the_application_wants_something_else(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    app = await apply(floor)
    async with floor.db.transaction() as tx:
        await applications.transition(tx, app.id, "applying", source="reviewer")
        await applications.needs_person(
            tx, app.id, kind="handover", title="Captcha", payload={"url": "https://a.test/1"}
        )
    await listen(floor)
    await floor.settle()
    async with floor.db.transaction() as tx:
        await applications.needs_person(tx, app.id, kind="unknown_outcome", title="Did it arrive?", payload={})
    await listen(floor)
    states = {r.kind: r.state for r in await reviews(floor)}
    assert (states["handover"], states["unknown_outcome"]) == ("cancelled", "queued")
    assert await floor.open_of(ana) is None
    await floor.check()


async def test_an_open_review_shows_what_is_asked_now(floor: Floor) -> None:
    app = await apply(floor)
    async with floor.db.transaction() as tx:
        await applications.transition(tx, app.id, "applying", source="reviewer")
        await applications.needs_person(tx, app.id, kind="question", title="One", payload={"fields": ["old"]})
    await listen(floor)
    async with floor.db.transaction() as tx:
        await applications.needs_person(tx, app.id, kind="question", title="One", payload={"fields": ["new"]})
    await listen(floor)
    (asked,) = [r for r in await reviews(floor) if r.kind == "question"]
    assert (asked.state, asked.payload["attention"]) == ("queued", {"fields": ["new"]})


async def test_a_review_and_a_withdrawal_never_miss_each_other(floor: Floor) -> None:
    """The withdrawal commits while the review is being filed: its event finds the review and ends it."""
    app = await apply(floor)
    async with floor.db.transaction() as filing:
        await service.file_for_application(filing, app.id)
        withdrawing = asyncio.create_task(_withdraw(floor, app))
        await asyncio.sleep(0.2)
        assert not withdrawing.done()
    await withdrawing
    await listen(floor)
    (gone,) = await reviews(floor)
    assert gone.state == "cancelled"


async def _withdraw(floor: Floor, app: applications.Application) -> None:
    async with floor.db.transaction() as tx:
        await applications.withdraw(tx, app.id, actor=app.seeker_id)
