"""`/api/operations/`, portals, metrics and health: what operators and supervisors look after."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from app.accounts import audit
from app.accounts.audit import Entry
from app.insight import figures, operations, workload
from app.insight.figures import Health, LiveFigures
from app.insight.operations import DeadLetter, IntentLine, Portal
from app.insight.workload import Work
from app.platform import breaker
from app.platform.breaker import Breaker
from app.web import health as probes
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.paging import DEFAULT_LIMIT, Cursor, Limit, Page, before_id, page, sliced
from app.web.texts import Line, Words
from app.web.times import check_calendar

Said = Annotated[str, QueryParameter(max_length=200)]
STAFF_RULE = requires("supervisor", "operator")
IntentState = Literal["prepared", "armed", "confirmed", "unknown", "proved_not_sent", "rehearsed", "cancelled"]


class Mended(msgspec.Struct):
    payload: dict[str, Any]


class PortalSwitch(msgspec.Struct):
    """`live` with the `checklist` it stands on, or `live` false."""

    name: str
    live: bool
    checklist: dict[str, Any] | None = None


class Resolution(msgspec.Struct):
    """What became of an attempt, and how that was found out. A `confirmation` is the employer's number."""

    outcome: Literal["sent", "not_sent"]
    note: Words
    confirmation: Line | None = None


class SystemHealth(msgspec.Struct):
    """`missing` maps what this process can't reach to why."""

    ready: bool
    missing: dict[str, str]
    processes: Health


class OperationsController(Controller):
    path = "/api/operations"
    tags = ("operations",)
    guards = (STAFF_RULE,)

    @get("/breakers")
    async def breakers(self, tx: TxDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Page[Breaker]:
        """Circuit breakers, those that aren't closed first."""
        return sliced(await breaker.every(tx), cursor, limit, lambda one: one.name)

    @get("/dead-letters")
    async def dead_letters(self, tx: TxDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Page[DeadLetter]:
        """Work that was given up, the newest first."""
        found = await operations.dead_letters(tx, before=before_id(cursor), limit=limit + 1)
        return page(found, limit, lambda letter: letter.id)

    @patch("/dead-letters/{letter_id:uuid}")
    async def mend(
        self, tx: TxDep, principal: PrincipalDep, letter_id: FromPath[UUID], data: JSONBody[Mended]
    ) -> DeadLetter:
        """Change what it carries."""
        return await operations.mend(tx, letter_id, data.payload, actor=principal.user_id)

    @post("/dead-letters/{letter_id:uuid}/replay", status_code=202)
    async def replay(self, tx: TxDep, principal: PrincipalDep, letter_id: FromPath[UUID]) -> DeadLetter:
        """Put it back to work; refused where an application may have been sent."""
        return await operations.replay(tx, letter_id, actor=principal.user_id)

    @get("/intents")
    async def intents(
        self,
        tx: TxDep,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
        status: Annotated[IntentState | None, QueryParameter(name="state")] = None,
    ) -> Page[IntentLine]:
        """Attempts to submit, the newest first."""
        found = await operations.intent_lines(tx, state=status, before=before_id(cursor), limit=limit + 1)
        return page(found, limit, lambda line: line.id)

    @post("/intents/{intent_id:uuid}/resolve", status_code=200)
    async def resolve(
        self, tx: TxDep, principal: PrincipalDep, intent_id: FromPath[UUID], data: JSONBody[Resolution]
    ) -> IntentLine:
        """Say what became of an unknown attempt. Nothing is sent because of it."""
        sent = data.outcome == "sent"
        told: dict[str, Any] = {"sent": sent, "note": data.note, "confirmation": data.confirmation}
        return await operations.resolve(tx, intent_id, actor=principal.user_id, **told)

    @get("/work")
    async def work(self, tx: TxDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Page[Work]:
        """Background work by kind: how much waits, since when the oldest does. The one that lags most first."""
        return sliced(await workload.workload(tx), cursor, limit, lambda one: one.kind)

    @get("/audit")
    async def audit_log(
        self,
        tx: TxDep,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
        who: Said = "",
        action: Said = "",
        subject: Said = "",
        start: Annotated[datetime | None, QueryParameter(name="from")] = None,
        end: Annotated[datetime | None, QueryParameter(name="to")] = None,
    ) -> Page[Entry]:
        """Who did what, the newest first.

        `who`: part of a name or mail address, a number, an id, or `system`; `action`: how it begins; `subject`: a kind,
        an id, or `kind:id`.
        """
        check_calendar(**{"from": start, "to": end})
        only = audit.Filter(who=who.strip(), action=action.strip(), subject=subject.strip(), start=start, end=end)
        found = await audit.entries(tx, before=before_id(cursor), limit=limit + 1, only=only)
        return page(found, limit, lambda entry: entry.id)


class PortalsController(Controller):
    path = "/api/portals"
    tags = ("operations",)
    guards = (requires("operator"),)

    @get("/")
    async def listed(self, tx: TxDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Page[Portal]:
        """Every known portal, by name, and whether real submissions to it are on."""
        return sliced(await operations.portals(tx), cursor, limit, lambda one: one.name)

    @patch("/")
    async def switch(self, tx: TxDep, principal: PrincipalDep, data: JSONBody[PortalSwitch]) -> Portal:
        """Go live on a portal, or go back to rehearsing."""
        return await operations.switch_portal(
            tx, data.name, live=data.live, checklist=data.checklist, actor=principal.user_id
        )


@get("/api/metrics/live", guards=[requires("supervisor")], tags=["metrics"])
async def live_metrics(tx: TxDep) -> LiveFigures:
    """Active scrapers, postings a minute, pending reviews, each pool's queue and its oldest."""
    return await figures.live(tx, pools=True)


@get("/api/system/health", guards=[STAFF_RULE], tags=["operations"])
async def system_health(tx: TxDep, resources: ResourcesDep) -> SystemHealth:
    """What runs, what lags, what is down."""
    missing = await probes.missing(resources)
    return SystemHealth(not missing, missing, await figures.health(tx))


OPERATIONS: list[ControllerRouterHandler] = [OperationsController, PortalsController, live_metrics, system_health]
