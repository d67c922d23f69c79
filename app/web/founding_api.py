"""The founding documents' endpoints (contracts.md §3), over the same services. With and without the final slash."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from app.applications import batches
from app.applications import service as applications
from app.applications.batch_store import Counts
from app.applications.batches import Plan
from app.applications.policy import Status
from app.applications.types import Application, TimelineEntry
from app.bots.match import service as matching
from app.bots.match.explanation import Component, Explanation
from app.bots.match.types import MatchView, ScoreResult
from app.errors import FieldError, Invalid
from app.platform.db import Tx
from app.postings import service as postings
from app.seekers import service as seekers
from app.web import batching
from app.web.applying import ApplyOptions, apply
from app.web.batching import BatchView
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.paging import Cursor
from app.web.texts import Line, ResumeText, Words

SEEKER = requires("seeker")


class ApplyDynamically(ApplyOptions, kw_only=True):
    """As apply, with the posting's number in the body."""

    job_id: int


class ApplyBatch(msgspec.Struct):
    """Several postings by their numbers. Seconds between two beginnings."""

    job_ids: list[int]
    max_concurrent: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    delay_between_applications: Annotated[int, msgspec.Meta(ge=0, le=300)] = 30
    auto_customize: bool = False
    follow_external_links: bool = True


class BatchItem(msgspec.Struct):
    """`state`: waiting, started, skipped, failed or cancelled, with why; `id` is the application's number."""

    job_id: int
    job_title: str
    company: str
    state: str
    why: str
    id: int | None
    status: str | None
    progress: int | None
    confirmation: str | None


class BatchStatus(msgspec.Struct):
    """How a batch goes: counts of its postings, and each one with its application's status."""

    batch_id: UUID
    state: str
    max_concurrent: int
    delay_between_applications: int
    counts: Counts
    items: list[BatchItem]


class StatusChange(msgspec.Struct):
    """Said by hand."""

    status: Status
    notes: Words = ""


class ToScore(msgspec.Struct):
    """A posting of ours, or a text."""

    job_id: int | None = None
    title: Line | None = None
    description: ResumeText | None = None


class LiveScore(msgspec.Struct):
    """`match_score` is 0–1, `score` 0–100."""

    job_id: int
    job_title: str
    company: str
    location: str
    match_score: float
    score: float
    decision: str
    state: str
    components: list[Component]
    explanation: Explanation
    computed_at: datetime


class LiveScores(msgspec.Struct):
    items: list[LiveScore]
    next_cursor: str | None
    matching_active: bool


class Scored(msgspec.Struct):
    """One posting, scored now; nothing is stored."""

    job_id: int | None
    job_title: str
    match_score: float
    score: float
    result: ScoreResult


class LiveStatus(msgspec.Struct):
    """How an application stands."""

    id: int
    application: UUID
    job_id: int
    job_title: str
    company: str
    status: str
    progress: int
    phase: str
    match_score: float | None
    score: float | None
    attention: dict[str, Any] | None
    confirmation: str | None
    applied_at: datetime | None
    updated_at: datetime


class StatusHistory(msgspec.Struct):
    """The timeline, the oldest first."""

    id: int
    status: str
    items: list[TimelineEntry]


class Matching(msgspec.Struct):
    """Whether continuous matching is on."""

    matching_active: bool


def live_status(app: Application) -> LiveStatus:
    return LiveStatus(
        id=app.number,
        application=app.id,
        job_id=app.posting_number,
        job_title=app.title,
        company=app.company,
        status=app.status,
        progress=app.progress,
        phase=app.phase,
        match_score=None if app.score is None else round(app.score / 100, 4),
        score=app.score,
        attention=app.attention,
        confirmation=app.confirmation,
        applied_at=app.applied_at,
        updated_at=app.updated_at,
    )


def batch_status(view: BatchView) -> BatchStatus:
    return BatchStatus(
        batch_id=view.batch.id,
        state=view.batch.state,
        max_concurrent=view.batch.max_concurrent,
        delay_between_applications=view.batch.delay_seconds,
        counts=view.counts,
        items=[
            BatchItem(
                job_id=item.posting_number,
                job_title=item.title,
                company=item.company,
                state=item.state,
                why=item.why,
                id=item.application_number,
                status=item.status,
                progress=item.progress,
                confirmation=item.confirmation,
            )
            for item in view.items
        ],
    )


def _live_score(match: MatchView) -> LiveScore:
    return LiveScore(
        job_id=match.job_id,
        job_title=match.job_title,
        company=match.company,
        location=match.location,
        match_score=match.match_score,
        score=match.score,
        decision=match.decision,
        state=match.state,
        components=match.components,
        explanation=match.explanation,
        computed_at=match.computed_at,
    )


async def _own(tx: Tx, principal: PrincipalDep, number: int) -> LiveStatus:
    return live_status(await applications.owned_by_number(tx, principal.user_id, number))


