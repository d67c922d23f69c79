"""What people found becomes labels: each once, beside the components that were decided on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, update

from app.applications import service as applications
from app.applications.types import TimelineEntry
from app.bots.match import background, feedback, learning, scale, score_labels, service, versions
from app.bots.match.models import match, match_decision, score_label
from app.bots.match.scale import packaged
from app.bots.match.score_labels import outcome_of
from app.platform import bus
from app.platform.clock import utcnow
from app.platform.events import Event
from app.platform.ids import new_id
from tests.match.test_background import FITTING, Stage, stage

__all__ = ["stage"]  # the fixture, shared
START = datetime(2026, 11, 2, 9, tzinfo=UTC)


async def _decided(stage: Stage, text: str) -> Any:
    """A seeker and a posting that fits, which a person is to look at first; with its application."""
    stage.settings = msgspec.structs.replace(stage.settings, auto_apply_score=100)
    stage.tasks = background.tasks(stage.db, stage.objects, stage.embedder, stage.settings)
    posting_id = await stage.posted("Senior Python Engineer, Payments", FITTING)
    jane = await stage.seeker(text)
    await stage.work()
    async with stage.db.transaction() as tx:
        app = await applications.of_pair(tx, jane, posting_id)
    assert app is not None
    return app


def _completed(app: Any, verdict: str, **more: Any) -> Event:
    data = {"verdict": verdict, "kind": "resume", "application": str(app.id), "assignment": str(new_id())}
    data |= more
    return Event(id=new_id(), type="TaskCompleted", topic="reviews", at=utcnow(), aggregate_id=new_id(), data=data)


def _moved(app: Any, before: str, after: str) -> Event:
    data = {"from": before, "to": after, "source": "manual"}
    return Event(
        id=new_id(), type="ApplicationStatusChanged", topic="applications", at=utcnow(), aggregate_id=app.id, data=data
    )


async def _hear(stage: Stage, event: Event) -> bool:
    return await bus.handle(stage.db, learning.consumer(), event)


async def _labels(stage: Stage) -> dict[str, Any]:
    async with stage.db.transaction() as tx:
        rows = (await tx.conn.execute(select(score_label))).all()
    assert len({row.source for row in rows}) == len(rows)
    return {row.source: row for row in rows}


@pytest.mark.parametrize(("verdict", "good"), [("approve", True), ("reject", False)])
async def test_a_verdict_is_one_label_however_often_it_is_told(
    stage: Stage, jane_text: str, verdict: str, good: bool
) -> None:
    app = await _decided(stage, jane_text)
    told = _completed(app, verdict)
    assert [await _hear(stage, told), await _hear(stage, told)] == [True, False]
    await _hear(stage, _completed(app, verdict))
    (label,) = (await _labels(stage)).values()
    assert (label.source, label.good, label.held) == ("review", good, False)
    assert set(label.components) <= set(scale.COMPONENTS)
    assert label.scale_version == packaged().version


@pytest.mark.parametrize(
    "more",
    [
        {"verdict": "ask_seeker"},
        {"kind": "handover", "verdict": "sent"},
        {"kind": "question", "verdict": "reject"},
        {"application": None},
        {"application": str(UUID(int=7))},
    ],
)
async def test_what_says_nothing_of_the_pair_is_no_label(stage: Stage, jane_text: str, more: dict[str, Any]) -> None:
    app = await _decided(stage, jane_text)
    assert await _hear(stage, _completed(app, **{"verdict": "approve"} | more))
    assert await _labels(stage) == {}


async def test_a_label_has_the_components_that_were_decided_on(stage: Stage, jane_text: str) -> None:
    app = await _decided(stage, jane_text)
    async with stage.db.transaction() as tx:
        decided = (await tx.conn.execute(select(match_decision))).one()
        later = [{"name": "work", "label": "", "score": 1.0, "weight": 100, "evidence": [], "would_raise": ""}]
        await tx.conn.execute(update(match).values(components=later, score=1, model_version="m/9/later/t"))
    await _hear(stage, _completed(app, "approve"))
    async with stage.db.transaction() as tx:
        await feedback.give(tx, app.seeker_id, app.posting_id, "down")
    labels = await _labels(stage)
    assert labels["review"].components == {part["name"]: part["score"] for part in decided.components}
    assert labels["review"].scale_version == packaged().version
    assert (labels["thumb"].components, labels["thumb"].scale_version) == ({"work": 1.0}, "later")  # what they saw
    assert "Northgate" not in str(labels["review"].components)


async def test_the_latest_thumb_stands(stage: Stage, jane_text: str) -> None:
    app = await _decided(stage, jane_text)
    for verdict in ("up", "down", "up"):
        async with stage.db.transaction() as tx:
            await feedback.give(tx, app.seeker_id, app.posting_id, verdict)  # type: ignore[arg-type]  # of the three
    assert (await _labels(stage))["thumb"].good is True


async def test_what_became_of_it_is_read_from_the_whole_timeline(stage: Stage, jane_text: str) -> None:
    app = await _decided(stage, jane_text)
    moves = ("applied", "interview", "rejected")
    for before, after in zip(("in_review", *moves), moves, strict=False):
        async with stage.db.transaction() as tx:
            await applications.set_status_by_hand(tx, app.id, after, actor=app.seeker_id)
        await _hear(stage, _moved(app, before, after))
    assert (await _labels(stage))["outcome"].good is True  # invited, and then rejected
    async with stage.db.transaction() as tx:
        await applications.set_status_by_hand(tx, app.id, "applied", actor=app.seeker_id)
    await _hear(stage, _moved(app, "rejected", "applied"))
    assert await _labels(stage) == {}  # it was a mistake


def _timeline(*statuses: str) -> list[TimelineEntry]:
    return [
        TimelineEntry(
            id=new_id(),
            at=START + timedelta(hours=hour),
            from_status=None,
            to_status=status,
            source="manual",
            actor_id=None,
            note="",
            data={},
        )
        for hour, status in enumerate(statuses)
    ]


@pytest.mark.parametrize(
    ("statuses", "good"),
    [
        (("applying", "applied"), None),
        (("applied", "rejected"), False),
        (("applied", "interview"), True),
        (("applied", "interview", "offer", "withdrawn"), True),
        (("applied", "rejected", "interview"), True),
        (("applied", "interview", "applied", "rejected"), False),
        (("applied", "rejected", "applied"), None),
    ],
)
def test_outcomes(statuses: tuple[str, ...], good: bool | None) -> None:
    found = outcome_of(_timeline(*statuses))
    assert (None if found is None else found[0]) is good


async def test_the_strongest_label_of_a_pair_counts_and_an_employers_rejection_does_not(
    stage: Stage, jane_text: str
) -> None:
    app = await _decided(stage, jane_text)
    pair = (app.seeker_id, app.posting_id)

    async def counted() -> list[bool]:
        async with stage.db.transaction() as tx:
            return [label.good for label in await score_labels.to_learn_from(tx)]

    async def said(source: score_labels.Source, good: bool) -> list[bool]:
        async with stage.db.transaction() as tx:
            assert await score_labels.keep(tx, *pair, source, good=good, at=utcnow())
        return await counted()

    assert await said("outcome", False) == []
    assert await said("thumb", False) == [False]
    assert await said("review", True) == [True]
    assert await said("outcome", True) == [True]
    assert await said("review", False) == [True]
    async with stage.db.transaction() as tx:
        await tx.conn.execute(update(score_label).values(held=True))
    assert await counted() == []


@pytest.mark.parametrize("what", ["a limit", "a filter", "another ranking"])
async def test_pairs_that_the_components_do_not_explain_do_not_count(stage: Stage, jane_text: str, what: str) -> None:
    app = await _decided(stage, jane_text)
    told: dict[str, Any] = {
        "a limit": {"explanation": {"notes": ["The posting says nothing."], "filters": []}},
        "a filter": {"explanation": {"notes": [], "filters": [{"name": "pay", "text": "…"}]}},
        "another ranking": {"model_version": "m/1/2025.1/t"},
    }
    async with stage.db.transaction() as tx:
        await tx.conn.execute(update(match_decision).values(told[what]))
    await _hear(stage, _completed(app, "approve"))
    async with stage.db.transaction() as tx:
        assert await score_labels.to_learn_from(tx) == []
    assert (await _labels(stage))["review"].held is (what != "another ranking")


async def test_a_year_later_the_decision_explains_itself(stage: Stage, jane_text: str) -> None:
    """Nothing but the row and the scale of its version: the components and their weights give the score again."""
    app = await _decided(stage, jane_text)
    async with stage.db.transaction() as tx:
        await tx.conn.execute(update(match).values(score=3, components=[], explanation={}, model_version="new"))
        row = (await tx.conn.execute(select(match_decision))).one()
    told = versions.parse(row.model_version)
    assert (told.ranking, told.scale) == (versions.VERSION, packaged().version)
    assert told.model
    assert len(told.taxonomy) == 8
    assert sum(part["weight"] for part in row.components) == pytest.approx(100, abs=0.3)
    raw = sum(part["score"] * part["weight"] for part in row.components) / 100
    assert row.explanation["notes"] == []
    assert packaged().score(raw) == pytest.approx(float(row.score), abs=0.5)
    assert float(row.score) == app.score
    assert all(part["label"] for part in row.components)
    assert row.explanation["matched"]
    async with stage.db.transaction() as tx:
        assert (await service.matches_of(tx, app.seeker_id)).items[0].score == 3
