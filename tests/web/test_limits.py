"""Limits that all processes share."""

from __future__ import annotations

import httpx

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
    codes = {(await busy.get("/api/sources/")).status_code for _ in range(600)}
    assert codes == {200, 429}
    assert (await calm.get("/api/sources/")).status_code == 200
