"""Pools through the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.web.conftest import SignIn


async def test_add_read_and_change(signed_in: SignIn) -> None:
    boss = await signed_in("supervisor")
    new = {"name": "Law", "group": "Law people", "region": "europe", "category": "legal", "by_skills": True}
    added = await boss.post("/api/pools/", json=new | {"strategy": "least_loaded", "sla_seconds": 1800})
    assert added.status_code == 201, added.text
    pool: dict[str, Any] = added.json()
    assert {name: pool[name] for name in new} == new
    assert (pool["sla_seconds"], pool["sla_small_seconds"]) == (1800, None)
    changed = await boss.patch(f"/api/pools/{pool['id']}", json={"region": None, "sla_small_seconds": 600})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["region"], changed.json()["category"]) == (None, "legal")
    listed = {one["name"]: one for one in (await boss.get("/api/pools/")).json()["items"]}
    assert listed["Law"] == changed.json()
    assert listed["general"]["group"] == "general"


async def test_what_is_wrong_is_named_by_its_field(signed_in: SignIn) -> None:
    boss = await signed_in("supervisor")
    pool = (await boss.post("/api/pools/", json={"name": "Law"})).json()
    wrong = {"strategy": "luck", "sla_seconds": -1, "sla_small_seconds": 90_000}
    answer = await boss.patch(f"/api/pools/{pool['id']}", json=wrong)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert {error["path"] for error in answer.json()["errors"]} == set(wrong)
    assert (await boss.patch(f"/api/pools/{pool['id']}", json={"by_skills": "perhaps"})).status_code == 400
    assert (await boss.patch(f"/api/pools/{uuid4()}", json={"strategy": "least_loaded"})).status_code == 404
    assert (await boss.patch(f"/api/pools/{pool['id']}", json={"name": "general"})).status_code == 409


async def test_a_review_is_filed_with_the_skills_it_asks_for(signed_in: SignIn) -> None:
    boss = await signed_in("supervisor")
    filed = await boss.post("/api/reviews/", json={"kind": "question", "title": "A visa", "skills": ["Visa law"]})
    assert filed.status_code == 201, filed.text


async def test_a_loan_and_its_end(signed_in: SignIn) -> None:
    boss = await signed_in("supervisor")
    await boss.post("/api/pools/", json={"name": "Law", "group": "Law people"})
    new = {"email": "ann@cabrank.test", "password": "correct horse battery", "name": "Ann"}
    ann = (await boss.post("/api/employees/", json=new)).json()
    until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    lent = await boss.patch(f"/api/employees/{ann['id']}", json={"pools": ["Law"], "until": until})
    assert lent.status_code == 200, lent.text
    assert (lent.json()["group"], lent.json()["lent_from"]) == ("Law people", "general")
    back = await boss.post(f"/api/employees/{ann['id']}/return", json={"reason": "enough"})
    assert (back.status_code, back.json()["pools"], back.json()["lent_from"]) == (200, ["general"], None)
    for wrong, path in (
        ({"until": until}, "pools"),
        ({"pools": ["Law"], "until": "2026-01-01T00:00:00Z"}, "until"),
        ({"pools": ["Law"], "until": "2036-01-01T00:00:00"}, "until"),
        ({"pools": ["general"], "until": until}, "until"),
    ):
        answer = await boss.patch(f"/api/employees/{ann['id']}", json=wrong)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, path), answer.text
    assert (await boss.post(f"/api/employees/{ann['id']}/return", json={})).status_code == 409


async def test_hours_and_shifts(signed_in: SignIn) -> None:
    boss = await signed_in("supervisor")
    hours = {"zone": "Europe/London", "week": {"mon": "09:00-17:00", "tue": "9:00-12:30  13:30-17:00", "wed": ""}}
    added = await boss.post("/api/pools/", json={"name": "Law", "hours": hours})
    assert added.status_code == 201, added.text
    pool = added.json()
    assert pool["hours"]["week"] == {"mon": "09:00-17:00", "tue": "9:00-12:30 13:30-17:00"}
    assert (await boss.patch(f"/api/pools/{pool['id']}", json={"strategy": "least_loaded"})).json()["hours"]
    assert (await boss.patch(f"/api/pools/{pool['id']}", json={"hours": None})).json()["hours"] is None
    wrong = {"hours": {"zone": "Nowhere", "week": {"mon": "soon"}}}
    answer = await boss.patch(f"/api/pools/{pool['id']}", json=wrong)
    assert answer.status_code == 400
    assert {error["path"] for error in answer.json()["errors"]} == {"hours.zone", "hours.week.mon"}

    new = {"email": "ann@cabrank.test", "password": "correct horse battery", "name": "Ann"}
    ann = (await boss.post("/api/employees/", json=new)).json()
    shift = await boss.patch(f"/api/employees/{ann['id']}", json={"shift": hours})
    assert shift.status_code == 200, shift.text
    assert shift.json()["shift_until"] is not None
    assert (await boss.patch(f"/api/employees/{ann['id']}", json={"name": "Anna"})).json()["shift"] is not None
    assert (await boss.patch(f"/api/employees/{ann['id']}", json={"shift": None})).json()["shift"] is None
