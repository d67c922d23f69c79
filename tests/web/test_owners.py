"""Owner × every route with a parameter: another person's thing is refused exactly as one that isn't there.

Each route that names a thing stands in OWNED or in SHARED; one that is in neither fails the test.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest_asyncio
from litestar import Litestar
from sqlalchemy import insert

from app.accounts import sessions
from app.applications import batches
from app.applications import service as applications
from app.applications.batches import Plan, Wanted
from app.dispatch import service as dispatch
from app.dispatch.models import strike
from app.dispatch.policy.types import Rules
from app.platform.db import Database, Tx
from app.platform.ids import new_id
from app.platform.objects import Objects
from app.postings import service as postings
from app.postings.types import NewPosting
from app.seekers import service as seekers
from app.web.guards import rules_of
from tests.web.conftest import MakeUser, client_of
from tests.web.test_authorisation import routes_of

ALICE, BOB = "ALICE-SECRET", "BOB-SECRET"
ASSIGNED = {"reason": "lunch", "until": "2100-01-01T00:00:00Z"}
PUT_ASIDE = {"reason": "lunch", "minutes": 15}


class Row(msgspec.Struct, frozen=True):
    """Whose thing a route takes, what its owner is answered, and a body that gets past the form."""

    thing: str
    own: int = 200
    body: dict[str, Any] = {}
    form: bool = False


def page(thing: str, own: int = 200, **body: Any) -> Row:
    return Row(thing, own, body, form=True)


# The parameter names a thing of one person's: nobody else's 200, and nobody is told that it is there.
OWNED: dict[str, Row] = {
    "GET /api/applications/{number:int}": Row("application"),
    "POST /api/applications/{number:int}/withdraw": Row("application"),
    "GET /api/jobapplier/monitor-status/{number:int}": Row("application"),
    "GET /api/jobtracker/application/{number:int}/status": Row("application"),
    "GET /jobapplier/applications/{number:int}/status-history": Row("application"),
    "POST /jobapplier/applications/{number:int}/update-status": Row("application", body={"status": "withdrawn"}),
    "POST /api/seekers/me/questions/{application_id:uuid}/answer": Row("application id", 409, {"answer": "Yes"}),
    "GET /api/seekers/me/resumes/{version_id:uuid}": Row("resume"),
    "GET /portal/resumes/{version_id:uuid}/file": Row("resume"),
    "POST /portal/answers/{answer_id:uuid}/delete": Row("answer"),
    "GET /portal/applications/{number:int}": Row("application"),
    "POST /portal/applications/{number:int}/answer": page("application", 409, answer="Yes"),
    "GET /portal/applications/{number:int}/screenshot": Row("application", 404),  # "No screenshot was kept"
    "POST /portal/applications/{number:int}/withdraw": Row("application"),
    "POST /portal/applications/{number:int}/undo": page("application", 409),  # it was not withdrawn
    "POST /portal/applications/{number:int}/heard": page("application", 409, status="rejected"),  # nor sent
    "GET /jobapplier/apply/batch/{batch_id:uuid}": Row("batch"),
    "DELETE /jobapplier/apply/batch/{batch_id:uuid}": Row("batch"),
    "GET /portal/batches/{batch_id:uuid}": Row("batch"),
    "POST /portal/batches/{batch_id:uuid}/cancel": page("batch"),
    "GET /portal/cards/{number:int}": Row("application"),
    "GET /api/employees/{employee_id:uuid}/strikes": Row("employee"),
    "POST /api/strikes/{strike_id:uuid}/appeal": Row("strike", 201, {"statement": "The page froze."}),
    "GET /desk/history/{assignment_id:uuid}": Row("past"),
    "POST /desk/strikes/{strike_id:uuid}/appeal": page("strike", statement="The page froze."),
    "GET /api/reviews/{review_id:uuid}": Row("review"),
    "POST /api/reviews/{review_id:uuid}/complete": Row("review", body={"verdict": "reject", "notes": "No."}),
    "GET /api/reviews/{review_id:uuid}/draft": Row("review"),
    "PUT /api/reviews/{review_id:uuid}/draft": Row("review", body={"version": 0, "body": {"text": "x"}}),
    "POST /api/reviews/{review_id:uuid}/rescore": Row("review", 503, {"resume": "x"}),  # no embedder runs here
    "POST /api/reviews/{review_id:uuid}/release": Row("review", 204, ASSIGNED),
    "POST /api/reviews/{review_id:uuid}/decline": Row("review", 204, ASSIGNED),
    "POST /api/reviews/{review_id:uuid}/snooze": Row("review", 204, ASSIGNED),
    "POST /api/reviews/{review_id:uuid}/escalate": Row("review", 204, ASSIGNED),
    "POST /desk/reviews/{review_id:uuid}/complete": page("review", verdict="reject", notes="No."),
    "POST /desk/reviews/{review_id:uuid}/score": page("review", 503, text="x"),
    "POST /desk/reviews/{review_id:uuid}/release": page("review", reason="lunch"),
    "POST /desk/reviews/{review_id:uuid}/decline": page("review", reason="lunch"),
    "POST /desk/reviews/{review_id:uuid}/snooze": page("review", **PUT_ASIDE),
    "POST /desk/reviews/{review_id:uuid}/escalate": page("review", reason="lunch"),
    "GET /desk/reviews/{review_id:uuid}/screenshot": Row("review", 404),
    "GET /desk/reviews/{review_id:uuid}/earlier": Row("review"),
    "POST /desk/reviews/{review_id:uuid}/take-over": page("review"),
    "GET /desk/reviews/{review_id:uuid}/document": Row("review"),
    "GET /desk/reviews/{review_id:uuid}/pages": Row("review"),
    "GET /desk/reviews/{review_id:uuid}/document/{page:int}": Row("review", 404),  # it is a text, without pages
}
# The parameter names what belongs to nobody (a posting, an act, a file), or what the role may reach of everybody's.
SHARED = {
    "GET /static/{name:path}",
    "GET /schema/{path:str}",
    "GET /api/postings/{number:int}",
    "POST /api/seekers/me/matches/{posting:str}/feedback",
    "POST /jobapplier/apply/{job_id:int}",
    "POST /portal/facts/rows/{kind:str}",
    "GET /portal/start/{step:str}",
    "POST /portal/start/{step:str}",
    "GET /portal/matches/{number:int}",
    "GET /portal/matches/{number:int}/why",
    "GET /portal/matches/{number:int}/why/part",
    "POST /portal/matches/{number:int}/{act:str}",
    "POST /portal/matching/{act:str}",
    "POST /api/sources/{source_id:uuid}/run",
    "POST /operations/sources/{source_id:uuid}/run",
    "POST /operations/dead/{letter_id:uuid}/replay",
    "PATCH /api/operations/dead-letters/{letter_id:uuid}",
    "POST /api/operations/dead-letters/{letter_id:uuid}/replay",
    "POST /api/operations/intents/{intent_id:uuid}/resolve",
    "POST /operations/intents/{intent_id:uuid}/resolve",
    "POST /api/scales/{version:str}/use",
    "POST /operations/scales/{version:str}/use",
    "DELETE /api/webhooks/{webhook_id:uuid}",
}
# A supervisor supervises everybody: there is no other's.
SUPERVISED = re.compile(
    r"^((GET|POST) /board/.*|(PATCH|POST) /api/(employees|pools)/\{.*"
    r"|POST /api/strikes/\{strike_id:uuid\}/(void|uphold)"
    r"|POST /api/reviews/\{review_id:uuid\}/(assign|revoke|transfer|priority))$"
)


def test_every_route_with_a_parameter_has_its_owner_written_down(app: Litestar) -> None:
    named = {f"{method} {path}" for method, path, _ in routes_of(app) if "{" in path}
    undecided = {route for route in named - OWNED.keys() - SHARED if not SUPERVISED.match(route)}
    assert not undecided, "say in OWNED whose thing it is, or in SHARED why it is nobody's"
    assert not (OWNED.keys() | SHARED) - named, "these have gone"


class World:
    """Two seekers and two employees, and things made for either: `first` asks, `second` owns what isn't theirs."""

    def __init__(self, db: Database, objects: Objects) -> None:
        self.db, self.objects = db, objects
        self.seekers: dict[str, UUID] = {}
        self.employees: dict[str, UUID] = {}
        self.boss = new_id()
        self.made = 0

    async def make(self, thing: str, whose: str) -> tuple[str, dict[str, Any]]:
        """What stands in the path, and what the body must name."""
        async with self.db.transaction() as tx:
            match thing:
                case "application":
                    return str((await self._application(tx, whose)).number), {}
                case "application id":
                    return str((await self._application(tx, whose)).id), {}
                case "batch":
                    return str(await self._batch(tx, whose)), {}
                case "resume":
                    return str(await self._resume(tx, whose)), {}
                case "answer":
                    return str(await self._answer(tx, whose)), {}
                case "employee":
                    return str(self.employees[whose]), {}
                case "review":
                    review, given = await self._review(tx, whose)
                    return str(review), {"assignment": str(given)}
                case "past":
                    return str(await self._past(tx, whose)), {}
                case _:
                    return str(await self._strike(tx, whose)), {}

    async def _posting(self, tx: Tx) -> UUID:
        self.made += 1
        new = NewPosting(company=f"Firm {self.made}", title=f"Engineer {self.made}", location="London",
                         description_html="<p>Python</p>", external_id=str(self.made))  # fmt: skip
        return (await postings.create_internal(tx, new)).id

    async def _application(self, tx: Tx, whose: str) -> Any:
        posting, mine = await self._posting(tx), self.seekers[whose]
        return await applications.request_review(
            tx, seeker_id=mine, posting_id=posting, score=70, resume_version_id=None
        )

    async def _batch(self, tx: Tx, whose: str) -> UUID:
        await self._resume(tx, whose)
        wanted = [Wanted(await self._posting(tx), 70)]
        return (await batches.create(tx, self.seekers[whose], wanted, Plan())).id

    async def _resume(self, tx: Tx, whose: str) -> UUID:
        text = f"{whose}\n\nSKILLS\nPython"
        kept = await seekers.store_upload(tx, self.objects, self.seekers[whose], f"{whose}.txt", text.encode())
        await seekers.parsed(tx, self.objects, kept.id, text=text, found={"contact": {"name": whose}})
        return kept.id

    async def _answer(self, tx: Tx, whose: str) -> UUID:
        self.made += 1
        given = await seekers.set_answer(tx, self.seekers[whose], question=f"Question {self.made}?", answer=whose)
        return given.id

    async def _review(self, tx: Tx, whose: str) -> tuple[UUID, UUID]:
        await self._resume(tx, whose)
        app = await self._application(tx, whose)
        review = await dispatch.file_review(
            tx, kind="resume", title=f"Review {whose}", application_id=app.id, seeker_id=self.seekers[whose]
        )
        person = self.employees[whose]
        given = await dispatch.assign(
            tx, review.id, actor=self.boss, employee_id=person, rules=Rules(), ignore_capacity=True
        )
        return review.id, given.id

    async def _past(self, tx: Tx, whose: str) -> UUID:
        """An assignment that ended."""
        review, given = await self._review(tx, whose)
        mine = {"employee_id": self.employees[whose], "review_id": review, "assignment_id": given}
        await dispatch.complete(tx, **mine, verdict="reject", notes=f"No, {whose}.")
        return given

    async def _strike(self, tx: Tx, whose: str) -> UUID:
        _, given = await self._review(tx, whose)
        row = {"id": new_id(), "employee_id": self.employees[whose], "assignment_id": given, "level": "noted"}
        await tx.conn.execute(insert(strike).values(row | {"count": 1, "evidence": {"words": whose}}))
        return row["id"]  # type: ignore[return-value]  # the one UUID made two lines up


