"""The open reviews on the board: rows by position, a side panel for one, and orders on one or on many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody
from litestar.response import Template

from app.accounts.sessions import Principal
from app.dispatch import service as dispatch
from app.dispatch.orders import Act, Order, Planned
from app.errors import AppError, Invalid
from app.platform.db import Tx
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.pages import board_load
from app.web.resources import Resources
from app.web.texts import Line, Words
from app.words import gettext as _

_FAR = 1_000_000
Ids = Annotated[str, msgspec.Meta(max_length=100_000)]


class OrderForm(msgspec.Struct):
    """An order as a form sends it; which parts it needs depends on the act."""

    act: Act
    reason: Words = ""
    employee: Line = ""
    ignore_capacity: bool = False
    priority: Line = ""


class OneForm(OrderForm):
    """`assignment` is the one that the page showed, empty where nobody had it."""

    assignment: Line = ""


class ManyForm(OrderForm):
    """The reviews that are selected, with commas between."""

    ids: Ids = ""


class PlannedForm(OrderForm):
    """The reviews of the preview, each with the assignment that it showed: `review:assignment`, with commas between."""

    rows: Ids = ""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one review."""

    review: UUID
    number: int
    title: str
    does: str
    refused: bool


def ids_of(text: str) -> list[UUID]:
    """Raises Invalid."""
    try:
        return [UUID(each) for each in text.split(",") if each]
    except ValueError:
        raise Invalid(_("Choose the reviews on the board.")) from None


async def _order(tx: Tx, form: OrderForm) -> Order:
    employee = await dispatch.find_employee(tx, form.employee) if form.act == "give" else None
    return Order(
        act=form.act,
        reason=form.reason,
        employee=employee,
        ignore_capacity=form.ignore_capacity,
        priority=_priority(form.priority) if form.act == "priority" else 0,
    )


def _priority(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 1000  # which no order takes: it is refused in its own words


class BoardReviews(Controller):
    """`/board/rows`, `/board/reviews` and `/board/bulk`."""

    path = "/board"
    include_in_schema = False
    guards = (requires("supervisor"),)

    @get("/rows")
    async def rows(
        self,
        tx: TxDep,
        resources: ResourcesDep,
        start: Annotated[int, QueryParameter(name="from", ge=0, le=_FAR)] = 0,
        count: Annotated[int, QueryParameter(ge=1, le=board_load.MOST_ROWS)] = board_load.REVIEWS,
        pool: FromQuery[Line] = "",
        status: Annotated[Line, QueryParameter(name="state")] = "",
        person: FromQuery[Line] = "",
        q: FromQuery[Line] = "",
        only: FromQuery[Ids] = "",
    ) -> Template:
        """So many rows from a position on; `only` some, wherever they stand."""
        wanted = board_load.asked(pool, status, person, q)
        look = await board_load.look(tx, resources)
        context = await board_load.rows(tx, look, wanted, start, count, only=ids_of(only)[: board_load.MOST_ROWS])
        return Template("board/_rows.html", context=context)

    @get("/screen")
    async def screen(
        self,
        tx: TxDep,
        resources: ResourcesDep,
        pool: FromQuery[Line] = "",
        status: Annotated[Line, QueryParameter(name="state")] = "",
        person: FromQuery[Line] = "",
        q: FromQuery[Line] = "",
    ) -> Template:
        """The riskiest rows of the big screen."""
        wanted = board_load.asked(pool, status, person, q)
        look = await board_load.look(tx, resources)
        context = await board_load.rows(tx, look, wanted, count=board_load.RISKIEST)
        return Template("board/_screen.html", context=context | {"query": board_load.query(wanted)})

    @get("/reviews/{review_id:uuid}")
    async def one(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, review_id: FromPath[UUID]
    ) -> Template:
        """The side panel."""
        look = await board_load.look(tx, resources)
        return Template("board/_review.html", context=await board_load.review(tx, look, principal, review_id))

    @post("/reviews/{review_id:uuid}", status_code=200)
    async def act(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        review_id: FromPath[UUID],
        data: URLEncodedBody[OneForm],
    ) -> Template:
        """An order on this review; whoever lost a race is told who won."""
        order = await _order(tx, data)
        held = ids_of(data.assignment)
        given: dict[str, Any] = {"actor": principal.user_id, "rules": resources.rules}
        said = await dispatch.carry_out_order(tx, order, review_id, held[0] if held else None, **given)
        look = await board_load.look(tx, resources)
        context = await board_load.review(tx, look, principal, review_id)
        return Template("board/_review.html", context=context | {"said": said})

    @post("/bulk", status_code=200)
    async def preview(self, tx: TxDep, data: URLEncodedBody[ManyForm]) -> Template:
        """What would happen to each of the selected, and what would be refused and why."""
        order = await _order(tx, data)
        planned = await dispatch.plan_order(tx, order, ids_of(data.ids))
        if not planned:
            raise Invalid(_("Select reviews first: with X, or in the first column."))
        return Template("board/_plan.html", context={"order": order, "form": data, "planned": planned})

    @post("/bulk/do", status_code=200)
    async def carry_out(
        self, principal: PrincipalDep, resources: ResourcesDep, data: URLEncodedBody[PlannedForm]
    ) -> Template:
        """Each in a transaction of its own: one that is refused, or waits for a lock, holds up no other."""
        async with resources.db.transaction() as tx:
            order = await _order(tx, data)
            pairs = [_pair(each) for each in data.rows.split(",") if each]
            planned = {one.review: one for one in await dispatch.plan_order(tx, order, [each for each, __ in pairs])}
        done = [await _one(resources, principal, order, planned[one], held) for one, held in pairs if one in planned]
        return Template("board/_done.html", context={"order": order, "done": done})


def _pair(text: str) -> tuple[UUID, UUID | None]:
    review, assignment = [*text.split(":", 1), ""][:2]
    ids: Sequence[UUID | None] = ids_of(f"{review},{assignment}")
    if not ids or ids[0] is None:
        raise Invalid(_("Choose the reviews on the board."))
    return ids[0], ids[1] if len(ids) > 1 else None


async def _one(
    resources: Resources, principal: Principal, order: Order, plan: Planned, assignment: UUID | None
) -> Done:
    given: dict[str, Any] = {"actor": principal.user_id, "rules": resources.rules}
    refused = False
    try:
        async with resources.db.transaction() as tx:
            does = await dispatch.carry_out_order(tx, order, plan.review, assignment, **given)
    except AppError as why:
        does, refused = why.detail, True
    return Done(review=plan.review, number=plan.number, title=plan.title, does=does, refused=refused)
