"""The portal's profile page: resumes, what forms ask, the answer bank."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, MultipartBody, URLEncodedBody
from litestar.response import Template

from app.accounts.sessions import Principal
from app.bots.match import service as matching
from app.config import Settings
from app.errors import AppError, FieldError, Invalid, NotFound
from app.platform.db import Tx
from app.seekers import reading
from app.seekers import service as seekers
from app.seekers.reading import Reading
from app.seekers.types import ResumeVersion
from app.web import limits
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.pages import profile_form
from app.web.pages.gates import gates
from app.web.texts import Words, said
from app.words import gettext as _
from app.words import ngettext as _n

SHOWN_SKILLS = 24


class Upload(msgspec.Struct):
    """The dropped file."""

    file: UploadFile


class NewAnswer(msgspec.Struct):
    """One entry for the answer bank."""

    question: Words
    answer: Words


class Facts(msgspec.Struct, frozen=True):
    """The newest resume in short, as the seeker corrected it. `to_check`: how much of it the parser wasn't sure of."""

    name: str
    line: str
    skills: list[str]
    to_check: int


def facts(found: Reading | None) -> Facts | None:
    """None until a resume was read."""
    if found is None or not found.resume.parsed:
        return None
    jobs, studies = len(found.facts.positions), len(found.facts.studies)
    said = [_n("%(n)s job", "%(n)s jobs", jobs), _n("%(n)s study", "%(n)s studies", studies)]
    skills = found.facts.skills[:SHOWN_SKILLS]
    return Facts(found.facts.name or _("No name found"), " · ".join(said), skills, len(found.doubts))


async def resumes_shown(tx: Tx, seeker_id: UUID, wrong: str = "") -> dict[str, Any]:
    versions = await seekers.resumes(tx, seeker_id)
    busy = any(version.state == "stored" for version in versions)
    return {
        "versions": versions,
        "busy": busy,
        "wrong": wrong,
        "facts": facts(await reading.latest(tx, seeker_id)),
    }


async def _profile(
    tx: Tx,
    seeker_id: UUID,
    settings: Settings,
    *,
    sent: dict[str, str] | None = None,
    errors: list[FieldError] | None = None,
) -> dict[str, Any]:
    seeker = await seekers.get(tx, seeker_id)
    wrong = {error.path: error.message for error in errors or []}
    return {
        "fields": profile_form.fields(seeker, (sent or {}) if errors else {}, wrong),
        "gates": gates(seeker.thresholds, settings),
        "matching_active": seeker.matching_active,
        "consent_llm": seeker.consent.llm,
        "saved": sent is not None and not errors,
    }


async def bank_shown(tx: Tx, seeker_id: UUID) -> dict[str, Any]:
    bank = await seekers.answers(tx, seeker_id)
    return {
        "bank": [
            {
                "id": a.id,
                "question": a.question,
                "answer": profile_form.one_line(a.answer),
                "source": profile_form.source(a.source),
            }
            for a in bank
        ]
    }


class ProfileController(Controller):
    """`/portal/profile` and its parts."""

    path = "/portal"
    include_in_schema = False
    guards = (requires("seeker"),)

    @get("/profile")
    async def page(self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep) -> Template:
        me = principal.user_id
        context = {"here": "/portal/profile"} | await resumes_shown(tx, me) | await bank_shown(tx, me)
        context |= await _profile(tx, me, resources.settings)
        return Template("portal/profile.html", context=context)

    @get("/resumes")
    async def resumes(self, tx: TxDep, principal: PrincipalDep) -> Template:
        return Template("portal/_resumes.html", context=await resumes_shown(tx, principal.user_id))

    @post("/resumes", status_code=200)
    async def upload(
        self,
        request: Request[Any, Any, Any],
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        data: MultipartBody[Upload],
    ) -> Template:
        """Keep the file; a refusal is said in the drop zone."""
        wrong = ""
        try:
            await limits.upload(request, principal.user_id)
            content = await data.file.read()
            await seekers.store_upload(tx, resources.objects, principal.user_id, data.file.filename, content)
        except AppError as error:
            wrong = error.detail
        return Template("portal/_resumes.html", context=await resumes_shown(tx, principal.user_id, wrong))

    @get("/resumes/{version_id:uuid}/file")
    async def download(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, version_id: FromPath[UUID]
    ) -> Response[bytes]:
        """The file as it came; nobody else's."""
        version = await owned(tx, principal, version_id)
        content = await resources.objects.get(version.object_key)
        name = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in version.filename)
        headers = {"content-disposition": f'attachment; filename="{name or "resume"}"', "cache-control": "no-store"}
        return Response(content, media_type=version.media_type, headers=headers)

    @post("/profile", status_code=200)
    async def save(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, data: URLEncodedBody[dict[str, str]]
    ) -> Template:
        """Save; refused fields come back marked, with what was written in them."""
        errors: list[FieldError] = []
        try:
            known = await seekers.get(tx, principal.user_id)
            sent = profile_form.patch(data, known.profile.links)
            await seekers.update(tx, principal.user_id, sent)
            if sent["matching_active"] != known.matching_active:  # the seeker's other pages hear of it
                await (matching.start if sent["matching_active"] else matching.stop)(tx, principal.user_id)
        except Invalid as error:
            errors = error.errors
        context = await _profile(tx, principal.user_id, resources.settings, sent=data, errors=errors)
        return Template("portal/_profile.html", context=context, status_code=422 if errors else 200)

    @post("/answers", status_code=200)
    async def add_answer(self, tx: TxDep, principal: PrincipalDep, data: URLEncodedBody[NewAnswer]) -> Template:
        await seekers.set_answer(tx, principal.user_id, question=data.question, answer=said(data.answer))
        return Template("portal/_answers.html", context=await bank_shown(tx, principal.user_id))

    @post("/answers/{answer_id:uuid}/delete", status_code=200)
    async def remove_answer(self, tx: TxDep, principal: PrincipalDep, answer_id: FromPath[UUID]) -> Template:
        await seekers.delete_answer(tx, principal.user_id, answer_id)
        return Template("portal/_answers.html", context=await bank_shown(tx, principal.user_id))


async def owned(tx: Tx, principal: Principal, version_id: UUID) -> ResumeVersion:
    """The seeker's own resume; anybody else's is as if it didn't exist."""
    version = await seekers.get_resume(tx, version_id)
    if version.seeker_id != principal.user_id:
        raise NotFound(_("There is no such resume"), resume=str(version_id))
    return version
