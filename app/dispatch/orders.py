"""A supervisor's orders on reviews: what each would do, in words, before it is done; and doing it under a fence.

An order names the assignment that the supervisor saw. Where the review has changed hands meanwhile it is refused, and
says who has it now.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from app.dispatch import supervision
from app.dispatch.policy.types import Rules
from app.dispatch.store import open_reviews, reviews, staff
from app.dispatch.store.boards import Line
from app.dispatch.types import Assignment, NoSuchReview, Review
from app.errors import Conflict, FieldError, Invalid
from app.platform.db import Tx
from app.words import gettext as _
from app.words import later

Act = Literal["give", "revoke", "priority", "requeue"]
MOST: Final = 200
_GIVEN: Final = ("queued", "snoozed", "escalated")


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One act, for one review or for many. `employee`, `ignore_capacity` are of give, `priority` of priority."""

    act: Act
    reason: str
    employee: UUID | None = None
    ignore_capacity: bool = False
    priority: int = 0


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """What an order would do to one review. `assignment`: the open one that was looked at, to be named on doing it."""

    review: UUID
    number: int
    title: str
    assignment: UUID | None
    does: str
    refused: bool


def check(order: Order) -> None:
    """Raises Invalid for an order that could do nothing to any review."""
    if not order.reason.strip():
        raise Invalid(errors=[FieldError("reason", _("Say why; it is kept."))])
    if order.act == "give" and order.employee is None:
        raise Invalid(errors=[FieldError("employee", _("Choose a person from the list."))])
    if order.act == "priority" and not -100 <= order.priority <= 100:
        raise Invalid(errors=[FieldError("priority", _("Takes -100 to 100."))])


async def plan(tx: Tx, order: Order, ids: Sequence[UUID]) -> list[Planned]:
    """What would happen to each, in the order given; it changes nothing. Raises Invalid."""
    check(order)
    if len(ids) > MOST:
        raise Invalid(_("At most %(most)s reviews at once.", most=MOST))
    found = await open_reviews.lines(tx, ids)
    receiver = _Receiver(order, await staff.people(tx, [order.employee] if order.employee else []))
    return [_planned(order, found[each], receiver) for each in dict.fromkeys(ids) if each in found]


class _Receiver:
    """The person that reviews are given to, and how many more they take."""

    def __init__(self, order: Order, rows: Sequence[Any]) -> None:
        self.row = rows[0] if rows else None
        self.forced = order.ignore_capacity
        self.given = 0

    def takes(self, held: Assignment | None, holder: str) -> tuple[str, bool]:
        """What is said of one more, and whether it is refused. `holder`: who has it now, if anybody has."""
        row = self.row
        if row is None:
            return _("There is no such employee."), True
        if row.locked_at is not None:
            return _("%(name)s is locked.", name=row.name), True
        if held is not None and held.employee_id == row.user_id:
            return _("%(name)s has it already.", name=row.name), True
        if not self.forced and row.availability != "available":
            return _("%(name)s is paused.", name=row.name), True
        at = row.active + self.given + 1
        if not self.forced and at > row.capacity:
            load = _load(at - 1, row.capacity)
            return _("%(name)s has no capacity left (%(load)s).", name=row.name, load=load), True
        self.given += 1
        told = {"name": row.name, "load": _load(at, row.capacity)}
        if held is None:
            return _("Goes to %(name)s (%(load)s), with a new clock.", **told), False
        return _(
            "Is taken from %(holder)s and goes to %(name)s (%(load)s), with a new clock.", holder=holder, **told
        ), False


def _load(active: int, capacity: int) -> str:
    message = (
        later("%(active)s of %(capacity)s, above capacity")
        if active > capacity
        else later("%(active)s of %(capacity)s")
    )
    return _(message, active=active, capacity=capacity)


def _planned(order: Order, line: Line, receiver: _Receiver) -> Planned:
    review, held, name, _why = line
    does, refused = _effect(order, review, held, name or "", receiver)
    assignment = held.id if held else None
    return Planned(
        review=review.id, number=review.number, title=review.title, assignment=assignment, does=does, refused=refused
    )


def _effect(order: Order, review: Review, held: Assignment | None, name: str, to: _Receiver) -> tuple[str, bool]:
    if review.ended_at is not None:
        return _("It has ended: %(state)s.", state=review.state), True
    if order.act == "give":
        return _gives(review, held, name, to)
    if order.act == "revoke":
        if held is None:
            return _("Nobody has it."), True
        message = later(
            "Is taken from %(name)s and goes back to the queue with its age; %(name)s doesn't get it again."
        )
        return _(message, name=name), False
    if order.act == "requeue":
        if review.state != "escalated":
            return _("It is %(state)s, not escalated.", state=review.state), True
        return _("Goes back to the queue with its age."), False
    if review.priority == order.priority:
        return _("It has priority %(priority)s already.", priority=order.priority), True
    return _("Priority %(before)s becomes %(after)s.", before=review.priority, after=order.priority), False


def _gives(review: Review, held: Assignment | None, name: str, to: _Receiver) -> tuple[str, bool]:
    if held is None and review.state not in _GIVEN:
        return _("It is %(state)s; only who has it, or an answer, moves it.", state=review.state), True
    return to.takes(held, name)


async def carry_out(
    tx: Tx, order: Order, review_id: UUID, assignment: UUID | None, *, actor: UUID, rules: Rules
) -> str:
    """Do it to one review, in words. Raises Invalid, NoSuchReview, and Conflict for whoever lost a race."""
    check(order)
    held = await _expect(tx, review_id, assignment)
    if order.act == "revoke":
        await supervision.revoke(tx, review_id, actor=actor, reason=order.reason)
        return _("Taken back into the queue.")
    if order.act == "requeue":
        await supervision.requeue(tx, review_id, actor=actor, reason=order.reason)
        return _("Back in the queue.")
    if order.act == "priority":
        await supervision.set_priority(tx, review_id, actor=actor, priority=order.priority, reason=order.reason)
        return _("Priority is %(priority)s now.", priority=order.priority)
    give = supervision.assign if held is None else supervision.transfer
    given = await give(
        tx,
        review_id,
        actor=actor,
        employee_id=order.employee,  # type: ignore[arg-type]  # `check` has seen it
        rules=rules,
        reason=order.reason,
        ignore_capacity=order.ignore_capacity,
    )
    return _("Given; the clock runs until %(time)s UTC.", time=f"{given.deadline_at:%H:%M}")


async def _expect(tx: Tx, review_id: UUID, assignment: UUID | None) -> Assignment | None:
    """The open assignment, locked, if it is the one that was seen; None where nobody had it and nobody has it."""
    held = await reviews.lock_open(tx, review_id)
    if (held.id if held else None) == assignment:
        return held
    review, holder = await reviews.get(tx, review_id), await reviews.holder(tx, review_id)
    if review is None:
        raise NoSuchReview(review=str(review_id))
    if holder is not None:
        raise Conflict(
            _(
                "%(holder)s got it at %(time)s UTC, after you looked.",
                holder=holder[1],
                time=f"{holder[0].assigned_at:%H:%M:%S}",
            ),
            winner=holder[1],
        )
    verdict = (review.outcome or {}).get("verdict")
    ended = _("completed (%(verdict)s)", verdict=verdict) if verdict else review.state
    raise Conflict(_("Nobody has it any more: it is %(ended)s since you looked.", ended=ended), review=str(review_id))
