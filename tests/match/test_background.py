"""Tasks on real rows with the real embedder: read, score, decide, once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, text, update

from app.applications import service as applications
from app.applications.models import application
from app.bots.match import background, service, store, vectors
from app.bots.match.embedder_client import Embedder
from app.bots.match.models import embedding, match
from app.config import Settings
from app.errors import Conflict, Invalid, Unavailable
from app.platform import queue
from app.platform.clock import utcnow
from app.platform.db import Database, Tx
from app.platform.events import Event
from app.platform.ids import new_id
from app.platform.objects import Objects
from app.platform.outbox import outbox
from app.postings.models import posting as posting_table
from app.seekers import reading
from app.seekers import service as seekers
from app.seekers.corrections import Wanted
from tests.match.conftest import new_posting, new_seeker

FITTING = """#What you will do
Design and build payment services in Python with asyncio, PostgreSQL, Kafka and Redis
Own REST and gRPC APIs from design to production
#What you bring
6+ years of backend software engineering with Python
PostgreSQL: schema design, transactions, query tuning
Kafka and event-driven architecture
Docker and Kubernetes on AWS
Terraform and CI/CD pipelines
Testing with pytest"""
PARTLY = """#What you will do
Build backend services in Python
Answer for our booking service with five other engineers, from the first sketch to what runs at night
Look after its data, and explain to colleagues in support what it does and why
#What you bring
4+ years of backend engineering with Python
PostgreSQL
Django
Elasticsearch
Docker
Azure"""
OTHER = """#What you will do
Care for patients on the ward
#What you bring
Registered nurse
Wound care and medication administration
BLS"""


class Stage:
    """A database, a worker's tasks, one seeker."""

    def __init__(self, db: Database, settings: Settings, objects: Objects, embedder: Embedder) -> None:
        self.db, self.settings, self.objects, self.embedder = db, settings, objects, embedder
        self.tasks = background.tasks(db, objects, embedder, settings)

    async def work(self) -> int:
        """Run what match tasks are due, until none is; returns how many ran."""
        ran = 0
        while True:
            async with self.db.transaction() as tx:
                due = text("SELECT id FROM task WHERE state = 'queued' AND kind LIKE 'match.%' AND run_at <= now()")
                found = list((await tx.conn.execute(due)).scalars())
            if not found:
                return ran
            for task_id in found:
                await queue.run(self.db, self.tasks, task_id)
                ran += 1

    async def seeker(self, resume: str, name: str = "Jane Roe") -> UUID:
        who = await new_seeker(self.db, name)
        async with self.db.transaction() as tx:
            await seekers.store_upload(tx, self.objects, who, "resume.txt", resume.encode())
        return who

    async def posted(self, title: str, body: str, **more: str) -> UUID:
        found = await new_posting(self.db, title, body, **more)
        await self.accepted(found.id)
        return found.id

    async def accepted(self, posting_id: UUID) -> None:
        event = Event(id=new_id(), type="JobAccepted", topic="jobs.new", at=utcnow(), aggregate_id=posting_id)
        async with self.db.transaction() as tx:
            await background.on_job_accepted(tx, event)

    async def matches(self, seeker_id: UUID, **asked: Any) -> list[service.MatchView]:
        async with self.db.transaction() as tx:
            return (await service.matches_of(tx, seeker_id, **asked)).items

    async def statuses(self, seeker_id: UUID) -> list[str]:
        async with self.db.transaction() as tx:
            return sorted(app.status for app in await applications.of_seeker(tx, seeker_id))


@pytest.fixture
def stage(db: Database, settings: Settings, objects: Objects, embedder: Embedder) -> Stage:
    return Stage(db, settings, objects, embedder)


async def _events(tx: Tx, kind: str) -> list[Any]:
    return list((await tx.conn.execute(select(outbox.c.data).where(outbox.c.type == kind))).scalars())


