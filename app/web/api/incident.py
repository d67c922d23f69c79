"""`/api/incident/`: one act stops submissions and freezes clocks."""

from __future__ import annotations

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import JSONBody

from app.applications.incidents import Incident
from app.dispatch import service as dispatch
from app.dispatch.incident import Over
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.texts import Words


class NewIncident(msgspec.Struct):
    """Why, and what is to stop."""

    reason: Words
    stop_submissions: bool = True
    freeze_clocks: bool = True


class State(msgspec.Struct):
    """The incident that lasts, and the last one of the day with the strikes of its time that still count."""

    current: Incident | None
    last: Over | None


class IncidentController(Controller):
    path = "/api/incident"
    tags = ("incident",)
    guards = (requires("supervisor"),)

    @get("/")
    async def read(self, tx: TxDep) -> State:
        """Whether one lasts."""
        return State(await dispatch.current_incident(tx), await dispatch.last_incident(tx))

    @post("/")
    async def begin(self, tx: TxDep, principal: PrincipalDep, data: JSONBody[NewIncident]) -> Incident:
        """Enter incident mode."""
        return await dispatch.begin_incident(
            tx,
            actor=principal.user_id,
            reason=data.reason,
            stop_submissions=data.stop_submissions,
            freeze_clocks=data.freeze_clocks,
        )

    @delete("/", status_code=200)
    async def end(self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep) -> Over:
        """Leave it. The strikes of its time that still count can be voided by `POST /api/strikes/void`."""
        return await dispatch.end_incident(tx, actor=principal.user_id, rules=resources.rules)
