"""Operations, portals, probes and figures."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import func, select, update

from app.accounts import audit
from app.applications import intents, outcomes
from app.applications import service as applications
from app.applications.types import Application, Attempt
from app.platform import queue
from app.platform.db import Database
from app.platform.objects import Objects
from app.platform.queue import task
from app.postings import service as postings
from app.postings.types import Posting
from tests.applications.world import World, make_world
from tests.web.conftest import SignIn


async def _dead(db: Database, kind: str = "discover.fetch", key: str = "one") -> UUID:
    async with db.transaction() as tx:
        task_id = await queue.add(tx, kind, key, {"page": 1})
        values = {"state": "dead", "last_error": "HTTP 500", "finished_at": func.clock_timestamp()}
        await tx.conn.execute(update(task).where(task.c.id == task_id).values(values))
    return task_id


async def test_a_dead_letter_is_read_mended_and_replayed_once(signed_in: SignIn, db: Database) -> None:
    operator, letter = await signed_in("operator"), await _dead(db)
    listed = (await operator.get("/api/operations/dead-letters")).json()["items"]
    assert [(item["id"], item["last_error"]) for item in listed] == [(str(letter), "HTTP 500")]
    path = f"/api/operations/dead-letters/{letter}"
    assert (await operator.patch(path, json={"payload": {"page": 2}})).json()["payload"] == {"page": 2}
    assert (await operator.post(f"{path}/replay")).status_code == 202
    assert (await operator.post(f"{path}/replay")).status_code == 404
    assert (await operator.get("/api/operations/dead-letters")).json()["items"] == []
    audit = (await operator.get("/api/operations/audit")).json()["items"]
    assert [entry["action"] for entry in audit[:2]] == ["dead-letter.replay", "dead-letter.mend"]


async def test_a_replay_beside_the_same_open_work_is_refused(signed_in: SignIn, db: Database) -> None:
    operator, letter = await signed_in("operator"), await _dead(db)
    async with db.transaction() as tx:
        await queue.add(tx, "discover.fetch", "one")
    assert (await operator.post(f"/api/operations/dead-letters/{letter}/replay")).status_code == 409


async def test_an_apply_letter_without_its_application_is_not_replayed(signed_in: SignIn, db: Database) -> None:
    operator = await signed_in("operator")
    for key, status in (("nonsense", 400), (str(uuid4()), 404)):
        letter = await _dead(db, "apply.application", key)
        assert (await operator.post(f"/api/operations/dead-letters/{letter}/replay")).status_code == status


async def test_every_known_portal_is_listed_and_off_until_it_is_switched_on(signed_in: SignIn) -> None:
    operator = await signed_in("operator")
    address = "https://jobs.smartrecruiters.com/Practice/743999000000001"
    for external_id, apply_url in (("1", address), ("2", "https://practice.test/jobs/2"), ("3", None)):
        new = {"external_id": external_id, "company": "Practice", "title": f"Cook {external_id}"}
        assert (await operator.post("/api/postings/", json=new | {"apply_url": apply_url})).status_code == 201
    await operator.patch("/api/portals/", json={"name": "careers.practice.test", "live": False})
    await operator.patch("/api/portals/", json={"name": "lever", "live": True, "checklist": {"rehearsals": 3}})
    listed = (await operator.get("/api/portals/")).json()["items"]
    known = ["ashby", "careers.practice.test", "greenhouse", "lever", "smartrecruiters", "website"]
    assert [one["name"] for one in listed] == known
    assert [one["name"] for one in listed if one["live"]] == ["lever"]
    assert (listed[0]["live_by"], listed[0]["live_at"], listed[0]["checklist"]) == (None, None, {})


async def test_going_live_names_its_checklist(signed_in: SignIn) -> None:
    operator = await signed_in("operator")
    assert (await operator.patch("/api/portals/", json={"name": "lever", "live": True})).status_code == 400
    body = {"name": "lever", "live": True, "checklist": {"rehearsals": 3, "supervised": "A-17"}}
    assert (await operator.patch("/api/portals/", json=body)).json()["live"] is True
    assert (await operator.patch("/api/portals/", json={"name": "lever", "live": False})).json()["live"] is False
    actions = [entry["action"] for entry in (await operator.get("/api/operations/audit")).json()["items"]]
    assert actions[:2] == ["portal.rehearse", "portal.live"]


async def test_readiness_names_what_is_missing(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/health/ready")
    assert (answer.status_code, answer.json()) == (
        503,
        {"ready": False, "missing": {"embedder": "EmbedderUnavailable"}},
    )
    assert (await anonymous.get("/health/live")).json() == {"status": "alive"}


async def test_figures_for_machines_count_requests_by_route(anonymous: httpx.AsyncClient) -> None:
    await anonymous.get("/api/postings/12345")
    text = (await anonymous.get("/metrics")).text
    assert 'cabrank_http_requests_total{method="GET",route="/api/postings/{number}"' in text
    assert "/12345" not in text  # a time may well hold these digits


async def test_large_answers_are_compressed_for_who_asks(anonymous: httpx.AsyncClient) -> None:
    packed = await anonymous.get("/schema", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    plain = await anonymous.get("/schema", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
    assert plain.json()["info"]["title"] == "Cabrank"


async def _unknown(db: Database, objects: Objects) -> tuple[World, Application, UUID]:
    """An application whose request left, and whose answer was never seen; the bot's task is over."""
    world = await make_world(db, objects)
    app = await world.approve(await world.posting())
    claim = await world.claim(app)
    run = Attempt(task_id=claim.id, epoch=claim.epoch)
    async with db.transaction() as tx:
        made = await intents.prepare(tx, app, run, [])
        await intents.arm(tx, made.id, run, request={"method": "POST"}, answers=[])
        marked = await intents.mark_unknown(tx, made.id, run, response={"status": 502})
        await outcomes.unknown(tx, marked, "The answer was lost.")
        await tx.conn.execute(update(task).where(task.c.id == claim.id).values(state="done"))
    return world, app, made.id


