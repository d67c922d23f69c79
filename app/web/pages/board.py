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
        context = {"here": "/board"} | await board_load.standing(tx, resources)
        context |= await board_load.filters(tx, wanted) | await board_load.rows(
            tx, resources, wanted, count=board_load.FIRST_REVIEWS
        )
        context |= (
            await board_load.notices(tx, context["counted"])
            | await board_load.people(tx, resources, count=board_load.FIRST_PEOPLE)
            | await board_load.digest(tx, resources)
        )
        return Template("board/index.html", context=context)

    @get("/kpis")
    async def kpis(self, tx: TxDep, resources: ResourcesDep) -> Template:
        return Template("board/_kpis.html", context=await board_load.standing(tx, resources))

    @get("/notices")
    async def notices(self, tx: TxDep) -> Template:
        return Template("board/_notices.html", context=await board_load.notices(tx))

    @get("/fairness")
    async def fairness(self, tx: TxDep) -> Template:
        return Template("board/_fairness.html", context=await board_load.fair(tx, LOOKS_BACK))


async def _screen(tx: Tx, resources: Resources, wanted: Asked) -> dict[str, Any]:
    context = {"here": "/board", "query": board_load.query(wanted)} | await board_load.standing(tx, resources)
    context |= await board_load.notices(tx, context["counted"])
    return context | await board_load.rows(tx, resources, wanted, count=board_load.RISKIEST)
