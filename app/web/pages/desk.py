"""The employee's desk: one page whose parts are refreshed by frames; every write names its assignment."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Template

from app.accounts.sessions import Principal
from app.config import Settings
from app.dispatch import service as dispatch
from app.dispatch.types import Line as Rank
from app.dispatch.types import Work
from app.platform.db import Tx
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.pages import desk_load, desk_views, history_views
from app.web.pages.line import place
from app.web.resources import Resources
from app.web.texts import Line

RECENT = 5


class Choice(msgspec.Struct):
    """Available, or paused and why: break, training, end of shift, or the person's own words."""

    state: Literal["available", "paused"]
    reason: Line = ""


async def desk_of(tx: Tx, me: Principal, resources: Resources, work: list[Work]) -> desk_views.Desk:
    """The bar on top, and the waiting page."""
    settings, rules = resources.settings, resources.rules
    waits = not work and not me.restricted
    line = Rank(now=work[0].now, people=[], pools=[]) if work else await _line(tx, resources, people=waits)
    return desk_views.desk(
        await dispatch.employee_of(tx, me.user_id, rules=rules),
        place(me.user_id, line.people, await dispatch.list_pools(tx) if waits else []),
        line,
        work[0] if work else None,
        await dispatch.my_figures(tx, me.user_id),
        _limits(settings),
        locked=me.restricted,
    )


async def _line(tx: Tx, resources: Resources, *, people: bool) -> Rank:
    presence = await resources.seen.if_known() if people else None
    return await dispatch.line(tx, presence, ttl_seconds=resources.settings.presence_ttl_seconds, people=people)


def _limits(settings: Settings) -> desk_views.Limits:
    spans = (settings.sla_seconds, settings.sla_small_seconds, settings.disconnect_grace_seconds)
    return desk_views.Limits(settings.strike_lock, *(f"{seconds / 60:.3g}" for seconds in spans))


async def _work(tx: Tx, me: Principal, wanted: UUID | None) -> list[Work]:
    """The person's open reviews, the one that was asked for first."""
    work = [] if me.restricted else await dispatch.reviews_of(tx, me.user_id)
    return sorted(work, key=lambda one: (one.review.id != wanted, one.assignment.deadline_at))


async def context_of(tx: Tx, me: Principal, resources: Resources, wanted: UUID | None = None) -> dict[str, Any]:
    """What the whole desk is drawn from."""
    return await _context(tx, me, resources, await _work(tx, me, wanted))


async def _context(tx: Tx, me: Principal, resources: Resources, work: list[Work]) -> dict[str, Any]:
    context: dict[str, Any] = {
        "here": "/desk",
        "desk": await desk_of(tx, me, resources, work),
        "locked": me.restricted,
        "mine": [desk_views.waiting(one) for one in work],
        "review": None,
    }
    if work:
        return context | await desk_load.opened_context(
            tx, await desk_load.of_mine(tx, me, work[0].review.id, resources.settings)
        )
    done = await dispatch.history_of(tx, me.user_id, limit=RECENT)
    return context | {"recent": [history_views.past(one) for one in done]}


async def _top_part(tx: Tx, me: Principal, resources: Resources, wanted: UUID | None) -> Template:
    work = await _work(tx, me, wanted)
    context = {"desk": await desk_of(tx, me, resources, work), "mine": [desk_views.waiting(one) for one in work]}
    return Template("desk/_top.html", context=context)


class DeskController(Controller):
    """`/desk` and its parts. What a locked employee may still read is the history (desk_history.py)."""

    path = "/desk"
    include_in_schema = False
    guards = (requires("employee", restricted=True),)

    @get("/")
    async def page(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, review: FromQuery[UUID | None] = None
    ) -> Template:
        return Template("desk/index.html", context=await context_of(tx, principal, resources, review))

    @get("/top")
    async def top(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, review: FromQuery[UUID | None] = None
    ) -> Template:
        return await _top_part(tx, principal, resources, review)

    @get("/work", status_code=200)
    async def work(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, have: FromQuery[str] = ""
    ) -> Template | Response[None]:
        """The workspace. Whoever has it open already gets 204: what they are writing is not drawn over."""
        work = await _work(tx, principal, None)
        if have and any(str(one.assignment.id) == have for one in work):
            return Response(None, status_code=204)
        return Template("desk/_work.html", context=await _context(tx, principal, resources, work))

    @post("/availability", status_code=200, guards=[requires("employee")])
    async def availability(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, data: URLEncodedBody[Choice]
    ) -> Template:
        await dispatch.set_availability(tx, principal.user_id, data.state, data.reason)
        return await _top_part(tx, principal, resources, None)
