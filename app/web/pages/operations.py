"""The operator's page: boards that are watched, breakers, dead letters, attempts to submit, processes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from app.insight import figures, operations
from app.platform import breaker
from app.platform.db import Tx
from app.postings import service as postings
from app.web.deps import PrincipalDep, TxDep
from app.web.guards import requires
from app.web.pages import scales
from app.web.pages.toasts import toast

INTENTS, LETTERS = 25, 25


async def _sources(tx: Tx) -> dict[str, Any]:
    open_breakers = [one for one in await breaker.every(tx) if one.state != "closed"]
    return {"sources": await postings.list_sources(tx), "breakers": open_breakers}


async def _dead(tx: Tx) -> dict[str, Any]:
    return {"dead": await operations.dead_letters(tx, limit=LETTERS)}


async def _system(tx: Tx) -> dict[str, Any]:
    return {"health": await figures.health(tx), "live": await figures.live(tx)}


class OperationsPage(Controller):
    """`/operations`: no resume and no answer is shown here."""

    path = "/operations"
    include_in_schema = False
    guards = (requires("operator", "supervisor"),)

    @get("/")
    async def page(self, tx: TxDep, principal: PrincipalDep) -> Template:
        context = {"here": "/operations", "intents": await operations.intent_lines(tx, limit=INTENTS)}
        context |= await _sources(tx) | await _dead(tx) | await _system(tx)
        context |= await scales.context(tx) if principal.role == "operator" else {}
        return Template("operations/index.html", context=context)

    @get("/sources")
    async def sources(self, tx: TxDep) -> Template:
        return Template("operations/_sources.html", context=await _sources(tx))

    @get("/system")
    async def system(self, tx: TxDep) -> Template:
        return Template("operations/_system.html", context=await _system(tx))

    @get("/dead")
    async def dead(self, tx: TxDep) -> Template:
        return Template("operations/_dead.html", context=await _dead(tx))

    @post("/sources/{source_id:uuid}/run", status_code=204, guards=[requires("operator")])
    async def run(self, tx: TxDep, source_id: FromPath[UUID]) -> Response[None]:
        """Fetch this board now."""
        source = await postings.run_source(tx, source_id)
        return toast(f"{source.name or source.token} is fetched now.")

    @post("/dead/{letter_id:uuid}/replay", status_code=200)
    async def replay(self, tx: TxDep, principal: PrincipalDep, letter_id: FromPath[UUID]) -> Template:
        """Put it back to work; refused where an application may have been sent."""
        await operations.replay(tx, letter_id, actor=principal.user_id)
        return Template("operations/_dead.html", context=await _dead(tx))
