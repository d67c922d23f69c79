"""The presence wall: rows by position, a side panel for one person, and what a supervisor does about them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody
from litestar.response import Template

from app.dispatch import service as dispatch
from app.platform.db import Tx
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.pages import board_load
from app.web.texts import Line, Words
from app.words import gettext as _
from app.words import later

_EVERYBODY = 5000
_SAID = {
    ("lock", True): later("Locked; what they held is back in the queue."),
    ("lock", False): later("It was locked already; your reason is kept."),
    ("unlock", True): later("Unlocked. Earlier strikes stay visible and stop counting."),
    ("unlock", False): later("It was not locked."),
    ("drain", True): later("Nothing new goes to them; what they hold they may finish."),
    ("message", True): later("Sent to their page."),
}


class PersonAct(msgspec.Struct):
    """What to do, and why: it is kept, or it is the message."""

    act: Literal["lock", "unlock", "drain", "message"]
    reason: Words = ""


class BoardPeople(Controller):
    """`/board/people`."""

    path = "/board/people"
    include_in_schema = False
    guards = (requires("supervisor"),)

    @get("/rows")
    async def rows(
        self,
        tx: TxDep,
        resources: ResourcesDep,
        start: Annotated[int, QueryParameter(name="from", ge=0, le=1_000_000)] = 0,
        count: Annotated[int, QueryParameter(ge=1, le=board_load.MOST_ROWS)] = board_load.PEOPLE,
        q: FromQuery[Line] = "",
    ) -> Template:
        """So many people from a position on."""
        look = await board_load.look(tx, resources)
        return Template("board/_people_rows.html", context=await board_load.people(tx, look, q, start, count))

    @get("/names")
    async def names(self, tx: TxDep, resources: ResourcesDep) -> Template:
        """Everybody, to choose from: those in line first."""
        look = await board_load.look(tx, resources)
        return Template("board/_names.html", context=await board_load.people(tx, look, count=_EVERYBODY))

    @get("/{employee_id:uuid}")
    async def one(self, tx: TxDep, resources: ResourcesDep, employee_id: FromPath[UUID]) -> Template:
        """The side panel."""
        look = await board_load.look(tx, resources)
        return Template("board/_person.html", context=await board_load.person(tx, look, employee_id))

    @post("/{employee_id:uuid}", status_code=200)
    async def act(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        employee_id: FromPath[UUID],
        data: URLEncodedBody[PersonAct],
    ) -> Template:
        """Lock, unlock, give nothing new, or say something."""
        changed = await _do(tx, employee_id, principal.user_id, data)
        look = await board_load.look(tx, resources)
        context = await board_load.person(tx, look, employee_id)
        return Template("board/_person.html", context=context | {"said": _(_SAID[data.act, changed])})


async def _do(tx: Tx, employee_id: UUID, actor: UUID, data: PersonAct) -> bool:
    if data.act == "lock":
        return await dispatch.lock(tx, employee_id, actor=actor, reason=data.reason)
    if data.act == "unlock":
        return await dispatch.unlock(tx, employee_id, actor=actor, reason=data.reason)
    if data.act == "drain":
        await dispatch.drain(tx, employee_id, actor=actor, reason=data.reason)
    else:
        await dispatch.message(tx, employee_id, actor=actor, text=data.reason)
    return True
