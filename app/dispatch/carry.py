"""Effects → everything they mean: rows, frames, events, history. The one way in which a decision becomes true."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from app.accounts import service as accounts
from app.dispatch import alerts
from app.dispatch.models import assignment, pool_member
from app.dispatch.policy.types import Assign, Effect, GiveBack, Lapse, Lock, Miss, Pause, Strand, TakeBack, Warn
from app.dispatch.store import effects as store
from app.dispatch.store import staff, turns
from app.dispatch.store.effects import Closing, Moved
from app.dispatch.store.turns import Card, Opening
from app.dispatch.tell import Telling
from app.platform import outbox
from app.platform.db import Transaction, Tx
from app.platform.ids import new_id

# What review_revoked says, by the reason of the closing.
REVOKED: Final = {"declined": "released", "released": "released", "disconnected": "disconnected"}
LOCK_REASON: Final = "violation"
CLOSED: Final = "pool_closed"  # outside its hours: that is no alarm


def _only(effects: Sequence[Effect], kind: type) -> list[Any]:
    return [effect for effect in effects if isinstance(effect, kind)]


async def carry_out(
    tx: Tx,
    effects: Sequence[Effect],
    *,
    actor: UUID | None = None,
    cards: Mapping[UUID, Card] | None = None,
    group: UUID | None = None,
    also: Sequence[UUID] = (),
) -> Telling:
    """Write the effects of one decision, in the order of locks: assignments, reviews, people. Sends nothing yet.

    `cards` are of the reviews that it assigns; `group`: whose dispatcher decided, it gives to its own people only;
    `also`: to whom the transaction gives something itself afterwards.
    """
    told = Telling()
    locks: list[Lock] = _only(effects, Lock)
    closings: list[Closing] = [e for e in effects if isinstance(e, Miss | TakeBack | GiveBack)]
    # It has locked some of theirs by now, so it waits for no other: two who let go would wait for each other. What
    # somebody else is at work on they end, or the dispatcher's next turn takes it from whoever is locked.
    mine = {c.assignment for c in closings}
    closings += await held_by(tx, [lock.employee for lock in locks], mine, "locked", wait=False)
    changed = [*closings, *_only(effects, Pause), *locks, *_only(effects, Assign)]
    await _close(tx, closings, told, actor, {*also, *(one.employee for one in changed)})
    await _pause(tx, _only(effects, Pause), told)
    for lock in locks:
        await lock_person(tx, lock.employee, told, actor=None, reason=f"{lock.strikes} strikes")
    await _warn(tx, _only(effects, Warn), told)
    await open_assignments(tx, _only(effects, Assign), cards or {}, told, group=group)
    await _lapse(tx, _only(effects, Lapse), told)
    await _strand(tx, _only(effects, Strand), told)
    return told


async def held_by(tx: Tx, people: Sequence[UUID], but: set[UUID], reason: str, *, wait: bool = True) -> list[Closing]:
    """The open assignments of these people, locked, as what takes them away; `wait`: for what others have locked."""
    if not people:
        return []
    query = select(assignment.c.id, assignment.c.review_id, assignment.c.employee_id).where(
        assignment.c.employee_id.in_(people), assignment.c.state == "open", assignment.c.id.not_in(but)
    )
    locked = query.order_by(assignment.c.id).with_for_update(key_share=True, skip_locked=not wait)
    rows = await tx.conn.execute(locked)
    return [
        GiveBack(
            assignment=r.id, review=r.review_id, employee=r.employee_id, state="revoked", reason=reason, exclude=True
        )
        for r in rows
    ]


async def _close(
    tx: Tx, closings: Sequence[Closing], told: Telling, actor: UUID | None, people: Collection[UUID]
) -> None:
    """`people`: everybody whom the transaction changes, now or later."""
    if not closings:
        await store.hold(tx, people)
        return
    closed = await store.close(tx, {c.assignment: store.event_of(c) for c in closings})
    done = [c for c in closings if c.assignment in closed]
    await store.exclude(tx, [e for c in done if (e := store.exclusion_of(c)) is not None])
    moved = await _requeue(tx, done)
    misses: list[Miss] = _only(done, Miss)
    strikes = await store.strikes(tx, misses)
    await store.hold(tx, people)
    await store.free_capacity(tx, closed.values())
    await store.undelivered(tx, [c.employee for c in done if isinstance(c, TakeBack)])
    for closing in done:
        _tell_closed(closing, moved[closing.review], told, actor)
    for miss in misses:
        _tell_strike(miss, strikes.get(miss.assignment), moved[miss.review].pool, told)


async def _requeue(tx: Tx, done: Sequence[Closing]) -> dict[UUID, Moved]:
    up = [c.review for c in done if isinstance(c, Miss) and c.then == "escalated"]
    missed = [c.review for c in done if isinstance(c, Miss) and c.then == "queued"]
    back = [c.review for c in done if not isinstance(c, Miss)]
    moved = await store.move(tx, up, "escalate", missed=True) + await store.move(tx, missed, "miss", missed=True)
    moved += await store.move(tx, back, "give_back")
    return {one.id: one for one in moved}


def _tell_closed(closing: Closing, review: Moved, told: Telling, actor: UUID | None) -> None:
    _, reason = store.event_of(closing)
    shown = REVOKED.get(reason, reason)
    data = {"review": review.id, "assignment": closing.assignment, "title": review.title, "reason": shown}
    told.person(closing.employee, "review_revoked", data, [review.pool])
    told.note(review.id, reason, actor=actor, assignment=closing.assignment, employee=closing.employee)
    if isinstance(closing, Miss):
        told.event("ReviewMissed", review.id, review.version, assignment=closing.assignment, employee=closing.employee)
        if closing.then == "escalated":
            told.note(review.id, "escalated", assignment=closing.assignment, why="missed by different people")
            told.pool(review.pool, "review_escalated", {"review": review.id, "title": review.title})


def _tell_strike(miss: Miss, strike: UUID | None, pool: UUID, told: Telling) -> None:
    if strike is None or miss.strike is None:
        return
    data = {"strike": strike, "assignment": miss.assignment, "review": miss.review, "reason": miss.reason}
    data |= {"level": miss.strike.level, "count": miss.strike.count}
    told.person(miss.employee, "strike_recorded", data, [pool])
    told.event("StrikeRecorded", miss.review, strike=strike, employee=miss.employee, level=miss.strike.level)
    if miss.strike.level == "violation":
        told.pool(pool, "violation_recorded", data | {"employee": miss.employee})


async def _pause(tx: Tx, pauses: Sequence[Pause], told: Telling) -> None:
    for one in pauses:
        if await store.pause(tx, [one.employee], one.reason):
            data = {"state": "paused", "reason": one.reason}
            told.person(one.employee, "availability_changed", data, await pools_of(tx, one.employee))


async def lock_person(tx: Tx, employee: UUID, told: Telling, *, actor: UUID | None, reason: str) -> bool:
    """Lock the account; the person's assignments have been taken away before. False: it was locked."""
    if not await accounts.lock(tx, employee, actor=actor, reason=reason):
        return False
    await store.pause(tx, [employee], "locked")
    await staff.touch(tx, [employee])
    told.person(employee, "account_locked", {"reason": reason}, await pools_of(tx, employee))
    told.event("AccountLocked", employee, employee=employee)
    return True


