"""The whole background function: database, bot, Chromium and the practice board."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from app.applications import incidents, intents, service
from app.applications.types import Application, Attempt
from app.bots.apply.background import ApplyBot, tasks
from app.config import Settings
from app.platform import queue
from app.platform.egress.guard import Refused
from app.postings import service as postings
from app.seekers import service as seekers
from tests.applications.world import World
from tests.apply.board import Board

pytestmark = pytest.mark.browser


class Scene:
    """A worker's hands: runs the application's task as the worker does."""

    def __init__(self, world: World, board: Board, settings: Settings) -> None:
        self.world, self.board = world, board
        self.bot = ApplyBot(world.db, world.objects, settings)

    async def application(self, *, job_page: bool = False, form: str = "standard", bank: bool = True) -> Application:
        posting = (await self.board.postings(form))[0]
        if bank:
            question = await self.board.years_question(posting)
            async with self.world.db.transaction() as tx:
                await seekers.set_answer(tx, self.world.seeker_id, question=question, answer="7")
        url = posting["url"] + ("" if job_page else "/apply")
        made = await self.world.posting(company=posting["employer"], title=posting["title"], apply_url=url)
        return await self.world.approve(made)

    async def run(self, app: Application) -> Application:
        handlers = tasks(self.world.db, self.world.objects, self.bot._settings, bot=self.bot)
        query = queue.select(queue.task.c.id).where(queue.task.c.key == str(app.id)).order_by(queue.task.c.id.desc())
        async with self.world.db.transaction() as tx:
            task_id = (await tx.conn.execute(query.limit(1))).scalar_one()
        await queue.run(self.world.db, handlers, task_id)
        return await self.world.get(app)

    async def applied(self, app: Application) -> Application:
        """One run that must end there; where it doesn't, the task says why."""
        app = await self.run(app)
        assert (app.status, await self.world.task_error(app)) == ("applied", None)
        return app

    async def intents(self, app: Application) -> list[Any]:
        async with self.world.db.transaction() as tx:
            return await intents.of_application(tx, app.id)


@pytest.fixture
async def scene(world: World, board: Board, settings: Settings) -> AsyncIterator[Scene]:
    made = Scene(world, board, msgspec.structs.replace(settings, practice_origin=board.origin))
    yield made
    await made.bot.close()


async def test_applying_applied(scene: Scene) -> None:
    app = await scene.applied(await scene.application(job_page=True))
    arrived = await scene.board.arrivals()
    assert arrived["received_count"] == arrived["count"] == 1
    kept = arrived["submissions"][0]
    assert (app.status, app.progress, app.confirmation) == ("applied", 100, kept["number"])
    assert app.applied_at is not None
    [intent] = await scene.intents(app)
    assert (intent.state, intent.confirmation) == ("confirmed", kept["number"])
    assert (await scene.world.objects.get(intent.screenshot_key)).startswith(b"\x89PNG")
    async with scene.world.db.transaction() as tx:
        version = await seekers.get_resume(tx, scene.world.resume_id)
    resume = await scene.world.objects.get(version.document_key)
    assert kept["sha256"] == hashlib.sha256(resume).hexdigest()
    told = await scene.world.told(app)
    assert told[-3:] == ["ApplicationStatusChanged", "application_completed", "ApplicationSubmitted"]
    assert told.count("application_progress") == 5
    assert await scene.world.statuses(app) == ["applying", "applied"]
    assert await scene.world.task_state(app) == "done"


async def test_a_second_run_of_the_same_task_does_nothing(scene: Scene) -> None:
    app = await scene.run(await scene.application())
    async with scene.world.db.transaction() as tx:
        await queue.add(tx, "apply.application", str(app.id), {"application": str(app.id)})
    assert (await scene.run(app)).version == app.version
    assert (await scene.board.arrivals())["received_count"] == 1


