"""The rows of the SLA board, and what its side panel tells of one review. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zlib import crc32

import msgspec

from app.dispatch.sla_board import Window
from app.dispatch.types import HistoryLine, OpenReview, Seat, Work
from app.web import zones
from app.web.pages.board_views import ROOFS, ordinal
from app.web.pages.clocks import Clock, clock, waited
from app.web.pages.desk_views import KINDS, first_name
from app.web.pages.gates import whole

_STRANDED = {
    "nobody": "nobody is in this pool",
    "no_skill": "nobody here has the skills it asks for",
    "all_excluded": "everybody here has had it",
    "all_away": "everybody is away",
    "pool_paused": "the pool is paused",
    "pool_closed": "the pool is closed",
}
_ELSEWHERE = {
    "queued": ("waiting", ""),
    "snoozed": ("snoozed", ""),
    "waiting": ("waits for the seeker", "info"),
    "escalated": ("escalated: yours", "warn"),
}
_HAPPENED = {
    "filed": "Filed",
    "assigned": "Given to {employee}",
    "warned": "Warned: five minutes are left",
    "missed": "Missed by {employee}; back in the queue",
    "undelivered": "Did not reach {employee}; back in the queue",
    "disconnected": "{employee} was disconnected; back in the queue",
    "declined": "Declined by {employee}",
    "released": "Handed back by {employee}",
    "supervisor": "Taken from {employee}",
    "locked": "Taken from {employee}, who was locked",
    "shift_ended": "Taken from {employee}, whose shift ended",
    "reason": "Reason: {text}",
    "priority": "Priority {priority}. {text}",
    "requeued": "Back in the queue. {text}",
    "stranded": "Nobody can take it: {reason}",
    "not_stranded": "Somebody can take it again",
    "late": "Late: waits longer than its pool's target",
    "escalated": "Escalated. {why}",
    "exclusions_lapsed": "Everybody had declined; they may be asked again",
    "deadline_changed": "The clock was set back: {deadline_at}",
    "answered": "The seeker answered",
    "refreshed": "Changed by its application",
    "draft_orphaned": "A draft came too late; it is kept aside",
    "cancelled": "Cancelled. {reason}",
    "snooze": "Put aside. {text}",
    "complete": "Done: {verdict}. {notes}",
    "ask_seeker": "Asked the seeker: {notes}",
    "escalate": "Escalated by its assignee. {text}",
}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An open review. `clock` runs down while it is with a person, `since` counts up while it waits.

    `mark` is the same as long as nothing that the row shows has changed, its running clock apart.
    """

    id: UUID
    number: int
    assignment: str
    clock: Clock | None
    since: str
    waited: str
    title: str
    kind: str
    tries: str
    priority: int
    pool: str
    person: str
    roof: str
    score: str
    state: str
    tone: str
    why: str
    index: int = 0
    mark: str = ""


class Happened(msgspec.Struct, frozen=True):
    """A line of a review's history; `who` acted, empty for the dispatcher."""

    at: datetime
    words: str
    who: str


def marked(line: Any) -> Any:
    """The line with its mark: of all that it shows but what runs by itself and where it stands."""
    still = msgspec.structs.replace(line, waited="", index=0, mark="")
    if getattr(line, "clock", None) is not None:
        still = msgspec.structs.replace(still, clock=msgspec.structs.replace(line.clock, text="", percent=0, state=""))
    return msgspec.structs.replace(line, mark=f"{crc32(repr(still).encode()):x}")


def _state(one: OpenReview, seat: Seat | None) -> tuple[str, str]:
    if one.assignment is None:
        if one.review.stranded:
            return f"stranded: {_STRANDED.get(one.review.stranded, one.review.stranded.replace('_', ' '))}", "warn"
        if one.review.late_at:
            return "late: waits longer than its pool's target", "risk"
        return _ELSEWHERE.get(one.review.state, (one.review.state, ""))
    if seat is not None and seat.state == "Offline":
        return "disconnected", "risk"
    if one.assignment.seen_at:
        return "seen", ""
    return ("delivered", "") if one.assignment.delivered_at else ("on its way", "info")


def line(one: OpenReview, seats: Mapping[UUID, Seat], now: datetime, closed: str = "") -> Line:
    """One row of the table. `closed` says until when its pool is."""
    review, held = one.review, one.assignment
    seat = seats.get(one.employee_id) if one.employee_id else None
    state, tone = (closed, "") if closed and review.state == "queued" else _state(one, seat)
    return Line(
        id=review.id,
        number=review.number,
        assignment=str(held.id) if held else "",
        clock=clock(held.assigned_at, held.warn_at, held.deadline_at, now) if held else None,
        since=review.queued_at.isoformat(),
        waited=waited(review.queued_at, now),
        title=review.title,
        kind=KINDS.get(review.kind, review.kind),
        tries=f"{ordinal(review.misses + 1)} try" if review.misses else "",
        priority=review.priority,
        pool=review.pool,
        person=first_name(one.employee or ""),
        roof=ROOFS.get(seat.state, "") if seat else "",
        score=str(whole(review.score)) if isinstance(review.score, int | float) else "–",
        state=state,
        tone=tone,
        why=(one.why or "").removeprefix(f"{one.employee}: "),
    )


def rows(window: Window, closed: Mapping[UUID, str], frozen: datetime | None = None) -> list[Line]:
    """The rows of a window, in its order. `closed`: until when pools are, in words; `frozen`: clocks stand since."""
    drawn = []
    for index, one in enumerate(window.reviews, window.start + 1):
        stands = _stands(one, window.now, frozen)
        row = line(one, window.seats, stands, closed.get(one.review.pool_id, ""))
        drawn.append(marked(msgspec.structs.replace(row, index=index, waited=waited(one.review.queued_at, window.now))))
    return drawn


def _stands(one: OpenReview, now: datetime, frozen: datetime | None) -> datetime:
    if frozen is None or one.assignment is None:
        return now
    return min(now, max(frozen, one.assignment.assigned_at))


def until(opens: datetime | None) -> str:
    """Until when a pool is closed."""
    return f"closed until {zones.told(opens, '%a %d %b, %H:%M')}" if opens else "closed, and no hours to come"


class _Told(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def history(lines: Sequence[HistoryLine], names: Mapping[str, str]) -> list[Happened]:
    """What happened, the latest first. `names`: of the people that the lines speak of, by id."""
    return [_happened(one, names) for one in reversed(lines)]


def _happened(one: HistoryLine, names: Mapping[str, str]) -> Happened:
    told = _Told({key: str(value) for key, value in one.data.items() if value is not None})
    told["employee"] = names.get(told["employee"], "an employee")
    told["reason"] = _STRANDED.get(told["reason"], told["reason"])
    told["deadline_at"] = told["deadline_at"][11:16]
    pattern = _HAPPENED.get(one.kind, one.kind.replace("_", " ").capitalize())
    words = " ".join(pattern.format_map(told).replace("by its assignee", "").split())
    return Happened(one.at, words.removesuffix(":").strip(), one.actor or "")


class Held(msgspec.Struct, frozen=True):
    """A review that somebody has."""

    id: UUID
    assignment: str
    title: str
    clock: Clock


def held(work: Work) -> Held:
    """From a person's open assignment."""
    mine = work.assignment
    times = clock(mine.assigned_at, mine.warn_at, mine.deadline_at, work.now)
    return Held(work.review.id, str(mine.id), work.review.title, times)
