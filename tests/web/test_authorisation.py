"""Role × every route: what each may reach is written down here; a route that isn't listed fails the test."""

from __future__ import annotations

import re

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute, WebSocketRoute

from app.accounts import service, sessions
from app.platform.db import Database
from app.web.guards import rules_of
from tests.web.conftest import MakeUser, client_of

ROLES = ("seeker", "employee", "supervisor", "operator")
ANYBODY, LOCKED = "anybody", "locked"
ALL = " ".join(ROLES)

# Pages are listed by their prefix, the API route by route: a new endpoint is a decision.
EXPECTED: dict[str, str] = {
    "GET /health/live": ANYBODY,
    "GET /health/ready": ANYBODY,
    "GET /metrics": ANYBODY,
    "GET /static/{name:path}": ANYBODY,
    "GET /push-worker.js": ANYBODY,
    "GET /schema": ANYBODY,
    "GET /schema/openapi.json": ANYBODY,
    "GET /schema/{path:str}": ANYBODY,
    "POST /api/auth/token": ANYBODY,
    "DELETE /api/auth/token": ALL,
    "POST /api/auth/ticket": ALL,
    "POST /api/seekers": ANYBODY,
    "GET /api/seekers/me": "seeker",
    "PATCH /api/seekers/me": "seeker",
    "POST /api/seekers/me/resumes": "seeker",
    "GET /api/seekers/me/resumes/{version_id:uuid}": "seeker",
    "GET /api/seekers/me/resume-facts": "seeker",
    "PUT /api/seekers/me/resume-facts": "seeker",
    "DELETE /api/seekers/me/resume-facts": "seeker",
    "GET /api/seekers/me/push": "seeker",
    "POST /api/seekers/me/push": "seeker",
    "DELETE /api/seekers/me/push": "seeker",
    "GET /api/seekers/me/matches": "seeker",
    "POST /api/seekers/me/matches/{posting:str}/feedback": "seeker",
    "POST /api/seekers/me/questions/{application_id:uuid}/answer": "seeker",
    "GET /api/applications": "seeker",
    "GET /api/applications/{number:int}": "seeker",
    "POST /api/applications/{number:int}/withdraw": "seeker",
    "GET /api/postings": ALL,
    "GET /api/postings/{number:int}": ALL,
    "POST /api/postings": "operator",
    "GET /api/sources": "operator",
    "POST /api/sources": "operator",
    "POST /api/sources/{source_id:uuid}/run": "operator",
    "POST /operations/sources/{source_id:uuid}/run": "operator",
    "GET /api/reviews": "employee supervisor",
    "POST /api/reviews": "supervisor",
    "GET /api/reviews/{review_id:uuid}": "employee supervisor",
    "POST /api/reviews/{review_id:uuid}/complete": "employee",
    "GET /api/reviews/{review_id:uuid}/draft": "employee",
    "PUT /api/reviews/{review_id:uuid}/draft": "employee",
    "POST /api/reviews/{review_id:uuid}/rescore": "employee",
    "POST /api/reviews/{review_id:uuid}/release": "employee",
    "POST /api/reviews/{review_id:uuid}/decline": "employee",
    "POST /api/reviews/{review_id:uuid}/snooze": "employee",
    "POST /api/reviews/{review_id:uuid}/escalate": "employee",
    "POST /api/reviews/{review_id:uuid}/assign": "supervisor",
    "POST /api/reviews/{review_id:uuid}/revoke": "supervisor",
    "POST /api/reviews/{review_id:uuid}/transfer": "supervisor",
    "POST /api/reviews/{review_id:uuid}/priority": "supervisor",
    "GET /api/employees": "supervisor",
    "POST /api/employees": "supervisor",
    "PATCH /api/employees/{employee_id:uuid}": "supervisor",
    "POST /api/employees/{employee_id:uuid}/lock": "supervisor",
    "POST /api/employees/{employee_id:uuid}/unlock": "supervisor",
    "POST /api/employees/{employee_id:uuid}/drain": "supervisor",
    "POST /api/employees/{employee_id:uuid}/return": "supervisor",
    "POST /api/employees/{employee_id:uuid}/message": "supervisor",
    "GET /api/employees/{employee_id:uuid}/strikes": "employee supervisor",
    "POST /api/strikes/{strike_id:uuid}/appeal": "employee",
    "POST /api/strikes/{strike_id:uuid}/void": "supervisor",
    "POST /api/strikes/{strike_id:uuid}/uphold": "supervisor",
    "POST /api/strikes/void": "supervisor",
    "GET /api/pools": "supervisor",
    "POST /api/pools": "supervisor",
    "PATCH /api/pools/{pool_id:uuid}": "supervisor",
    "POST /api/pools/{pool_id:uuid}/pause": "supervisor",
    "POST /api/pools/{pool_id:uuid}/resume": "supervisor",
    "GET /api/incident": "supervisor",
    "POST /api/incident": "supervisor",
    "DELETE /api/incident": "supervisor",
    "GET /api/webhooks": "operator",
    "POST /api/webhooks": "operator",
    "DELETE /api/webhooks/{webhook_id:uuid}": "operator",
    "GET /api/board": "supervisor",
    "GET /api/metrics/live": "supervisor",
    "GET /api/metrics/fairness": "supervisor",
    "GET /api/metrics/kpis": "supervisor",
    "GET /api/system/health": "supervisor operator",
    "GET /api/operations/breakers": "supervisor operator",
    "GET /api/operations/dead-letters": "supervisor operator",
    "PATCH /api/operations/dead-letters/{letter_id:uuid}": "supervisor operator",
    "POST /api/operations/dead-letters/{letter_id:uuid}/replay": "supervisor operator",
    "GET /api/operations/intents": "supervisor operator",
    "POST /api/operations/intents/{intent_id:uuid}/resolve": "supervisor operator",
    "GET /api/operations/work": "supervisor operator",
    "GET /api/operations/audit": "supervisor operator",
    "GET /api/portals": "operator",
    "PATCH /api/portals": "operator",
    "GET /api/scales": "operator",
    "POST /api/scales/refit": "operator",
    "POST /api/scales/{version:str}/use": "operator",
    "GET /operations/scales": "operator",
    "POST /operations/scales/refit": "operator",
    "POST /operations/scales/{version:str}/use": "operator",
    "POST /jobapplier/apply/{job_id:int}": "seeker",
    "POST /jobapplier/apply/batch": "seeker",
    "GET /jobapplier/apply/batch/{batch_id:uuid}": "seeker",
    "DELETE /jobapplier/apply/batch/{batch_id:uuid}": "seeker",
    "GET /jobapplier/applications/{number:int}/status-history": "seeker",
    "POST /jobapplier/applications/{number:int}/update-status": "seeker",
    "POST /api/jobapplier/apply-dynamically": "seeker",
    "GET /api/jobapplier/monitor-status/{number:int}": "seeker",
    "GET /api/jobmatcher/live-scores": "seeker",
    "POST /api/jobmatcher/score-job": "seeker",
    "POST /api/jobmatcher/start-realtime": "seeker",
    "POST /api/jobmatcher/stop-realtime": "seeker",
    "GET /api/jobtracker/application/{number:int}/status": "seeker",
}
# The pages of one face each.
PAGES: dict[str, str] = {
    "/": ANYBODY,
    "/sign-in": ANYBODY,
    "/sign-up": ANYBODY,
    "/sign-out": ANYBODY,
    "/portal": "seeker",
    "/real-time-dashboard": "seeker",
    "/desk": "employee",
    "/board": "supervisor",
    "/kpis": "supervisor",
    "/incident": ALL,
    "/operations": "supervisor operator",
}
# What a locked employee may still reach.
RESTRICTED = {
    "DELETE /api/auth/token",
    "POST /api/auth/ticket",
    "GET /api/employees/{employee_id:uuid}/strikes",
    "POST /api/strikes/{strike_id:uuid}/appeal",
    "GET /incident",
    "GET /desk",
    "GET /desk/top",
    "GET /desk/work",
    "GET /desk/history",
    "GET /desk/history/figures",
    "GET /desk/history/past",
    "GET /desk/history/{assignment_id:uuid}",
    "GET /desk/strikes",
    "POST /desk/strikes/{strike_id:uuid}/appeal",
}
_SIGNING = ("/sign-in", "/api/auth/token")
PARAMETER = re.compile(r"\{\w+:(\w+)\}")
VALUES = {"uuid": "01a20681-0553-76ef-85de-286b6a047ba1", "int": "999999", "str": "999999", "path": "app.css"}


