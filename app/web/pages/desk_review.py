"""What the assignee does with the review on the desk: score, save, decide, hand back."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Template

from app.dispatch import service as dispatch
from app.errors import FieldError, Invalid, NotFound
from app.platform.clock import utcnow
from app.platform.db import Tx
from app.platform.objects import Objects
from app.seekers import service as seekers
from app.seekers.types import ResumeVersion
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.holding import held, named
from app.web.pages import desk_load, editing, stored
from app.web.pages.desk import context_of
from app.web.pages.desk_load import Case
from app.web.pages.pictures import picture
from app.web.pages.toasts import toast, told
from app.web.texts import Line, ResumeText
from app.words import gettext as _
from app.words import later

AnyRequest = Request[Any, Any, Any]
MOST_MINUTES = 7 * 24 * 60
_DONE = {
    "approve": later("%(title)s: approved, and on its way to the bot."),
    "reject": later("%(title)s: rejected. The seeker reads why."),
    "": later("%(title)s: done."),
}


class Edited(msgspec.Struct):
    """The resume as it stands on the page; `sources` is JSON: added line to where it comes from."""

    assignment: UUID
    text: ResumeText = ""
    sources: str = "{}"
    version: str = "0"


class HandedBack(msgspec.Struct):
    """Why it goes back, or up."""

    assignment: UUID
    reason: Line


class PutAside(msgspec.Struct):
    """For how long, and why."""

    assignment: UUID
    minutes: Annotated[int, msgspec.Meta(ge=1, le=MOST_MINUTES)]
    reason: Line


def _edited(form: FormMultiDict) -> Edited:
    try:
        return msgspec.convert({name: form.get(name, "") for name in Edited.__struct_fields__}, Edited)
    except msgspec.ValidationError:
        raise Invalid(_("The form is incomplete. Reload the page.")) from None


def sources_of(data: Edited) -> dict[str, str]:
    """Raises Invalid."""
    try:
        return msgspec.json.decode(data.sources or "{}", type=dict[str, str])
    except msgspec.MsgspecError:
        raise Invalid(_("The sources of the added lines can't be read. Reload the page.")) from None


def answers_of(form: FormMultiDict) -> list[dict[str, Any]]:
    """Questions and answers of the form, numbered together; several answers to one question are a list."""
    found = []
    for number in range(100):
        key = form.get(f"question-{number}")
        given = [str(value) for value in form.getall(f"answer-{number}", []) if str(value).strip()]
        if key is None and not given:
            break
        if given:
            label = str(form.get(f"label-{number}") or key or "")
            found.append({"key": str(key), "question": label, "answer": given[0] if len(given) == 1 else given})
    return found


async def _saved(
    tx: Tx, objects: Objects, found: Case, data: Edited, by: UUID, *, finished: bool
) -> ResumeVersion | None:
    """The resume version of the text: None where nothing was changed, the one saved before where it is the same.

    A finished one needs a source for each added line. Raises Invalid.
    """
    base, text = found.resume, data.text.replace("\r\n", "\n")
    if base is None or found.app is None or not text.strip() or not editing.changed(base.text, text):
        return None
    if finished and (open_lines := editing.unsourced(base.text, text, sources_of(data))):
        wrong = FieldError(
            "sources", _("Say where this line comes from: %(open_lines)s", open_lines=open_lines[0][:120])
        )
        raise Invalid(_("Each added line needs its source."), errors=[wrong])
    for version in await seekers.resumes(tx, found.app.seeker_id):
        if version.application_id == found.app.id and version.text == text:
            return version
    return await seekers.add_version(
        tx,
        objects,
        found.app.seeker_id,
        parent_id=base.id,
        text=text,
        kind="review",
        created_by=by,
        application_id=found.app.id,
    )


class ReviewController(Controller):
    """`/desk/reviews/{id}/…`: every write names its assignment, and only the open one is accepted."""

    path = "/desk/reviews/{review_id:uuid}"
    include_in_schema = False
    guards = (requires("employee"),)

    @post("/score", status_code=200)
    async def score(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        review_id: FromPath[UUID],
        data: URLEncodedBody[Edited],
    ) -> Template:
        """Score, marks, added lines and diff of the text on the page. Stores nothing."""
        view = await held(tx, principal, review_id, data.assignment)
        found = await desk_load.case(tx, view, resources.settings)
        if found.resume is None:
            raise NotFound(_("This review has no resume."), review=str(review_id))
        score, matched, missing = await desk_load.rescored(tx, resources.embedder, found, data.text)
        context = await desk_load.opened_context(tx, found) | {
            "score": score,
            "draft": desk_load.draft_view(found.resume, found.view.draft.version, data.text, sources_of(data)),
            "posting": desk_load.posting_view(found, matched, missing),
            "oob": True,
        }
        return Template("desk/_rescored.html", context=context)

    @post("/complete", status_code=200)
    async def complete(
        self,
        request: AnyRequest,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        review_id: FromPath[UUID],
    ) -> Template | Response[None]:
        """The verdict; the answer is what is next on the desk. `save` keeps a version and stays."""
        form = await request.form()
        data, verdict = _edited(form), str(form.get("verdict") or "")
        await dispatch.fence(tx, principal.user_id, review_id, data.assignment)
        found = await desk_load.of_mine(tx, principal, review_id, resources.settings)
        finished = verdict == "approve"
        version = None
        if finished or form.get("save"):
            version = await _saved(tx, resources.objects, found, data, principal.user_id, finished=finished)
        if form.get("save"):
            words = (
                _("Kept as version %(number)s.", number=version.number) if version else _("Nothing has changed yet.")
            )
            return toast(words)
        if finished and version is not None:
            await _keep_sources(tx, principal.user_id, review_id, data)
        await dispatch.complete(
            tx,
            **named(principal, review_id, data.assignment),
            verdict=verdict,
            resume_version_id=version.id if version else found.resume.id if found.resume and finished else None,
            answers=answers_of(form) or None,
            confirmation=str(form.get("confirmation") or "").strip() or None,
            notes=str(form.get("notes") or "").strip(),
        )
        words = _(_DONE.get(verdict, _DONE[""])) % {"title": stored.noted(found.view.review.title)}
        context = await context_of(tx, principal, resources)
        return Template("desk/_moved.html", context=context, headers=told(words))

    @post("/release", status_code=200)
    async def release(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        review_id: FromPath[UUID],
        data: URLEncodedBody[HandedBack],
    ) -> Template:
        """Give it back; after the warning it counts as Missed."""
        mine = named(principal, review_id, data.assignment)
        await dispatch.release(tx, **mine, reason=data.reason, rules=resources.rules)
        return Template("desk/_moved.html", context=await context_of(tx, principal, resources))

    @post("/decline", status_code=200)
    async def decline(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        review_id: FromPath[UUID],
        data: URLEncodedBody[HandedBack],
    ) -> Template:
        """Say no to it; after the warning it counts as Missed. The desk offers it until something was written."""
        mine = named(principal, review_id, data.assignment)
        await dispatch.decline(tx, **mine, reason=data.reason, rules=resources.rules)
        return Template("desk/_moved.html", context=await context_of(tx, principal, resources))

    @post("/snooze", status_code=200)
    async def snooze(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        review_id: FromPath[UUID],
        data: URLEncodedBody[PutAside],
    ) -> Template:
        """Put it aside for some time; refused after the warning."""
        mine = named(principal, review_id, data.assignment)
        await dispatch.snooze(tx, **mine, until=utcnow() + timedelta(minutes=data.minutes), reason=data.reason)
        return Template("desk/_moved.html", context=await context_of(tx, principal, resources))

    @post("/escalate", status_code=200)
    async def escalate(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        review_id: FromPath[UUID],
        data: URLEncodedBody[HandedBack],
    ) -> Template:
        """Hand it up to the supervisors."""
        await dispatch.escalate(tx, **named(principal, review_id, data.assignment), reason=data.reason)
        return Template("desk/_moved.html", context=await context_of(tx, principal, resources))

    @get("/screenshot")
    async def screenshot(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, review_id: FromPath[UUID]
    ) -> Response[bytes]:
        """The last thing the bot saw; for the assignee alone."""
        found = await desk_load.of_mine(tx, principal, review_id, resources.settings)
        if not (key := desk_load.picture_key(found)):
            raise NotFound(_("No screenshot was kept."), review=str(review_id))
        return picture(await resources.objects.get(key))


async def _keep_sources(tx: Tx, me: UUID, review_id: UUID, data: Edited) -> None:
    """The draft keeps where each added line comes from, for whoever asks later."""
    body = {"text": data.text, "sources": sources_of(data)}
    version = int(data.version) if data.version.isdigit() else 0
    await dispatch.put_draft(
        tx, employee_id=me, review_id=review_id, assignment_id=data.assignment, version=version, body=body
    )
