"""Taking over what somebody wrote before, and the uploaded file: for the assignee of the open review alone."""

from __future__ import annotations

import httpx
from litestar import Litestar

from app.accounts import sessions
from app.dispatch import service as dispatch
from app.dispatch.policy.types import Rules
from app.dispatch.types import Assignment
from app.platform.db import Database
from tests.web.conftest import MakeUser, client_of
from tests.web.test_resume_reviews import BASE, Held, held

__all__ = ["held"]  # the fixture


async def _passed_on(
    held: Held, running: Litestar, db: Database, make_user: MakeUser, text: str
) -> tuple[httpx.AsyncClient, Assignment]:
    """Something was written, and a supervisor gave the review to somebody else."""
    body = held.named | {"version": 0, "body": {"text": text, "sources": {}}}
    assert (await held.client.put(f"{held.api}/draft", json=body)).status_code == 200
    other = await make_user("employee", "other@cabrank.test")
    async with db.transaction() as tx:
        await dispatch.enroll(tx, other.id)
        given = await dispatch.transfer(
            tx, held.given.review_id, actor=held.boss, employee_id=other.id, rules=Rules(), ignore_capacity=True
        )
        token = await sessions.open_session(tx, other.id, "bearer")
    client = client_of(running, token)
    client.headers["accept"] = "text/html"
    return client, given


async def test_words_are_taken_over_or_left(held: Held, running: Litestar, db: Database, make_user: MakeUser) -> None:
    client, given = await _passed_on(held, running, db, make_user, f"{BASE}\n<b>Terraform</b>")
    desk = (await client.get("/desk/work")).text
    assert "Employee had begun on this" in desk
    assert "1 line added" in desk
    assert "<b>Terraform" not in desk
    mine = {"assignment": str(given.id)}
    nowhere = await client.post(f"{held.desk}/take-over", data=mine | {"earlier": str(given.review_id)})
    assert nowhere.status_code == 404
    taken = await client.post(f"{held.desk}/take-over", data=mine | {"earlier": str(held.given.id)})
    assert taken.status_code == 200
    assert "had begun on this" not in taken.text
    async with db.transaction() as tx:
        draft = await dispatch.get_draft(tx, given.employee_id, given.review_id)
    assert draft.body["text"].endswith("<b>Terraform</b>")
    assert draft.employee_id == given.employee_id
    left = await client.post(f"{held.desk}/take-over", data=mine)
    assert left.status_code == 200
    async with db.transaction() as tx:
        assert (await dispatch.get_draft(tx, given.employee_id, given.review_id)).body["text"] == BASE


async def test_who_lost_the_review_takes_nothing_over_and_sees_no_file(
    held: Held, running: Litestar, db: Database, make_user: MakeUser
) -> None:
    assert (await held.client.get(f"{held.desk}/document")).text == BASE
    client, _ = await _passed_on(held, running, db, make_user, "x")
    late = await held.client.post(f"{held.desk}/take-over", data=held.named)
    assert (late.status_code, late.json()["winner"]) == (409, "Employee")
    for path in ("document", "earlier"):
        assert (await held.client.get(f"{held.desk}/{path}")).status_code == 404
        assert (await client.get(f"{held.desk}/{path}")).status_code == 200