async def _posting_of(db: Database, app: Application) -> Posting:
    async with db.transaction() as tx:
        return await postings.get(tx, app.posting_id)


async def _open_tasks(db: Database, app: Application) -> int:
    async with db.transaction() as tx:
        query = select(func.count()).where(task.c.key == str(app.id), task.c.state.in_(("queued", "running")))
        return int((await tx.conn.execute(query)).scalar_one())


async def test_an_unknown_found_sent_takes_the_vacancy(signed_in: SignIn, db: Database, objects: Objects) -> None:
    world, app, intent = await _unknown(db, objects)
    boss = await signed_in("supervisor")
    path = f"/api/operations/intents/{intent}/resolve"
    refused = await boss.post(path, json={"outcome": "sent", "note": "  "})
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "note")
    said = {"outcome": "sent", "note": "Their page lists it.", "confirmation": "N-7"}
    told = (await boss.post(path, json=said)).json()
    assert (told["state"], told["confirmation"]) == ("confirmed", "N-7")
    assert ((await world.get(app)).status, (await world.get(app)).confirmation) == ("applied", "N-7")
    assert (await boss.post(path, json=said)).status_code == 409
    assert (await boss.post(path, json=said | {"outcome": "not_sent"})).status_code == 409
    assert await _open_tasks(db, app) == 0
    entry = (await boss.get("/api/operations/audit?action=intent.")).json()["items"]
    assert [(one["action"], one["subject_id"], one["reason"]) for one in entry] == [
        ("intent.resolve", str(intent), "Their page lists it.")
    ]


async def test_an_unknown_found_not_sent_starts_nothing(signed_in: SignIn, db: Database, objects: Objects) -> None:
    world, app, intent = await _unknown(db, objects)
    operator = await signed_in("operator")
    path = f"/api/operations/intents/{intent}/resolve"
    told = (await operator.post(path, json={"outcome": "not_sent", "note": "They never had it."})).json()
    assert told["state"] == "proved_not_sent"
    assert (await world.get(app)).status == "not_applied"
    assert await _open_tasks(db, app) == 0
    again = await world.approve(await _posting_of(db, app))
    assert (again.id, again.status) == (app.id, "not_applied"), "a machine starts no second attempt"
    assert await _open_tasks(db, app) == 0
    assert (await operator.post(path, json={"outcome": "sent", "note": "x"})).status_code == 409


async def test_a_withdrawn_application_stays_withdrawn(signed_in: SignIn, db: Database, objects: Objects) -> None:
    world, app, intent = await _unknown(db, objects)
    async with db.transaction() as tx:
        await applications.withdraw(tx, app.id, actor=world.seeker_id)
    boss = await signed_in("supervisor")
    path = f"/api/operations/intents/{intent}/resolve"
    assert (await boss.post(path, json={"outcome": "sent", "note": "It is there."})).json()["state"] == "confirmed"
    assert (await world.get(app)).status == "withdrawn"


