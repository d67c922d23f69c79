"""A review of a resume through the API and the desk's own addresses: sources, scores, who won."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest_asyncio
from litestar import Litestar
from sqlalchemy import update

from app.accounts import service as accounts
from app.accounts import sessions
from app.applications import service as applications
from app.dispatch import service as dispatch
from app.dispatch.models import review
from app.dispatch.policy.types import Rules
from app.dispatch.types import Assignment
from app.platform.db import Database
from app.platform.objects import Objects
from app.postings import service as postings
from app.postings.types import NewPosting
from app.seekers import service as seekers
from tests.web.conftest import MakeUser, SignIn, client_of

BASE = "Ada Lovelace\nPython"


class Held:
    """A review of a resume on an employee's desk."""

    def __init__(self, client: httpx.AsyncClient, given: Assignment, boss: UUID, seeker: UUID) -> None:
        self.client, self.given, self.boss, self.seeker = client, given, boss, seeker
        self.api, self.desk = f"/api/reviews/{given.review_id}", f"/desk/reviews/{given.review_id}"
        self.named = {"assignment": str(given.id)}


@pytest_asyncio.fixture
async def held(running: Litestar, signed_in: SignIn, make_user: MakeUser, db: Database, objects: Objects) -> Held:
    await signed_in("seeker")
    employee, boss = await make_user("employee"), await make_user("supervisor")
    async with db.transaction() as tx:
        seeker = (await accounts.by_email(tx, "seeker@cabrank.test")).id
        await seekers.create(tx, seeker, name="Ada Lovelace")
        version = await seekers.store_upload(tx, objects, seeker, "resume.txt", BASE.encode())
        await seekers.parsed(tx, objects, version.id, text=BASE, found={})
        posting = await postings.create_internal(tx, NewPosting(external_id="1", company="Practice", title="Cook"))
        app = await applications.request_review(
            tx, seeker_id=seeker, posting_id=posting.id, score=70, resume_version_id=version.id
        )
        await dispatch.enroll(tx, employee.id)
        filed = await dispatch.file_for_application(tx, app.id)
        assert filed is not None
        given = await dispatch.assign(
            tx, filed.id, actor=boss.id, employee_id=employee.id, rules=Rules(), ignore_capacity=True
        )
        token = await sessions.open_session(tx, employee.id, "bearer")
    return Held(client_of(running, token), given, boss.id, seeker)


async def _saved(held: Held, db: Database) -> str:
    """What "Keep a version" stores: lines whose source is still open."""
    body = held.named | {"text": f"{BASE}\nTerraform since 2022", "save": "version"}
    assert (await held.client.post(f"{held.desk}/complete", data=body)).status_code == 204
    async with db.transaction() as tx:
        (version,) = [one for one in await seekers.resumes(tx, held.seeker) if one.kind == "review"]
    return str(version.id)


async def test_a_stored_version_needs_the_sources_of_its_added_lines_too(held: Held, db: Database) -> None:
    body = held.named | {"verdict": "approve", "resume_version": await _saved(held, db)}
    refused = await held.client.post(f"{held.api}/complete", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "sources")
    done = await held.client.post(f"{held.api}/complete", json=body | {"sources": {"Terraform since 2022": "profile"}})
    assert (done.status_code, done.json()["state"]) == (200, "completed")


async def test_the_desk_says_who_won_as_the_api_does(held: Held, db: Database, make_user: MakeUser) -> None:
    other = await make_user("employee", "other@cabrank.test")
    async with db.transaction() as tx:
        await dispatch.enroll(tx, other.id)
        await dispatch.transfer(
            tx, held.given.review_id, actor=held.boss, employee_id=other.id, rules=Rules(), ignore_capacity=True
        )
    acts = [
        ("score", {"text": "x"}),
        ("complete", {"verdict": "reject", "notes": "no"}),
        ("release", {"reason": "no"}),
        ("decline", {"reason": "no"}),
        ("snooze", {"reason": "no", "minutes": "15"}),
        ("escalate", {"reason": "no"}),
    ]
    for act, body in acts:
        answer = await held.client.post(f"{held.desk}/{act}", data=held.named | body)
        assert (answer.status_code, answer.json()["winner"]) == (409, "Employee"), act
    answer = await held.client.post(f"{held.api}/rescore", json=held.named | {"resume": "x"})
    assert (answer.status_code, answer.json()["winner"]) == (409, "Employee")


async def test_putting_aside_wants_a_time_within_a_week(held: Held) -> None:
    for minutes in ("", "0", "10081", "soon"):
        body = held.named | {"reason": "lunch", "minutes": minutes}
        assert (await held.client.post(f"{held.desk}/snooze", data=body)).status_code == 400, minutes
    assert (await held.client.post(f"{held.desk}/snooze", data=held.named | {"reason": "l", "minutes": "60"})).text