async def test_a_question_is_asked_answered_by_a_reviewer_and_sent(scene: Scene) -> None:
    app = await scene.run(await scene.application(bank=False))
    assert app.status == "in_review"
    assert app.attention is not None
    [field] = app.attention["payload"]["fields"]
    assert field["question"].startswith("How many years")
    assert (field["kind"], field["required"]) == ("number", True)
    [intent] = await scene.intents(app)
    assert intent.state == "cancelled"
    async with scene.world.db.transaction() as tx:
        given = [{"key": field["key"], "question": field["question"], "answer": "4"}]
        await service.reviewed(tx, app.id, verdict="answered", answers=given, by=scene.world.seeker_id)
    app = await scene.applied(app)
    latest = (await scene.intents(app))[0]
    sources = {answer["label"]: answer["source"] for answer in latest.answers}
    assert sources[field["question"]] == "reviewer"
    assert (await scene.board.arrivals())["count"] == 1


async def test_an_answer_that_the_site_refuses_is_proved_not_sent_and_asked_for(scene: Scene) -> None:
    app = await scene.application()
    async with scene.world.db.transaction() as tx:
        posting = (await scene.board.postings())[0]
        question = await scene.board.years_question(posting)
        await seekers.set_answer(tx, scene.world.seeker_id, question=question, answer="99")
    app = await scene.run(app)
    assert app.status == "in_review"
    assert app.attention is not None
    assert [field["question"] for field in app.attention["payload"]["fields"]] == [question]
    [intent] = await scene.intents(app)
    assert intent.state == "proved_not_sent"
    assert (await scene.board.arrivals())["count"] == 0


async def test_a_500_is_unknown_and_a_person_decides(scene: Scene) -> None:
    await scene.board.told(fail_next=1)
    app = await scene.run(await scene.application())
    assert app.status == "needs_attention"
    assert app.attention is not None
    assert app.attention["kind"] == "unknown_outcome"
    assert app.attention["payload"]["response"]["status"] == 500
    [intent] = await scene.intents(app)
    assert intent.state == "unknown"
    assert await scene.world.objects.exists(intent.screenshot_key)
    assert (await scene.board.arrivals())["received_count"] == 1


async def test_a_rehearsal_hands_over_a_link_and_copyable_answers(scene: Scene, settings: Settings) -> None:
    app = await scene.application()
    # the very same board, but not as the practice origin: to us a site like any other; the guard is told to allow it
    scene.bot._live = _never  # type: ignore[method-assign]  # an operator's switch that is off
    app = await scene.run(app)
    assert app.status == "needs_attention"
    assert app.attention is not None
    assert app.attention["kind"] == "handover"
    assert app.attention["payload"]["obstacle"] == "rehearsal"
    labels = [answer["label"] for answer in app.attention["payload"]["answers"]]
    assert labels[:3] == ["First Name", "Last Name", "Email"]
    [intent] = await scene.intents(app)
    assert intent.state == "rehearsed"
    assert (await scene.board.arrivals())["received_count"] == 0
    async with scene.world.db.transaction() as tx:
        app = await service.reviewed(tx, app.id, verdict="sent", confirmation="X-1", by=scene.world.seeker_id)
    assert (app.status, app.confirmation) == ("applied", "X-1")


async def _never(*_: object) -> bool:
    return False


async def test_a_posting_of_our_own_is_applied_for_directly(scene: Scene) -> None:
    app = await scene.run(await scene.world.approve(await scene.world.posting(apply_url=None)))
    assert (app.status, app.confirmation) == ("applied", f"internal-{app.number}")
    [intent] = await scene.intents(app)
    assert intent.state == "confirmed"


async def test_a_twin_of_a_posting_of_our_own_goes_to_a_person_at_once(scene: Scene) -> None:
    first = await scene.world.posting(apply_url=None, title="Engineer", location="London")
    await scene.run(await scene.world.approve(first))
    twin = await scene.world.posting(apply_url=None, title="Engineer", location="Leeds")
    app = await scene.run(await scene.world.approve(twin))
    assert (app.status, app.attention and app.attention["payload"]["why"]) == ("needs_attention", "duplicate")
    assert await scene.world.task_state(app) == "done"


