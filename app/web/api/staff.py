"""What supervisors do: reviews, employees, strikes, pools, the board as data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import UNSET, UnsetType

from app.dispatch import service as dispatch
from app.dispatch.types import Assignment, Board, Employee, StrikeView
from app.errors import FieldError, Invalid, NotFound
from app.platform.db import Tx
from app.web.api.pools import Hours
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.paging import DEFAULT_LIMIT, Cursor, Limit, Page, sliced
from app.web.resources import Resources
from app.web.texts import Line, Words

SUPERVISOR = requires("supervisor")
MOST_STRIKES = 1000
ZONE = "Give a time with its zone, such as 2026-11-23T17:00:00Z."


class Order(msgspec.Struct):
    """An act on a review; which parts it needs depends on the act."""

    reason: Words = ""
    employee: UUID | None = None
    ignore_capacity: bool = False
    priority: int | None = None


class Reason(msgspec.Struct):
    reason: Words = ""


class Message(msgspec.Struct):
    text: Words


class Statement(msgspec.Struct):
    statement: Words


class Interval(msgspec.Struct, rename={"start": "from", "end": "to"}):
    """Strikes between two times."""

    start: datetime
    end: datetime
    reason: Words


class NewEmployee(msgspec.Struct):
    email: str
    password: str
    name: str
    pools: list[Line] = []
    capacity: int = 1
    skills: list[Line] = []


class EmployeeChanges(msgspec.Struct):
    """What is given is changed. Pools of another group `until` a time are a loan; `shift` null: no hours."""

    name: str | None = None
    pools: list[Line] | None = None
    capacity: int | None = None
    skills: list[Line] | None = None
    until: datetime | None = None
    shift: Hours | UnsetType | None = UNSET


class Voided(msgspec.Struct):
    """How many strikes stopped counting."""

    voided: int


class Changed(msgspec.Struct):
    """False where it stood so before."""

    changed: bool


def _handed(verb: str, act: Callable[..., Awaitable[Assignment]], says: str) -> HTTPRouteHandler:
    """The two ways to give a review to somebody take the same order."""

    async def handler(
        self: ReviewOrdersController,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        review_id: FromPath[UUID],
        data: JSONBody[Order],
    ) -> Assignment:
        return await act(tx, review_id, **_given(data, principal.user_id, resources))

    handler.__name__, handler.__doc__ = verb, says
    return post(f"/{verb}", status_code=200)(handler)


class ReviewOrdersController(Controller):
    """A supervisor's acts on one review."""

    path = "/api/reviews/{review_id:uuid}"
    tags = ("reviews",)
    guards = (SUPERVISOR,)

    assign = _handed("assign", dispatch.assign, "Give it to this person.")
    transfer = _handed("transfer", dispatch.transfer, "Take it from whoever has it and give it to this person.")

    @post("/revoke", status_code=204)
    async def revoke(
        self, tx: TxDep, principal: PrincipalDep, review_id: FromPath[UUID], data: JSONBody[Order]
    ) -> None:
        """Take it back into the queue."""
        await dispatch.revoke(tx, review_id, actor=principal.user_id, reason=data.reason)

    @post("/priority", status_code=204)
    async def priority(
        self, tx: TxDep, principal: PrincipalDep, review_id: FromPath[UUID], data: JSONBody[Order]
    ) -> None:
        """Move it in its queue."""
        if data.priority is None:
            raise Invalid(errors=[FieldError("priority", "Takes -100 to 100.")])
        await dispatch.set_priority(tx, review_id, actor=principal.user_id, priority=data.priority, reason=data.reason)


def _given(order: Order, actor: UUID, resources: Resources) -> dict[str, Any]:
    if order.employee is None:
        raise Invalid(errors=[FieldError("employee", "Name the person by their id.")])
    return {
        "actor": actor,
        "employee_id": order.employee,
        "rules": resources.rules,
        "reason": order.reason,
        "ignore_capacity": order.ignore_capacity,
    }


