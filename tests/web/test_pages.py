"""The pages without a browser: what they say when something is missing, and by which settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar
from sqlalchemy import func, insert

from app.accounts import sessions
from app.accounts.service import User
from app.dispatch import service as dispatch
from app.dispatch.models import strike
from app.dispatch.policy.types import Rules
from app.platform import queue
from app.platform.db import Database
from app.platform.ids import new_id
from app.seekers import service as seekers
from tests.web.conftest import MakeUser, client_of


@pytest_asyncio.fixture
async def employee(db: Database, make_user: MakeUser) -> User:
    user = await make_user("employee")
    async with db.transaction() as tx:
        await dispatch.enroll(tx, user.id)
    return user


async def _page(app: Litestar, db: Database, user: User) -> httpx.AsyncClient:
    async with db.transaction() as tx:
        token = await sessions.open_session(tx, user.id, "bearer")
    client = client_of(app, token)
    client.headers["accept"] = "text/html"
    return client


@pytest.mark.parametrize(("role", "paths"), [("employee", ("/desk", "/desk/top")), ("supervisor", ("/board",))])
async def test_without_valkey_presence_is_unknown_and_the_pages_go_on(
    running: Litestar, db: Database, make_user: MakeUser, role: str, paths: tuple[str, ...]
) -> None:
    user = await make_user(role)
    nobody = queue.connect("redis://127.0.0.1:9")
    async with await _page(running, db, user) as client:
        running.state.resources.redis = nobody
        for path in paths:
            assert (await client.get(path)).status_code == 200
    await nobody.aclose()


async def test_an_expired_strike_no_longer_counts_by_the_settings(
    running: Litestar, db: Database, employee: User, make_user: MakeUser
) -> None:
    boss = await make_user("supervisor")
    async with db.transaction() as tx:
        review = await dispatch.file_review(tx, kind="question", title="Which visa?")
        given = await dispatch.assign(
            tx, review.id, actor=boss.id, employee_id=employee.id, rules=Rules(), ignore_capacity=True
        )
        past = func.clock_timestamp() - timedelta(days=5)
        row = {"id": new_id(), "employee_id": employee.id, "assignment_id": given.id, "at": past}
        await tx.conn.execute(insert(strike).values(row | {"level": "noted", "count": 1, "evidence": {}}))
    async with await _page(running, db, employee) as client:
        assert "no longer counts" not in (await client.get("/desk/history")).text
        resources = running.state.resources
        resources.rules = Rules(strike_days=3)
        assert "no longer counts" in (await client.get("/desk/history")).text


ODD = [
    {"attention": "x", "score": "high"},
    {"attention": ["x"], "questions": 7, "answers": {"a": 1}, "response": []},
    {"questions": [{"options": 3}, {"options": {"a": 1}, "label": None}], "score": True, "url": {"x": 1}},
    {"fields": [1, None], "filled": "x", "why": {"deep": []}, "response": {"url": 1}, "screenshot_key": 9},
]


KINDS = ("resume", "question", "handover", "unknown_outcome", "mail_match")


@pytest.mark.parametrize("payload", ODD)
async def test_a_review_filed_with_an_odd_payload_breaks_nobodys_page(
    running: Litestar, db: Database, employee: User, make_user: MakeUser, payload: dict[str, Any]
) -> None:
    boss = await make_user("supervisor")
    async with db.transaction() as tx:
        filed = [await dispatch.file_review(tx, kind=kind, title=f"Odd {kind}", payload=payload) for kind in KINDS]
        for review in filed:
            await dispatch.assign(
                tx, review.id, actor=boss.id, employee_id=employee.id, rules=Rules(), ignore_capacity=True
            )
    desks = [(employee, f"/desk?review={review.id}", review.title) for review in filed]
    boards = [(boss, path, review.title) for path in ("/board", "/api/board") for review in filed]
    for user, path, title in [*desks, *boards]:
        async with await _page(running, db, user) as client:
            answer = await client.get(path)
            assert answer.status_code == 200, answer.text
            assert f"{title}</h1>" in answer.text if user is employee else title in answer.text


async def test_a_locked_employee_reads_why_and_gets_no_work(running: Litestar, db: Database, employee: User) -> None:
    async with db.transaction() as tx:
        await dispatch.lock(tx, employee.id, actor=employee.id, reason="four strikes")
        token = await sessions.open_session(tx, employee.id, "bearer", restricted=True)
    async with client_of(running, token) as client:
        pages = {path: await client.get(path) for path in ("/desk", "/desk/top", "/desk/work", "/desk/history")}
        assert {page.status_code for page in pages.values()} == {200}
        assert "Your account is locked" in pages["/desk"].text
        assert "Your account is locked" in pages["/desk/work"].text
        refused = await client.post("/desk/availability", data={"state": "available"})
        assert (refused.status_code, refused.json()["title"]) == (403, "Your account is locked")


async def test_an_empty_answer_is_not_kept(running: Litestar, db: Database, make_user: MakeUser) -> None:
    seeker = await make_user("seeker")
    async with db.transaction() as tx:
        await seekers.create(tx, seeker.id)
    async with await _page(running, db, seeker) as client:
        for question, answer in (("Years?", "  "), ("  ", "6"), ("Years?", "")):
            told = await client.post("/portal/answers", data={"question": question, "answer": answer})
            assert told.status_code == 400, (question, answer)
        told = await client.patch("/api/seekers/me", json={"answers": [{"question": "Years?", "answer": " "}]})
        assert told.status_code == 400
        assert (await client.get("/api/seekers/me")).json()["answers"] == []


async def test_kinds_of_employment_and_countries_in_the_profiles_form(
    running: Litestar, db: Database, make_user: MakeUser
) -> None:
    seeker = await make_user("seeker")
    async with db.transaction() as tx:
        await seekers.create(tx, seeker.id)
    kinds = "preferences.employment_types"
    form = {kinds: "", f"{kinds}.contract": "yes", f"{kinds}.part_time": "yes", "preferences.needs_sponsor": "yes"}
    async with await _page(running, db, seeker) as client:
        told = await client.post("/portal/profile", data=form | {"preferences.work_countries": "Germny, UK"})
        assert told.status_code == 422
        assert "“Germny” is no country that we know" in told.text
        assert 'value="Germny, UK"' in told.text
        assert f'name="{kinds}.contract" value="yes" checked' in told.text
        assert (await client.get("/api/seekers/me")).json()["preferences"]["employment_types"] == []
        assert (
            await client.post("/portal/profile", data=form | {"preferences.work_countries": "de, UK"})
        ).status_code == 200
        wants = (await client.get("/api/seekers/me")).json()["preferences"]
        assert wants["employment_types"] == ["part_time", "contract"]
        assert (wants["work_countries"], wants["needs_sponsor"]) == (["Germany", "United Kingdom"], True)
        await client.post("/portal/profile", data={"profile.phone": "1"})  # a form without them leaves them
        assert (await client.get("/api/seekers/me")).json()["preferences"] == wants
        await client.post("/portal/profile", data={kinds: "", "preferences.needs_sponsor": "no"})
        wants = (await client.get("/api/seekers/me")).json()["preferences"]
        assert (wants["employment_types"], wants["needs_sponsor"]) == ([], False)