@pytest_asyncio.fixture
async def world(running: Litestar, db: Database, objects: Objects, make_user: MakeUser) -> AsyncIterator[World]:
    made = World(db, objects)
    made.boss = (await make_user("supervisor")).id
    for whose in (ALICE, BOB):
        seeker = await make_user("seeker", f"{whose.lower()}-s@cabrank.test")
        employee = await make_user("employee", f"{whose.lower()}-e@cabrank.test")
        made.seekers[whose], made.employees[whose] = seeker.id, employee.id
        async with db.transaction() as tx:
            await seekers.create(tx, seeker.id, name=whose)
            await dispatch.enroll(tx, employee.id)
    yield made


async def _client(running: Litestar, db: Database, user: UUID) -> httpx.AsyncClient:
    async with db.transaction() as tx:
        return client_of(running, await sessions.open_session(tx, user, "bearer"))


async def _ask(client: httpx.AsyncClient, route: str, row: Row, key: str, ids: dict[str, Any]) -> httpx.Response:
    method, path = route.split(" ", 1)
    body: dict[str, Any] = {} if method == "GET" else {("data" if row.form else "json"): row.body | ids}
    path = re.sub(r"\{\w+:\w+\}", key, path.replace("{page:int}", "1"))
    return await client.request(method, path, **body)