async def test_the_practice_board_leads_nowhere_else(scene: Scene) -> None:
    """It is sent to for real without anybody's switch: its pages must not pass that on to another site."""
    guard = scene.bot.guard_of(scene.board.origin + "/apply")
    with pytest.raises(Refused):
        await guard.check("1.1.1.1", 443)
    port = int(scene.board.origin.rsplit(":", 1)[1])
    assert (await guard.check("127.0.0.1", port)).addresses == ("127.0.0.1",)
    assert (await scene.bot.guard_of("https://jobs.example.org/").check("1.1.1.1", 443)).addresses == ("1.1.1.1",)


async def test_a_closed_posting_is_not_applied_for(scene: Scene) -> None:
    app = await scene.application()
    claim = await scene.world.claim(app, seconds=0)
    async with scene.world.db.transaction() as tx:  # what a run left that was killed
        await intents.prepare(tx, app, Attempt(task_id=claim.id, epoch=claim.epoch), [])
    async with scene.world.db.transaction() as tx:
        await tx.conn.execute(text("UPDATE posting SET state = 'closed', closed_at = now()"))
        assert (await postings.get(tx, app.posting_id)).state == "closed"
    app = await scene.run(app)
    assert app.status == "not_applied"
    assert [intent.state for intent in await scene.intents(app)] == ["cancelled"]
    assert (await scene.board.arrivals())["received_count"] == 0


async def test_a_board_that_is_down_is_tried_again_and_then_handed_over(scene: Scene) -> None:
    posting = await scene.world.posting(apply_url="https://no-such-board.invalid/apply")
    app = await scene.world.approve(posting)
    scene.bot._live = _never  # type: ignore[method-assign]  # an operator's switch that is off
    for _ in range(2):
        assert (await scene.run(app)).status == "applying"
        assert await scene.world.task_state(app) == "queued"
        await _due(scene.world)
    app = await scene.run(app)
    assert app.status == "needs_attention"
    assert app.attention is not None
    assert app.attention["payload"]["obstacle"] == "unreachable"


async def _due(world: World) -> None:
    async with world.db.transaction() as tx:
        await tx.conn.execute(text("UPDATE task SET run_at = now()"))


async def _incident(scene: Scene) -> None:
    async with scene.world.db.transaction() as tx:
        begun = await incidents.begin(
            tx, by=scene.world.seeker_id, reason="x", stop_submissions=True, freeze_clocks=False
        )
        assert begun is not None


async def _go_on(scene: Scene, app: Application) -> Application:
    async with scene.world.db.transaction() as tx:
        assert await incidents.end(tx, by=scene.world.seeker_id) is not None
        await tx.conn.execute(text("UPDATE task SET run_at = now()"))
    return await scene.applied(app)


async def test_nothing_is_begun_while_submissions_are_stopped_and_no_try_is_used_up(scene: Scene) -> None:
    app = await scene.application()
    await _incident(scene)
    for _ in range(8):  # more looks than it has tries
        await scene.run(app)
        async with scene.world.db.transaction() as tx:
            await tx.conn.execute(text("UPDATE task SET run_at = now()"))
    assert (await scene.world.get(app)).status == "applying"
    assert await scene.world.task_state(app) == "queued"
    app = await _go_on(scene, app)
    assert (await scene.board.arrivals())["received_count"] == 1


async def test_submissions_that_are_stopped_just_before_the_sending_send_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await scene.application()
    progress = service.progress

    async def report(tx: Any, application_id: Any, percent: int, phase: str) -> None:
        await progress(tx, application_id, percent, phase)
        if phase == "Sending":
            await _incident(scene)

    monkeypatch.setattr(service, "progress", report)
    app = await scene.run(app)
    monkeypatch.undo()
    assert app.status == "applying"
    assert [intent.state for intent in await scene.intents(app)] == ["prepared"]
    assert (await scene.board.arrivals())["received_count"] == 0
    app = await _go_on(scene, app)
    assert (await scene.board.arrivals())["received_count"] == 1
