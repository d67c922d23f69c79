"""The supervisor's live board: figures, open reviews with their clocks, who is on the rank, violations."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from litestar import Controller, get
from litestar.params import FromQuery, QueryParameter
from litestar.response import Template

from app.dispatch.sla_board import Asked
from app.platform.db import Tx
from app.web.deps import ResourcesDep, TxDep
from app.web.guards import requires
from app.web.pages import board_load
from app.web.resources import Resources
from app.web.texts import Line

LOOKS_BACK = timedelta(hours=24)


class BoardController(Controller):
    """`/board` and its parts; the acts are in board_reviews, board_people and violations."""

    path = "/board"
    include_in_schema = False
    guards = (requires("supervisor"),)

    @get("/")
    async def page(
        self,
        tx: TxDep,
        resources: ResourcesDep,
        pool: FromQuery[Line] = "",
        status: Annotated[Line, QueryParameter(name="state")] = "",
        person: FromQuery[Line] = "",
        q: FromQuery[Line] = "",
        wall: FromQuery[bool] = False,
    ) -> Template:
        """The whole board, filtered as its address says; with `wall` for a big screen."""
        wanted = board_load.asked(pool, status, person, q)
        if wall:
            return Template("board/screen.html", context=await _screen(tx, resources, wanted))
        look = await board_load.look(tx, resources)
        context = {"here": "/board"} | await board_load.people(tx, look, count=board_load.FIRST_PEOPLE)
        context |= await board_load.standing(tx, look, context["by_state"]) | await board_load.filters(tx, wanted)
        counted = context["counted"]
        context |= (
            await board_load.rows(tx, look, wanted, count=board_load.FIRST_REVIEWS, counted=counted)
            | await board_load.notices(tx, look, counted)
            | await board_load.digest(tx, look)
        )
        return Template("board/index.html", context=context)

    @get("/kpis")
    async def kpis(self, tx: TxDep, resources: ResourcesDep) -> Template:
        look = await board_load.look(tx, resources)
        return Template("board/_kpis.html", context=await board_load.standing(tx, look))

    @get("/notices")
    async def notices(self, tx: TxDep, resources: ResourcesDep) -> Template:
        look = await board_load.look(tx, resources)
        return Template("board/_notices.html", context=await board_load.notices(tx, look))

    @get("/fairness")
    async def fairness(self, tx: TxDep) -> Template:
        return Template("board/_fairness.html", context=await board_load.fair(tx, LOOKS_BACK))


async def _screen(tx: Tx, resources: Resources, wanted: Asked) -> dict[str, Any]:
    look = await board_load.look(tx, resources)
    context = {"here": "/board", "query": board_load.query(wanted)} | await board_load.standing(tx, look)
    counted = context["counted"]
    context |= await board_load.notices(tx, look, counted)
    return context | await board_load.rows(tx, look, wanted, count=board_load.RISKIEST, counted=counted)
