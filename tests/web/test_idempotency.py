"""`Idempotency-Key`: the first answer again, and nothing done twice."""

from __future__ import annotations

import asyncio

import httpx
from sqlalchemy import select

from app.accounts.models import idempotency
from app.platform.db import Database
from app.seekers import service as seekers
from tests.web.conftest import PASSWORD, SignIn

TEXT = b"Ada Lovelace\nada@cabrank.test\n\nSkills\nPython"


async def _seeker(signed_in: SignIn, db: Database, email: str = "seeker@cabrank.test") -> httpx.AsyncClient:
    from app.accounts import service

    client = await signed_in("seeker", email)
    async with db.transaction() as tx:
        await seekers.create(tx, (await service.by_email(tx, email)).id)
    return client


async def _upload(client: httpx.AsyncClient, key: str) -> httpx.Response:
    files = {"file": ("resume.txt", TEXT, "text/plain")}
    return await client.post("/api/seekers/me/resumes", files=files, headers={"idempotency-key": key})


async def test_the_same_key_does_it_once_even_at_the_same_time(signed_in: SignIn, db: Database) -> None:
    client = await _seeker(signed_in, db)
    answers = await asyncio.gather(*(_upload(client, "one") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 3
    assert len((await client.get("/api/seekers/me")).json()["resumes"]) == 1


async def test_another_key_or_another_caller_is_another_request(signed_in: SignIn, db: Database) -> None:
    client, other = await _seeker(signed_in, db), await _seeker(signed_in, db, "other@cabrank.test")
    ids = {(await _upload(*pair)).json()["id"] for pair in ((client, "one"), (client, "two"), (other, "one"))}
    assert len(ids) == 3


async def test_a_key_stands_for_one_request(signed_in: SignIn, db: Database) -> None:
    client = await _seeker(signed_in, db)
    assert (await _upload(client, "one")).status_code == 201
    answer = await client.post("/api/seekers/me/resumes?x=1", headers={"idempotency-key": "one"})
    assert answer.status_code == 400
    assert answer.json()["title"] == "This Idempotency-Key was used for another request"


async def test_a_refused_request_claims_no_key(signed_in: SignIn, db: Database) -> None:
    client = await _seeker(signed_in, db)
    headers = {"idempotency-key": "one"}
    bad = await client.post("/api/seekers/me/resumes", files={"other": ("x", b"x")}, headers=headers)
    assert bad.status_code == 400
    assert (await _upload(client, "one")).status_code == 201


async def test_a_ticket_is_never_kept_with_its_key(signed_in: SignIn, db: Database) -> None:
    client = await _seeker(signed_in, db)
    answers = [await client.post("/api/auth/ticket", headers={"idempotency-key": "one"}) for _ in range(2)]
    assert len({answer.json()["ticket"] for answer in answers}) == 2
    async with db.transaction() as tx:
        assert (await tx.conn.execute(select(idempotency))).all() == []


async def test_a_token_is_never_kept_with_its_key(signed_in: SignIn, db: Database) -> None:
    client = await _seeker(signed_in, db)
    body = {"email": "seeker@cabrank.test", "password": PASSWORD}
    tokens = set()
    for _ in range(2):
        answer = await client.post("/api/auth/token", json=body, headers={"idempotency-key": "one"})
        assert answer.status_code == 200
        tokens.add(answer.json()["token"])
    assert len(tokens) == 2
    async with db.transaction() as tx:
        kept = (await tx.conn.execute(select(idempotency.c.body))).scalars().all()
    assert not [body for body in kept for token in tokens if token.encode() in (body or b"")]


async def test_a_key_with_another_file_is_another_request(signed_in: SignIn, db: Database) -> None:
    client = await _seeker(signed_in, db)
    assert (await _upload(client, "one")).status_code == 201
    files = {"file": ("resume.txt", TEXT + b" and more", "text/plain")}
    answer = await client.post("/api/seekers/me/resumes", files=files, headers={"idempotency-key": "one"})
    assert answer.status_code == 400
    again = await _upload(client, "one")
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
