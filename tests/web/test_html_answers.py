"""Every answer with HTML, of every route and to everybody: under the strict policy, and with nothing inline in it."""

from __future__ import annotations

import re

import httpx
import pytest
from litestar import Litestar

from app.accounts import sessions
from app.platform.db import Database
from tests.web.conftest import MakeUser, client_of
from tests.web.test_authorisation import PARAMETER, ROLES, VALUES, routes_of

# Directives that decide what runs, and the only values they may have.
STRICT = {"script-src": "'self'", "style-src": "'self'", "object-src": "'none'", "base-uri": "'none'"}
STRICT |= {"default-src": "'none'", "frame-ancestors": "'none'", "form-action": "'self'"}
_INLINE = re.compile(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|\shx-on|javascript:|\bjs:", re.IGNORECASE)


def _faults(answer: httpx.Response) -> list[str]:
    policy = dict(one.strip().partition(" ")[::2] for one in answer.headers["content-security-policy"].split(";"))
    found = [f"{name} {policy.get(name)}" for name, only in STRICT.items() if policy.get(name) != only]
    found += [word for word in ("unsafe-", "*", "http:", "https:") if any(word in value for value in policy.values())]
    found += [] if answer.headers.get("x-content-type-options") == "nosniff" else ["sniffed"]
    return found + [one[0] for one in _INLINE.finditer(answer.text)]


@pytest.mark.parametrize("role", [None, *ROLES])
async def test_html_is_strict_everywhere(
    running: Litestar, db: Database, make_user: MakeUser, role: str | None
) -> None:
    token = None
    if role:
        user = await make_user(role)
        async with db.transaction() as tx:
            token = await sessions.open_session(tx, user.id, "bearer")
    wrong, seen = {}, 0
    async with client_of(running, token) as client:
        for method, path, _ in routes_of(running):
            address = PARAMETER.sub(lambda found: VALUES[found[1]], path)
            answer = await client.request(method, address, headers={"accept": "text/html"}, follow_redirects=False)
            if "text/html" in answer.headers.get("content-type", ""):
                seen += 1
                if found := _faults(answer):
                    wrong[f"{method} {path}"] = found
        lost = await client.get("/nowhere", headers={"accept": "text/html"})
    assert wrong == {}
    assert _faults(lost) == []
    assert seen > 10, "pages were looked at"
