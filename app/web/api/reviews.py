"""`/api/reviews/`: filing, reading, and what the assignee does. Every write names its assignment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from app.accounts.sessions import Principal
from app.applications import service as applications
from app.applications.types import Application
from app.bots.match import service as matching
from app.bots.match.types import ScoreResult
from app.dispatch import service as dispatch
from app.dispatch.types import Draft, DraftSaved, NoSuchReview, OpenReview, Review, ReviewView
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.platform.db import Tx
from app.postings import service as postings
from app.postings.types import Posting
from app.seekers import service as seekers
from app.web import problems
from app.web.api.seekers import ResumeView, resume_view
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.holding import held, named
from app.web.pages import editing
from app.web.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode, page
from app.web.texts import Line, ResumeText, Words

OPEN = ("queued", "assigned", "snoozed", "waiting", "escalated")
State = Literal["queued", "assigned", "snoozed", "waiting", "escalated", "completed", "cancelled"]


class NewReview(msgspec.Struct):
    """A review filed by hand. `pool` is a name or an id."""

    kind: str
    title: Line
    pool: Line | None = None
    priority: int = 0
    size: Literal["small", "large"] | None = None
    payload: dict[str, Any] = {}
    skills: Annotated[list[Line], msgspec.Meta(max_length=50)] = []


class Filed(msgspec.Struct):
    """What was filed, in the order given."""

    items: list[Review]


class Completion(msgspec.Struct):
    """The verdict. `resume_version` is a stored version; `resume` is a text to be stored as a new one.

    `sources` maps each line that a reviewer added to where it comes from: resume, profile or answer.
    """

    assignment: UUID
    verdict: Line
    resume_version: UUID | None = None
    resume: ResumeText | None = None
    sources: dict[str, str] = {}
    answers: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=200)] = []
    confirmation: Line | None = None
    notes: Words = ""


class Held(msgspec.Struct):
    """An act of the assignee."""

    assignment: UUID
    reason: Words = ""
    until: datetime | None = None


class NewDraft(msgspec.Struct):
    """Saved on top of `version`; 0 where nothing was saved yet."""

    assignment: UUID
    version: int
    body: dict[str, Any]


class Text(msgspec.Struct):
    """A resume's text, to be scored and not stored."""

    assignment: UUID
    resume: ResumeText


class ReviewCase(msgspec.Struct):
    """A review with what it is about; whoever gets it may see the resume.

    `asked` is what stopped the bot: the form's `fields`, the `url` to open, the `answers` so far.
    """

    review: ReviewView
    asked: dict[str, Any] = {}
    posting: Posting | None = None
    resume: ResumeView | None = None
    resume_text: str = ""


def _given_back(verb: str, act: Callable[..., Awaitable[None]], says: str) -> HTTPRouteHandler:
    """The two ways to let go unfinished differ in their name alone."""

    async def handler(
        self: ReviewsController,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        review_id: FromPath[UUID],
        data: JSONBody[Held],
    ) -> None:
        mine = named(principal, review_id, data.assignment)
        await act(tx, **mine, reason=data.reason, rules=resources.rules)

    handler.__name__, handler.__doc__ = verb, says
    return post(f"/{{review_id:uuid}}/{verb}", guards=[requires("employee")], status_code=204)(handler)


