"""Cookies: fixation, CSRF, flags, and what the browser is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
import pytest_asyncio
from litestar import Litestar
from redis.asyncio import Redis

from app.accounts import service, sessions
from app.accounts.sessions import Opened
from app.asgi import create_app
from app.config import Settings
from app.platform.db import Database
from app.platform.objects import Objects
from app.web.csrf import mask, matches
from tests.web.conftest import PASSWORD, MakeUser

CREDENTIALS = {"email": "employee@cabrank.test", "password": PASSWORD}


@pytest_asyncio.fixture
async def browser(anonymous: httpx.AsyncClient, make_user: MakeUser) -> AsyncIterator[httpx.AsyncClient]:
    await make_user("employee")
    anonymous.headers["accept"] = "text/html"
    yield anonymous


@pytest_asyncio.fixture
async def session(db: Database, browser: httpx.AsyncClient) -> Opened:
    async with db.transaction() as tx:
        user = await service.by_email(tx, CREDENTIALS["email"])
        opened = await sessions.open_full(tx, user.id, "cookie")
    browser.cookies.set("cabrank", opened.token)
    return opened


async def test_sign_in_rotates_the_session(browser: httpx.AsyncClient, session: Opened) -> None:
    answer = await browser.post("/sign-in", data=CREDENTIALS | {"_csrf": mask(session.csrf)})
    assert answer.status_code == 303
    fresh = answer.cookies["cabrank"]
    assert fresh != session.token
    browser.cookies.clear()
    for token, status in ((session.token, 401), (fresh, 200), ("planted-by-somebody", 401)):
        headers = {"cookie": f"cabrank={token}", "x-csrf-token": ""}
        answer = await browser.post("/api/auth/ticket", headers=headers)
        assert answer.status_code == (403 if status == 200 else status)  # known, and then the CSRF token lacks


async def test_sign_out_ends_the_session(browser: httpx.AsyncClient, session: Opened) -> None:
    headers = {"x-csrf-token": mask(session.csrf)}
    assert (await browser.delete("/api/auth/token", headers=headers)).status_code == 204
    assert (await browser.post("/api/auth/ticket", headers=headers)).status_code == 401


@pytest.mark.parametrize("given", [None, "", "wrong", "\xff\xfe", "AAAA"])
async def test_a_cookie_alone_changes_nothing(browser: httpx.AsyncClient, session: Opened, given: str | None) -> None:
    headers = {} if given is None else {b"x-csrf-token": given.encode("latin-1")}
    answer = await browser.post("/api/auth/ticket", headers=headers)  # type: ignore[arg-type]  # bytes for the odd one
    assert answer.status_code == 403
    assert (await browser.post("/sign-out", data={"_csrf": given or ""})).status_code == 403


async def test_the_token_is_masked_anew_and_fits(session: Opened) -> None:
    shown = {mask(session.csrf) for _ in range(10)}
    assert len(shown) == 10
    assert all(matches(one, session.csrf) for one in shown)
    assert not matches(mask("another"), session.csrf)


async def test_another_sites_form_signs_nobody_in(browser: httpx.AsyncClient) -> None:
    for headers in ({"origin": "http://evil.test"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        assert (await browser.post("/sign-in", data=CREDENTIALS, headers=headers)).status_code == 403
    own = {"origin": "http://127.0.0.1:8000"}
    assert (await browser.post("/sign-in", data=CREDENTIALS, headers=own)).status_code == 303


async def test_a_bearer_needs_no_csrf_token_and_a_cookies_token_is_no_bearer(
    browser: httpx.AsyncClient, session: Opened
) -> None:
    browser.cookies.clear()
    headers = {"authorization": f"Bearer {session.token}"}
    assert (await browser.post("/api/auth/ticket", headers=headers)).status_code == 401


async def test_a_page_without_a_session_leads_to_sign_in_and_back(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/portal/profile?x=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/portal/profile%3Fx%3D1"


async def test_unknown_pages_are_pages_for_browsers(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"]


async def test_behind_tls_the_cookie_is_secure_and_bound_to_the_host(
    settings: Settings, db: Database, redis: Redis, objects: Objects, make_user: MakeUser
) -> None:
    await make_user("employee")
    secure = msgspec.structs.replace(settings, public_url="https://work.cabrank.test")
    app = create_app(secure, db=db, redis=redis, objects=objects)
    async with asyncio.TaskGroup() as group:
        ready, over = asyncio.Event(), asyncio.Event()

        async def live(app: Litestar) -> None:
            async with app.lifespan():
                ready.set()
                await over.wait()

        group.create_task(live(app))
        await ready.wait()
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="https://work.cabrank.test") as client:
            answer = await client.post("/sign-in", data=CREDENTIALS)
        over.set()
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-cabrank=")
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))
    assert "max-age" in answer.headers["strict-transport-security"]