async def test_an_upload_is_read_scored_and_decided(stage: Stage, jane_text: str) -> None:
    await stage.posted("Senior Python Engineer, Payments", FITTING)
    await stage.posted("Backend Engineer, Python", PARTLY)
    await stage.posted("Ward Nurse", OTHER)
    jane = await stage.seeker(jane_text)
    await stage.work()
    found = await stage.matches(jane)
    assert [view.decision for view in found] == ["auto", "review", "below"]
    assert [view.state for view in found] == ["acted", "acted", "open"]
    assert found[0].score >= 90
    assert found[0].explanation["matched"]
    assert found[1].explanation["would_raise"]
    assert await stage.statuses(jane) == ["applying", "in_review"]
    async with stage.db.transaction() as tx:
        assert len(await _events(tx, "MatchScored")) == 3
        assert len(await _events(tx, "ApplicationApproved")) == 1
        assert len(await _events(tx, "ManualReviewRequired")) == 1
        frames = await _events(tx, "job_match_update")
        resume = await seekers.latest_resume(tx, jane)
        assert resume is not None
        assert resume.parsed is not None
        assert resume.parsed["contact"]["name"] == "Jane Roe"
        assert await stage.objects.exists(resume.document_key)
        assert (await seekers.get(tx, jane)).profile.phone == "+44 20 7946 0018"
    assert sum(len(frame["matches"]) for frame in frames) == 2


async def test_a_new_posting_is_scored_for_everybody_at_once(stage: Stage, jane_text: str) -> None:
    jane = await stage.seeker(jane_text)
    await stage.work()
    await stage.posted("Senior Python Engineer, Payments", FITTING)
    await stage.work()
    assert await stage.statuses(jane) == ["applying"]


async def test_scored_again_nothing_is_decided_again(stage: Stage, jane_text: str) -> None:
    posting_id = await stage.posted("Senior Python Engineer, Payments", FITTING)
    jane = await stage.seeker(jane_text)
    await stage.work()
    async with stage.db.transaction() as tx:
        app = await applications.of_pair(tx, jane, posting_id)
        assert app is not None
        await applications.withdraw(tx, app.id, actor=jane)
        await seekers.update(tx, jane, {"preferences": {"titles": ["Payments engineer"]}})
    assert await stage.work() >= 1
    found = await stage.matches(jane)
    assert found[0].state == "acted"
    assert found[0].version >= 2
    assert await stage.statuses(jane) == ["withdrawn"]


async def test_inactive_is_scored_but_not_decided(stage: Stage, jane_text: str) -> None:
    await stage.posted("Senior Python Engineer, Payments", FITTING)
    jane = await stage.seeker(jane_text)
    async with stage.db.transaction() as tx:
        await service.stop(tx, jane)
    await stage.work()
    assert [(view.decision, view.state) for view in await stage.matches(jane)] == [("auto", "open")]
    assert await stage.statuses(jane) == []
    async with stage.db.transaction() as tx:
        await service.start(tx, jane)
    await stage.work()
    assert await stage.statuses(jane) == ["applying"]


async def test_daily_slots_go_to_the_best_and_the_rest_waits(stage: Stage, jane_text: str) -> None:
    stage.settings = msgspec.structs.replace(stage.settings, daily_applications=1, auto_apply_score=50, review_floor=40)
    stage.tasks = background.tasks(stage.db, stage.objects, stage.embedder, stage.settings)
    await stage.posted("Backend Engineer, Python", PARTLY)
    await stage.posted("Senior Python Engineer, Payments", FITTING)
    jane = await stage.seeker(jane_text)
    await stage.work()
    first, second = await stage.matches(jane)
    assert (first.state, second.state) == ("acted", "waiting")
    assert first.job_title == "Senior Python Engineer, Payments"
    async with stage.db.transaction() as tx:  # a day later
        await tx.conn.execute(text("UPDATE application_event SET at = at - interval '25 hours'"))
        await tx.conn.execute(update(application).values(created_at=text("created_at - interval '25 hours'")))
    assert await background.tick(stage.db, stage.settings) == 1
    await stage.work()
    assert {view.state for view in await stage.matches(jane)} == {"acted"}


async def test_hard_filters_come_first(stage: Stage, jane_text: str) -> None:
    jane = await stage.seeker(jane_text)
    async with stage.db.transaction() as tx:
        await seekers.update(tx, jane, {"preferences": {"excluded_employers": ["Northgate"]}})
    await stage.posted("Senior Python Engineer, Payments", FITTING)
    await stage.work()
    found = (await stage.matches(jane))[0]
    assert found.decision == "filtered"
    assert found.explanation["filters"][0]["text"] == "You excluded Northgate."
    assert await stage.statuses(jane) == []


