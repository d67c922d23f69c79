"""Whole journeys on a stack: seekers like the demo's first one join, boards are watched, and each end is told."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import msgspec

from app.bench.rig.people import Reviewer
from app.bench.rig.stack import STAFF_PASSWORD, NotReady, Stack
from app.demo.seekers import JANE, years_question
from app.platform.clock import monotonic
from app.practice import catalogue
from app.seekers import service as seekers

RESUME = Path(seekers.__file__).parent / "demo" / JANE.resume
UNDER_WAY = ("applying", "in_review")


class Journey(msgspec.Struct, frozen=True):
    """One application as its seeker sees it, and what the practice board has of it."""

    email: str
    number: int
    status: str
    attention: str | None
    confirmation: str | None
    company: str
    title: str


async def _patiently(
    client: httpx.AsyncClient, method: str, path: str, seconds: float = 60, **more: Any
) -> httpx.Response:
    """Ask until an answer comes that isn't a fault of ours: processes are being killed."""
    until = monotonic() + seconds
    while True:
        try:
            answer = await client.request(method, path, **more)
            if answer.status_code < 500:
                answer.raise_for_status()
                return answer
        except httpx.TransportError:
            pass
        if monotonic() > until:
            raise NotReady(f"{method} {path} had no answer for {seconds:.0f} s")
        await asyncio.sleep(0.3)


async def join(stack: Stack, email: str) -> httpx.AsyncClient:
    """A seeker with the demo's profile, answers and resume, signed up through the API; matching is on."""
    body = {"email": email, "password": STAFF_PASSWORD, "name": "Jane Roe"}
    async with httpx.AsyncClient(base_url=stack.address, timeout=30) as anybody:
        await _patiently(anybody, "POST", "/api/seekers/", json=body)
    client = await stack.sign_in(email)
    await tell(client, email)
    file = {"file": (RESUME.name, RESUME.read_bytes(), "text/plain")}
    await _patiently(client, "POST", "/api/seekers/me/resumes", files=file)
    return client


async def tell(client: httpx.AsyncClient, email: str) -> None:
    """Profile and answer bank of the demo's seeker, and matching on."""
    answers = JANE.answers | {years_question(name): n for name, n in JANE.years.items()}
    told = [{"question": question, "answer": answer} for question, answer in answers.items()]
    changes = {"profile": JANE.profile | {"email": email}, "answers": told, "matching_active": True}
    await _patiently(client, "PATCH", "/api/seekers/me", json=changes)


async def watch_boards(stack: Stack) -> None:
    """Watch every board of the practice site."""
    operator = await stack.sign_in("operator@cabrank.test")
    for ats, token, employer in catalogue.load().boards():
        source = {"kind": ats, "token": token, "name": employer.name, "base_url": f"{stack.practice}/{ats}"}
        await _patiently(operator, "POST", "/api/sources/", json=source)
    await operator.aclose()


async def staff(stack: Stack, *, pause: float, capacity: int = 10) -> tuple[httpx.AsyncClient, list[Reviewer]]:
    """A supervisor's client and two reviewers at work."""
    for email, role in {"operator": "operator", "sam": "supervisor"}.items():
        await stack.add_user(f"{email}@cabrank.test", role)
    supervisor = await stack.sign_in("sam@cabrank.test")
    reviewers = []
    for name in ("ada", "emil"):
        person = {"email": f"{name}@cabrank.test", "password": STAFF_PASSWORD, "name": name, "capacity": capacity}
        await _patiently(supervisor, "POST", "/api/employees/", json=person)
        reviewers.append(Reviewer(stack, await stack.sign_in(f"{name}@cabrank.test"), pause=pause))
        reviewers[-1].start()
    return supervisor, reviewers


async def journeys(email: str, client: httpx.AsyncClient) -> list[Journey]:
    """All of the seeker's applications as they stand."""
    found: list[Journey] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
        page = (await _patiently(client, "GET", "/api/applications/", params=query)).json()
        found += [_journey(email, app) for app in page["items"]]
        cursor = page["next_cursor"]
    return found


def _journey(email: str, app: dict[str, Any]) -> Journey:
    attention = (app["attention"] or {}).get("kind")
    return Journey(email, app["number"], app["status"], attention, app["confirmation"], app["company"], app["title"])


async def ended(clients: dict[str, httpx.AsyncClient], wanted: int, seconds: float) -> list[Journey]:
    """Until `wanted` journeys have begun and none is under way but those whose outcome a person must find out."""
    until = monotonic() + seconds
    while True:
        found = [one for email, client in clients.items() for one in await journeys(email, client)]
        waiting = [
            one for one in found if one.status in UNDER_WAY and one.attention not in ("unknown_outcome", "handover")
        ]
        if len(found) >= wanted and not waiting:
            return found
        if monotonic() > until:
            raise NotReady(f"after {seconds:.0f} s {len(found)} of {wanted} journeys had begun; under way: {waiting}")
        await asyncio.sleep(0.5)


async def begun(clients: dict[str, httpx.AsyncClient], wanted: int, seconds: float) -> None:
    """Until `wanted` journeys have begun. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            found = [one for email, client in clients.items() for one in await journeys(email, client)]
            if len(found) >= wanted:
                return
            await asyncio.sleep(0.2)
