"""Applications on a real database: who may move them, and what every change leaves behind."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from app.applications import intents, policy, service
from app.applications.background import tick
from app.applications.types import Application, Attempt, NotAllowed
from app.errors import Conflict, Invalid, NotFound
from app.platform import queue
from app.platform.ids import new_id
from app.seekers import service as seekers
from tests.applications.world import World

BY = UUID(int=7)


def test_every_status_of_the_contract_is_in_the_table() -> None:
    assert {status for pair in policy.TRANSITIONS for status in pair} == set(policy.STATUSES)


@pytest.mark.parametrize(
    ("move", "source", "yes"),
    [
        (("applying", "applied"), "bot", True),
        (("applied", "interview"), "mail", True),
        (("rejected", "interview"), "mail", False),
        (("rejected", "interview"), "ats", True),
        (("rejected", "interview"), "manual", True),
        (("applied", "applying"), "bot", False),
        (("withdrawn", "applying"), "bot", False),
        (("withdrawn", "applying"), "seeker", True),
    ],
)
def test_moves(move: tuple[str, str], source: str, yes: bool) -> None:
    assert policy.allowed(*move, source) is yes


async def test_approving_starts_one_task_and_tells_everybody(world: World, applying: Application) -> None:
    assert (applying.status, applying.score, applying.mode) == ("applying", 93.5, "auto")
    assert await world.told(applying) == [
        "application_status_change",
        "ApplicationStatusChanged",
        "ApplicationApproved",
    ]
    assert await world.task_state(applying) == "queued"
    again = await world.approve(await _posting_of(world, applying))
    assert again.id == applying.id
    assert again.version == applying.version


async def _posting_of(world: World, app: Application):  # type: ignore[no-untyped-def]  # a test's helper
    from app.postings import service as postings

    async with world.db.transaction() as tx:
        return await postings.get(tx, app.posting_id)


async def test_a_move_that_the_table_lacks_is_refused(world: World, applying: Application) -> None:
    async with world.db.transaction() as tx:
        with pytest.raises(NotAllowed):
            await service.transition(tx, applying.id, "offer", source="mail")


async def test_progress_is_told_once_and_only_while_applying(world: World, applying: Application) -> None:
    async with world.db.transaction() as tx:
        await service.progress(tx, applying.id, 20, "Filling page 1 of 2, reading back…")
        await service.progress(tx, applying.id, 20, "Filling page 1 of 2, reading back…")
    assert (await world.told(applying)).count("application_progress") == 1
    async with world.db.transaction() as tx:
        await service.transition(tx, applying.id, "not_applied", source="bot")
        await service.progress(tx, applying.id, 50, "late")
    assert (await world.get(applying)).progress == 0


async def test_a_review_is_asked_for_once(world: World) -> None:
    posting = await world.posting()
    for _ in range(2):
        async with world.db.transaction() as tx:
            app = await service.request_review(
                tx, seeker_id=world.seeker_id, posting_id=posting.id, score=71, resume_version_id=world.resume_id
            )
    assert app.status == "in_review"
    assert app.attention is not None
    assert app.attention["kind"] == "resume"
    assert (await world.told(app)).count("ManualReviewRequired") == 1


async def test_approve_by_a_reviewer_takes_the_new_version_and_starts_the_bot(world: World) -> None:
    posting = await world.posting()
    async with world.db.transaction() as tx:
        app = await service.request_review(
            tx, seeker_id=world.seeker_id, posting_id=posting.id, score=71, resume_version_id=None
        )
        app = await service.reviewed(tx, app.id, verdict="approve", resume_version_id=world.resume_id, by=BY)
    assert (app.status, app.resume_version_id, app.attention) == ("applying", world.resume_id, None)
    assert await world.task_state(app) == "queued"


async def test_answers_of_a_reviewer_are_kept_and_the_bot_goes_on(world: World, applying: Application) -> None:
    async with world.db.transaction() as tx:
        await service.needs_person(tx, applying.id, kind="question", title="Two answers", payload={"fields": []})
        given = [{"key": "question_1", "question": "Notice period?", "answer": "1 month"}]
        app = await service.reviewed(tx, applying.id, verdict="answered", answers=given, by=BY)
    assert app.status == "applying"
    assert app.given_answers == [given[0] | {"source": "reviewer"}]


async def test_an_answer_that_the_form_does_not_take_is_refused_and_nothing_is_lost(
    world: World, applying: Application
) -> None:
    field = {"key": "q_7", "question": "Years with Linux?", "kind": "number", "options": [], "required": True}
    given = [{"key": "q_7", "question": "Years with Linux?", "answer": "plenty"}]
    async with world.db.transaction() as tx:
        asked = await service.needs_person(tx, applying.id, kind="question", title="?", payload={"fields": [field]})
    with pytest.raises(Invalid) as caught:
        async with world.db.transaction() as tx:
            await service.reviewed(tx, applying.id, verdict="answered", answers=given, by=BY)
    [wrong] = caught.value.errors
    assert (wrong.path, wrong.message) == ("answers.q_7", "“Years with Linux?”: This takes a plain number.")
    assert await world.get(applying) == asked


async def test_asking_the_seeker_and_their_answer(world: World) -> None:
    posting = await world.posting()
    async with world.db.transaction() as tx:
        app = await service.request_review(
            tx, seeker_id=world.seeker_id, posting_id=posting.id, score=71, resume_version_id=None
        )
        app = await service.reviewed(tx, app.id, verdict="ask_seeker", by=BY, notes="Do you know Rust?")
        assert (app.status, app.attention and app.attention["kind"]) == ("needs_attention", "ask_seeker")
        app = await service.seeker_answered(tx, app.id, [{"question": "Do you know Rust?", "answer": "Yes"}])
        bank = await seekers.answers(tx, world.seeker_id)
    assert (app.status, app.attention and app.attention["kind"]) == ("in_review", "resume")
    assert app.given_answers[0]["source"] == "seeker"
    assert [(answer.question, answer.answer) for answer in bank] == [("Do you know Rust?", "Yes")]


async def _asked(world: World) -> Application:
    posting = await world.posting()
    async with world.db.transaction() as tx:
        app = await service.request_review(
            tx, seeker_id=world.seeker_id, posting_id=posting.id, score=71, resume_version_id=None
        )
        return await service.reviewed(tx, app.id, verdict="ask_seeker", by=BY, notes="Do you know Rust?")


async def test_a_second_answer_to_one_question_leaves_the_review_as_the_first_put_it(world: World) -> None:
    app = await _asked(world)

    async def answer(text: str) -> bool:
        try:
            async with world.db.transaction() as tx:
                await service.seeker_answered(tx, app.id, [{"question": "Do you know Rust?", "answer": text}])
        except Conflict:
            return False
        return True

    assert sorted(await asyncio.gather(answer("Yes"), answer("No"))) == [False, True]
    now = await world.get(app)
    assert (now.attention and now.attention["kind"], len(now.given_answers)) == ("resume", 1)
    assert (await world.told(app)).count("ManualReviewRequired") == 2


@pytest.mark.parametrize("question", ["?!", "Why? " * 500])
async def test_a_question_that_no_answer_could_be_kept_for_is_not_asked(world: World, question: str) -> None:
    posting = await world.posting()
    async with world.db.transaction() as tx:
        app = await service.request_review(
            tx, seeker_id=world.seeker_id, posting_id=posting.id, score=71, resume_version_id=None
        )
    with pytest.raises(Invalid):
        async with world.db.transaction() as tx:
            await service.reviewed(tx, app.id, verdict="ask_seeker", by=BY, notes=question)
    assert (await world.get(app)).status == "in_review"


async def test_a_status_set_by_hand_leaves_the_vacancy_free(world: World, applying: Application) -> None:
    claim = await world.claim(applying)
    async with world.db.transaction() as tx:
        await intents.prepare(tx, applying, Attempt(task_id=claim.id, epoch=claim.epoch), [])
    async with world.db.transaction() as tx:
        await service.set_status_by_hand(tx, applying.id, "not_applied", actor=world.seeker_id)
        assert await intents.live(tx, applying.seeker_id, applying.vacancy_key) is None


async def test_a_hand_sent_application_takes_the_vacancy(world: World, applying: Application) -> None:
    async with world.db.transaction() as tx:
        await service.needs_person(tx, applying.id, kind="handover", title="By hand", payload={})
        app = await service.reviewed(tx, applying.id, verdict="sent", confirmation="LR-1", by=BY)
        standing = await intents.live(tx, app.seeker_id, app.vacancy_key)
    assert (app.status, app.confirmation) == ("applied", "LR-1")
    assert standing is not None
    assert standing.state == "confirmed"
    assert (await world.told(app))[-2:] == ["application_completed", "ApplicationSubmitted"]


async def test_withdrawing_cancels_what_was_prepared(world: World, applying: Application) -> None:
    claim = await world.claim(applying)
    attempt = Attempt(task_id=claim.id, epoch=claim.epoch)
    async with world.db.transaction() as tx:
        intent = await intents.prepare(tx, applying, attempt, [])
    async with world.db.transaction() as tx:
        await service.withdraw(tx, applying.id, actor=world.seeker_id)
    async with world.db.transaction() as tx:
        found = await intents.get(tx, intent.id)
    assert found is not None
    assert found.state == "cancelled"


async def test_withdrawing_while_it_is_being_sent_is_refused(world: World, applying: Application) -> None:
    claim = await world.claim(applying)
    attempt = Attempt(task_id=claim.id, epoch=claim.epoch)
    async with world.db.transaction() as tx:
        intent = await intents.prepare(tx, applying, attempt, [])
        await intents.arm(tx, intent.id, attempt, request={}, answers=[])
    async with world.db.transaction() as tx:
        with pytest.raises(Conflict):
            await service.withdraw(tx, applying.id, actor=world.seeker_id)


async def test_an_application_whose_task_died_goes_to_a_person(world: World, applying: Application) -> None:
    claim = await world.claim(applying)
    await queue._put_back(world.db, claim, "the wheel came off", 0, dead=True)
    assert await tick(world.db) == 0  # not yet: it may have been approved this second
    await _age(world, applying)
    assert await tick(world.db) == 1
    app = await world.get(applying)
    assert app.status == "needs_attention"
    assert app.attention is not None
    assert app.attention["payload"]["why"] == "the wheel came off"
    assert await tick(world.db) == 0


async def test_one_application_that_can_not_move_holds_nobody_else_up(world: World) -> None:
    apps = [await world.approve(await world.posting()) for _ in range(2)]
    for app in apps:
        claim = await world.claim(app)
        attempt = Attempt(task_id=claim.id, epoch=claim.epoch)
        async with world.db.transaction() as tx:
            intent = await intents.prepare(tx, app, attempt, [])
        async with world.db.transaction() as tx:
            await intents.arm(tx, intent.id, attempt, request={}, answers=[])
        await queue.extend(world.db, claim, -1)
    async with world.db.transaction() as tx:  # a row as no verb of ours leaves it
        await tx.conn.execute(text("UPDATE application SET status = 'rejected' WHERE id = :id"), {"id": apps[0].id})
    assert await tick(world.db) == 1
    assert (await world.get(apps[1])).status == "needs_attention"


async def test_a_dead_task_over_an_unknown_outcome_asks_for_the_outcome_again(
    world: World, applying: Application
) -> None:
    """Asked to send it by hand, a person would send it twice."""
    claim = await world.claim(applying)
    attempt = Attempt(task_id=claim.id, epoch=claim.epoch)
    async with world.db.transaction() as tx:
        intent = await intents.prepare(tx, applying, attempt, [])
        await intents.arm(tx, intent.id, attempt, request={}, answers=[])
        await intents.mark_unknown(tx, intent.id)
    await queue._put_back(world.db, claim, "the database went away", 0, dead=True)
    await _age(world, applying)
    assert await tick(world.db) == 1
    app = await world.get(applying)
    assert (app.status, app.attention and app.attention["kind"]) == ("needs_attention", "unknown_outcome")


async def _age(world: World, app: Application) -> None:
    async with world.db.transaction() as tx:
        await tx.conn.execute(
            text("UPDATE application SET updated_at = updated_at - interval '1 hour' WHERE id = :id"), {"id": app.id}
        )


async def test_lists_and_owners(world: World, applying: Application) -> None:
    async with world.db.transaction() as tx:
        assert [a.id for a in await service.of_seeker(tx, world.seeker_id)] == [applying.id]
        assert await service.of_seeker(tx, world.seeker_id, statuses=["applied"]) == []
        assert await service.approved_today(tx, world.seeker_id) == 1
        assert (await service.by_postings(tx, world.seeker_id, [applying.posting_id]))[applying.posting_id] == applying
        with pytest.raises(NotFound):
            await service.owned_by_number(tx, new_id(), applying.number)
