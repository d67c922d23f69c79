"""What dispatch shows to everybody else. Times are aware; templates and JSON show these structs as they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from app.dispatch.policy.types import Outage
from app.errors import Conflict, NotFound
from app.words import later


class Review(Struct, frozen=True, kw_only=True):
    """A piece of work for a person. `outcome`: {"verdict", "notes", "by", …} once it ended; `score` is 0-100.

    `late_at`: since then it has waited longer than its pool's target.
    """

    id: UUID
    number: int
    pool_id: UUID
    pool: str
    kind: str
    size: str
    title: str
    application_id: UUID | None
    seeker_id: UUID | None
    priority: int
    state: str
    queued_at: datetime
    misses: int
    stranded: str | None
    snoozed_until: datetime | None
    payload: dict[str, Any]
    outcome: dict[str, Any] | None
    version: int
    created_at: datetime
    ended_at: datetime | None
    late_at: datetime | None = None

    @property
    def score(self) -> float | None:
        return self.payload.get("score")


class Assignment(Struct, frozen=True, kw_only=True):
    """One review given to one person for a time. The countdown runs to `deadline_at` by the database's clock."""

    id: UUID
    review_id: UUID
    employee_id: UUID
    state: str
    assigned_at: datetime
    warn_at: datetime
    deadline_at: datetime
    delivered_at: datetime | None
    seen_at: datetime | None
    warned_at: datetime | None
    closed_at: datetime | None
    closed_reason: str | None

    def stands_at(self, now: datetime, frozen: datetime | None) -> datetime:
        """What its clock says: now, or where an incident stopped it that lasts since `frozen`."""
        return now if frozen is None else min(now, max(frozen, self.assigned_at))


class Work(Struct, frozen=True, kw_only=True):
    """An assignment of mine with its review. `now` is the database's time, for the countdown."""

    assignment: Assignment
    review: Review
    now: datetime


class Decided(Struct, frozen=True, kw_only=True):
    """One of a person's ended assignments. `said`: the person's own words with it.

    `outcome`: the review's, where it is this person's doing and nobody decided anew since; {} otherwise.
    """

    work: Work
    said: list[str]
    outcome: dict[str, Any]


class HistoryLine(Struct, frozen=True, kw_only=True):
    """Something that happened to a review. `actor` is a name, or None: the dispatcher."""

    at: datetime
    kind: str
    actor_id: UUID | None
    actor: str | None
    assignment_id: UUID | None
    data: dict[str, Any]


class Draft(Struct, frozen=True, kw_only=True):
    """The saved draft of a review; version 0 with an empty body where none was saved.

    `employee_id` wrote it last, under `assignment_id`: not always who holds the review now.
    """

    review_id: UUID
    version: int
    body: dict[str, Any]
    updated_at: datetime | None = None
    employee_id: UUID | None = None
    assignment_id: UUID | None = None


class EarlierDraft(Struct, frozen=True, kw_only=True):
    """What somebody wrote on a review and its holder's draft doesn't have: saved before, or too late."""

    assignment_id: UUID
    employee_id: UUID
    author: str
    at: datetime
    body: dict[str, Any]


class DraftSaved(Struct, frozen=True, kw_only=True):
    """`orphan`: it came too late and was kept aside; `detail` says why. Answer 409 then."""

    version: int
    orphan: bool = False
    detail: str = ""


class ReviewView(Struct, frozen=True, kw_only=True):
    """A review as its assignee or a supervisor sees it. `mine`: the viewer holds the open assignment."""

    review: Review
    assignment: Assignment | None
    assignee: str | None
    mine: bool
    why: str | None
    history: list[HistoryLine]
    draft: Draft
    orphans: int
    verdicts: list[str]
    now: datetime


class OpenReview(Struct, frozen=True, kw_only=True):
    """A line of the SLA board. `risk`: 0 late or stranded, 1 warned, 2 running, 3 queued, 4 elsewhere."""

    review: Review
    assignment: Assignment | None
    employee_id: UUID | None
    employee: str | None
    why: str | None
    risk: int


