"""Signing in leads back to where somebody was, and never to another site."""

from __future__ import annotations

import httpx
import pytest
from litestar import Litestar

from app.accounts import sessions
from app.platform.db import Database
from app.web.pages.sign import landing, own_path
from tests.web.conftest import MakeUser, client_of
from tests.web.test_cookies import CREDENTIALS, browser

__all__ = ["browser"]  # the fixture

ELSEWHERE = [
    "//evil.test",
    "///evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "/desk\\..\\\\evil.test",
    "https:",
    "https://evil.test",
    "https:/desk",
    "//evil.test/desk",
    "javascript:alert(1)//desk",
    "desk",
    ".desk",
    "@evil.test",
    " /desk",
    "/\t/evil.test",
    "/desk\r\nLocation: https://evil.test",
    "/desk\x00",
    "/api/auth/token",
    "/sign-out",
]
WITHIN = ["/board", "/deskevil", "/portal/../desk"]  # pages of ours, but not this person's
WANTED = [
    ("/desk/history?words=data+eng&time=no", "/desk/history?words=data+eng&time=no"),
    ("/desk/history?words=https://evil.test", "/desk/history?words=https://evil.test"),  # its words, not its site
    ("/desk/history?words=é", "/desk/history?words=%C3%A9"),
]


@pytest.mark.parametrize("wanted", ELSEWHERE + WITHIN)
def test_no_address_but_the_persons_own_pages_is_led_to(wanted: str) -> None:
    assert landing(wanted, "employee") == "/desk"
    assert own_path(wanted) in ("", *WITHIN)


async def test_signing_in_leaves_the_site_for_nothing(browser: httpx.AsyncClient) -> None:
    for wanted in ELSEWHERE[:4]:
        form = await browser.get("/sign-in", params={"next": wanted})
        assert "evil.test" not in form.text
        answer = await browser.post("/sign-in", data=CREDENTIALS | {"next": wanted})
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
        again = await browser.get("/sign-in", params={"next": wanted})  # somebody who is signed in already
        assert (again.status_code, again.headers["location"]) == (303, "/desk")
        browser.cookies.clear()


async def test_the_page_with_what_was_asked_of_it_is_led_back_to(browser: httpx.AsyncClient) -> None:
    for wanted, led in WANTED:
        form = await browser.get("/sign-in", params={"next": wanted})
        assert "you go on where you were" in form.text
        wrong = await browser.post("/sign-in", data=CREDENTIALS | {"password": "no", "next": wanted})
        assert f'name="next" value="{wanted.replace("&", "&amp;")}"' in wrong.text
        answer = await browser.post("/sign-in", data=CREDENTIALS | {"next": wanted})
        assert (answer.status_code, answer.headers["location"]) == (303, led)
        browser.cookies.clear()


@pytest.mark.parametrize(
    ("role", "path"),
    [("supervisor", "/kpis/wall"), ("supervisor", "/board/pools"), ("operator", "/operations"), ("seeker", "/portal")],
)
async def test_each_page_of_a_role_is_led_back_to(
    running: Litestar, db: Database, make_user: MakeUser, role: str, path: str
) -> None:
    user = await make_user(role)
    async with db.transaction() as tx:
        token = await sessions.open_session(tx, user.id, "bearer")
    async with client_of(running, token) as client:
        answer = await client.get("/sign-in", params={"next": path})
    assert answer.headers["location"] == path