async def pools_of(tx: Tx, employee: UUID) -> list[UUID]:
    """The pools whose boards show this person."""
    rows = await tx.conn.execute(select(pool_member.c.pool_id).where(pool_member.c.employee_id == employee))
    return sorted(row[0] for row in rows)


async def _warn(tx: Tx, warnings: Sequence[Warn], told: Telling) -> None:
    fresh = await store.warn(tx, [one.assignment for one in warnings])
    rows = await store.clocks(tx, fresh)
    for row in rows:
        data = {"review": row.review, "assignment": row.assignment, "title": row.title, "deadline_at": row.deadline_at}
        told.person(row.employee, "review_warning", data, [row.pool])
        told.note(row.review, "warned", assignment=row.assignment)


async def open_assignments(
    tx: Transaction,
    effects: Sequence[Assign],
    cards: Mapping[UUID, Card],
    told: Telling,
    *,
    lease: tuple[str, int] | None = None,
    states: Sequence[str] = turns.FROM_QUEUE,
    override: bool = False,
    group: UUID | None = None,
) -> list[Opening]:
    """Open them and tell; those that could not be opened any more are left out and counted in `told`."""
    if not effects:
        return []
    openings = [_opening(effect, cards[effect.review]) for effect in effects]
    opened = await turns.open_assignments(tx, openings, lease=lease, states=states, override=override, group=group)
    told.refused += len(openings) - len(opened)
    told.pools |= {one.effect.pool for one in opened}
    return opened


def _opening(effect: Assign, card: Card) -> Opening:
    assignment_id = new_id()
    data: dict[str, Any] = {"review": effect.review, "assignment": assignment_id, "title": card.title}
    data |= {"score": card.score, "assigned_at": effect.assigned_at}
    data |= {"deadline_at": effect.deadline_at, "warn_at": effect.warn_at}
    mine = Telling()
    mine.person(effect.employee, "review_assigned", data, [effect.pool])
    mine.event("ReviewAssigned", effect.review, card.version + 1, assignment=assignment_id, employee=effect.employee)
    mine.note(effect.review, "assigned", actor=effect.why.by, assignment=assignment_id, employee=effect.employee)
    return Opening(assignment_id, effect, outbox.stamped(mine.rows), mine.history)


async def _lapse(tx: Tx, effects: Sequence[Lapse], told: Telling) -> None:
    await store.lapse(tx, [one.review for one in effects])
    for one in effects:
        told.note(one.review, "exclusions_lapsed", why="everyone had declined")


async def _strand(tx: Tx, effects: Sequence[Strand], told: Telling) -> None:
    changed = await store.strand(tx, effects, quiet=(CLOSED,))
    for one in changed:
        told.note(one.review, "stranded" if one.reason else "not_stranded", reason=one.reason)
    alerts.tell(told, "stranded", changed)