def routes_of(app: Litestar) -> list[tuple[str, str, HTTPRouteHandler]]:
    return [
        (method, route.path, handler)
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        for method in sorted(handler.http_methods - {"OPTIONS"})
    ]


def _expected(method: str, path: str) -> str | None:
    if (known := EXPECTED.get(f"{method} {path}")) is not None:
        return known
    first = "/" + path.strip("/").split("/")[0]
    return None if first in ("/api", "/jobapplier") else PAGES.get(first)


def test_every_route_is_decided_and_guarded_as_decided(app: Litestar) -> None:
    wrong = {}
    for method, path, handler in routes_of(app):
        expected = _expected(method, path)
        rules = [rule.roles for rule in rules_of(handler) if rule.roles is not None]
        actual = set(ROLES).intersection(*rules) if rules else {ANYBODY}
        if expected is None or actual != set(expected.split()):
            wrong[f"{method} {path}"] = (expected, sorted(actual))
    assert not wrong


def test_there_is_one_socket(app: Litestar) -> None:
    """Who hears what on it is in test_socket_roles.py; a second one is a decision, too."""
    assert [route.path for route in app.routes if isinstance(route, WebSocketRoute)] == ["/ws/realtime"]
    mounted = [route.path for route in app.routes if not isinstance(route, HTTPRoute | WebSocketRoute)]
    assert mounted == [], "an application within ours would stand outside this table"