@pytest.mark.parametrize(
    ("wanted", "line", "says"),
    [
        (
            {"employment_types": ["part_time"]},
            "Employment type: Full-time",
            "This is full-time work; you want part-time",
        ),
        ({"employment_types": ["full_time"]}, "This is a 6-month contract.", "This is a contract for a time; you want"),
        (
            {"work_countries": ["DE"]},
            "You must be authorized to work in the US.",
            "You must be allowed to work in United",
        ),
        ({"needs_sponsor": True}, "No visa sponsorship.", "It sponsors no visa"),
    ],
)
async def test_terms_that_the_seeker_cant_take_are_never_applied_for(
    stage: Stage, jane_text: str, wanted: dict[str, Any], line: str, says: str
) -> None:
    await stage.posted("Senior Python Engineer, Payments", f"{FITTING}\n#Terms\n{line}")
    jane = await stage.seeker(jane_text)
    await stage.work()
    assert [match.decision for match in await stage.matches(jane)] == ["auto"]
    other = await new_seeker(stage.db, "Nora Roe")
    async with stage.db.transaction() as tx:
        await seekers.update(tx, other, {"preferences": wanted})
        await seekers.store_upload(tx, stage.objects, other, "resume.txt", jane_text.encode())
    await stage.work()
    (found,) = await stage.matches(other)
    assert (found.decision, found.state) == ("filtered", "open")
    assert found.score >= 90
    assert says in found.explanation["filters"][0]["text"]
    assert await stage.statuses(other) == []


async def test_a_correction_has_everything_scored_again(stage: Stage, jane_text: str) -> None:
    await stage.posted("Senior Python Engineer, Payments", FITTING)
    jane = await stage.seeker(jane_text)
    async with stage.db.transaction() as tx:
        await service.stop(tx, jane)
    await stage.work()
    (before,) = await stage.matches(jane)
    async with stage.db.transaction() as tx:
        found = await reading.latest(tx, jane)
        assert found is not None
        ids = {field: [one.id for one in getattr(found, field)] for field in ("positions", "studies")}
        left = [skill for skill in found.facts.skills if skill not in ("Python", "Kafka")]
        wanted = Wanted(facts=msgspec.structs.replace(found.facts, skills=left), **ids)
        day = utcnow().date()
        await reading.correct(tx, jane, resume_id=found.resume.id, revision=0, wanted=wanted, today=day)
    await stage.work()
    (after,) = await stage.matches(jane)
    assert after.score < before.score
    assert "Kafka" in after.explanation["missing"]
    assert "Kafka" in before.explanation["matched"]
    async with stage.db.transaction() as tx:
        told = await service.score_posting(tx, stage.embedder, seeker_id=jane, posting_id=after.posting_id)
        await reading.undo(tx, jane)
    assert told.score == pytest.approx(after.score, abs=0.01)
    await stage.work()
    assert (await stage.matches(jane))[0].score == pytest.approx(before.score, abs=0.01)


async def test_a_closed_posting_leaves_the_queue_and_comes_back(stage: Stage, jane_text: str) -> None:
    posting_id = await stage.posted("Ward Nurse", OTHER)
    jane = await stage.seeker(jane_text)
    await stage.work()
    closed = {"state": "closed", "closed_at": utcnow(), "version": posting_table.c.version + 1}
    async with stage.db.transaction() as tx:
        await tx.conn.execute(update(posting_table).where(posting_table.c.id == posting_id).values(closed))
    await stage.accepted(posting_id)
    assert await stage.matches(jane) == []
    again = {"state": "open", "closed_at": None, "version": posting_table.c.version + 1}
    async with stage.db.transaction() as tx:
        await tx.conn.execute(update(posting_table).where(posting_table.c.id == posting_id).values(again))
    assert await background.tick(stage.db, stage.settings) == 1
    await stage.work()
    assert [view.state for view in await stage.matches(jane)] == ["open"]