async def test_two_who_decide_at_once_are_one(signed_in: SignIn, db: Database, objects: Objects) -> None:
    world, app, intent = await _unknown(db, objects)
    boss, operator = await signed_in("supervisor"), await signed_in("operator")
    path = f"/api/operations/intents/{intent}/resolve"
    answers = await asyncio.gather(
        boss.post(path, json={"outcome": "sent", "note": "It is there."}),
        operator.post(path, json={"outcome": "not_sent", "note": "It is not."}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    won = answers[0].status_code == 200
    assert (await world.get(app)).status == ("applied" if won else "not_applied")


@pytest.mark.parametrize("role", ["employee", "seeker"])
async def test_operations_are_not_everybodys(signed_in: SignIn, db: Database, objects: Objects, role: str) -> None:
    _, _, intent = await _unknown(db, objects)
    person = await signed_in(role)
    said = {"outcome": "sent", "note": "me"}
    assert (await person.post(f"/api/operations/intents/{intent}/resolve", json=said)).status_code == 403
    for path in ("/api/operations/intents", "/api/operations/audit", "/api/operations/work", "/operations/audit"):
        assert (await person.get(path)).status_code == 403, path


async def test_the_log_is_filtered_by_who_what_subject_and_time(signed_in: SignIn, db: Database) -> None:
    operator = await signed_in("operator")
    for name in ("lever", "ashby"):
        await operator.patch("/api/portals/", json={"name": name, "live": False})
    async with db.transaction() as tx:
        await audit.record(tx, actor=None, action="user.lock", subject_type="user", subject_id="u1", reason="four")

    async def found(**asked: str) -> list[str]:
        items = (await operator.get("/api/operations/audit", params=asked)).json()["items"]
        return [f"{one['action']} {one['subject_id']}" for one in items]

    locked, portals = ["user.lock u1"], ["portal.rehearse ashby", "portal.rehearse lever"]
    assert await found() == [*locked, *portals]
    assert await found(who="system") == locked
    assert await found(who="OPERATOR@cabrank") == portals
    assert await found(who="%") == []
    assert await found(action="portal") == portals
    assert await found(action="p%") == []
    assert await found(subject="portal") == portals
    assert await found(subject="u1") == locked
    assert await found(subject="portal:lever") == ["portal.rehearse lever"]
    assert await found(who="operator", subject="user") == []
    now = datetime.now(UTC)
    assert await found(**{"from": (now - timedelta(minutes=5)).isoformat()}) == [*locked, *portals]
    assert await found(to=(now - timedelta(minutes=5)).isoformat()) == []
    assert (await operator.get("/api/operations/audit?from=2026-01-01T00:00:00")).status_code == 400
    assert (await operator.get("/api/operations/audit?to=0001-01-01T00:00:00Z")).status_code == 400


async def test_the_log_is_read_page_by_page_with_its_filter(signed_in: SignIn, db: Database) -> None:
    operator = await signed_in("operator")
    async with db.transaction() as tx:
        for n in range(5):
            for action in ("odd.one", "other"):
                await audit.record(tx, actor=None, action=action, subject_type="x", subject_id=n)
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        asked = {"action": "odd", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        told = (await operator.get("/api/operations/audit", params=asked)).json()
        seen += [one["subject_id"] for one in told["items"]]
        cursor = told["next_cursor"]
    assert seen == ["4", "3", "2", "1", "0"]


async def test_work_that_waits_is_told_by_kind_with_the_oldest_first(signed_in: SignIn, db: Database) -> None:
    now = datetime.now(UTC)
    async with db.transaction() as tx:
        for key, back in (("a", 90), ("b", 30), ("c", -600)):
            await queue.add(tx, "match.posting", key, run_at=now - timedelta(seconds=back))
        await queue.add(tx, "apply.application", "d", run_at=now - timedelta(seconds=200))
    await _dead(db)
    told = (await (await signed_in("supervisor")).get("/api/operations/work")).json()["items"]
    assert [(one["kind"], one["due"], one["later"], one["dead"]) for one in told] == [
        ("apply.application", 1, 0, 0), ("match.posting", 2, 1, 0), ("discover.fetch", 0, 0, 1),
    ]  # fmt: skip
    assert [round(one["lag_seconds"], -1) for one in told] == [200, 90, 0]
    assert told[2]["oldest_at"] is None