def test_nothing_that_is_decided_has_gone(app: Litestar) -> None:
    there = {f"{method} {path}" for method, path, _ in routes_of(app)}
    assert not set(EXPECTED) - there


def test_a_locked_employee_reaches_their_strikes_and_nothing_else(app: Litestar) -> None:
    reached = {
        f"{method} {path}"
        for method, path, handler in routes_of(app)
        if (rules := [rule for rule in rules_of(handler) if rule.roles is not None])
        and all(rule.restricted and "employee" in rule.roles for rule in rules)
    }
    assert reached == RESTRICTED


async def _token(db: Database, make_user: MakeUser, role: str) -> str:
    user = await make_user("employee" if role == LOCKED else role)
    async with db.transaction() as tx:
        return await sessions.open_session(tx, user.id, "bearer", restricted=role == LOCKED)


async def _ask(client: httpx.AsyncClient, method: str, path: str) -> int:
    address = PARAMETER.sub(lambda found: VALUES[found[1]], path)
    return (await client.request(method, address)).status_code


@pytest.mark.parametrize("role", [ANYBODY, LOCKED, *ROLES])
async def test_each_role_is_let_in_where_it_may_and_nowhere_else(
    running: Litestar, db: Database, make_user: MakeUser, role: str
) -> None:
    token = None if role == ANYBODY else await _token(db, make_user, role)
    wrong = {}
    async with client_of(running, token) as client:
        for method, path, _ in routes_of(running):
            expected = (_expected(method, path) or "").split()
            if path == "/sign-out" or (method, path) == ("DELETE", "/api/auth/token"):
                continue  # these end the session that asks
            status = await _ask(client, method, path)
            may = ANYBODY in expected or role in expected or (role == LOCKED and f"{method} {path}" in RESTRICTED)
            # a wrong password is a 401 as well, and no refusal of the route
            refused = status == (401 if role == ANYBODY else 403) and path not in _SIGNING
            if may == refused or (status >= 500 and not path.startswith("/health/ready")):
                wrong[f"{method} {path}"] = status
    assert wrong == {}


async def test_a_locked_employee_is_refused_elsewhere(running: Litestar, db: Database, make_user: MakeUser) -> None:
    user = await make_user("employee")
    async with db.transaction() as tx:
        before = await sessions.open_session(tx, user.id, "bearer")
    async with db.transaction() as tx:
        await service.lock(tx, user.id, actor=None, reason="four strikes")
        after = await sessions.open_session(tx, user.id, "bearer", restricted=True)
    async with client_of(running, before) as old, client_of(running, after) as new:
        assert (await old.get(f"/api/employees/{user.id}/strikes")).status_code == 401
        assert (await new.get(f"/api/employees/{user.id}/strikes")).status_code == 200
        assert (await new.get("/api/reviews/")).json()["title"] == "Your account is locked"
        assert (await new.get("/api/postings/")).status_code == 403


async def test_somebody_elses_things_are_not_there(running: Litestar, db: Database, make_user: MakeUser) -> None:
    mine, other = await make_user("employee"), await make_user("employee", "other@cabrank.test")
    async with db.transaction() as tx:
        token = await sessions.open_session(tx, mine.id, "bearer")
    async with client_of(running, token) as client:
        assert (await client.get(f"/api/employees/{mine.id}/strikes")).status_code == 200
        assert (await client.get(f"/api/employees/{other.id}/strikes")).status_code == 404
