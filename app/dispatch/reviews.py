"""Verbs on reviews: filing, and what the assignee does. Every write names its assignment; the loser learns who won."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from app.applications import service as applications
from app.dispatch.carry import carry_out
from app.dispatch.policy import lifecycle
from app.dispatch.policy.decide import let_go
from app.dispatch.policy.types import Effect, Rules
from app.dispatch.reckon import outages
from app.dispatch.store import defaults, effects, ledger, reviews, snapshot, staff, turns
from app.dispatch.store.turns import Stamp
from app.dispatch.tell import Telling
from app.dispatch.types import Assignment, LostAssignment, NoSuchReview, Review
from app.errors import Conflict, Invalid
from app.platform import crashpoints
from app.platform.db import Transaction, Tx
from app.words import gettext as _

_LOST = {
    "completed": "It was completed",
    "missed": "Time ran out",
    "undelivered": "It did not reach your page in time",
    "released": "You gave it back",
    "declined": "You declined it",
    "revoked": "It was taken back",
}


async def file_review(
    tx: Tx,
    *,
    kind: str,
    title: str,
    pool: str | UUID | None = None,
    size: Literal["small", "large"] | None = None,
    priority: int = 0,
    skills: Sequence[str] = (),
    application_id: UUID | None = None,
    seeker_id: UUID | None = None,
    payload: dict[str, Any] | None = None,
    actor: UUID | None = None,
    route: str = "",
) -> Review:
    """Put a review into a pool's queue (`general` by default). Idempotent per application and kind while one is open.

    `pool` is a name or an id; without `size` the kind decides; `skills` are asked for where the pool goes by them;
    `route` says by which rule the pool was found.
    Raises Invalid.
    """
    if kind not in lifecycle.VERDICTS or not -100 <= priority <= 100:
        raise Invalid(
            _("kind is one of %(verdicts)s; priority is from -100 to 100.", verdicts=", ".join(lifecycle.VERDICTS))
        )
    row = {
        "pool_id": await staff.find_pool(tx, pool) if pool else await defaults.general_pool(tx),
        "kind": kind,
        "size": size or lifecycle.default_size(kind),
        "title": (" ".join(title.split()) or "A review")[:300],
        "priority": priority,
        "skills": sorted({skill.casefold() for skill in skills}),
        "application_id": application_id,
        "seeker_id": seeker_id,
        "payload": payload or {},
    }
    found = await reviews.add(tx, **row)
    if found is None and application_id is not None:
        return await _filed_before(tx, application_id, kind, payload)
    return await _filed(tx, found, actor, route)


async def _filed(tx: Tx, found: Review | None, actor: UUID | None, route: str) -> Review:
    if found is None:
        raise Conflict(_("The review could not be filed just now; try again."))
    told = Telling()
    data = {"pool": found.pool} | ({"route": route} if route else {})
    told.note(found.id, "filed", actor=actor, assignment=None, **data)
    told.pools.add(found.pool_id)
    await told.send(tx)
    return found


async def _filed_before(tx: Tx, application_id: UUID, kind: str, payload: dict[str, Any] | None) -> Review:
    """One is open already: it shows what is wanted now, and where it waits for the seeker it goes back with its age."""
    same = [r for r in await reviews.open_of_application(tx, application_id) if r.kind == kind]
    found = await reviews.get(tx, same[0].id, lock=True) if same else None
    if found is None or found.ended_at is not None:
        raise Conflict(_("The review ended just now; try again."), application=str(application_id))
    shown = found.payload | (payload or {})
    if found.state == "waiting":
        await effects.move(tx, [found.id], "answer", payload=shown)
    elif shown != found.payload:
        await reviews.change(tx, found.id, payload=shown)
    else:
        return found
    told = Telling()
    told.note(found.id, "answered" if found.state == "waiting" else "refreshed")
    told.pools.add(found.pool_id)
    await told.send(tx)
    return await reviews.get(tx, found.id) or found


async def ack(tx: Transaction, employee_id: UUID, assignment_id: UUID) -> bool:
    """The assignment reached the person's page. False: it isn't theirs or isn't open any more."""
    return bool(await turns.stamp(tx, [Stamp(employee_id, assignment_id, False)]))


