"""What supervisors do with reviews: assign, revoke, transfer, reorder. Every act is audited."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.accounts import audit
from app.accounts import service as accounts
from app.dispatch.carry import carry_out, open_assignments
from app.dispatch.people import AccountLocked, NoSuchEmployee
from app.dispatch.policy import sla
from app.dispatch.policy.types import Assign, GiveBack, Rules, Size, Why
from app.dispatch.store import effects, reviews, snapshot, staff, turns
from app.dispatch.store.turns import Card
from app.dispatch.tell import Telling
from app.dispatch.types import Assignment, NoSuchReview, Review
from app.errors import Conflict, FieldError, Invalid
from app.platform.db import Tx
from app.words import gettext as _


async def assign(
    tx: Tx,
    review_id: UUID,
    *,
    actor: UUID,
    employee_id: UUID,
    rules: Rules,
    reason: str = "",
    ignore_capacity: bool = False,
) -> Assignment:
    """Give a queued, snoozed or escalated review to this person. Raises NoSuchReview, Conflict, AccountLocked."""
    review = await _locked(tx, review_id)
    if review.state == "assigned":
        raise Conflict(_("Somebody has it. Transfer it, or take it back first."), review=str(review_id))
    return await _give(tx, review, Telling(), actor, employee_id, rules, reason, ignore_capacity)


async def transfer(
    tx: Tx,
    review_id: UUID,
    *,
    actor: UUID,
    employee_id: UUID,
    rules: Rules,
    reason: str = "",
    ignore_capacity: bool = False,
) -> Assignment:
    """Take it from whoever has it and give it to this person, with a new clock and its old age."""
    told = await _take(tx, review_id, actor, reason, also=[employee_id])
    review = await _locked(tx, review_id)
    return await _give(tx, review, told, actor, employee_id, rules, reason, ignore_capacity)


async def revoke(tx: Tx, review_id: UUID, *, actor: UUID, reason: str) -> None:
    """Take it back into the queue; the person who had it doesn't get it again. Raises Conflict where nobody has it."""
    told = await _take(tx, review_id, actor, reason)
    await _audit(tx, actor, "review.revoke", review_id, reason)
    await told.send(tx)


async def set_priority(tx: Tx, review_id: UUID, *, actor: UUID, priority: int, reason: str = "") -> None:
    """Move it in its queue. Raises Invalid, NoSuchReview."""
    if not -100 <= priority <= 100:
        raise Invalid(errors=[FieldError("priority", _("Takes -100 to 100."))])
    review = await _locked(tx, review_id)
    await reviews.change(tx, review_id, priority=priority)
    await _audit(tx, actor, "review.priority", review_id, reason)
    told = Telling()
    told.pools.add(review.pool_id)
    told.note(review_id, "priority", actor=actor, priority=priority, text=reason)
    await told.send(tx)


async def requeue(tx: Tx, review_id: UUID, *, actor: UUID, reason: str = "") -> None:
    """Send an escalated review back into its queue, with its age. Raises Conflict where it isn't escalated."""
    review = await _locked(tx, review_id)
    if not await effects.move(tx, [review_id], "requeue"):
        raise Conflict(_("It is %(state)s, not escalated.", state=review.state), review=str(review_id))
    await _audit(tx, actor, "review.requeue", review_id, reason)
    told = Telling()
    told.pools.add(review.pool_id)
    told.note(review_id, "requeued", actor=actor, text=reason)
    await told.send(tx)


async def _locked(tx: Tx, review_id: UUID) -> Review:
    review = await reviews.get(tx, review_id, lock=True)
    if review is None:
        raise NoSuchReview(review=str(review_id))
    return review


async def _take(tx: Tx, review_id: UUID, actor: UUID, reason: str, *, also: Sequence[UUID] = ()) -> Telling:
    mine = await reviews.lock_open(tx, review_id)
    if mine is None:
        await _locked(tx, review_id)
        raise Conflict(_("Nobody has it at the moment."), review=str(review_id))
    back = GiveBack(
        assignment=mine.id,
        review=review_id,
        employee=mine.employee_id,
        state="revoked",
        reason="supervisor",
        exclude=True,
    )
    told = await carry_out(tx, [back], actor=actor, also=also)
    told.note(review_id, "reason", actor=actor, assignment=mine.id, text=reason)
    return told


async def _give(
    tx: Tx,
    review: Review,
    told: Telling,
    actor: UUID,
    employee_id: UUID,
    rules: Rules,
    reason: str,
    ignore_capacity: bool,
) -> Assignment:
    user = await accounts.get_user(tx, employee_id)
    if user.locked_at is not None:
        raise AccountLocked(employee=str(employee_id))
    if user.role != "employee" or not await staff.exists(tx, employee_id):
        raise NoSuchEmployee(employee=str(employee_id))
    wanted = await _choice(tx, review, employee_id, rules, Why(snapshot=0, rule="supervisor", by=actor, reason=reason))
    cards = {review.id: Card(review.title, review.version, review.score)}
    opened = await open_assignments(tx, [wanted], cards, told, states=turns.BY_HAND, override=ignore_capacity)
    if not opened:
        raise Conflict(
            _(
                "%(name)s has no capacity left, or is paused. Assign with ignore_capacity to do it anyway.",
                name=user.name,
            ),
            employee=str(employee_id),
        )
    act = "review.assign-above-capacity" if ignore_capacity else "review.assign"
    await _audit(tx, actor, act, review.id, reason)
    await told.send(tx)
    mine = await reviews.lock_open(tx, review.id)
    if mine is None:
        raise NoSuchReview(review=str(review.id))
    return mine


async def _choice(tx: Tx, review: Review, employee_id: UUID, rules: Rules, why: Why) -> Assign:
    if review.state not in ("queued", "snoozed", "escalated"):
        raise Conflict(_("A review that is %(state)s can't be assigned.", state=review.state), review=str(review.id))
    now = await snapshot.now(tx)
    pools = await turns.pools(tx, await staff.group_of_pool(tx, review.pool_id))
    size: Size = "large" if review.size == "large" else "small"
    clock = sla.clock(now, sla.sla_seconds(size, pools[review.pool_id], rules), rules)
    return Assign(
        review=review.id,
        employee=employee_id,
        pool=review.pool_id,
        assigned_at=now,
        turn_at=now,
        grace_at=clock.grace_at,
        warn_at=clock.warn_at,
        deadline_at=clock.deadline_at,
        why=why,
    )


async def _audit(tx: Tx, actor: UUID, action: str, review_id: UUID, reason: str) -> None:
    await audit.record(
        tx, actor=actor, action=action, subject_type="review", subject_id=review_id, reason=reason or None
    )
