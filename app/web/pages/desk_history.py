"""An employee's own past: their reviews with search, their strikes with appeals, their figures beside the team's."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Template

from app.accounts.sessions import Principal
from app.dispatch import service as dispatch
from app.dispatch.types import Decided
from app.errors import NotFound
from app.platform.db import Tx
from app.seekers import service as seekers
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.pages import editing
from app.web.pages import history_views as views
from app.web.resources import Resources
from app.web.texts import Line, Words
from app.words import gettext as _

SHOWN = 100
Time = Literal["", "yes", "no"]


class Statement(msgspec.Struct):
    statement: Words


class HistoryController(Controller):
    """`/desk/history` and its parts; a locked employee reads them too."""

    path = "/desk"
    include_in_schema = False
    guards = (requires("employee", restricted=True),)

    @get("/history")
    async def page(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        words: FromQuery[Line] = "",
        result: FromQuery[Line] = "",
        time: FromQuery[Time] = "",
    ) -> Template:
        found = await _past(tx, principal, words, result, time) | await _strikes(tx, principal, resources)
        return Template("desk/history.html", context=found | {"here": "/desk/history"})

    @get("/history/past")
    async def past(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        words: FromQuery[Line] = "",
        result: FromQuery[Line] = "",
        time: FromQuery[Time] = "",
    ) -> Template:
        """The list alone, while somebody types; the page's address follows, so that one comes back to it."""
        asked = {"words": words, "result": result, "time": time}
        query = urlencode({name: value for name, value in asked.items() if value})
        headers = {"HX-Replace-Url": f"/desk/history?{query}".rstrip("?")}
        return Template("desk/_past.html", context=await _past(tx, principal, words, result, time), headers=headers)

    @get("/history/{assignment_id:uuid}")
    async def decided(self, tx: TxDep, principal: PrincipalDep, assignment_id: FromPath[UUID]) -> Template:
        """What the person did with one review."""
        found = await dispatch.decided(tx, principal.user_id, assignment_id)
        shown = views.decision(found, await _changed(tx, found))
        return Template("desk/decided.html", context={"decision": shown, "here": "/desk/history"})

    @get("/history/figures")
    async def figures(self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep) -> Template:
        """Asked for by the page once it is there: the team's medians take longer than a page may."""
        mine = await dispatch.my_figures(tx, principal.user_id)
        team = await dispatch.team_figures(tx)
        return Template("desk/_figures.html", context={"figures": views.compared(mine, team), "people": team.people})

    @get("/strikes")
    async def strikes(self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep) -> Template:
        return Template("desk/_strikes.html", context=await _strikes(tx, principal, resources))

    @post("/strikes/{strike_id:uuid}/appeal", status_code=200)
    async def appeal(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        strike_id: FromPath[UUID],
        data: URLEncodedBody[Statement],
    ) -> Template:
        await dispatch.appeal(tx, principal.user_id, strike_id, data.statement)
        return Template("desk/_strikes.html", context=await _strikes(tx, principal, resources))


async def _past(tx: Tx, me: Principal, words: str, result: str, time: Time) -> dict[str, Any]:
    known = result if result in dict(views.results()) else ""
    in_time = {"yes": True, "no": False}.get(time)
    found = await dispatch.history_of(tx, me.user_id, SHOWN, words=words.strip(), result=known, in_time=in_time)
    asked = {"words": words, "result": known, "time": time}
    choices = {"results": views.results(), "times": views.TIMES, "most": SHOWN}
    return {"items": [views.past(one) for one in found], "asked": asked} | choices


async def _changed(tx: Tx, found: Decided) -> str:
    """How much of the resume, and not its words: those are for who has the review open, and no longer theirs."""
    version_id = found.outcome.get("resume_version")
    if found.work.review.kind != "resume" or not version_id:
        return ""
    try:
        version = await seekers.get_resume(tx, UUID(version_id))
        base = await seekers.get_resume(tx, version.parent_id) if version.parent_id else version
    except NotFound:
        return _("The seeker's resume is gone.")
    return editing.told(base.text, version.text) or _("Nothing: it went as the seeker uploaded it.")


async def _strikes(tx: Tx, me: Principal, resources: Resources) -> dict[str, Any]:
    strikes = await dispatch.strikes_of(tx, me.user_id, rules=resources.rules)
    return {"strikes": [views.own(one) for one in strikes], "strike_lock": resources.settings.strike_lock}