async def seen(tx: Transaction, employee_id: UUID, assignment_id: UUID) -> bool:
    """The person opened it (so it arrived as well). False: it isn't theirs or isn't open any more."""
    return bool(await turns.stamp(tx, [Stamp(employee_id, assignment_id, True)]))


async def fence(tx: Tx, employee_id: UUID, review_id: UUID, assignment_id: UUID) -> tuple[Assignment, Review]:
    """The person's open assignment and its review, both locked. Raises NoSuchReview, LostAssignment."""
    mine = await reviews.lock_assignment(tx, assignment_id)
    if mine is None or mine.review_id != review_id or mine.employee_id != employee_id:
        raise NoSuchReview(review=str(review_id))
    if mine.state != "open":
        raise await lost(tx, mine)
    review = await reviews.get(tx, review_id, lock=True)
    if review is None:
        raise NoSuchReview(review=str(review_id))
    return mine, review


async def lost(tx: Tx, mine: Assignment) -> LostAssignment:
    """What to tell somebody whose assignment has ended: how, and who has the review now."""
    now_with = await reviews.holder(tx, mine.review_id)
    review = await reviews.get(tx, mine.review_id)
    winner = now_with[1] if now_with else None
    ended = review is not None and review.ended_at is not None
    rest = f"{winner} has it now." if winner else ("It is done." if ended else "It is back with the dispatcher.")
    when = f" at {mine.closed_at:%H:%M:%S} UTC" if mine.closed_at else ""
    return LostAssignment(
        f"{_LOST.get(mine.state, 'It ended')}{when}. {rest}",
        review=str(mine.review_id),
        assignment=str(mine.id),
        state=mine.state,
        reason=mine.closed_reason,
        winner=winner,
    )


async def complete(
    tx: Tx,
    *,
    employee_id: UUID,
    review_id: UUID,
    assignment_id: UUID,
    verdict: str,
    resume_version_id: UUID | None = None,
    answers: list[dict[str, Any]] | None = None,
    confirmation: str | None = None,
    notes: str = "",
) -> Review:
    """Carry out the person's verdict: the assignment, the review and the application end up together or not at all.

    Raises NoSuchReview, LostAssignment (who won), Invalid (a verdict of another kind, or one without its notes).
    """
    mine, review = await fence(tx, employee_id, review_id, assignment_id)
    event = lifecycle.verdict_event(review.kind, verdict, notes)
    outcome = {"verdict": verdict, "notes": notes, "by": str(employee_id), "confirmation": confirmation}
    outcome["resume_version"] = str(resume_version_id) if resume_version_id else None
    await effects.close(tx, {mine.id: ("complete", verdict)})
    changes: dict[str, Any] = {"outcome": outcome}
    if event == "ask_seeker":
        changes["preferred_employee"] = employee_id
    (moved,) = await effects.move(tx, [review.id], event, **changes)
    if review.application_id is not None and review.kind != "mail_match":
        await applications.reviewed(
            tx,
            review.application_id,
            verdict=verdict,
            resume_version_id=resume_version_id,
            answers=answers,
            confirmation=confirmation,
            by=employee_id,
            notes=notes,
        )
    await effects.free_capacity(tx, [employee_id])
    crashpoints.here("review.completing")
    await _tell_completed(tx, mine, moved, event, verdict, notes, review.application_id)
    after = {"state": moved.state, "version": moved.version, "ended_at": moved.ended_at, "outcome": outcome}
    return msgspec.structs.replace(review, **after)


async def _tell_completed(
    tx: Tx,
    mine: Assignment,
    moved: effects.Moved,
    event: str,
    verdict: str,
    notes: str,
    application: UUID | None,
) -> None:
    told = Telling()
    data = {"review": moved.id, "assignment": mine.id, "title": moved.title, "verdict": verdict}
    told.person(mine.employee_id, "review_completed", data, [moved.pool])
    if event == "complete":
        facts = {"assignment": mine.id, "verdict": verdict, "kind": moved.kind, "application": application}
        told.event("TaskCompleted", moved.id, moved.version, **facts)
    told.note(moved.id, event, actor=mine.employee_id, assignment=mine.id, verdict=verdict, notes=notes)
    await told.send(tx)


async def release(
    tx: Tx, *, employee_id: UUID, review_id: UUID, assignment_id: UUID, reason: str, rules: Rules
) -> None:
    """Give it back unfinished. After the warning it counts as Missed, unless we were down."""
    await _let_go(tx, employee_id, review_id, assignment_id, "released", reason, rules)


