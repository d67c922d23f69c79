"""What the policy sees (snapshot) and what it answers (effects). All times are aware datetimes, all spans seconds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from msgspec import Struct, field

AGEING_SECONDS: Final = 600
"""What a point of priority is worth: a review that has waited so much longer goes before one a point higher."""

Size = Literal["small", "large"]
Kind = Literal["resume", "question", "handover", "unknown_outcome", "mail_match"]
Presence = Literal["assignable", "online", "offline", "unknown"]
Availability = Literal["available", "paused"]
Strategy = Literal["round_robin", "least_loaded"]
PersonState = Literal["Available", "Busy", "Paused", "Offline", "Locked", "Unknown"]


class Rules(Struct, frozen=True, kw_only=True):
    """The numbers of the game; the defaults are those of the requirements."""

    sla_seconds: int = 1200
    sla_small_seconds: int = 900
    sla_warning_seconds: int = 300
    delivery_grace_seconds: int = 10
    disconnect_grace_seconds: int = 180
    strike_warning: int = 3
    strike_lock: int = 4
    strike_days: int = 30
    escalate_after: int = 2
    undelivered_pause: int = 2
    undelivered_rest_seconds: int = 60


class Person(Struct, frozen=True, kw_only=True):
    """An employee as dispatch sees them at one moment. `active` counts their open assignments."""

    id: UUID
    number: int
    capacity: int
    active: int = 0
    presence: Presence = "offline"
    availability: Availability = "available"
    locked: bool = False
    pools: frozenset[UUID] = frozenset()
    skills: frozenset[str] = frozenset()
    last_assigned_at: datetime | None = None
    last_beat_at: datetime | None = None
    undelivered_run: int = 0
    shift_until: datetime | None = None


class Pool(Struct, frozen=True, kw_only=True):
    """A queue with its own people.

    `sla_seconds` replaces the rule for both sizes, `sla_small_seconds` for the small ones alone.
    `by_skills`: a review goes only to people who have all the skills that it asks for.
    `open_from`, `open_until`: the open time that is on or comes next; None: it is always open.
    """

    id: UUID
    strategy: Strategy = "round_robin"
    by_skills: bool = False
    sla_seconds: int | None = None
    sla_small_seconds: int | None = None
    paused: bool = False
    open_from: datetime | None = None
    open_until: datetime | None = None

    def closed(self, now: datetime) -> bool:
        """Whether it is outside the pool's hours."""
        if self.open_from is None or self.open_until is None:
            return False
        return not self.open_from <= now < self.open_until


class Waiting(Struct, frozen=True, kw_only=True):
    """A queued review. `excluded` maps people to the reason why they don't get it (again)."""

    review: UUID
    pool: UUID
    size: Size
    queued_at: datetime
    priority: int = 0
    excluded: dict[UUID, str] = field(default_factory=dict)
    skills: frozenset[str] = frozenset()
    preferred: UUID | None = None
    stranded: str | None = None

    @property
    def rank(self) -> tuple[datetime, UUID]:
        """The order in the queue: by age, each point of priority counting as more of it, so that nothing starves."""
        if not self.priority:
            return (self.queued_at, self.review)
        return (self.queued_at - timedelta(seconds=AGEING_SECONDS * self.priority), self.review)


class Held(Struct, frozen=True, kw_only=True):
    """An open assignment. `missed_by` are those who missed this review before."""

    assignment: UUID
    review: UUID
    employee: UUID
    pool: UUID
    assigned_at: datetime
    grace_at: datetime
    warn_at: datetime
    deadline_at: datetime
    delivered_at: datetime | None = None
    seen_at: datetime | None = None
    warned_at: datetime | None = None
    missed_by: frozenset[UUID] = frozenset()


class Outage(Struct, frozen=True, kw_only=True):
    """A time in which a part of ours was down; `end` None while it still is."""

    component: str
    start: datetime
    end: datetime | None = None


class Snapshot(Struct, frozen=True, kw_only=True):
    """All that one decision may look at. `settled` is False until the outages before `now` are known.

    `proved`: until when the web processes that a person is connected to are known to have run; nothing of theirs runs
    out later than that, for it isn't known yet whether it was our fault. Whoever is connected to none isn't in it.
    `off_shift`: those whose shift has just ended; what they hold is among `held`.
    """

    version: int
    people: dict[UUID, Person] = field(default_factory=dict)
    pools: dict[UUID, Pool] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    strikes: dict[UUID, int] = field(default_factory=dict)
    proved: dict[UUID, datetime] = field(default_factory=dict)
    settled: bool = True
    off_shift: frozenset[UUID] = frozenset()


class Other(Struct, frozen=True, kw_only=True):
    """Somebody who didn't get the review: `reason` is `next_in_line` or an obstacle of presence.py."""

    employee: UUID
    number: int
    reason: str
    last_assigned_at: datetime | None = None


class Why(Struct, frozen=True, kw_only=True):
    """Why this person. `counts` has the pool's other members by reason, `others` the first five of them."""

    snapshot: int
    rule: str
    active: int = 0
    capacity: int = 1
    last_assigned_at: datetime | None = None
    counts: dict[str, int] = field(default_factory=dict)
    others: list[Other] = field(default_factory=list)
    by: UUID | None = None
    reason: str = ""


class Strike(Struct, frozen=True, kw_only=True):
    """A strike to be recorded: `count` is the number that counts with it, `evidence` what it stands on."""

    count: int
    level: Literal["noted", "warning", "violation"]
    evidence: dict[str, Any]


class Assign(Struct, frozen=True, kw_only=True, tag=True):
    """`turn_at` becomes the person's last assignment: it orders those of one moment."""

    review: UUID
    employee: UUID
    pool: UUID
    assigned_at: datetime
    turn_at: datetime
    grace_at: datetime
    warn_at: datetime
    deadline_at: datetime
    why: Why


class Warn(Struct, frozen=True, kw_only=True, tag=True):
    assignment: UUID
    review: UUID
    employee: UUID


class Miss(Struct, frozen=True, kw_only=True, tag=True):
    """Revoked and Missed; requeued with its age or escalated; that person is excluded; a strike where deserved."""

    assignment: UUID
    review: UUID
    employee: UUID
    reason: str
    then: Literal["queued", "escalated"]
    strike: Strike | None


class TakeBack(Struct, frozen=True, kw_only=True, tag=True):
    """Never arrived: to the next one, without a strike; `rest_until` keeps it from the same person that long."""

    assignment: UUID
    review: UUID
    employee: UUID
    rest_until: datetime


class GiveBack(Struct, frozen=True, kw_only=True, tag=True):
    """Closed without a strike and requeued with its age; the person is excluded where `exclude` says so."""

    assignment: UUID
    review: UUID
    employee: UUID
    state: Literal["released", "declined", "revoked"]
    reason: str
    exclude: bool
    rest_until: datetime | None = None


class Strand(Struct, frozen=True, kw_only=True, tag=True):
    """Nobody can take it, and the board says why; None: it isn't stranded any more."""

    review: UUID
    reason: str | None


class Lapse(Struct, frozen=True, kw_only=True, tag=True):
    """Everybody is excluded, some because they declined: those may be asked again."""

    review: UUID


class Pause(Struct, frozen=True, kw_only=True, tag=True):
    employee: UUID
    reason: str


class Lock(Struct, frozen=True, kw_only=True, tag=True):
    """The account is locked for review; the person's other assignments are revoked by whoever applies this."""

    employee: UUID
    strikes: int


Effect = Assign | Warn | Miss | TakeBack | GiveBack | Strand | Lapse | Pause | Lock
