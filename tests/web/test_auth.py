"""Signing in by token; problems; headers."""

from __future__ import annotations

import re

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import event, text

from app.config import Settings
from app.platform import db
from app.platform.db import Database
from tests.web.conftest import PASSWORD, MakeUser, SignIn


async def test_a_token_opens_and_its_deletion_closes(anonymous: httpx.AsyncClient, make_user: MakeUser) -> None:
    user = await make_user("employee")
    answer = await anonymous.post("/api/auth/token", json={"email": "Employee@cabrank.test", "password": PASSWORD})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["role"], told["user_id"]) == ("employee", str(user.id))
    headers = {"authorization": f"Bearer {told['token']}"}
    assert (await anonymous.post("/api/auth/ticket", headers=headers)).status_code == 200
    assert (await anonymous.delete("/api/auth/token", headers=headers)).status_code == 204
    assert (await anonymous.post("/api/auth/ticket", headers=headers)).status_code == 401


@pytest.mark.parametrize("email", ["employee@cabrank.test", "nobody@cabrank.test"])
async def test_a_wrong_password_and_an_unknown_mail_are_answered_alike(
    anonymous: httpx.AsyncClient, make_user: MakeUser, email: str
) -> None:
    await make_user("employee")
    answer = await anonymous.post("/api/auth/token", json={"email": email, "password": "wrong password"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["title"] == "Mail address or password is wrong"
    assert set(told) == {"type", "title", "status", "detail"}


async def test_bad_input_names_the_field(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.post("/api/auth/token", json={"email": 7, "password": "x"})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"path": "email", "message": "Expected `str`, got `int`"}]
    answer = await anonymous.post("/api/auth/token", json={"password": "x"})
    assert answer.json()["errors"] == [{"path": "email", "message": "Fill this in."}]


async def test_half_a_json_is_said_to_be_one(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.post(
        "/api/auth/token", content=b'{"email": ', headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["detail"] == "The body is not valid JSON."


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/nothing", 404), ("PUT", "/api/auth/token", 405)])
async def test_unknown_paths_and_methods_are_problems(
    anonymous: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await anonymous.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


async def test_every_answer_bears_the_security_headers(anonymous: httpx.AsyncClient) -> None:
    for path in ("/health/live", "/api/nothing", "/schema"):
        headers = (await anonymous.get(path)).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-request-id"]
        assert "strict-transport-security" not in headers


async def test_a_foreign_host_is_refused_but_for_probes(anonymous: httpx.AsyncClient) -> None:
    refused = await anonymous.get("/schema", headers={"host": "evil.test"})
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    probed = await anonymous.get("/health/live", headers={"host": "10.0.0.7"})
    assert probed.status_code == 200
    for answer in (refused, probed):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-request-id"]
        assert not {"evil.test", "10.0.0.7"} & set(re.findall(r"[\w.]+", answer.headers["content-security-policy"]))


async def test_a_failing_database_is_said_without_its_insides(running: Litestar, signed_in: SignIn) -> None:
    client = await signed_in("operator")
    full = Database("postgresql://nobody@127.0.0.1:9/nothing", pool_size=1)
    running.state.resources.db = full
    answer = await client.post("/api/auth/ticket")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert set(answer.json()) == {"type", "title", "status", "detail"}
    await full.dispose()


async def test_a_connection_that_breaks_under_a_request_is_said_to_be_unavailable(
    running: Litestar, signed_in: SignIn, settings: Settings
) -> None:
    client = await signed_in("operator")
    brittle = Database(settings.database_url or "", pool_size=1)
    async with brittle.transaction() as tx:
        mine = await tx.conn.scalar(text("SELECT pg_backend_pid()"))
    # It would notice before the request does, where the engine's word that it has ended comes first.
    event.remove(brittle.engine.sync_engine.pool, "checkout", db._still_open)
    running.state.resources.db, whole = brittle, running.state.resources.db
    async with whole.transaction() as tx:
        await tx.conn.execute(text(f"SELECT pg_terminate_backend({mine})"))
    answer = await client.post("/api/auth/ticket")
    assert answer.status_code == 503
    await brittle.dispose()