async def decline(
    tx: Tx, *, employee_id: UUID, review_id: UUID, assignment_id: UUID, reason: str, rules: Rules
) -> None:
    """Say no to it. After the warning it counts as Missed, unless we were down."""
    await _let_go(tx, employee_id, review_id, assignment_id, "declined", reason, rules)


async def _let_go(
    tx: Tx,
    employee_id: UUID,
    review_id: UUID,
    assignment_id: UUID,
    verb: Literal["released", "declined"],
    reason: str,
    rules: Rules,
) -> None:
    mine, review = await fence(tx, employee_id, review_id, assignment_id)
    now = await snapshot.now(tx)
    group = await staff.group_of_pool(tx, review.pool_id)
    down = await outages(tx, group, now) + await ledger.unnoticed(tx, group, now)
    before = (await snapshot.counting_strikes(tx, [employee_id], now, rules)).get(employee_id, 0)
    held = await snapshot.held(tx, mine.id)
    found: list[Effect] = let_go(held, None, verb, now=now, outages=down, before=before, rules=rules)
    told = await carry_out(tx, found, actor=employee_id)
    told.note(review.id, "reason", actor=employee_id, assignment=mine.id, text=reason)
    await told.send(tx)


async def snooze(
    tx: Tx, *, employee_id: UUID, review_id: UUID, assignment_id: UUID, until: datetime, reason: str
) -> None:
    """Put it aside until a time; it comes back with its age, to the same person where they are free.

    Raises Conflict after the warning: then it is to be finished or given back. Raises Invalid for a time that is past.
    """
    mine, review = await fence(tx, employee_id, review_id, assignment_id)
    if mine.warned_at is not None:
        raise Conflict(_("It is too late to put this aside: the warning is out."), review=str(review_id))
    if until <= await snapshot.now(tx):
        raise Invalid(_("Choose a time that is still to come."))
    changes = {"snoozed_until": until, "preferred_employee": employee_id}
    await _put_aside(tx, mine, review, "snooze", reason, **changes)


async def escalate(tx: Tx, *, employee_id: UUID, review_id: UUID, assignment_id: UUID, reason: str) -> None:
    """Hand it up to the supervisors."""
    mine, review = await fence(tx, employee_id, review_id, assignment_id)
    await _put_aside(tx, mine, review, "escalate", reason)


async def _put_aside(
    tx: Tx, mine: Assignment, review: Review, event: Literal["snooze", "escalate"], reason: str, **changes: Any
) -> None:
    await effects.close(tx, {mine.id: ("release", event)})
    await effects.move(tx, [review.id], event, **changes)
    await effects.free_capacity(tx, [mine.employee_id])
    told = Telling()
    data = {"review": review.id, "assignment": mine.id, "title": review.title, "reason": "released"}
    told.person(mine.employee_id, "review_revoked", data, [review.pool_id])
    told.note(review.id, event, actor=mine.employee_id, assignment=mine.id, text=reason)
    await told.send(tx)


async def cancel(tx: Tx, review_id: UUID, *, reason: str, actor: UUID | None = None) -> bool:
    """End a review without an outcome (posting_closed, withdrawn, erased, supervisor). False: it had ended before.

    Raises Conflict where it was given out at this very moment; its assignment would stay open.
    """
    open_one = await reviews.lock_open(tx, review_id)
    review = await reviews.get(tx, review_id, lock=True)
    if review is None or review.ended_at is not None:
        return False
    if open_one is None and review.state == "assigned":
        raise Conflict(_("It was given to somebody just now; try again."), review=str(review_id))
    told = Telling()
    if open_one is not None:
        await effects.close(tx, {open_one.id: ("revoke", reason)})
        data = {"review": review.id, "assignment": open_one.id, "title": review.title, "reason": reason}
        told.person(open_one.employee_id, "review_revoked", data, [review.pool_id])
    await effects.move(tx, [review.id], "cancel", stranded=None, stranded_at=None)
    if open_one is not None:
        await effects.free_capacity(tx, [open_one.employee_id])
    told.pools.add(review.pool_id)
    told.note(review.id, "cancelled", actor=actor, reason=reason)
    await told.send(tx)
    return True
