"""Reviews, employees, pools and the board through the API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.accounts import sessions
from app.platform.db import Database
from tests.web.conftest import PASSWORD, MakeUser, SignIn, client_of

Json = dict[str, Any]


class Floor:
    """A supervisor with two employees, each signed in."""

    def __init__(self, supervisor: httpx.AsyncClient, ann: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
        self.supervisor, self.ann, self.bob = supervisor, ann, bob
        self.ids: dict[str, str] = {}

    async def file(self, **more: Any) -> Json:
        new = {"kind": "question", "title": "Which visa?"} | more
        answer = await self.supervisor.post("/api/reviews/", json=new)
        assert answer.status_code == 201, answer.text
        told: Json = answer.json()
        return told

    async def given(self, name: str, review: Json) -> str:
        order = {"employee": self.ids[name], "reason": "test", "ignore_capacity": True}
        answer = await self.supervisor.post(f"/api/reviews/{review['id']}/assign", json=order)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])


@pytest.fixture
async def floor(running: Any, db: Database, signed_in: SignIn) -> Any:
    supervisor = await signed_in("supervisor")
    ids, clients = {}, []
    for name in ("ann", "bob"):
        new = {"email": f"{name}@cabrank.test", "password": PASSWORD, "name": name.title(), "pools": []}
        answer = await supervisor.post("/api/employees/", json=new)
        assert answer.status_code == 201, answer.text
        ids[name] = answer.json()["id"]
        async with db.transaction() as tx:
            clients.append(client_of(running, await sessions.open_session(tx, ids[name], "bearer")))
    made = Floor(supervisor, *clients)
    made.ids = ids
    yield made
    for client in clients:
        await client.aclose()


async def test_the_assignee_reads_and_completes_and_nobody_else_sees_it(floor: Floor) -> None:
    review = await floor.file()
    mine = await floor.given("ann", review)
    path = f"/api/reviews/{review['id']}"
    seen = (await floor.ann.get(path)).json()["review"]
    assert (seen["mine"], seen["assignment"]["id"], seen["verdicts"]) == (
        True,
        mine,
        ["answered", "ask_seeker", "reject"],
    )
    assert (await floor.bob.get(path)).status_code == 404
    assert [line["review"]["id"] for line in (await floor.ann.get("/api/reviews/")).json()["items"]] == [review["id"]]
    assert (await floor.bob.get("/api/reviews/")).json()["items"] == []
    body = {"assignment": mine, "verdict": "answered", "answers": [{"question": "Which visa?", "answer": "None"}]}
    assert (await floor.bob.post(f"{path}/complete", json=body)).status_code == 404
    done = await floor.ann.post(f"{path}/complete", json=body)
    assert (done.status_code, done.json()["state"]) == (200, "completed")
    again = await floor.ann.post(f"{path}/complete", json=body)
    assert again.status_code == 409
    assert again.json()["type"] == "urn:cabrank:problem:assignment-lost"


async def test_who_lost_the_race_is_told_who_won(floor: Floor) -> None:
    review = await floor.file()
    mine = await floor.given("ann", review)
    order = {"employee": floor.ids["bob"], "reason": "ann has left", "ignore_capacity": True}
    path = f"/api/reviews/{review['id']}"
    assert (await floor.supervisor.post(f"{path}/transfer", json=order)).status_code == 200
    answer = await floor.ann.post(f"{path}/complete", json={"assignment": mine, "verdict": "answered"})
    assert answer.status_code == 409
    assert answer.json()["winner"] == "Bob"


async def test_a_draft_is_saved_on_top_of_what_is_known(floor: Floor) -> None:
    review = await floor.file()
    mine = await floor.given("ann", review)
    path = f"/api/reviews/{review['id']}/draft"
    assert (await floor.ann.get(path)).json()["version"] == 0
    first = await floor.ann.put(path, json={"assignment": mine, "version": 0, "body": {"text": "one"}})
    assert first.json()["version"] == 1
    late = await floor.ann.put(path, json={"assignment": mine, "version": 0, "body": {"text": "two"}})
    assert late.status_code == 409
    assert "kept aside" in late.json()["detail"]
    assert (await floor.ann.get(path)).json()["body"] == {"text": "one"}
    view = (await floor.ann.get(f"/api/reviews/{review['id']}")).json()["review"]
    assert view["orphans"] == 1


async def test_giving_back_snoozing_and_escalating(floor: Floor) -> None:
    for verb, state in (("release", "queued"), ("decline", "queued"), ("escalate", "escalated"), ("snooze", "snoozed")):
        review = await floor.file(title=verb)
        mine = await floor.given("ann", review)
        body = {"assignment": mine, "reason": "lunch", "until": "2100-01-01T00:00:00Z"}
        answer = await floor.ann.post(f"/api/reviews/{review['id']}/{verb}", json=body)
        assert answer.status_code == 204, answer.text
        seen = (await floor.supervisor.get(f"/api/reviews/{review['id']}")).json()["review"]["review"]
        assert seen["state"] == state
    review = await floor.file()
    mine = await floor.given("ann", review)
    for until in (None, "2100-01-01T00:00:00"):
        body = {"assignment": mine, "until": until}
        answer = await floor.ann.post(f"/api/reviews/{review['id']}/snooze", json=body)
        assert answer.json()["errors"][0]["path"] == "until"


async def test_supervisors_orders(floor: Floor) -> None:
    review = await floor.file()
    path = f"/api/reviews/{review['id']}"
    assert (await floor.supervisor.post(f"{path}/assign", json={"reason": "x"})).json()["errors"][0][
        "path"
    ] == "employee"
    assert (await floor.supervisor.post(f"{path}/revoke", json={"reason": "x"})).status_code == 409
    assert (await floor.supervisor.post(f"{path}/priority", json={"priority": 7})).status_code == 204
    assert (await floor.supervisor.post(f"{path}/priority", json={"priority": 700})).status_code == 400
    await floor.given("ann", review)
    assert (await floor.supervisor.post(f"{path}/revoke", json={"reason": "shift"})).status_code == 204
    seen = (await floor.supervisor.get(path)).json()["review"]["review"]
    assert (seen["state"], seen["priority"]) == ("queued", 7)


async def test_many_are_filed_all_or_none(floor: Floor) -> None:
    many = [{"kind": "question", "title": f"Question {n}"} for n in range(5)]
    answer = await floor.supervisor.post("/api/reviews/", json=many)
    assert len(answer.json()["items"]) == 5
    bad = await floor.supervisor.post("/api/reviews/", json=[*many, {"kind": "nothing", "title": "x"}])
    assert bad.status_code == 400
    pages, cursor = [], ""
    while cursor is not None:
        told = (await floor.supervisor.get("/api/reviews/", params={"limit": 2, "cursor": cursor})).json()
        pages.append(len(told["items"]))
        cursor = told["next_cursor"]
    assert pages == [2, 2, 1]


async def test_employees_and_pools_are_managed(floor: Floor) -> None:
    pool = await floor.supervisor.post("/api/pools/", json={"name": "north", "sla_seconds": 600})
    assert pool.status_code == 201
    change = {"pools": ["north"], "capacity": 3, "name": "Ann B."}
    told = (await floor.supervisor.patch(f"/api/employees/{floor.ids['ann']}", json=change)).json()
    assert (told["pools"], told["capacity"], told["name"]) == (["north"], 3, "Ann B.")
    assert (await floor.supervisor.patch(f"/api/employees/{uuid4()}", json=change)).status_code == 404
    new = {"email": "ann@cabrank.test", "password": PASSWORD, "name": "Ann"}
    assert (await floor.supervisor.post("/api/employees/", json=new)).status_code == 409
    for verb in ("pause", "resume"):
        answer = await floor.supervisor.post(f"/api/pools/{pool.json()['id']}/{verb}", json={"reason": "x"})
        assert answer.status_code == 204
    names = [pool["name"] for pool in (await floor.supervisor.get("/api/pools/")).json()["items"]]
    assert names == ["general", "north"]


@pytest.mark.parametrize("verb", ["lock", "unlock", "drain", "message"])
async def test_who_is_no_employee_is_not_acted_on(floor: Floor, make_user: MakeUser, verb: str) -> None:
    for who in ((await make_user("seeker")).id, uuid4()):
        answer = await floor.supervisor.post(f"/api/employees/{who}/{verb}", json={"reason": "x", "text": "x"})
        assert answer.status_code == 404, answer.text


async def test_a_lock_ends_the_session_and_an_unlock_lets_in_again(floor: Floor) -> None:
    path = f"/api/employees/{floor.ids['ann']}"
    assert (await floor.supervisor.post(f"{path}/lock", json={"reason": " "})).status_code == 400
    assert (await floor.supervisor.post(f"{path}/lock", json={"reason": "look"})).json() == {"changed": True}
    assert (await floor.ann.get("/api/reviews/")).status_code == 401
    body = {"email": "ann@cabrank.test", "password": PASSWORD}
    token = (await floor.ann.post("/api/auth/token", json=body)).json()["token"]
    headers = {"authorization": f"Bearer {token}"}
    assert (await floor.ann.get("/api/reviews/", headers=headers)).status_code == 403
    assert (await floor.ann.get(f"{path}/strikes", headers=headers)).json()["items"] == []
    assert (await floor.supervisor.post(f"{path}/unlock", json={"reason": "fine"})).json() == {"changed": True}
    assert (await floor.ann.get(f"{path}/strikes", headers=headers)).status_code == 401


async def test_the_board_and_the_figures_show_it(floor: Floor, signed_in: SignIn) -> None:
    await floor.given("ann", await floor.file())
    await floor.file()
    board = (await floor.supervisor.get("/api/board/")).json()
    assert [line["employee"] for line in board["reviews"]] == ["Ann", None]
    assert {seat["name"] for seat in board["people"]} == {"Ann", "Bob"}
    live = (await floor.supervisor.get("/api/metrics/live")).json()
    assert (live["pending_reviews"], live["open_assignments"]) == (2, 1)
    operator = await signed_in("operator")
    health = (await operator.get("/api/system/health")).json()
    assert health["missing"] == {"embedder": "EmbedderUnavailable"}
    audit = (await operator.get("/api/operations/audit")).json()["items"]
    assert {"employee.add", "review.assign-above-capacity"} <= {entry["action"] for entry in audit}


async def test_voiding_an_interval_wants_times_with_zones(floor: Floor) -> None:
    good = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "reason": "outage"}
    assert (await floor.supervisor.post("/api/strikes/void", json=good)).json() == {"voided": 0}
    for bad in (good | {"from": "2026-01-01T00:00:00"}, good | {"to": "2025-01-01T00:00:00Z"}, good | {"reason": ""}):
        assert (await floor.supervisor.post("/api/strikes/void", json=bad)).status_code == 400
    naked = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00", "reason": "outage"}
    told = (await floor.supervisor.post("/api/strikes/void", json=naked)).json()
    assert [error["path"] for error in told["errors"]] == ["to"]
    assert (await floor.ann.post(f"/api/strikes/{uuid4()}/appeal", json={"statement": "x"})).status_code == 404


async def test_people_and_pools_come_in_pages(floor: Floor) -> None:
    for name in ("north", "south"):
        await floor.supervisor.post("/api/pools/", json={"name": name})
    for path, field, whole in (
        ("/api/pools/", "name", ["general", "north", "south"]),
        ("/api/employees/", "name", ["Ann", "Bob"]),
    ):
        found, cursor = [], ""
        while cursor is not None:
            told = (await floor.supervisor.get(path, params={"limit": 1, "cursor": cursor})).json()
            assert len(told["items"]) == 1
            found += [item[field] for item in told["items"]]
            cursor = told["next_cursor"]
        assert found == whole
        bad = await floor.supervisor.get(path, params={"cursor": "Im5vYm9keSI"})
        assert (bad.status_code, bad.json()["errors"][0]["path"]) == (400, "cursor")