def _told(answer: httpx.Response, key: str) -> tuple[int, str]:
    """What it says, without what was asked for and the request's own number."""
    words = answer.text.replace(key, "KEY")
    return answer.status_code, re.sub(r'"request_id":"[^"]+"', "", words)


def _nobodys(key: str) -> str:
    return "999999" if key.isdigit() else str(new_id())


async def _wrong(client: httpx.AsyncClient, world: World, route: str, row: Row) -> dict[str, Any]:
    """What a route answers otherwise than it should, by who it was asked for."""
    theirs, ids = await world.make(row.thing, BOB)
    own, own_ids = await world.make(row.thing, ALICE)
    nobodys, gone = _nobodys(theirs), {name: str(new_id()) for name in ids}
    there = _told(await _ask(client, route, row, theirs, ids), theirs)
    missing = _told(await _ask(client, route, row, nobodys, gone), nobodys)
    found: dict[str, Any] = {} if there == missing and there[0] == 404 else {"told apart": (there, missing)}
    if own_ids and not route.startswith("GET"):  # my assignment opens nobody else's review, and theirs not mine
        crossed = [(theirs, own_ids), (own, ids)]
        answers = [(await _ask(client, route, row, key, named)).status_code for key, named in crossed]
        found |= {} if answers == [404, 404] else {"crossed": answers}
    answered = await _ask(client, route, row, own, own_ids)
    return found | ({} if answered.status_code == row.own else {"own": (answered.status_code, answered.text[:300])})


