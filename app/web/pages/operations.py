"""The operator's page: what runs and lags, attempts to decide, boards, breakers, dead letters, who did what."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Template

from app.accounts import audit
from app.accounts import service as accounts
from app.errors import Invalid
from app.insight import figures, operations, workload
from app.insight.buckets import midnight
from app.platform import breaker
from app.platform.db import Tx
from app.postings import service as postings
from app.web import health as probes
from app.web import zones
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.pages import scales, stored
from app.web.pages.periods import day
from app.web.pages.toasts import toast
from app.web.paging import Cursor, before_id, page
from app.web.resources import Resources
from app.web.texts import Line, Words
from app.words import gettext as _

INTENTS, LETTERS, ENTRIES = 25, 25, 50
Said = Annotated[str, QueryParameter(max_length=200)]
Start = Annotated[str, QueryParameter(name="from", max_length=10)]
End = Annotated[str, QueryParameter(name="to", max_length=10)]


class Resolution(msgspec.Struct):
    """What became of an attempt, as its form says it."""

    outcome: Literal["sent", "not_sent"]
    note: Words = ""
    confirmation: Line = ""


async def _sources(tx: Tx) -> dict[str, Any]:
    open_breakers = [one for one in await breaker.every(tx) if one.state != "closed"]
    return {"sources": await postings.list_sources(tx), "breakers": open_breakers}


async def _dead(tx: Tx) -> dict[str, Any]:
    return {"dead": await operations.dead_letters(tx, limit=LETTERS)}


async def _system(tx: Tx, resources: Resources) -> dict[str, Any]:
    told = {"health": await figures.health(tx), "sizes": await figures.sizes(tx)}
    return told | {"missing": await probes.missing(resources)}


async def _work(tx: Tx) -> dict[str, Any]:
    return {"work": await workload.workload(tx)}


async def _unknown(tx: Tx) -> dict[str, Any]:
    return {"unknowns": await operations.unknowns(tx)}


def _days(start: str, end: str) -> tuple[datetime | None, datetime | None]:
    """Whole days by the reader's clock, both inside. Raises Invalid."""
    until = midnight(day(end, "to") + timedelta(days=1), zones.here()) if end else None
    return midnight(day(start, "from"), zones.here()) if start else None, until


async def _audit(tx: Tx, asked: dict[str, str], cursor: str | None) -> dict[str, Any]:
    """A page of the log, or in a sentence what is wrong with what was asked."""
    context: dict[str, Any] = {"asked": asked, "entries": [], "names": {}, "problem": "", "next": ""}
    context["told"] = stored.voided
    try:
        start, end = _days(asked["from"], asked["to"])
        before = before_id(cursor)
    except Invalid as why:
        return context | {"problem": " ".join(error.message for error in why.errors)}
    only = audit.Filter(who=asked["who"], action=asked["action"], subject=asked["subject"], start=start, end=end)
    found = await audit.entries(tx, before=before, limit=ENTRIES + 1, only=only)
    shown = page(found, ENTRIES, lambda entry: entry.id)
    users = await accounts.users_by_id(tx, {entry.actor_id for entry in shown.items if entry.actor_id})
    said = {name: value for name, value in asked.items() if value}
    further = urlencode(said | {"cursor": shown.next_cursor}) if shown.next_cursor else ""
    names = {id: user.name for id, user in users.items()}
    return context | {"entries": shown.items, "names": names, "next": further, "earlier": bool(cursor)}


class OperationsPage(Controller):
    """`/operations`: no resume and no answer is shown here."""

    path = "/operations"
    include_in_schema = False
    guards = (requires("operator", "supervisor"),)

    @get("/")
    async def page(self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep) -> Template:
        context = {"here": "/operations", "intents": await operations.intent_lines(tx, limit=INTENTS)}
        context |= await _sources(tx) | await _dead(tx) | await _system(tx, resources)
        context |= await _work(tx) | await _unknown(tx)
        context |= await scales.context(tx) if principal.role == "operator" else {}
        return Template("operations/index.html", context=context)

    @get("/sources")
    async def sources(self, tx: TxDep) -> Template:
        return Template("operations/_sources.html", context=await _sources(tx))

    @get("/system")
    async def system(self, tx: TxDep, resources: ResourcesDep) -> Template:
        return Template("operations/_system.html", context=await _system(tx, resources))

    @get("/work")
    async def work(self, tx: TxDep) -> Template:
        return Template("operations/_work.html", context=await _work(tx))

    @get("/unknown")
    async def unknown(self, tx: TxDep) -> Template:
        return Template("operations/_unknown.html", context=await _unknown(tx))

    @post("/intents/{intent_id:uuid}/resolve", status_code=200)
    async def resolve(
        self, tx: TxDep, principal: PrincipalDep, intent_id: FromPath[UUID], data: URLEncodedBody[Resolution]
    ) -> Template:
        """What became of an attempt. Nothing is sent because of it."""
        told: dict[str, Any] = {"sent": data.outcome == "sent", "note": data.note, "confirmation": data.confirmation}
        await operations.resolve(tx, intent_id, actor=principal.user_id, **told)
        return Template("operations/_unknown.html", context=await _unknown(tx))

    @get("/audit")
    async def audit_log(
        self,
        tx: TxDep,
        who: Said = "",
        action: Said = "",
        subject: Said = "",
        start: Start = "",
        end: End = "",
        cursor: Cursor = None,
    ) -> Template:
        """Who did what to whom, and why."""
        asked = {"who": who.strip(), "action": action.strip(), "subject": subject.strip(), "from": start, "to": end}
        context = {"here": "/operations", "earlier": False} | await _audit(tx, asked, cursor)
        return Template("operations/audit.html", context=context, status_code=400 if context["problem"] else 200)

    @get("/dead")
    async def dead(self, tx: TxDep) -> Template:
        return Template("operations/_dead.html", context=await _dead(tx))

    @post("/sources/{source_id:uuid}/run", status_code=204, guards=[requires("operator")])
    async def run(self, tx: TxDep, source_id: FromPath[UUID]) -> Response[None]:
        """Fetch this board now."""
        source = await postings.run_source(tx, source_id)
        return toast(_("%(value)s is fetched now.", value=source.name or source.token))

    @post("/dead/{letter_id:uuid}/replay", status_code=200)
    async def replay(self, tx: TxDep, principal: PrincipalDep, letter_id: FromPath[UUID]) -> Template:
        """Put it back to work; refused where an application may have been sent."""
        await operations.replay(tx, letter_id, actor=principal.user_id)
        return Template("operations/_dead.html", context=await _dead(tx))