class EmployeesController(Controller):
    path = "/api/employees"
    tags = ("employees",)

    @get("/", guards=[SUPERVISOR])
    async def listed(
        self, tx: TxDep, resources: ResourcesDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
    ) -> Page[Employee]:
        """By number."""
        return sliced(await dispatch.list_employees(tx, rules=resources.rules), cursor, limit, lambda one: one.id)

    @post("/", guards=[SUPERVISOR])
    async def add(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, data: JSONBody[NewEmployee]
    ) -> Employee:
        """A new employee, in `general` where no pool is named."""
        added = await dispatch.add_employee(tx, actor=principal.user_id, **msgspec.structs.asdict(data))
        return await _employee(tx, resources, added)

    @patch("/{employee_id:uuid}", guards=[SUPERVISOR])
    async def change(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        employee_id: FromPath[UUID],
        data: JSONBody[EmployeeChanges],
    ) -> Employee:
        given = msgspec.structs.asdict(data)
        shift = given.pop("shift")
        given |= {} if shift is UNSET else {"shift": msgspec.to_builtins(shift)}
        await dispatch.change_employee(tx, employee_id, actor=principal.user_id, **given)
        return await _employee(tx, resources, employee_id)

    @post("/{employee_id:uuid}/lock", guards=[SUPERVISOR], status_code=200)
    async def lock(
        self, tx: TxDep, principal: PrincipalDep, employee_id: FromPath[UUID], data: JSONBody[Reason]
    ) -> Changed:
        """Lock the account; what the person holds goes back into the queue."""
        return Changed(await dispatch.lock(tx, employee_id, actor=principal.user_id, reason=data.reason))

    @post("/{employee_id:uuid}/unlock", guards=[SUPERVISOR], status_code=200)
    async def unlock(
        self, tx: TxDep, principal: PrincipalDep, employee_id: FromPath[UUID], data: JSONBody[Reason]
    ) -> Changed:
        """Unlock; earlier strikes stay visible and stop counting."""
        return Changed(await dispatch.unlock(tx, employee_id, actor=principal.user_id, reason=data.reason))

    @post("/{employee_id:uuid}/drain", guards=[SUPERVISOR], status_code=204)
    async def drain(
        self, tx: TxDep, principal: PrincipalDep, employee_id: FromPath[UUID], data: JSONBody[Reason]
    ) -> None:
        """Give the person nothing new."""
        await dispatch.drain(tx, employee_id, actor=principal.user_id, reason=data.reason)

    @post("/{employee_id:uuid}/return", guards=[SUPERVISOR], status_code=200)
    async def bring_home(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        employee_id: FromPath[UUID],
        data: JSONBody[Reason],
    ) -> Employee:
        """End the person's loan: they work for their own group again."""
        await dispatch.bring_home(tx, employee_id, actor=principal.user_id, reason=data.reason)
        return await _employee(tx, resources, employee_id)

    @post("/{employee_id:uuid}/message", guards=[SUPERVISOR], status_code=204)
    async def message(
        self, tx: TxDep, principal: PrincipalDep, employee_id: FromPath[UUID], data: JSONBody[Message]
    ) -> None:
        """A line to the person's page."""
        await dispatch.message(tx, employee_id, actor=principal.user_id, text=data.text)

    @get("/{employee_id:uuid}/strikes", guards=[requires("employee", "supervisor", restricted=True)])
    async def strikes(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        employee_id: FromPath[UUID],
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[StrikeView]:
        """The ledger with its evidence: the person's own, or anybody's for a supervisor."""
        if principal.role != "supervisor" and principal.user_id != employee_id:
            raise NotFound("There is no such employee", employee=str(employee_id))
        ledger = await dispatch.strikes_of(tx, employee_id, rules=resources.rules, limit=MOST_STRIKES)
        return sliced(ledger, cursor, limit, lambda one: one.id)


async def _employee(tx: Tx, resources: Resources, employee_id: UUID) -> Employee:
    everyone = await dispatch.list_employees(tx, rules=resources.rules)
    found = next((one for one in everyone if one.id == employee_id), None)
    if found is None:
        raise NotFound("There is no such employee", employee=str(employee_id))
    return found


class StrikesController(Controller):
    path = "/api/strikes"
    tags = ("strikes",)

    @post("/{strike_id:uuid}/appeal", guards=[requires("employee", restricted=True)], status_code=201)
    async def appeal(
        self, tx: TxDep, principal: PrincipalDep, strike_id: FromPath[UUID], data: JSONBody[Statement]
    ) -> dict[str, UUID]:
        """The person's word on a strike of theirs."""
        return {"appeal": await dispatch.appeal(tx, principal.user_id, strike_id, data.statement)}

    @post("/{strike_id:uuid}/void", guards=[SUPERVISOR], status_code=204)
    async def void(self, tx: TxDep, principal: PrincipalDep, strike_id: FromPath[UUID], data: JSONBody[Reason]) -> None:
        """The strike stops counting and stays visible."""
        await dispatch.void(tx, strike_id, actor=principal.user_id, reason=data.reason)

    @post("/{strike_id:uuid}/uphold", guards=[SUPERVISOR], status_code=204)
    async def uphold(
        self, tx: TxDep, principal: PrincipalDep, strike_id: FromPath[UUID], data: JSONBody[Reason]
    ) -> None:
        """The appeal is refused."""
        await dispatch.uphold(tx, strike_id, actor=principal.user_id, reason=data.reason)

    @post("/void", guards=[SUPERVISOR], status_code=200)
    async def void_interval(self, tx: TxDep, principal: PrincipalDep, data: JSONBody[Interval]) -> Voided:
        """Void every strike recorded between two times."""
        zoneless = [name for name, at in (("from", data.start), ("to", data.end)) if at.tzinfo is None]
        if zoneless:
            raise Invalid(errors=[FieldError(name, ZONE) for name in zoneless])
        return Voided(
            await dispatch.void_interval(tx, data.start, data.end, actor=principal.user_id, reason=data.reason)
        )


@get("/api/board", guards=[SUPERVISOR], tags=["board"])
async def board(tx: TxDep, resources: ResourcesDep) -> Board:
    """The SLA board as data: open reviews at-risk first, presence, queues, strikes."""
    presence = await resources.seen.if_known()
    ttl = resources.settings.presence_ttl_seconds
    return await dispatch.board(tx, presence, rules=resources.rules, ttl_seconds=ttl)


STAFF: list[ControllerRouterHandler] = [
    ReviewOrdersController,
    EmployeesController,
    StrikesController,
    board,
]
