"""What stands behind the review on the desk: what others wrote on it before, and the file that the seeker uploaded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Template

from app.accounts.sessions import Principal
from app.bots.match.pages import page_count, page_picture
from app.bots.match.pdf import MAX_PAGES
from app.dispatch import service as dispatch
from app.errors import NotFound
from app.platform.db import Tx
from app.seekers.sniff import PDF, TEXT
from app.seekers.types import ResumeVersion
from app.web import problems
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.holding import held, named
from app.web.pages import desk_load
from app.web.pages.desk import context_of
from app.web.pages.pictures import picture
from app.web.resources import Resources
from app.words import gettext as _


class Chosen(msgspec.Struct):
    """Whose words to go on with, by the assignment that they were written under; None: afresh."""

    assignment: UUID
    earlier: UUID | None = None


class DraftController(Controller):
    """Parts of `/desk/reviews/{id}`, for its assignee alone."""

    path = "/desk/reviews/{review_id:uuid}"
    include_in_schema = False
    guards = (requires("employee"),)

    @get("/earlier")
    async def earlier(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, review_id: FromPath[UUID]
    ) -> Template:
        """What may be taken over; something may have come too late a moment ago."""
        found = await desk_load.of_mine(tx, principal, review_id, resources.settings)
        return Template("desk/_earlier.html", context=await desk_load.opened_context(tx, found))

    @post("/take-over", status_code=200)
    async def take_over(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        review_id: FromPath[UUID],
        data: URLEncodedBody[Chosen],
    ) -> Template | Response[dict[str, Any]]:
        """Go on with somebody's words, or afresh: either is then this person's own draft."""
        found = await desk_load.case(tx, await held(tx, principal, review_id, data.assignment), resources.settings)
        known = {one.assignment_id: one.body for one in await dispatch.earlier_drafts(tx, found.view)}
        body = _afresh(found) if data.earlier is None else known.get(data.earlier)
        if body is None:
            raise NotFound(_("That text is not there any more. Reload the page."), review=str(review_id))
        mine = named(principal, review_id, data.assignment)
        saved = await dispatch.put_draft(tx, **mine, version=found.view.draft.version, body=body)
        if saved.orphan:
            return problems.conflict(saved.detail, version=saved.version)
        return Template("desk/_work.html", context=await context_of(tx, principal, resources, review_id))

    @get("/document")
    async def document(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, review_id: FromPath[UUID]
    ) -> Response[bytes]:
        """The uploaded file as it came: PDF and text to look at, anything else to save. Never kept by the browser."""
        resume = await _uploaded(tx, principal, resources, review_id)
        shown = "inline" if resume.media_type in (PDF, TEXT) else "attachment"
        headers = {"cache-control": "no-store", "content-disposition": f"{shown}; filename=resume-{resume.number}"}
        content = await resources.objects.get(resume.object_key)
        return Response(content, media_type=resume.media_type, headers=headers)

    @get("/pages")
    async def pages(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, review_id: FromPath[UUID]
    ) -> Template:
        """The pages of an uploaded PDF; each is a picture of its own."""
        resume = await _uploaded(tx, principal, resources, review_id)
        pdf = resume.media_type == PDF
        count = await page_count(await resources.objects.get(resume.object_key)) if pdf else 0
        return Template("desk/_pages.html", context={"review_id": review_id, "pages": range(1, count + 1)})

    @get("/document/{page:int}")
    async def page(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        review_id: FromPath[UUID],
        page: FromPath[int],
    ) -> Response[bytes]:
        """One page as a picture."""
        resume = await _uploaded(tx, principal, resources, review_id)
        shown = None
        if resume.media_type == PDF and 0 < page <= MAX_PAGES:
            shown = await page_picture(await resources.objects.get(resume.object_key), page)
        if shown is None:
            raise NotFound(_("That page can't be shown."), review=str(review_id))
        return picture(shown)


def _afresh(found: desk_load.Case) -> dict[str, Any]:
    """The upload, or an empty form."""
    if found.resume is not None and desk_load.edits_resume(found):
        return {"text": found.resume.text, "sources": {}}
    return {"fields": {}}


async def _uploaded(tx: Tx, me: Principal, resources: Resources, review_id: UUID) -> ResumeVersion:
    """The resume behind the viewer's own open review. Raises NoSuchReview, NotFound."""
    found = await desk_load.of_mine(tx, me, review_id, resources.settings)
    if found.resume is None or not desk_load.document_of(found)[0]:
        raise NotFound(_("No document came with this review."), review=str(review_id))
    return found.resume
