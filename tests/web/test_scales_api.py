"""Scales: operators see how well each says what people found, and switch; what reviewers say reaches them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, select, text

from app.bots.match import learning, scales, versions
from app.bots.match.models import match, score_label
from app.bots.match.scale import STARTED_FROM, Quality, packaged
from app.platform import bus
from app.platform.db import Database
from app.platform.events import Event
from app.platform.ids import new_id
from app.platform.outbox import outbox
from app.platform.task_table import task
from tests.web.conftest import SignIn
from tests.web.test_resume_reviews import Held, held

__all__ = ["held"]  # the fixture, shared
VERSION = "2026-11-01.1"
LOSS = {"before": 0.41, "after": 0.32}


async def _learned(db: Database, version: str = VERSION, *, better: bool = True) -> None:
    before, after = (
        Quality(pairs=30, log_loss=loss, brier=0.1, auc=0.9, auto=8, auto_good=8) for loss in LOSS.values()
    )
    scale = msgspec.structs.replace(STARTED_FROM, version=version)
    told = scales.Learned(
        scale=scale, against=packaged().version, before=before, after=after, labels=100, better=better
    )
    async with db.transaction() as tx:
        await scales.keep(tx, told)


async def _tasks(db: Database) -> dict[str, str]:
    async with db.transaction() as tx:
        rows = await tx.conn.execute(select(task.c.kind, task.c.state).where(task.c.kind.like("match.re%")))
        return {row.kind: row.state for row in rows}


async def test_an_operator_sees_before_and_after_and_switches_back(signed_in: SignIn, db: Database) -> None:
    operator = await signed_in("operator")
    await _learned(db)
    new, own = (await operator.get("/api/scales/")).json()["items"]
    assert (new["version"], new["state"], new["against"], new["labels"]) == (VERSION, "active", packaged().version, 100)
    assert {name: new[name]["log_loss"] for name in LOSS} == LOSS
    assert (own["version"], own["state"], own["packaged"], own["before"]) == (
        packaged().version,
        "retired",
        True,
        None,
    )
    key = {"Idempotency-Key": "switch"}
    path = f"/api/scales/{packaged().version}/use"
    first, again = [await operator.post(path, headers=key) for _ in range(2)]
    assert (first.status_code, first.json()["state"], again.json()) == (200, "active", first.json())
    assert (await operator.post(path)).status_code == 200  # it is in force: nothing to do
    audit = (await operator.get("/api/operations/audit")).json()["items"]
    assert [entry["action"] for entry in audit] == ["scale.use", "scale.learned"]
    assert audit[0]["actor_id"] is not None
    assert audit[0]["data"] == {"before": VERSION}
    listed = (await operator.get("/api/scales/")).json()["items"]
    assert [(one["state"], one["switched_how"]) for one in listed] == [("retired", "person"), ("active", None)]
    assert await _tasks(db) == {"match.rescore": "queued"}


async def test_what_cannot_be_used(signed_in: SignIn, db: Database) -> None:
    operator = await signed_in("operator")
    await _learned(db, better=False)
    refused = await operator.post(f"/api/scales/{VERSION}/use")
    assert (refused.status_code, refused.json()["scale"]) == (409, VERSION)
    assert (await operator.post("/api/scales/2020-01-01.1/use")).status_code == 404
    assert (await operator.post("/api/scales/refit")).status_code == 202
    assert await _tasks(db) == {"match.refit": "queued"}


@pytest.mark.parametrize("role", ["seeker", "employee", "supervisor"])
async def test_nobody_else_sees_or_switches(signed_in: SignIn, db: Database, role: str) -> None:
    client = await signed_in(role)
    await _learned(db)
    paths = ("/api/scales/", "/operations/scales/")
    assert [(await client.get(path)).status_code for path in paths] == [403, 403]
    acts = (f"/api/scales/{packaged().version}/use", "/api/scales/refit", f"/operations/scales/{VERSION}/use")
    assert [(await client.post(path)).status_code for path in acts] == [403, 403, 403]
    async with db.transaction() as tx:
        assert (await scales.in_force(tx)).version == VERSION


async def test_the_page_shows_scales_to_operators_only(signed_in: SignIn, db: Database) -> None:
    operator, supervisor = await signed_in("operator"), await signed_in("supervisor")
    await _learned(db)
    page = (await operator.get("/operations/")).text
    assert "0.410 → 0.320" in page
    assert "8 of 8" in page
    assert 'id="scales"' not in (await supervisor.get("/operations/")).text
    switched = await operator.post(f"/operations/scales/{packaged().version}/use")
    assert switched.status_code == 200
    assert "by a person" in switched.text
    assert (await operator.post("/operations/scales/refit")).status_code == 204


async def _scored(held: Held, db: Database) -> Any:
    """The pair of the review has a score."""
    async with db.transaction() as tx:
        posting = (await tx.conn.execute(text("SELECT posting_id FROM application"))).scalar_one()
        part = {"name": "work", "label": "The work itself", "score": 71.5, "weight": 100.0}
        row = {"id": new_id(), "seeker_id": held.seeker, "posting_id": posting, "score": 70, "decision": "review"}
        row |= {"components": [part], "explanation": {"notes": [], "filters": []}}
        row |= {"posting_version": 1, "seeker_version": 1, "model_version": versions.line("m", packaged())}
        await tx.conn.execute(insert(match).values(row))


async def test_a_verdict_on_the_desk_becomes_a_label(held: Held, db: Database) -> None:
    await _scored(held, db)
    done = await held.client.post(f"{held.api}/complete", json=held.named | {"verdict": "reject", "notes": "no visa"})
    assert done.status_code == 200, done.text
    async with db.transaction() as tx:
        rows = (await tx.conn.execute(select(outbox).where(outbox.c.topic.in_(("reviews", "applications"))))).mappings()
        events = [Event(**{name: row[name] for name in Event.__struct_fields__}) for row in rows]
    assert "TaskCompleted" in {event.type for event in events}
    for event in events:
        await bus.handle(db, learning.consumer(), event)
    async with db.transaction() as tx:
        label = (await tx.conn.execute(select(score_label))).one()
    assert (label.source, label.good, label.components) == ("review", False, {"work": 71.5})