async def test_scoring_a_draft_holds_no_lock(held: Held, db: Database) -> None:
    """The embedder may take seconds: the dispatcher must not wait for it."""
    async with db.transaction() as tx:
        await dispatch.fence(tx, held.given.employee_id, held.given.review_id, held.given.id)
        for path in (f"{held.api}/rescore", f"{held.desk}/score"):
            body = held.named | {"resume": "x", "text": "x"}
            sent = {"json": body} if path.startswith("/api") else {"data": body}
            answer = await held.client.post(path, timeout=5, **sent)  # type: ignore[arg-type]  # one of two keywords
            assert answer.status_code == 503, path


async def test_a_text_longer_than_any_resume_is_refused(held: Held) -> None:
    long = "x" * 100_001
    assert (await held.client.post(f"{held.api}/rescore", json=held.named | {"resume": long})).status_code == 400
    assert (await held.client.post(f"{held.desk}/score", data=held.named | {"text": long})).status_code == 400
    body = held.named | {"verdict": "approve", "resume": long}
    assert (await held.client.post(f"{held.api}/complete", json=body)).status_code == 400


async def test_a_picture_is_shown_of_the_reviews_own_application_alone(
    held: Held, db: Database, objects: Objects
) -> None:
    async with db.transaction() as tx:
        (resume,) = await seekers.resumes(tx, held.seeker)
        (app,) = await applications.of_seeker(tx, held.seeker)
    own, foreign = f"applications/{app.id}/one.png", f"applications/{held.boss}/one.png"
    for key in (own, foreign):
        await objects.put(key, b"\x89PNG")
    for key, status in ((own, 200), (foreign, 404), (resume.object_key, 404), ("../secret.key", 404)):
        async with db.transaction() as tx:
            payload = update(review).where(review.c.id == held.given.review_id)
            await tx.conn.execute(payload.values(payload={"screenshot_key": key}))
        answer = await held.client.get(f"{held.desk}/screenshot")
        assert answer.status_code == status, key


async def test_a_review_filed_by_hand_shows_no_object_of_the_store(held: Held, db: Database, objects: Objects) -> None:
    async with db.transaction() as tx:
        (resume,) = await seekers.resumes(tx, held.seeker)
        filed = await dispatch.file_review(
            tx, kind="handover", title="Look", payload={"screenshot_key": resume.object_key}
        )
        await dispatch.assign(
            tx, filed.id, actor=held.boss, employee_id=held.given.employee_id, rules=Rules(), ignore_capacity=True
        )
    assert (await held.client.get(f"/desk/reviews/{filed.id}/screenshot")).status_code == 404
    page = (await held.client.get(f"/desk?review={filed.id}")).text
    assert "Did you send it?" in page
    assert "/screenshot" not in page


async def test_a_colleague_finds_nothing_at_any_address_of_the_review(
    running: Litestar, held: Held, db: Database, make_user: MakeUser
) -> None:
    other = await make_user("employee", "other@cabrank.test")
    async with db.transaction() as tx:
        await dispatch.enroll(tx, other.id)
        token = await sessions.open_session(tx, other.id, "bearer")
    named = held.named | {"reason": "mine"}
    draft = held.named | {"version": 0, "body": {}}
    async with client_of(running, token) as stranger:
        answers = [
            await stranger.get(held.api),
            await stranger.get(f"{held.api}/draft"),
            await stranger.put(f"{held.api}/draft", json=draft),
            await stranger.post(f"{held.api}/rescore", json=held.named | {"resume": "x"}),
            await stranger.post(f"{held.api}/complete", json=held.named | {"verdict": "reject", "notes": "no"}),
            *[await stranger.post(f"{held.api}/{act}", json=named) for act in ("release", "decline", "escalate")],
            await stranger.post(f"{held.api}/snooze", json=named | {"until": "2100-01-01T00:00:00Z"}),
            await stranger.get(f"{held.desk}/screenshot"),
            await stranger.post(f"{held.desk}/score", data=held.named | {"text": "x"}),
            await stranger.post(f"{held.desk}/complete", data=held.named | {"verdict": "approve"}),
            *[await stranger.post(f"{held.desk}/{act}", data=named) for act in ("release", "decline", "escalate")],
            await stranger.post(f"{held.desk}/snooze", data=named | {"minutes": "15"}),
        ]
    assert {(answer.status_code, answer.json()["type"]) for answer in answers} == {
        (404, "urn:cabrank:problem:no-such-review")
    }
