"""Operations, portals, probes and figures."""

from __future__ import annotations

from uuid import UUID, uuid4

import httpx
from sqlalchemy import func, update

from app.platform import queue
from app.platform.db import Database
from app.platform.queue import task
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
