"""What people see of dispatch. Authorises by loading through the owner: who may not see a review finds none."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.accounts import service as accounts
from app.accounts.sessions import Principal
from app.dispatch.carry import CLOSED
from app.dispatch.heartbeats import Presence
from app.dispatch.policy import lifecycle
from app.dispatch.policy.explain import sentence
from app.dispatch.policy.presence import state
from app.dispatch.policy.types import Rules, Why
from app.dispatch.store import attendance, boards, figures, ledger, reviews, snapshot, staff, strikes
from app.dispatch.store import pools as pools_store
from app.dispatch.types import (
    Assignment,
    Board,
    Decided,
    Employee,
    Figures,
    Line,
    NoSuchReview,
    OpenReview,
    Review,
    ReviewView,
    Seat,
    StrikeView,
    TeamFigures,
    Work,
)
from app.platform.db import Tx

DEFAULTS = Rules()


async def reviews_of(tx: Tx, employee_id: UUID) -> list[Work]:
    """The person's open assignments, the nearest deadline first."""
    return await boards.work_of(tx, employee_id, limit=100)


async def history_of(
    tx: Tx, employee_id: UUID, limit: int = 50, *, words: str = "", result: str = "", in_time: bool | None = None
) -> list[Work]:
    """The person's ended assignments, the latest first; all, or those that match (`figures.history` says how)."""
    return await figures.history(tx, employee_id, limit, words, result, in_time)


async def decided(tx: Tx, employee_id: UUID, assignment_id: UUID) -> Decided:
    """What the person did with a review that they held. Raises NoSuchReview where it is another's or still open."""
    work = await figures.ended(tx, employee_id, assignment_id)
    if work is None:
        raise NoSuchReview(assignment=str(assignment_id))
    lines = await reviews.history(tx, work.review.id)
    own = [line.data for line in lines if (line.assignment_id, line.actor_id) == (assignment_id, employee_id)]
    said = [str(data.get("notes") or data.get("text") or "").strip() for data in own]
    outcome = work.review.outcome or {}
    mine = (outcome.get("by"), outcome.get("verdict")) == (str(employee_id), work.assignment.closed_reason)
    return Decided(work=work, said=[words for words in said if words], outcome=outcome if mine else {})


async def review_view(tx: Tx, principal: Principal, review_id: UUID) -> ReviewView:
    """A review for the assignee of its open assignment, or for a supervisor. Raises NoSuchReview for anybody else.

    Whoever gets this may also see the resume: nobody else may.
    """
    found = await reviews.get(tx, review_id)
    held = await reviews.holder(tx, review_id)
    mine = held is not None and held[0].employee_id == principal.user_id
    if found is None or principal.restricted or not (mine or principal.role == "supervisor"):
        raise NoSuchReview(review=str(review_id))
    return ReviewView(
        review=found,
        assignment=held[0] if held else None,
        assignee=held[1] if held else None,
        mine=mine,
        why=(await _sentences(tx, [(held[2], held[1])]))[0] if held else None,
        history=await reviews.history(tx, review_id),
        draft=await reviews.get_draft(tx, review_id),
        orphans=await reviews.count_orphans(tx, review_id),
        verdicts=list(lifecycle.VERDICTS[found.kind]),
        now=await snapshot.now(tx),
    )


async def _sentences(tx: Tx, choices: Collection[tuple[dict[str, Any], str]]) -> list[str | None]:
    """Each recorded choice in words, with one look at the names of all."""
    records = [(msgspec.convert(why, Why) if why else None, name) for why, name in choices]
    ids = {other.employee for why, _ in records if why for other in why.others}
    ids |= {why.by for why, _ in records if why and why.by}
    names = {user.id: user.name for user in (await accounts.users_by_id(tx, ids)).values()}
    return [sentence(why, name, names) if why else None for why, name in records]