class ReviewsController(Controller):
    path = "/api/reviews"
    tags = ("reviews",)

    @post("/", guards=[requires("supervisor")], responses={201: ResponseSpec(Review | Filed)})
    async def file(
        self, tx: TxDep, principal: PrincipalDep, data: JSONBody[NewReview | list[NewReview]]
    ) -> Response[Review | Filed]:
        """File one by hand, or an array of them, all or none."""
        if not isinstance(data, list):
            return Response(await _file(tx, principal, data), status_code=201)
        if len(data) > 1000:
            raise Invalid("At most 1,000 reviews at once; send the rest in another request.")
        return Response(Filed([await _file(tx, principal, new) for new in data]), status_code=201)

    @get("/", guards=[requires("employee", "supervisor")])
    async def listed(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
        status: Annotated[State | None, QueryParameter(name="state")] = None,
        pool: FromQuery[UUID | None] = None,
        assignee: FromQuery[UUID | None] = None,
    ) -> Page[OpenReview]:
        """The newest first: open ones, or those of a state. An employee sees what they hold."""
        found = await dispatch.list_reviews(
            tx,
            states=[status] if status else OPEN,
            pool_id=pool,
            assignee=principal.user_id if principal.role == "employee" else assignee,
            before=decode(cursor, int),
            limit=limit + 1,
        )
        return page(found, limit, lambda line: line.review.number)

    @get("/{review_id:uuid}", guards=[requires("employee", "supervisor")])
    async def one(self, tx: TxDep, principal: PrincipalDep, review_id: FromPath[UUID]) -> ReviewCase:
        """With its history, its explanation, the posting and the resume."""
        return await _case(tx, await dispatch.review_view(tx, principal, review_id))

    @post("/{review_id:uuid}/complete", guards=[requires("employee")], status_code=200)
    async def complete(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        review_id: FromPath[UUID],
        data: JSONBody[Completion],
    ) -> Review:
        """Carry the verdict out."""
        version_id = None
        if data.resume_version is not None or data.resume is not None:
            _, review = await dispatch.fence(tx, principal.user_id, review_id, data.assignment)
            version_id = await _version(tx, resources.objects, principal, review, data)
        return await dispatch.complete(
            tx,
            **named(principal, review_id, data.assignment),
            verdict=data.verdict,
            resume_version_id=version_id,
            answers=data.answers,
            confirmation=data.confirmation,
            notes=data.notes,
        )

    @get("/{review_id:uuid}/draft", guards=[requires("employee")])
    async def draft(self, tx: TxDep, principal: PrincipalDep, review_id: FromPath[UUID]) -> Draft:
        return await dispatch.get_draft(tx, principal.user_id, review_id)

    @put("/{review_id:uuid}/draft", guards=[requires("employee")])
    async def save_draft(
        self, tx: TxDep, principal: PrincipalDep, review_id: FromPath[UUID], data: JSONBody[NewDraft]
    ) -> Response[Any]:
        """Compare-and-set by version. What came too late is kept aside and answered with 409."""
        saved: DraftSaved = await dispatch.put_draft(
            tx,
            **named(principal, review_id, data.assignment),
            version=data.version,
            body=data.body,
        )
        # answered, not raised: what was kept aside must be committed
        return problems.conflict(saved.detail, version=saved.version) if saved.orphan else Response(saved)

    @post("/{review_id:uuid}/rescore", guards=[requires("employee")], status_code=200)
    async def rescore(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        review_id: FromPath[UUID],
        data: JSONBody[Text],
    ) -> ScoreResult:
        """What this text would score; nothing is stored."""
        review = (await held(tx, principal, review_id, data.assignment)).review
        if review.application_id is None or review.seeker_id is None:
            raise Conflict("There is no posting to score this against.", review=str(review_id))
        app = await applications.get(tx, review.application_id)
        return await matching.rescore(
            tx, resources.embedder, posting_id=app.posting_id, seeker_id=app.seeker_id, resume_text=data.resume
        )

    release = _given_back("release", dispatch.release, "Give it back. After the warning it counts as Missed.")
    decline = _given_back("decline", dispatch.decline, "Say no to it. After the warning it counts as Missed.")

    @post("/{review_id:uuid}/snooze", guards=[requires("employee")], status_code=204)
    async def snooze(self, tx: TxDep, principal: PrincipalDep, review_id: FromPath[UUID], data: JSONBody[Held]) -> None:
        """Put it aside until a time."""
        if data.until is None or data.until.tzinfo is None:
            raise Invalid(errors=[FieldError("until", "Give a time with its zone, such as 2026-11-23T17:00:00Z.")])
        mine = named(principal, review_id, data.assignment)
        await dispatch.snooze(tx, **mine, until=data.until, reason=data.reason)

    @post("/{review_id:uuid}/escalate", guards=[requires("employee")], status_code=204)
    async def escalate(
        self, tx: TxDep, principal: PrincipalDep, review_id: FromPath[UUID], data: JSONBody[Held]
    ) -> None:
        """Hand it up to the supervisors."""
        await dispatch.escalate(tx, **named(principal, review_id, data.assignment), reason=data.reason)


async def _file(tx: Tx, principal: Principal, new: NewReview) -> Review:
    return await dispatch.file_review(
        tx,
        kind=new.kind,
        title=new.title,
        pool=new.pool,
        size=new.size,
        priority=new.priority,
        payload=new.payload,
        skills=new.skills,
        actor=principal.user_id,
    )


async def _case(tx: Tx, view: ReviewView) -> ReviewCase:
    if view.review.application_id is None:
        return ReviewCase(view)
    app = await applications.get(tx, view.review.application_id)
    stopped = app.attention or {}
    case = ReviewCase(view, posting=await postings.get(tx, app.posting_id))
    if stopped.get("kind") == view.review.kind:
        case.asked = stopped.get("payload") or {}
    version_id = app.resume_version_id
    version = await (seekers.get_resume(tx, version_id) if version_id else seekers.latest_resume(tx, app.seeker_id))
    if version is not None:
        case.resume, case.resume_text = resume_view(version), version.text
    return case


async def _version(tx: Tx, objects: Any, principal: Principal, review: Review, data: Completion) -> UUID | None:
    """The version to send: a stored one of this seeker's, or the text given, stored now."""
    if data.resume_version is not None:
        stored = await seekers.get_resume(tx, data.resume_version)
        if stored.seeker_id != review.seeker_id:
            raise NotFound("There is no such resume", resume=str(data.resume_version))
        if stored.kind == "review":
            await _check_sources(tx, await _application(tx, review), stored.text, data.sources)
        return stored.id
    if data.resume is None:
        return None
    app = await _application(tx, review)
    await _check_sources(tx, app, data.resume, data.sources)
    version = await seekers.add_version(
        tx,
        objects,
        app.seeker_id,
        parent_id=app.resume_version_id,
        text=data.resume,
        kind="review",
        created_by=principal.user_id,
        application_id=app.id,
    )
    return version.id


async def _application(tx: Tx, review: Review) -> Application:
    if review.application_id is None:
        raise NoSuchReview(review=str(review.id))
    return await applications.get(tx, review.application_id)


async def _check_sources(tx: Tx, app: Application, text: str, sources: dict[str, str]) -> None:
    """Nothing is made up: a line that the resume did not have says where it comes from. Raises Invalid."""
    base_id = app.resume_version_id
    base = await (seekers.get_resume(tx, base_id) if base_id else seekers.latest_resume(tx, app.seeker_id))
    missing = editing.unsourced(base.text if base else "", text, sources)
    if missing:
        raise Invalid(errors=[FieldError("sources", f"Say where this line comes from: {missing[0][:120]}")])
