"""The portal's page on what was read of the resume: look, correct, undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Template

from app.bots.match import dates
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.platform.clock import utcnow
from app.platform.db import Tx
from app.platform.ids import new_id
from app.seekers import reading
from app.seekers import service as seekers
from app.seekers.reading import Reading
from app.seekers.types import ResumeVersion
from app.web.deps import PrincipalDep, TxDep
from app.web.guards import requires
from app.web.pages import facts_form
from app.words import gettext as _

_FORM = "portal/_facts.html"


async def facts_shown(tx: Tx, seeker_id: UUID) -> dict[str, Any]:
    found = await reading.latest(tx, seeker_id)
    return await _around(tx, seeker_id, found) | _form(found)


async def _around(tx: Tx, seeker_id: UUID, found: Reading | None) -> dict[str, Any]:
    """What to say of an upload that is newer than what is shown."""
    newest = next(iter(await seekers.resumes(tx, seeker_id, limit=1)), None)
    newer: ResumeVersion | None = newest if newest and newest.state != "parsed" else None
    return {"newer": newer, "shown_of": found.resume if found else None, "saved": False, "notice": ""}


def _form(
    found: Reading | None, sent: dict[str, str] | None = None, errors: list[FieldError] | None = None
) -> dict[str, Any]:
    if found is None:
        return {"form": None}
    spans = [(one.start, one.end) for one in found.facts.positions]
    counted = dates.years_covered(spans, utcnow().date())
    return {"form": facts_form.form(found, counted, sent or {}, errors or [])}


async def _save(tx: Tx, seeker_id: UUID, shown: Reading, sent: dict[str, str]) -> Reading | None:
    told = sent.get("revision", "")[:9]
    return await reading.correct(
        tx,
        seeker_id,
        resume_id=shown.resume.id,
        revision=int(told) if told.isdecimal() else -1,
        wanted=facts_form.wanted(sent, shown),
        today=utcnow().date(),
    )


class FactsController(Controller):
    """`/portal/facts` and its parts."""

    path = "/portal/facts"
    include_in_schema = False
    guards = (requires("seeker"),)

    @get("/")
    async def page(self, tx: TxDep, principal: PrincipalDep) -> Template:
        context = {"here": "/portal/profile"} | await facts_shown(tx, principal.user_id)
        return Template("portal/facts.html", context=context)

    @get("/form")
    async def form(self, tx: TxDep, principal: PrincipalDep) -> Template:
        return Template(_FORM, context=await facts_shown(tx, principal.user_id))

    @post("/", status_code=200)
    async def save(self, tx: TxDep, principal: PrincipalDep, data: URLEncodedBody[dict[str, str]]) -> Template:
        """Keep it; what is refused comes back marked, with all that was typed."""
        me = principal.user_id
        shown = await reading.of(tx, me, data.get("resume", ""))
        try:
            found = await _save(tx, me, shown, data)
        except (Invalid, Conflict) as why:
            context = await _around(tx, me, shown) | _form(shown, data, why.errors)
            notice = "" if why.errors else f"{_(why.title)}. {why.detail}"
            return Template(_FORM, context=context | {"notice": notice}, status_code=422)
        return Template(_FORM, context=await _around(tx, me, found) | _form(found) | {"saved": True})

    @post("/undo", status_code=200)
    async def undo(self, tx: TxDep, principal: PrincipalDep) -> Template:
        """What was read stands again."""
        found = await reading.undo(tx, principal.user_id)
        return Template(_FORM, context=await _around(tx, principal.user_id, found) | _form(found))

    @post("/rows/{kind:str}", status_code=200)
    async def row(self, kind: FromPath[str]) -> Template:
        """One more row to write in."""
        if kind not in facts_form.ENTRY_FIELDS:
            raise NotFound(_("There is nothing at this address."))
        entry = facts_form.blank_entry(kind, f"n{new_id().hex[-12:]}")
        return Template("portal/_facts_entry.html", context={"kind": kind, "entry": entry, "fresh": True})