async def test_nothing_to_do_for_the_tick_when_all_is_fresh(stage: Stage, jane_text: str) -> None:
    await stage.posted("Ward Nurse", OTHER)
    await stage.seeker(jane_text)
    await stage.work()
    assert await background.tick(stage.db, stage.settings) == 0


async def test_without_an_embedder_work_waits(stage: Stage, jane_text: str, tmp_path: Any) -> None:
    posting_id = await stage.posted("Senior Python Engineer, Payments", FITTING)
    jane = await stage.seeker(jane_text)
    gone = Embedder(tmp_path / "none.sock")
    stage.tasks = background.tasks(stage.db, stage.objects, gone, stage.settings)
    await stage.work()
    async with stage.db.transaction() as tx:
        waits = (await tx.conn.execute(text("SELECT kind, state, last_error FROM task WHERE state <> 'done'"))).all()
        with pytest.raises(Unavailable):
            await service.rescore(tx, gone, posting_id=posting_id, seeker_id=jane, resume_text=jane_text)
    assert {(row.kind, row.state) for row in waits if row.kind.startswith("match.")} <= {
        ("match.seeker", "queued"),
        ("match.posting", "queued"),
    }
    assert "match.seeker" in {row.kind for row in waits}


async def test_rescore_stores_nothing_and_is_quick(stage: Stage, jane_text: str) -> None:
    posting_id = await stage.posted("Backend Engineer, Python", PARTLY)
    jane = await stage.seeker(jane_text)
    await stage.work()
    before = (await stage.matches(jane))[0]
    edited = jane_text.replace("SKILLS\n", "SKILLS\nDjango, Elasticsearch, Azure, ")
    named = {"posting_id": posting_id, "seeker_id": jane}
    async with stage.db.transaction() as tx:
        same = await service.rescore(tx, stage.embedder, **named, resume_text=jane_text)
        more = await service.rescore(tx, stage.embedder, **named, resume_text=edited)
    assert same.score == pytest.approx(before.score, abs=0.01)
    assert more.score > same.score
    assert "Elasticsearch" in same.missing
    assert "Elasticsearch" in more.matched
    assert (await stage.matches(jane))[0].version == before.version


async def test_only_sentences_of_postings_are_kept(
    stage: Stage, jane_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "memory", vectors.Memory())
    await stage.posted("Senior Python Engineer, Payments", FITTING)
    await stage.seeker(jane_text)
    await stage.work()
    async with stage.db.transaction() as tx:
        kept = (await tx.conn.execute(select(embedding.c.content_hash))).scalars().all()
        needs = 2 + sum(not line.startswith("#") for line in FITTING.splitlines())  # title, gist and each line
        assert len(kept) == needs
        found = await store.vectors(tx, kept[:3])
        assert [vector.shape for vector in found.values()] == [(384,)] * 3


async def test_pages_and_bad_cursors(stage: Stage, jane_text: str) -> None:
    for number in range(5):
        await stage.posted(f"Ward Nurse {number}", OTHER, company=f"Clinic {number}")
    jane = await stage.seeker(jane_text)
    await stage.work()
    seen: list[int] = []
    cursor: str | None = None
    async with stage.db.transaction() as tx:
        while True:
            page = await service.matches_of(tx, jane, cursor=cursor, limit=2)
            seen += [view.job_id for view in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        with pytest.raises(Invalid):
            await service.matches_of(tx, jane, cursor="nonsense!")
    assert len(seen) == len(set(seen)) == 5


async def test_scoring_on_demand(stage: Stage, jane_text: str) -> None:
    nobody = await new_seeker(stage.db, "Nora Blank")
    jane = await stage.seeker(jane_text)
    await stage.work()
    async with stage.db.transaction() as tx:
        given = {"title": "Python Engineer", "description": FITTING.replace("#", "")}
        found = await service.score_text(tx, stage.embedder, seeker_id=jane, **given)
        with pytest.raises(Conflict):
            await service.score_text(tx, stage.embedder, seeker_id=nobody, **given)
    assert found.score > 60
    async with stage.db.transaction() as tx:
        assert (await tx.conn.execute(select(match.c.id))).first() is None
