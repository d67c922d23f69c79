"""The supervisor's board: open reviews with their clocks, who is on the rank, violations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Template

from app.dispatch import heartbeats
from app.dispatch import service as dispatch
from app.dispatch.types import Board
from app.insight import fairness, figures
from app.platform.db import Tx
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.pages import board_views, fairness_views
from app.web.resources import Resources
from app.web.texts import Words

MOST = 500
LOOKS_BACK = timedelta(hours=24)


class Reason(msgspec.Struct):
    """Every act of a supervisor says why; it is kept."""

    reason: Words


class Decision(msgspec.Struct):
    """Void a strike, or uphold it against its appeal."""

    reason: Words
    act: Literal["void", "uphold"] = "void"


async def load(tx: Tx, resources: Resources) -> Board:
    """All of it, from one snapshot."""
    presence = await heartbeats.presence_if_known(resources.redis)
    ttl = resources.settings.presence_ttl_seconds
    return await dispatch.board(tx, presence, rules=resources.rules, ttl_seconds=ttl, limit=MOST)


def _reviews(board: Board) -> dict[str, Any]:
    said = {"alerts": board_views.alerts(board), "outages": board_views.outages(board)}
    return {"reviews": board_views.lines(board), "most": MOST} | said


def _violations(board: Board) -> dict[str, Any]:
    return {"locked": board_views.locked(board.locked), "strikes": board_views.strikes(board)}


def _wall(board: Board) -> dict[str, Any]:
    return {"wall": board_views.wall(board), "next_up": board_views.next_up(board)}


async def _kpis(tx: Tx, board: Board, resources: Resources) -> dict[str, Any]:
    return {
        "kpis": board_views.kpis(board, resources.settings.sla_warning_seconds),
        "live": await figures.live(tx),
        "risk_minutes": f"{resources.settings.sla_warning_seconds / 60:g}",
    }


async def _fairness(tx: Tx) -> dict[str, Any]:
    now = await dispatch.database_time(tx)
    return {"fairness": fairness_views.panel(await fairness.fairness(tx, now - LOOKS_BACK, now))}


class BoardController(Controller):
    """`/board` and its parts."""

    path = "/board"
    include_in_schema = False
    guards = (requires("supervisor"),)

    @get("/")
    async def page(self, tx: TxDep, resources: ResourcesDep) -> Template:
        board = await load(tx, resources)
        context = {"here": "/board"} | _reviews(board) | await _kpis(tx, board, resources)
        return Template("board/index.html", context=context | _wall(board) | _violations(board) | await _fairness(tx))

    @get("/kpis")
    async def kpis(self, tx: TxDep, resources: ResourcesDep) -> Template:
        return Template("board/_kpis.html", context=await _kpis(tx, await load(tx, resources), resources))

    @get("/reviews")
    async def reviews(self, tx: TxDep, resources: ResourcesDep) -> Template:
        board = await load(tx, resources)
        return Template("board/_reviews.html", context=_reviews(board))

    @get("/wall")
    async def wall(self, tx: TxDep, resources: ResourcesDep) -> Template:
        return Template("board/_wall.html", context=_wall(await load(tx, resources)))

    @get("/violations")
    async def violations(self, tx: TxDep, resources: ResourcesDep) -> Template:
        return Template("board/_violations.html", context=_violations(await load(tx, resources)))

    @get("/fairness")
    async def fairness(self, tx: TxDep) -> Template:
        return Template("board/_fairness.html", context=await _fairness(tx))

    @post("/strikes/{strike_id:uuid}", status_code=200)
    async def decide(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        strike_id: FromPath[UUID],
        data: URLEncodedBody[Decision],
    ) -> Template:
        verb = dispatch.void if data.act == "void" else dispatch.uphold
        await verb(tx, strike_id, actor=principal.user_id, reason=data.reason)
        return Template("board/_violations.html", context=_violations(await load(tx, resources)))

    @post("/employees/{employee_id:uuid}/unlock", status_code=200)
    async def unlock(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        employee_id: FromPath[UUID],
        data: URLEncodedBody[Reason],
    ) -> Template:
        """Earlier strikes stay visible and stop counting."""
        await dispatch.unlock(tx, employee_id, actor=principal.user_id, reason=data.reason)
        return Template("board/_violations.html", context=_violations(await load(tx, resources)))