async def list_reviews(
    tx: Tx,
    *,
    states: Collection[str] | None = None,
    pool_id: UUID | None = None,
    assignee: UUID | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[OpenReview]:
    """Reviews, the newest first when `states` or `before` (a review's number) is given; else the open ones."""
    lines = await boards.open_reviews(
        tx, states=states, pool_id=pool_id, employee_id=assignee, before=before, limit=limit
    )
    return await told(tx, lines, await snapshot.now(tx))


async def told(tx: Tx, lines: list[boards.Line], now: datetime, frozen: datetime | None = None) -> list[OpenReview]:
    """Lines of a board, each with the sentence why it is whose it is. `frozen`: since when the clocks stand still."""
    sentences = await _sentences(tx, [(why, name or "") for _, _, name, why in lines])
    return [
        OpenReview(
            review=review,
            assignment=held,
            employee_id=held.employee_id if held else None,
            employee=name,
            why=why,
            risk=_risk(review, held, held.stands_at(now, frozen) if held else now),
        )
        for (review, held, name, _), why in zip(lines, sentences, strict=True)
    ]


def _risk(review: Review, held: Assignment | None, at: datetime) -> int:
    """0 late, stranded, escalated or over; 1 warned; 2 running; 3 queued; 4 elsewhere."""
    if review.stranded == CLOSED:
        return 3
    late = review.state == "queued" and review.late_at is not None
    if review.stranded or late or review.state == "escalated" or (held and held.deadline_at <= at):
        return 0
    if held:
        return 1 if held.warn_at <= at else 2
    return 3 if review.state == "queued" else 4


async def board(
    tx: Tx, presence: Presence | None = None, *, rules: Rules = DEFAULTS, ttl_seconds: float = 35, limit: int = 500
) -> Board:
    """Everything for the SLA and violation boards, at-risk first. Without `presence` nobody's is known."""
    now = await snapshot.now(tx)
    lines = await told(tx, await boards.open_reviews(tx, limit=limit), now)
    lines.sort(key=lambda line: (line.risk, line.assignment.deadline_at if line.assignment else line.review.queued_at))
    people = await _seats(tx, presence, ttl_seconds, now, rules)
    recent = await strikes.recent(tx, now, rules, 50)
    return Board(
        now=now,
        reviews=lines,
        people=people,
        pools=await boards.depths(tx, now),
        strikes=recent,
        locked=[one for one in people if one.state == "Locked"],
        appeals=[one for one in recent if one.appeal is not None and one.appeal.decided_at is None],
        outages=await ledger.shown(tx),
    )


async def line(tx: Tx, presence: Presence | None, *, ttl_seconds: float, people: bool = True) -> Line:
    """What a desk says of those who wait; without `people` (who is at work isn't in line) neither they are read."""
    now = await snapshot.now(tx)
    if not people:
        return Line(now=now, people=[], pools=[])
    rows = await staff.people(tx)
    return Line(
        now=now, people=[seat(row, presence, ttl_seconds, 0) for row in rows], pools=await boards.depths(tx, now)
    )


async def _seats(tx: Tx, presence: Presence | None, ttl: float, now: datetime, rules: Rules) -> list[Seat]:
    rows = await staff.people(tx)
    counts = await snapshot.counting_strikes(tx, [row.user_id for row in rows], now, rules)
    return [seat(row, presence, ttl, counts.get(row.user_id, 0)) for row in rows]


def seat(row: Any, presence: Presence | None, ttl: float, count: int) -> Seat:
    """A person's place on the wall, from a row of `staff.people`; `count`: their strikes that count."""
    person = snapshot.person_of(row, presence, ttl)
    return Seat(
        employee_id=row.user_id,
        number=row.number,
        name=row.name,
        state=state(person),
        reason=row.availability_reason,
        active=row.active,
        capacity=row.capacity,
        last_assigned_at=row.last_assigned_at,
        strikes=count,
        pools=sorted(person.pools),
        lent_from=row.lender,
        lent_until=row.lent_until,
    )


async def seat_of(
    tx: Tx, employee_id: UUID, presence: Presence | None, *, rules: Rules = DEFAULTS, ttl_seconds: float = 35
) -> Seat | None:
    """One person's place on the wall, for their own page; None for somebody who isn't an employee."""
    rows = await staff.people(tx, [employee_id])
    counts = await snapshot.counting_strikes(tx, [employee_id], await snapshot.now(tx), rules)
    return seat(rows[0], presence, ttl_seconds, counts.get(employee_id, 0)) if rows else None


async def strikes_of(tx: Tx, employee_id: UUID, *, rules: Rules = DEFAULTS, limit: int = 100) -> list[StrikeView]:
    """The person's ledger with its evidence, the latest first."""
    return await strikes.of_person(tx, employee_id, await snapshot.now(tx), rules, limit)


async def my_figures(tx: Tx, employee_id: UUID) -> Figures:
    """The person's own figures: today, and of the last 30 days."""
    row = await figures.figures(tx, employee_id)
    return Figures(
        done_today=row.done_today,
        done=row.done,
        missed=row.missed,
        in_time_percent=_share(row.in_time, row.done + row.missed),
        median_seconds=_number(row.median),
        in_time_today_percent=_share(row.in_time_today, row.done_today + row.missed_today),
        median_today_seconds=_number(row.median_today),
    )


def _share(some: int, whole: int) -> float | None:
    return round(100 * some / whole, 1) if whole else None


def _number(value: Any) -> float | None:
    return None if value is None else round(float(value), 1)


async def team_figures(tx: Tx) -> TeamFigures:
    """What is usual: the medians over the people of the last 30 days."""
    row = await figures.team(tx)
    return TeamFigures(
        people=row.people,
        done=_number(row.done),
        in_time_percent=_number(row.in_time),
        median_seconds=_number(row.took),
    )


async def list_employees(tx: Tx, *, rules: Rules = DEFAULTS) -> list[Employee]:
    """Every employee, by number."""
    return await _employees(tx, await staff.people(tx), rules)


async def find_people(tx: Tx, words: str, count: int, *, rules: Rules = DEFAULTS) -> tuple[list[Employee], int, int]:
    """So many whose name holds the words, or whose #number they are, the lent ones first; how many they are; of all."""
    ids, total, everyone = await attendance.called(tx, words, count)
    known = {one.id: one for one in await _employees(tx, await staff.people(tx, ids), rules)}
    return [known[each] for each in ids if each in known], total, everyone


async def employee_of(tx: Tx, user_id: UUID, *, rules: Rules = DEFAULTS) -> Employee | None:
    """One employee; None for somebody who isn't one."""
    return next(iter(await _employees(tx, await staff.people(tx, [user_id]), rules)), None)


async def _employees(tx: Tx, rows: list[Any], rules: Rules) -> list[Employee]:
    pools = {pool.id: pool.name for pool in await pools_store.list_pools(tx)}
    counts = await snapshot.counting_strikes(tx, [row.user_id for row in rows], await snapshot.now(tx), rules)
    return [
        Employee(
            id=row.user_id,
            number=row.number,
            name=row.name,
            email=row.email,
            capacity=row.capacity,
            active=row.active,
            availability=row.availability,
            availability_reason=row.availability_reason,
            locked_at=row.locked_at,
            skills=row.skills,
            pools=sorted(pools[pool] for pool in row.pools or () if pool in pools),
            strikes=counts.get(row.user_id, 0),
            group=row.group,
            lent_from=row.lender,
            lent_until=row.lent_until,
            shift=row.shift,
            shift_until=row.shift_until,
        )
        for row in rows
    ]
