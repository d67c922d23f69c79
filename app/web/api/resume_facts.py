"""`/api/seekers/me/resume-facts`: what was read of the resume, and the seeker's corrections of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, put
from litestar.params import JSONBody

from app.errors import FieldError, Invalid
from app.platform.clock import utcnow
from app.platform.db import Tx
from app.seekers import reading
from app.seekers.corrections import Shown, Wanted
from app.seekers.facts import Facts, Language, Position, Study
from app.seekers.reading import Reading
from app.web.deps import PrincipalDep, TxDep
from app.web.guards import requires


class PositionFacts(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A position; `id` as it was given, "" for one that is new."""

    id: str = ""
    employer: str = ""
    title: str = ""
    start: str = ""
    end: str = ""


class StudyFacts(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A degree or course; `id` as above."""

    id: str = ""
    institution: str = ""
    degree: str = ""
    subject: str = ""
    start: str = ""
    end: str = ""


class FactsBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The whole of it: what isn't in it is taken out. Dates: "2019-03", "2019", "present"."""

    name: str = ""
    email: str = ""
    phone: str = ""
    location: str = ""
    summary: str = ""
    years: float | None = None
    links: list[str] = []
    positions: list[PositionFacts] = []
    studies: list[StudyFacts] = []
    skills: list[str] = []
    languages: list[Language] = []


class FactsChange(msgspec.Struct, forbid_unknown_fields=True):
    """`resume` and `revision` as they were given: a save that somebody else's came before answers 409."""

    resume: UUID
    revision: int
    facts: FactsBody


class ResumeFacts(msgspec.Struct, kw_only=True):
    """`facts` as they stand, `read` as the resume was read; `check`: paths in `read` to be looked at.

    All null while no resume could be read.
    """

    resume: UUID | None = None
    revision: int = 0
    corrected: bool = False
    facts: FactsBody | None = None
    read: Facts | None = None
    check: list[str] = []


def _view(found: Reading | None) -> ResumeFacts:
    if found is None:
        return ResumeFacts()
    return ResumeFacts(
        resume=found.resume.id,
        revision=found.own.revision,
        corrected=bool(found.own),
        facts=_body(found),
        read=found.read,
        check=sorted(found.doubts),
    )


def _body(found: Reading) -> FactsBody:
    plain = msgspec.structs.asdict(found.facts)
    plain["positions"] = [PositionFacts(id=one.id, **_plain(one)) for one in found.positions]
    plain["studies"] = [StudyFacts(id=one.id, **_plain(one)) for one in found.studies]
    return FactsBody(**plain)


def _plain(one: Shown[Position] | Shown[Study]) -> dict[str, str]:
    return msgspec.structs.asdict(one.now)


def _wanted(given: FactsBody) -> Wanted:
    plain: dict[str, Any] = msgspec.structs.asdict(given)
    plain["positions"] = [msgspec.convert(one, Position, from_attributes=True) for one in given.positions]
    plain["studies"] = [msgspec.convert(one, Study, from_attributes=True) for one in given.studies]
    ids = {field: [one.id for one in getattr(given, field)] for field in ("positions", "studies")}
    return Wanted(facts=Facts(**plain), **ids)


async def _correct(tx: Tx, seeker_id: UUID, data: FactsChange) -> Reading | None:
    try:
        return await reading.correct(
            tx,
            seeker_id,
            resume_id=data.resume,
            revision=data.revision,
            wanted=_wanted(data.facts),
            today=utcnow().date(),
        )
    except Invalid as why:
        raise Invalid(errors=[FieldError(f"facts.{error.path}", error.message) for error in why.errors]) from why


class ResumeFactsController(Controller):
    path = "/api/seekers/me/resume-facts"
    tags = ("seekers",)
    guards = (requires("seeker"),)

    @get("/")
    async def facts(self, tx: TxDep, principal: PrincipalDep) -> ResumeFacts:
        """What was read of the newest readable resume, with the corrections over it."""
        return _view(await reading.latest(tx, principal.user_id))

    @put("/")
    async def correct(self, tx: TxDep, principal: PrincipalDep, data: JSONBody[FactsChange]) -> ResumeFacts:
        """Correct it, for this resume and all later ones; every open posting is scored again."""
        return _view(await _correct(tx, principal.user_id, data))

    @delete("/", status_code=200)
    async def undo(self, tx: TxDep, principal: PrincipalDep) -> ResumeFacts:
        """Forget all corrections."""
        return _view(await reading.undo(tx, principal.user_id))
