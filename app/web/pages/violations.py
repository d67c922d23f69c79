"""The violation board: appeals as an inbox, strikes with their evidence, warnings, locks, and voiding an interval."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Template

from app.dispatch import service as dispatch
from app.errors import Conflict, FieldError, Invalid
from app.platform.db import Tx
from app.web import zones
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.pages import board_load, strike_views
from app.web.resources import Resources
from app.web.texts import Line, Words
from app.words import gettext as _

SHOWN = 50


class Reason(msgspec.Struct):
    """Every act of a supervisor says why; it is kept."""

    reason: Words


class Decision(msgspec.Struct):
    """Void a strike, or uphold it against its appeal. `show`: which part of which page answers."""

    reason: Words
    act: Literal["void", "uphold"] = "void"
    show: Literal["digest", "inbox", "ledger"] = "digest"


class Unlock(msgspec.Struct):
    """`show`: as of a decision."""

    reason: Words
    show: Literal["digest", "watch"] = "digest"


class Interval(msgspec.Struct):
    """By the reader's clock, as the form's fields write it. `count`: how many strikes the preview showed."""

    start: Line = ""
    end: Line = ""
    reason: Words = ""
    count: int = -1


def _moment(text: str, field: str) -> datetime:
    """Raises Invalid."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(errors=[FieldError(field, _("Choose a day and a time."))]) from None
    return at.replace(tzinfo=zones.here()) if at.tzinfo is None else at


async def _interval(tx: Tx, resources: Resources, form: Interval) -> dict[str, Any]:
    start, end = _moment(form.start, "start"), _moment(form.end, "end")
    if end <= start:
        raise Invalid(errors=[FieldError("end", _("It ends before it begins."))])
    strikes, count = await dispatch.strikes_between(tx, start, end, rules=resources.rules, limit=SHOWN)
    people = len({one.employee_id for one in strikes})
    drawn = [strike_views.struck(one) for one in strikes]
    return {"form": form, "count": count, "people": people, "found": drawn, "voided": None}


async def _part(tx: Tx, resources: Resources, show: str) -> Template:
    look = await board_load.look(tx, resources)
    if show == "inbox":
        return Template("board/_inbox.html", context=await board_load.inbox(tx, look))
    if show == "ledger":
        return Template("board/_ledger.html", context=await board_load.ledger(tx, look))
    if show == "watch":
        return Template("board/_watch.html", context=await board_load.watch(tx, look))
    return Template("board/_violations.html", context=await board_load.digest(tx, look))


class Violations(Controller):
    """`/board/violations`, and the acts on strikes and locks."""

    path = "/board"
    include_in_schema = False
    guards = (requires("supervisor"),)

    @get("/violations")
    async def page(self, tx: TxDep, resources: ResourcesDep) -> Template:
        look = await board_load.look(tx, resources)
        context = {"here": "/board/violations"} | await board_load.inbox(tx, look)
        context |= await board_load.watch(tx, look) | await board_load.ledger(tx, look)
        return Template("board/violations.html", context=context)

    @get("/violations/digest")
    async def digest(self, tx: TxDep, resources: ResourcesDep) -> Template:
        """What the live board shows of it."""
        return await _part(tx, resources, "digest")

    @get("/violations/inbox")
    async def inbox(
        self,
        tx: TxDep,
        resources: ResourcesDep,
        after: FromQuery[UUID | None] = None,
        show: FromQuery[UUID | None] = None,
    ) -> Template:
        """The appeal that has waited longest; `show` this one while it waits, or the one `after` another."""
        look = await board_load.look(tx, resources)
        return Template("board/_inbox.html", context=await board_load.inbox(tx, look, after, show))

    @get("/violations/watch")
    async def watch(self, tx: TxDep, resources: ResourcesDep) -> Template:
        return await _part(tx, resources, "watch")

    @get("/violations/ledger")
    async def ledger(self, tx: TxDep, resources: ResourcesDep) -> Template:
        return await _part(tx, resources, "ledger")

    @post("/strikes/{strike_id:uuid}", status_code=200)
    async def decide(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        strike_id: FromPath[UUID],
        data: URLEncodedBody[Decision],
    ) -> Template:
        """Decide, and see the next."""
        verb = dispatch.void if data.act == "void" else dispatch.uphold
        await verb(tx, strike_id, actor=principal.user_id, reason=data.reason)
        return await _part(tx, resources, data.show)

    @post("/employees/{employee_id:uuid}/unlock", status_code=200)
    async def unlock(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        employee_id: FromPath[UUID],
        data: URLEncodedBody[Unlock],
    ) -> Template:
        """Earlier strikes stay visible and stop counting."""
        await dispatch.unlock(tx, employee_id, actor=principal.user_id, reason=data.reason)
        return await _part(tx, resources, data.show)

    @post("/violations/preview", status_code=200)
    async def preview(self, tx: TxDep, resources: ResourcesDep, data: URLEncodedBody[Interval]) -> Template:
        """Whose strikes, and how many, an interval has."""
        return Template("board/_interval.html", context=await _interval(tx, resources, data))

    @post("/violations/void", status_code=200)
    async def void(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, data: URLEncodedBody[Interval]
    ) -> Template:
        """Void them all in one act: those that were shown, or none."""
        start, end = _moment(data.start, "start"), _moment(data.end, "end")
        voided = await dispatch.void_interval(tx, start, end, actor=principal.user_id, reason=data.reason)
        if voided != data.count:
            raise Conflict(
                _(
                    "It is %(now)s strikes now, not %(then)s: look again before you void them.",
                    now=voided,
                    then=data.count,
                )
            )
        context = {"form": Interval(), "count": 0, "people": 0, "found": [], "voided": voided}
        return Template("board/_interval.html", context=context)
