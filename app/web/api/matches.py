"""A seeker's matches, applications and answers to reviewers."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from app.applications import service as applications
from app.applications.types import Application, TimelineEntry
from app.bots.match import feedback
from app.bots.match import service as matching
from app.bots.match.feedback import Feedback
from app.bots.match.types import MatchPage
from app.errors import NotFound
from app.postings import service as postings
from app.web.applying import answer_reviewer
from app.web.deps import PrincipalDep, TxDep
from app.web.guards import requires
from app.web.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode, page
from app.web.texts import Given, Words

SEEKER = requires("seeker")
MatchState = Literal["open", "waiting", "acted", "closed"]


class Thumb(msgspec.Struct):
    verdict: Literal["up", "down"]
    reason: Words = ""


class SeekersAnswer(msgspec.Struct):
    """In the seeker's own words."""

    answer: Given


class MatchesController(Controller):
    path = "/api/seekers/me"
    tags = ("matches",)
    guards = (SEEKER,)

    @get("/matches")
    async def matches(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        min_score: Annotated[float, QueryParameter(ge=0, le=100)] = 0,
        status: Annotated[MatchState | None, QueryParameter(name="state")] = None,
        cursor: Cursor = None,
        limit: Annotated[int, QueryParameter(ge=1, le=100)] = DEFAULT_LIMIT,
    ) -> MatchPage:
        """The best first."""
        states = (status,) if status else ("open", "waiting", "acted")
        return await matching.matches_of(tx, principal.user_id, min_score, cursor or None, limit, states)

    @post("/matches/{posting:str}/feedback", status_code=200)
    async def thumb(
        self, tx: TxDep, principal: PrincipalDep, posting: FromPath[str], data: JSONBody[Thumb]
    ) -> Feedback:
        """A thumb on a match; `posting` is its number or id. The latest stands."""
        return await feedback.give(tx, principal.user_id, await _posting(tx, posting), data.verdict, data.reason)

    @post("/questions/{application_id:uuid}/answer", status_code=200)
    async def answer(
        self, tx: TxDep, principal: PrincipalDep, application_id: FromPath[UUID], data: JSONBody[SeekersAnswer]
    ) -> Application:
        """Answer what a reviewer asked about an application; it is kept in the answer bank and the review goes on."""
        app = await applications.owned(tx, principal.user_id, application_id)
        return await answer_reviewer(tx, app, data.answer)


async def _posting(tx: TxDep, which: str) -> UUID:
    if which.isdigit() and len(which) < 19:
        return (await postings.by_number(tx, int(which))).id
    try:
        return UUID(which)
    except ValueError:
        raise NotFound("There is no such posting.", posting=which[:100]) from None


class ApplicationView(msgspec.Struct):
    """An application with its timeline."""

    application: Application
    timeline: list[TimelineEntry]


class ApplicationsController(Controller):
    path = "/api/applications"
    tags = ("applications",)
    guards = (SEEKER,)

    @get("/")
    async def listed(
        self, tx: TxDep, principal: PrincipalDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
    ) -> Page[Application]:
        """The newest first."""
        found = await applications.of_seeker(tx, principal.user_id, before=decode(cursor, int), limit=limit + 1)
        return page(found, limit, lambda app: app.number)

    @get("/{number:int}")
    async def one(self, tx: TxDep, principal: PrincipalDep, number: FromPath[int]) -> ApplicationView:
        app = await applications.owned_by_number(tx, principal.user_id, number)
        return ApplicationView(app, await applications.timeline(tx, app.id))

    @post("/{number:int}/withdraw", status_code=200)
    async def withdraw(self, tx: TxDep, principal: PrincipalDep, number: FromPath[int]) -> Application:
        """Give it up. What was sent stays sent."""
        app = await applications.owned_by_number(tx, principal.user_id, number)
        return await applications.withdraw(tx, app.id, actor=principal.user_id)
