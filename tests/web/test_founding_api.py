"""The founding endpoints, matches, applications and thumbs of one seeker."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from sqlalchemy import func, insert, update

from app.accounts import service as accounts
from app.applications import service as applications
from app.bots.match.models import match
from app.platform.db import Database
from app.platform.ids import new_id
from app.platform.objects import Objects
from app.postings import service as postings
from app.postings.models import posting as posting_table
from app.postings.types import NewPosting, Posting
from app.seekers import service as seekers
from tests.web.conftest import SignIn


class Case:
    """A seeker with a read resume, and a posting that was scored for them."""

    def __init__(self, seeker: httpx.AsyncClient, posting: Posting, seeker_id: UUID) -> None:
        self.seeker, self.posting, self.seeker_id = seeker, posting, seeker_id


@pytest_asyncio.fixture
async def case(signed_in: SignIn, db: Database, objects: Objects) -> Case:
    client = await signed_in("seeker")
    async with db.transaction() as tx:
        user = await accounts.by_email(tx, "seeker@cabrank.test")
        await seekers.create(tx, user.id, name="Ada Lovelace", email=user.email)
        new = NewPosting(
            origin="hr",
            external_id="1",
            company="Practice Works",
            title="Developer",
            description_html="<p>Python</p>",
            apply_url="http://127.0.0.1:8099/jobs/1",
        )
        posting = await postings.create_internal(tx, new)
    return Case(client, posting, user.id)


async def _resume(case: Case, db: Database, objects: Objects) -> None:
    async with db.transaction() as tx:
        version = await seekers.store_upload(tx, objects, case.seeker_id, "resume.txt", b"Ada Lovelace\nPython\n")
        await seekers.parsed(tx, objects, version.id, text="Ada Lovelace\nPython", found={})


async def _scored(case: Case, db: Database, score: float) -> None:
    values: dict[str, Any] = {
        "id": new_id(),
        "seeker_id": case.seeker_id,
        "posting_id": case.posting.id,
        "score": score,
        "components": [],
        "explanation": {},
        "decision": "review",
        "posting_version": 1,
        "seeker_version": 1,
        "model_version": "x",
        "computed_at": func.clock_timestamp(),
    }
    async with db.transaction() as tx:
        await tx.conn.execute(insert(match).values(values))


async def test_without_a_resume_nothing_is_applied_for(case: Case) -> None:
    answer = await case.seeker.post(f"/jobapplier/apply/{case.posting.number}/")
    assert (answer.status_code, answer.json()["title"]) == (409, "Upload a resume first")
    assert (await case.seeker.post("/jobapplier/apply/999999/", json={})).status_code == 404
    assert (await case.seeker.get("/jobapplier/apply/batch/")).status_code in (404, 405)


async def test_applying_starts_the_bot_once_and_can_be_watched(case: Case, db: Database, objects: Objects) -> None:
    await _resume(case, db, objects)
    body = {"application_mode": "realtime", "auto_customize": False, "follow_external_links": True, "notes": "please"}
    first = await case.seeker.post(f"/jobapplier/apply/{case.posting.number}/", json=body)
    assert first.status_code == 202, first.text
    told = first.json()
    assert (told["status"], told["job_id"], told["job_title"]) == ("applying", case.posting.number, "Developer")
    again = await case.seeker.post("/api/jobapplier/apply-dynamically", json={"job_id": case.posting.number})
    assert again.json()["id"] == told["id"]
    for path in (
        f"/api/jobapplier/monitor-status/{told['id']}/",
        f"/api/jobapplier/monitor-status/{told['id']}",
        f"/api/jobtracker/application/{told['id']}/status/",
    ):
        assert (await case.seeker.get(path)).json()["application"] == told["application"]
    history = (await case.seeker.get(f"/jobapplier/applications/{told['id']}/status-history/")).json()
    assert [line["to_status"] for line in history["items"]] == ["applying"]
    assert [app["number"] for app in (await case.seeker.get("/api/applications/")).json()["items"]] == [told["id"]]


async def test_a_bot_that_may_not_leave_us_gives_it_to_a_person(case: Case, db: Database, objects: Objects) -> None:
    await _resume(case, db, objects)
    body = {"follow_external_links": False}
    answer = await case.seeker.post(f"/jobapplier/apply/{case.posting.number}", json=body)
    assert answer.json()["status"] == "in_review"


async def test_statuses_are_said_by_hand_and_refused_where_they_can_not_be(
    case: Case, db: Database, objects: Objects
) -> None:
    await _resume(case, db, objects)
    number = (await case.seeker.post(f"/jobapplier/apply/{case.posting.number}", json={})).json()["id"]
    path = f"/jobapplier/applications/{number}/update-status/"
    done = await case.seeker.post(path, json={"status": "applied", "notes": "by phone"})
    assert done.json()["status"] == "applied"
    assert (await case.seeker.post(path, json={"status": "in_review"})).status_code == 409
    assert (await case.seeker.post(path, json={"status": "hired"})).json()["errors"][0]["path"] == "status"
    one = (await case.seeker.get(f"/api/applications/{number}")).json()
    assert one["timeline"][-1]["note"] == "by phone"
    assert (await case.seeker.post(f"/api/applications/{number}/withdraw")).json()["status"] == "withdrawn"


async def test_another_seekers_application_is_not_there(
    case: Case, db: Database, objects: Objects, signed_in: SignIn
) -> None:
    await _resume(case, db, objects)
    number = (await case.seeker.post(f"/jobapplier/apply/{case.posting.number}", json={})).json()["id"]
    other = await signed_in("seeker", "other@cabrank.test")
    for path in (f"/api/jobapplier/monitor-status/{number}", f"/api/applications/{number}"):
        assert (await other.get(path)).status_code == 404
    assert (await other.post(f"/api/applications/{number}/withdraw")).status_code == 404
    body = {"status": "rejected"}
    assert (await other.post(f"/jobapplier/applications/{number}/update-status", json=body)).status_code == 404


async def test_scores_and_thumbs(case: Case, db: Database) -> None:
    thumb = {"verdict": "down", "reason": "too far"}
    path = f"/api/seekers/me/matches/{case.posting.number}/feedback"
    assert (await case.seeker.post(path, json=thumb)).status_code == 404
    await _scored(case, db, 72.5)
    live = (await case.seeker.get("/api/jobmatcher/live-scores/")).json()
    assert [(item["match_score"], item["score"]) for item in live["items"]] == [(0.725, 72.5)]
    matches = (await case.seeker.get("/api/seekers/me/matches", params={"min_score": 80})).json()
    assert matches["items"] == []
    assert (await case.seeker.post(path, json=thumb)).json()["score"] == 72.5
    by_id = f"/api/seekers/me/matches/{case.posting.id}/feedback"
    assert (await case.seeker.post(by_id, json={"verdict": "up"})).json()["verdict"] == "up"
    assert (await case.seeker.post(by_id, json={"verdict": "sideways"})).status_code == 400
    assert (await case.seeker.get("/api/seekers/me/matches?cursor=nonsense")).status_code == 400


async def test_matching_is_started_and_stopped(case: Case) -> None:
    for verb, active in (("stop", False), ("start", True)):
        answer = await case.seeker.post(f"/api/jobmatcher/{verb}-realtime/")
        assert answer.json() == {"matching_active": active}
        assert (await case.seeker.get("/api/seekers/me")).json()["matching_active"] is active


async def test_scoring_says_what_it_needs(case: Case, db: Database, objects: Objects) -> None:
    assert (await case.seeker.post("/api/jobmatcher/score-job/", json={})).json()["errors"][0]["path"] == "job_id"
    body = {"job_id": case.posting.number}
    assert (await case.seeker.post("/api/jobmatcher/score-job/", json=body)).status_code == 409
    await _resume(case, db, objects)
    answer = await case.seeker.post("/api/jobmatcher/score-job/", json=body)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:cabrank:problem:unavailable")


async def _asked(case: Case, db: Database, objects: Objects) -> Any:
    """An application whose reviewer asks the seeker something."""
    await _resume(case, db, objects)
    number = (await case.seeker.post(f"/jobapplier/apply/{case.posting.number}", json={})).json()["id"]
    async with db.transaction() as tx:
        app = await applications.owned_by_number(tx, case.seeker_id, number)
        await applications.needs_person(tx, app.id, kind="question", title="?", payload={"fields": []})
        return await applications.reviewed(
            tx, app.id, verdict="ask_seeker", by=case.seeker_id, notes="Have you mentored anyone?"
        )


async def test_a_reviewers_question_is_answered_in_words_once(case: Case, db: Database, objects: Objects) -> None:
    app = await _asked(case, db, objects)
    path = f"/api/seekers/me/questions/{app.id}/answer"
    for bad in ("  ", [], {"no": "text"}, 7, "x" * 5000):
        assert (await case.seeker.post(path, json={"answer": bad})).status_code == 400, bad
    assert (await case.seeker.post(path, json={"answer": "Two juniors."})).json()["status"] == "in_review"
    assert (await case.seeker.post(path, json={"answer": "Two juniors."})).status_code == 409
    (kept,) = (await case.seeker.get("/api/seekers/me")).json()["answers"]
    assert (kept["question"], kept["answer"]) == ("Have you mentored anyone?", "Two juniors.")


async def test_the_portal_applies_as_the_api_does(case: Case, db: Database, objects: Objects) -> None:
    await _resume(case, db, objects)
    async with db.transaction() as tx:
        ours = NewPosting(origin="hr", external_id="2", company="Practice Works", title="Cook")
        ours_too = NewPosting(origin="hr", external_id="3", company="Practice Works", title="Chef")
        internal, closed = [await postings.create_internal(tx, new) for new in (ours, ours_too)]
        await tx.conn.execute(
            update(posting_table)
            .where(posting_table.c.id == closed.id)
            .values(state="closed", closed_at=func.clock_timestamp())
        )
    assert (await case.seeker.post(f"/portal/matches/{internal.number}/apply")).status_code == 200
    async with db.transaction() as tx:
        app = await applications.of_pair(tx, case.seeker_id, internal.id)
        assert app is not None
        assert (app.mode, app.status) == ("manual", "applying")
    for act in ("apply", "review"):
        answer = await case.seeker.post(f"/portal/matches/{closed.number}/{act}")
        assert (answer.status_code, answer.json()["title"]) == (409, "This posting is closed")


async def test_the_portal_shows_scores_by_the_seekers_own_limits(case: Case, db: Database) -> None:
    await _scored(case, db, 55.0)
    assert "Developer" not in (await case.seeker.get("/portal/matches")).text
    own = {"thresholds.auto": "70", "thresholds.floor": "50.5"}
    saved = await case.seeker.post("/portal/profile", data=own)
    assert saved.status_code == 200, saved.text
    assert "apply to those of 70 and more" in saved.text
    assert 'value="50.5"' in saved.text
    page = (await case.seeker.get("/portal/matches")).text
    assert "Developer" in page
    assert 'class="ring warn"' in page
    assert "Have a person look" in page
    assert "<b>1</b><span>matches" in (await case.seeker.get("/portal/figures")).text
    await case.seeker.post("/portal/profile", data={"thresholds.auto": "55", "thresholds.floor": ""})
    page = (await case.seeker.get(f"/portal/matches/{case.posting.number}")).text
    assert 'class="ring"' in page
    assert "Have a person look" not in page
    bad = await case.seeker.post("/portal/profile", data={"thresholds.auto": "55", "thresholds.floor": "80"})
    assert bad.status_code == 422
    assert "must not be above the automatic limit" in bad.text