class JobApplierController(Controller):
    path = "/jobapplier"
    tags = ("founding",)
    guards = (SEEKER,)

    @post("/apply/{job_id:int}", status_code=202)
    async def apply(
        self, tx: TxDep, principal: PrincipalDep, job_id: FromPath[int], data: JSONBody[ApplyOptions | None] = None
    ) -> LiveStatus:
        """Apply for a posting; the bot or a person goes on."""
        return live_status(await apply(tx, principal.user_id, job_id, data or ApplyOptions()))

    @post("/apply/batch", status_code=202)
    async def apply_batch(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, data: JSONBody[ApplyBatch]
    ) -> BatchStatus:
        """Apply for several, a few at a time; what the seeker applied for before is skipped, never sent twice."""
        plan = Plan(
            max_concurrent=data.max_concurrent,
            delay_seconds=data.delay_between_applications,
            auto_customize=data.auto_customize,
            follow_external_links=data.follow_external_links,
        )
        return batch_status(await batching.begin(tx, principal.user_id, data.job_ids, plan, resources.settings))

    @get("/apply/batch/{batch_id:uuid}")
    async def batch(self, tx: TxDep, principal: PrincipalDep, batch_id: FromPath[UUID]) -> BatchStatus:
        """How it goes."""
        return batch_status(await batching.view(tx, principal.user_id, batch_id))

    @delete("/apply/batch/{batch_id:uuid}", status_code=200)
    async def cancel_batch(self, tx: TxDep, principal: PrincipalDep, batch_id: FromPath[UUID]) -> BatchStatus:
        """Cancel what has not begun; what has begun goes on."""
        await batches.cancel(tx, principal.user_id, batch_id)
        return batch_status(await batching.view(tx, principal.user_id, batch_id))

    @get("/applications/{number:int}/status-history")
    async def history(self, tx: TxDep, principal: PrincipalDep, number: FromPath[int]) -> StatusHistory:
        app = await applications.owned_by_number(tx, principal.user_id, number)
        return StatusHistory(app.number, app.status, await applications.timeline(tx, app.id))

    @post("/applications/{number:int}/update-status", status_code=200)
    async def update_status(
        self, tx: TxDep, principal: PrincipalDep, number: FromPath[int], data: JSONBody[StatusChange]
    ) -> LiveStatus:
        """Say by hand how it stands."""
        app = await applications.owned_by_number(tx, principal.user_id, number)
        return live_status(
            await applications.set_status_by_hand(tx, app.id, data.status, actor=principal.user_id, notes=data.notes)
        )


class ApiJobApplierController(Controller):
    path = "/api/jobapplier"
    tags = ("founding",)
    guards = (SEEKER,)

    @post("/apply-dynamically", status_code=202)
    async def apply(self, tx: TxDep, principal: PrincipalDep, data: JSONBody[ApplyDynamically]) -> LiveStatus:
        """As apply, with the posting's number in the body."""
        return live_status(await apply(tx, principal.user_id, data.job_id, data))

    @get("/monitor-status/{number:int}")
    async def monitor(self, tx: TxDep, principal: PrincipalDep, number: FromPath[int]) -> LiveStatus:
        """Live status."""
        return await _own(tx, principal, number)


class JobMatcherController(Controller):
    path = "/api/jobmatcher"
    tags = ("founding",)
    guards = (SEEKER,)

    @get("/live-scores")
    async def scores(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        min_score: Annotated[float, QueryParameter(ge=0, le=100)] = 0,
        cursor: Cursor = None,
        limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
    ) -> LiveScores:
        """The caller's scores, the best first."""
        found = await matching.matches_of(tx, principal.user_id, min_score, cursor or None, limit)
        active = (await seekers.get(tx, principal.user_id)).matching_active
        return LiveScores([_live_score(match) for match in found.items], found.next_cursor, active)

    @post("/score-job", status_code=200)
    async def score(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, data: JSONBody[ToScore]
    ) -> Scored:
        """Score one posting of ours, or a title and a description, for the caller."""
        me, settings = principal.user_id, resources.settings
        if data.job_id is not None:
            posting = await postings.by_number(tx, data.job_id)
            result = await matching.score_posting(
                tx, resources.embedder, seeker_id=me, posting_id=posting.id, settings=settings
            )
            return _scored(posting.number, posting.title, result)
        if not (data.title or "").strip():
            raise Invalid(errors=[FieldError("job_id", "Give a job_id, or a title and a description.")])
        title, description = data.title or "", data.description or ""
        result = await matching.score_text(
            tx, resources.embedder, seeker_id=me, title=title, description=description, settings=settings
        )
        return _scored(None, title, result)

    @post("/start-realtime", status_code=200)
    async def start(self, tx: TxDep, principal: PrincipalDep) -> Matching:
        """Continuous matching of the caller."""
        await matching.start(tx, principal.user_id)
        return Matching(True)

    @post("/stop-realtime", status_code=200)
    async def stop(self, tx: TxDep, principal: PrincipalDep) -> Matching:
        await matching.stop(tx, principal.user_id)
        return Matching(False)


def _scored(number: int | None, title: str, result: ScoreResult) -> Scored:
    return Scored(number, title, round(result.score / 100, 4), result.score, result)


@get("/api/jobtracker/application/{number:int}/status", guards=[SEEKER], tags=["founding"])
async def tracker_status(tx: TxDep, principal: PrincipalDep, number: FromPath[int]) -> LiveStatus:
    """Live status."""
    return await _own(tx, principal, number)


FOUNDING: list[ControllerRouterHandler] = [
    JobApplierController,
    ApiJobApplierController,
    JobMatcherController,
    tracker_status,
]