async def test_anothers_thing_is_as_if_it_were_not_there(running: Litestar, world: World, db: Database) -> None:
    wrong = {}
    async with (
        await _client(running, db, world.seekers[ALICE]) as seeker,
        await _client(running, db, world.employees[ALICE]) as employee,
    ):
        for route, row in OWNED.items():
            asking = employee if row.thing in ("employee", "review", "past", "strike") else seeker
            if found := await _wrong(asking, world, route, row):
                wrong[route] = found
    assert wrong == {}


def _open_pages(app: Litestar, role: str) -> list[str]:
    """Every address of the role's that takes no parameter, from the application's own list."""
    return [
        path
        for method, path, handler in routes_of(app)
        if method == "GET" and "{" not in path and all(r.roles and role in r.roles for r in rules_of(handler))
    ]


async def test_no_list_and_no_page_shows_what_is_anothers(running: Litestar, world: World, db: Database) -> None:
    for whose in (ALICE, BOB):
        for thing in ("application", "resume", "answer", "review", "strike"):
            await world.make(thing, whose)
    async with db.transaction() as tx:
        (theirs, *_) = await dispatch.reviews_of(tx, world.employees[BOB])
    more = {
        "employee": [
            f"/desk?review={theirs.review.id}",
            f"/desk/top?review={theirs.review.id}",
            f"/api/reviews?assignee={world.employees[BOB]}",
        ],
        "seeker": ["/portal/applications?before=999999", "/api/applications?limit=100"],
    }
    shown, leaked = "", []
    for role, people in (("seeker", world.seekers), ("employee", world.employees)):
        async with await _client(running, db, people[ALICE]) as client:
            for path in [*_open_pages(running, role), *more[role]]:
                answer = await client.get(path, headers={"accept": "text/html, */*"})
                assert answer.status_code < 500, path
                shown += answer.text
                leaked += [path] if BOB in answer.text else []
    assert ALICE in shown, "or there was nothing to see"
    assert leaked == []


async def test_an_operator_is_shown_no_resume_and_no_answer(
    running: Litestar, world: World, db: Database, make_user: MakeUser
) -> None:
    for thing in ("application", "resume", "answer", "review", "strike"):
        await world.make(thing, BOB)
    operator = await make_user("operator")
    async with await _client(running, db, operator.id) as client:
        for path in _open_pages(running, "operator"):
            answer = await client.get(path, headers={"accept": "text/html, */*"})
            assert answer.status_code < 500, path
            assert BOB not in answer.text, path
