"""A withdrawal taken back: from every status it stands as it stood, and never twice with the employer."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, update

from app.applications import intents, service, undo
from app.applications.models import application_event
from app.applications.types import Application, Attempt
from app.errors import Conflict
from app.platform.ids import new_id
from tests.applications.world import World

BY = UUID(int=7)


async def _withdrawn(world: World, app: Application) -> Application:
    async with world.db.transaction() as tx:
        return await service.withdraw(tx, app.id, actor=world.seeker_id)


async def _undone(world: World, app: Application) -> Application:
    async with world.db.transaction() as tx:
        return await undo.undo_withdrawal(tx, app.id, actor=world.seeker_id)


async def test_the_bot_begins_again(world: World, applying: Application) -> None:
    attempt = Attempt(task_id=(await world.claim(applying)).id, epoch=1)
    async with world.db.transaction() as tx:
        prepared = await intents.prepare(tx, applying, attempt, answers=[])
    await _withdrawn(world, applying)
    app = await _undone(world, applying)
    assert (app.status, app.resume_version_id) == ("applying", applying.resume_version_id)
    async with world.db.transaction() as tx:
        with pytest.raises(intents.Fenced):  # the run from before may send nothing
            await intents.arm(tx, prepared.id, attempt, request={}, answers=[])


async def test_a_review_is_asked_for_again_with_its_question(world: World, applying: Application) -> None:
    fields = [{"label": "Years?"}]
    async with world.db.transaction() as tx:
        await service.needs_person(tx, applying.id, kind="question", title="Years?", payload={"fields": fields})
    before = (await world.told(applying)).count("ManualReviewRequired")
    assert (await _withdrawn(world, applying)).attention is None
    app = await _undone(world, applying)
    assert app.status == "in_review"
    assert app.attention == {"kind": "question", "title": "Years?", "payload": {"fields": fields}}
    assert (await world.told(applying)).count("ManualReviewRequired") == before + 1


async def test_what_the_seeker_was_asked_is_asked_again(world: World) -> None:
    posting = await world.posting()
    async with world.db.transaction() as tx:
        app = await service.request_review(
            tx, seeker_id=world.seeker_id, posting_id=posting.id, score=80, resume_version_id=world.resume_id
        )
        asked = await service.reviewed(tx, app.id, verdict="ask_seeker", by=BY, notes="Do you drive?")
    await _withdrawn(world, app)
    assert ((await _undone(world, app)).status, (await world.get(app)).attention) == (
        "needs_attention",
        asked.attention,
    )


@pytest.mark.parametrize("way", [("applied",), ("applied", "interview"), ("applied", "interview", "offer")])
async def test_what_was_sent_goes_back_to_where_it_stood(
    world: World, applying: Application, way: tuple[str, ...]
) -> None:
    async with world.db.transaction() as tx:
        for status in way:
            await service.transition(tx, applying.id, status, source="mail")
    sent = await world.get(applying)
    await _withdrawn(world, applying)
    app = await _undone(world, applying)
    assert (app.status, app.applied_at) == (way[-1], sent.applied_at)


async def test_only_ones_own_withdrawal_and_only_for_a_while(world: World, applying: Application) -> None:
    with pytest.raises(undo.TooLate):
        await _undone(world, applying)
    withdrawn = await _withdrawn(world, applying)
    async with world.db.transaction() as tx:
        assert await undo.may_undo(tx, withdrawn)
        assert await undo.undoable(tx, withdrawn.seeker_id) == [withdrawn]
        assert await undo.undoable(tx, new_id()) == []
        late = func.clock_timestamp() - timedelta(seconds=undo.UNDO_SECONDS + 6)
        mine = application_event.c.application_id == applying.id
        await tx.conn.execute(update(application_event).where(mine).values(at=late))
    with pytest.raises(Conflict, match="More than 30 seconds"):
        await _undone(world, applying)
    async with world.db.transaction() as tx:
        assert not await undo.may_undo(tx, withdrawn)
        assert await undo.undoable(tx, withdrawn.seeker_id) == []
