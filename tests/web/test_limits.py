"""Limits that all processes share."""

from __future__ import annotations

import asyncio

import httpx

from app.accounts import service
from app.platform.db import Database
from app.seekers import service as seekers
from tests.web.conftest import MakeUser, SignIn


async def test_guessing_a_password_is_stopped_and_others_go_on(
    anonymous: httpx.AsyncClient, make_user: MakeUser
) -> None:
    await make_user("employee")
    answers = []
    for n in range(12):
        body = {"email": "employee@cabrank.test", "password": f"guess number {n}"}
        answers.append(await anonymous.post("/api/auth/token", json=body))
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[-1].json()["type"] == "urn:cabrank:problem:rate-limited"
    body = {"email": "somebody@cabrank.test", "password": "guess number 1"}
    assert (await anonymous.post("/api/auth/token", json=body)).status_code == 401


async def test_a_token_that_asks_too_often_is_slowed_and_others_are_not(signed_in: SignIn) -> None:
    busy, calm = await signed_in("operator"), await signed_in("operator", "calm@cabrank.test")
    # all at once: one after the other, a slow machine would never ask more than 30 times a second
    answers = await asyncio.gather(*(busy.get("/api/sources/") for _ in range(600)))
    assert {answer.status_code for answer in answers} == {200, 429}
    assert (await calm.get("/api/sources/")).status_code == 200


async def test_a_form_that_was_sent_too_often_says_when_to_come_back(
    anonymous: httpx.AsyncClient, make_user: MakeUser
) -> None:
    await make_user("employee")
    data = {"email": "employee@cabrank.test", "password": "a guess"}
    answers = [await anonymous.post("/sign-in", data=data) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert "Wait a little" in answers[-1].text


async def test_uploads_are_slowed_and_each_is_told_so(signed_in: SignIn, db: Database) -> None:
    seeker = await signed_in("seeker")
    async with db.transaction() as tx:
        await seekers.create(tx, (await service.by_email(tx, "seeker@cabrank.test")).id)
    files = {"file": ("resume.txt", b"Ada Lovelace", "text/plain")}
    codes = [(await seeker.post("/api/seekers/me/resumes", files=files)).status_code for _ in range(21)]
    assert codes == [201] * 20 + [429]
    page = await seeker.post("/portal/resumes", files=files)
    assert (page.status_code, "Too many uploads" in page.text) == (200, True)
