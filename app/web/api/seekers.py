"""`/api/seekers/`: signing up, and what a seeker keeps with us."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, get, patch, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, JSONBody, MultipartBody

from app.errors import FieldError, Invalid, NotFound
from app.platform.db import Tx
from app.seekers import service as seekers
from app.seekers.types import Answer, Consent, Preferences, Profile, ResumeVersion, Thresholds
from app.web import limits, signing
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import public, requires
from app.web.texts import Given, Words, said

ANSWERS_AT_ONCE = 200


class SignUp(msgspec.Struct):
    """Who wants to join."""

    email: str
    password: str
    name: str


class Joined(msgspec.Struct):
    """The same for a new address and for one that was here before."""

    email: str
    detail: str = "Sign in with this mail address and your password."


class NewAnswer(msgspec.Struct):
    """An answer for the bank, sent word for word where the question is asked."""

    question: Words
    answer: Given


class Changes(msgspec.Struct, forbid_unknown_fields=True):
    """What to change; parts are merged field by field."""

    profile: dict[str, Any] | None = None
    preferences: dict[str, Any] | None = None
    thresholds: dict[str, Any] | None = None
    consent: dict[str, Any] | None = None
    matching_active: bool | None = None
    answers: list[NewAnswer] | None = None


class ResumeView(msgspec.Struct):
    """A resume version; `state` is stored until it is read, then parsed, or failed with `error` {"code", "text"}."""

    id: UUID
    number: int
    kind: str
    filename: str
    media_type: str
    state: str
    error: dict[str, str] | None
    parsed: dict[str, Any] | None
    application_id: UUID | None
    created_at: datetime


class Me(msgspec.Struct):
    """All that a seeker told us."""

    user_id: UUID
    number: int
    email: str
    profile: Profile
    preferences: Preferences
    thresholds: Thresholds
    consent: Consent
    matching_active: bool
    answers: list[Answer]
    resumes: list[ResumeView]


class Upload(msgspec.Struct):
    """The form's one field."""

    file: UploadFile


def resume_view(version: ResumeVersion) -> ResumeView:
    return msgspec.convert(version, ResumeView, from_attributes=True)


async def _me(tx: Tx, principal: PrincipalDep) -> Me:
    seeker = await seekers.get(tx, principal.user_id)
    return Me(
        user_id=principal.user_id,
        number=principal.number,
        email=principal.email,
        profile=seeker.profile,
        preferences=seeker.preferences,
        thresholds=seeker.thresholds,
        consent=seeker.consent,
        matching_active=seeker.matching_active,
        answers=await seekers.answers(tx, principal.user_id),
        resumes=[resume_view(version) for version in await seekers.resumes(tx, principal.user_id)],
    )


class SeekersController(Controller):
    path = "/api/seekers"
    tags = ("seekers",)

    @post("/", guards=[public])
    async def sign_up(self, request: Request[Any, Any, Any], tx: TxDep, data: JSONBody[SignUp]) -> Joined:
        """Join. A second sign-up with the same address is answered like the first."""
        await signing.sign_up(tx, request, email=data.email, password=data.password, name=data.name)
        return Joined(data.email.strip().lower())

    @get("/me", guards=[requires("seeker")])
    async def me(self, tx: TxDep, principal: PrincipalDep) -> Me:
        """Profile, preferences, thresholds, answer bank, resumes."""
        return await _me(tx, principal)

    @patch("/me", guards=[requires("seeker")])
    async def change(self, tx: TxDep, principal: PrincipalDep, data: JSONBody[Changes]) -> Me:
        """Change parts; every open posting is scored again."""
        if len(data.answers or []) > ANSWERS_AT_ONCE:
            raise Invalid(errors=[FieldError("answers", f"Send at most {ANSWERS_AT_ONCE} at once.")])
        parts = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not None}
        answers = parts.pop("answers", [])
        if parts:
            await seekers.update(tx, principal.user_id, parts)
        for index, given in enumerate(answers):
            answer = said(given.answer, f"answers.{index}.answer")
            await seekers.set_answer(tx, principal.user_id, question=given.question, answer=answer)
        return await _me(tx, principal)

    @post("/me/resumes", guards=[requires("seeker")])
    async def upload(
        self,
        request: Request[Any, Any, Any],
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        data: MultipartBody[Upload],
    ) -> ResumeView:
        """Keep a resume (PDF, DOCX, text or JSON Resume, up to 10 MB); it is read in the background."""
        await limits.upload(request, principal.user_id)
        body = await data.file.read()
        version = await seekers.store_upload(tx, resources.objects, principal.user_id, data.file.filename, body)
        return resume_view(version)

    @get("/me/resumes/{version_id:uuid}", guards=[requires("seeker")])
    async def resume(self, tx: TxDep, principal: PrincipalDep, version_id: FromPath[UUID]) -> ResumeView:
        """One version, with what was read out of it."""
        return resume_view(await own_resume(tx, principal.user_id, version_id))


async def own_resume(tx: Tx, seeker_id: UUID, version_id: UUID) -> ResumeVersion:
    """Raises NotFound for anybody else's, as if it didn't exist."""
    version = await seekers.get_resume(tx, version_id)
    if version.seeker_id != seeker_id:
        raise NotFound("There is no such resume", resume=str(version_id))
    return version
