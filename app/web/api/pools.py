"""`/api/pools/`: what each queue is for, whom it gives to, and for how long."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from app.dispatch import service as dispatch
from app.dispatch.types import PoolView
from app.web.deps import PrincipalDep, TxDep
from app.web.guards import requires
from app.web.paging import DEFAULT_LIMIT, Cursor, Limit, Page, sliced
from app.web.texts import Line, Words


class Hours(msgspec.Struct):
    """Weekly hours in a time zone: `{"zone": "Europe/London", "week": {"mon": "09:00-12:30 13:30-17:00"}}`."""

    zone: Line
    week: dict[str, Line]


class Reason(msgspec.Struct):
    reason: Words = ""


class NewPool(msgspec.Struct):
    """`region` and `category` are those of the postings whose reviews come here; null stands for any."""

    name: Line
    group: Line | None = None
    region: Line | None = None
    category: Line | None = None
    strategy: str = "round_robin"
    by_skills: bool = False
    sla_seconds: int | None = None
    sla_small_seconds: int | None = None
    target_seconds: int | None = None
    hours: Hours | None = None


class PoolChanges(msgspec.Struct):
    """What is given is changed; null takes a region, a category or a clock away."""

    name: Line | UnsetType = UNSET
    region: Line | UnsetType | None = UNSET
    category: Line | UnsetType | None = UNSET
    strategy: str | UnsetType = UNSET
    by_skills: bool | UnsetType = UNSET
    sla_seconds: int | UnsetType | None = UNSET
    sla_small_seconds: int | UnsetType | None = UNSET
    target_seconds: int | UnsetType | None = UNSET
    hours: Hours | UnsetType | None = UNSET


def _given(changes: PoolChanges) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(changes)
    return told


class PoolsController(Controller):
    path = "/api/pools"
    tags = ("pools",)
    guards = (requires("supervisor"),)

    @get("/")
    async def listed(self, tx: TxDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Page[PoolView]:
        """By name."""
        return sliced(await dispatch.list_pools(tx), cursor, limit, lambda one: one.id)

    @post("/")
    async def add(self, tx: TxDep, principal: PrincipalDep, data: JSONBody[NewPool]) -> PoolView:
        """A new pool, in the group `general` where none is named."""
        return await dispatch.add_pool(tx, actor=principal.user_id, **msgspec.to_builtins(data))

    @patch("/{pool_id:uuid}")
    async def change(
        self, tx: TxDep, principal: PrincipalDep, pool_id: FromPath[UUID], data: JSONBody[PoolChanges]
    ) -> PoolView:
        """Change what is given; clocks that run already stay as they are."""
        return await dispatch.change_pool(tx, pool_id, actor=principal.user_id, **_given(data))

    @post("/{pool_id:uuid}/pause", status_code=204)
    async def pause(self, tx: TxDep, principal: PrincipalDep, pool_id: FromPath[UUID], data: JSONBody[Reason]) -> None:
        """Give nothing of it out."""
        await dispatch.pause_pool(tx, pool_id, actor=principal.user_id, paused=True, reason=data.reason)

    @post("/{pool_id:uuid}/resume", status_code=204)
    async def resume(self, tx: TxDep, principal: PrincipalDep, pool_id: FromPath[UUID], data: JSONBody[Reason]) -> None:
        """Go on."""
        await dispatch.pause_pool(tx, pool_id, actor=principal.user_id, paused=False, reason=data.reason)
