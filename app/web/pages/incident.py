"""Incident mode on the pages: a banner for everybody, and the acts of supervisors."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, get, post
from litestar.params import URLEncodedBody
from litestar.response import Template

from app.dispatch import service as dispatch
from app.errors import Conflict
from app.platform.db import Tx
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import even_restricted, requires
from app.web.texts import Words
from app.words import gettext as _


class Begin(msgspec.Struct):
    """Why, and what is to stop: a box that isn't ticked isn't sent."""

    reason: Words
    stop_submissions: bool = False
    freeze_clocks: bool = False


class Reason(msgspec.Struct):
    reason: Words


async def _banner(tx: Tx, role: str) -> Template:
    context: dict[str, Any] = {"incident": await dispatch.current_incident(tx), "over": None}
    if role == "supervisor" and context["incident"] is None:
        context["over"] = await dispatch.last_incident(tx)
    return Template("_incident.html", context=context)


@get("/incident", guards=[even_restricted], include_in_schema=False)
async def banner(tx: TxDep, principal: PrincipalDep) -> Template:
    """What stands on top of every page."""
    return await _banner(tx, principal.role)


class IncidentPage(Controller):
    """The acts of supervisors; each answers with the banner."""

    path = "/board/incident"
    include_in_schema = False
    guards = (requires("supervisor"),)

    @post("/", status_code=200)
    async def begin(self, tx: TxDep, principal: PrincipalDep, data: URLEncodedBody[Begin]) -> Template:
        given = msgspec.structs.asdict(data)
        await dispatch.begin_incident(tx, actor=principal.user_id, **given)
        return await _banner(tx, principal.role)

    @post("/end", status_code=200)
    async def end(self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep) -> Template:
        await dispatch.end_incident(tx, actor=principal.user_id, rules=resources.rules)
        return await _banner(tx, principal.role)

    @post("/void", status_code=200)
    async def void(self, tx: TxDep, principal: PrincipalDep, data: URLEncodedBody[Reason]) -> Template:
        """Void the strikes of the last incident's time."""
        over = await dispatch.last_incident(tx)
        if over is None:
            raise Conflict(_("There was no incident within the last day."))
        await dispatch.void_interval(tx, over.start, over.end, actor=principal.user_id, reason=data.reason)
        return await _banner(tx, principal.role)