class Seat(Struct, frozen=True, kw_only=True):
    """A person on the presence wall. `state`: Available, Busy, Paused, Offline, Locked or Unknown.

    `lent_from` is the name of the group that lent them, `lent_until` when they go back; None for who is at home.
    """

    employee_id: UUID
    number: int
    name: str
    state: str
    reason: str
    active: int
    capacity: int
    last_assigned_at: datetime | None
    strikes: int
    pools: list[UUID]
    lent_from: str | None = None
    lent_until: datetime | None = None


class Depth(Struct, frozen=True, kw_only=True):
    """A pool's queue: how many wait, since when the oldest does (`oldest_seconds` of waiting); `open` have not ended.

    `closed`: it is outside the pool's hours, until `closed_until`; None where no hours come.
    """

    pool_id: UUID
    pool: str
    paused: bool
    queued: int
    assigned: int
    stranded: int
    escalated: int
    oldest_at: datetime | None
    oldest_seconds: float
    late: int = 0
    target_seconds: int | None = None
    closed: bool = False
    closed_until: datetime | None = None
    open: int = 0


class Appeal(Struct, frozen=True, kw_only=True):
    """An employee's word on a strike; `decision` is void or uphold once it is decided."""

    id: UUID
    strike_id: UUID
    statement: str
    opened_at: datetime
    decided_at: datetime | None
    decision: str | None
    note: str | None


class StrikeView(Struct, frozen=True, kw_only=True):
    """A strike with its evidence. `counts`: it is not voided, not expired and later than the last unlock."""

    id: UUID
    employee_id: UUID
    employee: str
    assignment_id: UUID
    review_id: UUID
    review_title: str
    at: datetime
    level: str
    count: int
    counts: bool
    evidence: dict[str, Any]
    voided_at: datetime | None
    void_reason: str | None
    appeal: Appeal | None


class Board(Struct, frozen=True, kw_only=True):
    """Everything the SLA and violation boards show, at `now` by the database's clock.

    `outages` of ours last or ended within the hour, as each group's dispatcher saw them.
    """

    now: datetime
    reviews: list[OpenReview]
    people: list[Seat]
    pools: list[Depth]
    strikes: list[StrikeView]
    locked: list[Seat]
    appeals: list[StrikeView]
    outages: list[Outage] = []


class Line(Struct, frozen=True, kw_only=True):
    """Who may be next, and what waits, at `now` by the database's clock. Nobody's strikes are counted."""

    now: datetime
    people: list[Seat]
    pools: list[Depth]


class Figures(Struct, frozen=True, kw_only=True):
    """A person's own figures: today's, and of the last 30 days. Shares and medians are None before one ended."""

    done_today: int
    done: int
    missed: int
    in_time_percent: float | None
    median_seconds: float | None
    in_time_today_percent: float | None = None
    median_today_seconds: float | None = None


class TeamFigures(Struct, frozen=True, kw_only=True):
    """The medians over the people who ended something in the last 30 days, `people` of them. None: nobody did."""

    people: int
    done: float | None
    in_time_percent: float | None
    median_seconds: float | None


class Employee(Struct, frozen=True, kw_only=True):
    """An employee as supervisors manage them."""

    id: UUID
    number: int
    name: str
    email: str
    capacity: int
    active: int
    availability: str
    availability_reason: str
    locked_at: datetime | None
    skills: list[str]
    pools: list[str]
    strikes: int
    group: str = "general"
    lent_from: str | None = None
    lent_until: datetime | None = None
    shift: dict[str, Any] | None = None
    shift_until: datetime | None = None


class PoolView(Struct, frozen=True, kw_only=True):
    """A pool as supervisors manage it.

    `sla_seconds` None: the settings' own. `sla_small_seconds` None: `sla_seconds`, or the settings' where that is None.
    """

    id: UUID
    name: str
    region: str | None
    category: str | None
    strategy: str
    sla_seconds: int | None
    paused_at: datetime | None
    group: str = "general"
    by_skills: bool = False
    sla_small_seconds: int | None = None
    target_seconds: int | None = None
    hours: dict[str, Any] | None = None


class NoSuchReview(NotFound):
    """Also the answer to somebody whose review it isn't: who may not see it doesn't learn that it exists."""

    kind = "no-such-review"
    title = later("There is no such review, or it isn't yours")


class LostAssignment(Conflict):
    """The assignment is not open any more. `extra`: review, assignment, state, reason, winner (a name) or None."""

    kind = "assignment-lost"
    title = later("This assignment isn't yours any more")
