"""What no form of ours sends: it is refused with a 4xx that says so, and never with a 500."""

from __future__ import annotations

from time import perf_counter

import httpx
import pytest

from app.web.paging import encode
from tests.web.conftest import PASSWORD, SignIn

HUGE = 99999999999999999999999999
NUL = "a\x00b"


def _refused(answer: httpx.Response) -> None:
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        f"/api/postings/{HUGE}",
        f"/api/applications/{HUGE}",
        f"/api/jobapplier/monitor-status/{HUGE}",
        f"/api/applications/?cursor={encode(HUGE)}",
        f"/api/seekers/me/matches?cursor={encode([80, HUGE])}",
        "/api/postings/?q=%00",
        "/static/a%00b",
        f"/static/{'a' * 5000}",
    ],
)
async def test_numbers_and_texts_that_cannot_be_stored_are_refused(signed_in: SignIn, path: str) -> None:
    _refused(await (await signed_in("seeker")).get(path))


async def test_texts_with_a_nul_are_refused_everywhere(anonymous: httpx.AsyncClient, signed_in: SignIn) -> None:
    _refused(await anonymous.post("/api/auth/token", json={"email": NUL, "password": PASSWORD}))
    half = b'{"email": "a@b.test", "password": "\\udc80"}'
    _refused(await anonymous.post("/api/auth/token", content=half, headers={"content-type": "application/json"}))
    new = {"email": f"{NUL}@cabrank.test", "password": PASSWORD, "name": "New Person"}
    _refused(await anonymous.post("/api/seekers/", json=new))
    supervisor = await signed_in("supervisor")
    for payload in ({"title": NUL}, {"title": "x", "payload": {"key": NUL}}, {"title": "x", "pool": NUL}):
        _refused(await supervisor.post("/api/reviews/", json={"kind": "question"} | payload))


async def test_a_draft_that_is_too_large_is_refused_at_once(signed_in: SignIn) -> None:
    employee = await signed_in("employee")
    review = "01a20681-0553-76ef-85de-286b6a047ba1"
    body = {"assignment": review, "version": 0, "body": {"text": "x" * 300_000}}
    started = perf_counter()
    _refused(await employee.put(f"/api/reviews/{review}/draft", json=body))
    assert perf_counter() - started < 5
