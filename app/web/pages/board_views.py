"""The supervisor's board from what dispatch tells. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from app.dispatch.policy import sla
from app.dispatch.types import Board, Depth, OpenReview, Seat, StrikeView
from app.web.pages.clocks import Clock, clock, waited
from app.web.pages.desk_views import KINDS, evidence, first_name
from app.web.pages.gates import whole
from app.web.pages.line import line_up

ROOFS = {"Available": "lit", "Busy": "busy", "Paused": "paused", "Locked": "locked"}
_WORDS = {
    "Available": "available",
    "Busy": "on a review",
    "Paused": "paused",
    "Locked": "locked",
    "Offline": "away",
    "Unknown": "not known yet",
}
_WHY_PAUSED = {"undelivered": "not reached", "drained": "nothing new", "shift_ended": "end of shift"}
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
_OURS = {"dispatcher": "The dispatcher was", "web": "The web processes were", "valkey": "Valkey was"}
_PLACES = ("1st", "2nd", "3rd")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An open review. `clock` runs down while it is with a person, `since` counts up while it waits."""

    id: UUID
    assignment: str
    clock: Clock | None
    since: str
    waited: str
    title: str
    kind: str
    tries: str
    pool: str
    person: str
    roof: str
    score: str
    state: str
    tone: str
    why: str


class Place(msgspec.Struct, frozen=True):
    """A person on the wall."""

    id: UUID
    name: str
    roof: str
    words: str
    note: str
    loan: str = ""


class Kpis(msgspec.Struct, frozen=True, kw_only=True):
    """The strip of figures. `oldest` is since when the oldest review waits, or empty."""

    queued: int
    assigned: int
    at_risk: int
    oldest: str
    available: int
    busy: int
    paused: int
    offline: int
    locked: int
    stranded: int
    escalated: int
    strikes: int
    appeals: int
    late: int


class Struck(msgspec.Struct, frozen=True):
    """A strike that a supervisor may void."""

    id: UUID
    name: str
    ordinal: str
    at: datetime
    evidence: str
    appeal: str


class LockedOne(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    words: str


def ordinal(number: int) -> str:
    """1st, 2nd, 11th, 23rd."""
    tail = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{tail}"


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


def line(one: OpenReview, seats: dict[UUID, Seat], now: datetime, closed: str = "") -> Line:
    """One row of the table. `closed` says until when its pool is."""
    review, held = one.review, one.assignment
    seat = seats.get(one.employee_id) if one.employee_id else None
    state, tone = (closed, "") if closed and one.review.state == "queued" else _state(one, seat)
    name = first_name(one.employee or "")
    return Line(
        id=review.id,
        assignment=str(held.id) if held else "",
        clock=clock(held.assigned_at, held.warn_at, held.deadline_at, now) if held else None,
        since=review.queued_at.isoformat(),
        waited=waited(review.queued_at, now),
        title=review.title,
        kind=KINDS.get(review.kind, review.kind),
        tries=f"{ordinal(review.misses + 1)} try" if review.misses else "",
        pool=review.pool,
        person=name,
        roof=ROOFS.get(seat.state, "") if seat else "",
        score=str(whole(review.score)) if isinstance(review.score, int | float) else "–",
        state=state,
        tone=tone,
        why=(one.why or "").removeprefix(f"{one.employee}: "),
    )


def lines(board: Board) -> list[Line]:
    """What is late, stranded or escalated first, then the warned, the running, the queue; each by clock or age."""
    seats = {seat.employee_id: seat for seat in board.people}
    closed = {pool.pool_id: _until(pool.closed_until) for pool in board.pools if pool.closed}
    ordered = sorted(
        board.reviews,
        key=lambda one: (one.risk, one.assignment.deadline_at if one.assignment else one.review.queued_at),
    )
    return [line(one, seats, board.now, closed.get(one.review.pool_id, "")) for one in ordered]


def _until(opens: datetime | None) -> str:
    return f"closed until {opens:%a %d %b, %H:%M} UTC" if opens else "closed, and no hours to come"


def _note(seat: Seat, places: dict[UUID, int]) -> str:
    if seat.state == "Available":
        return ordinal(places[seat.employee_id])
    if seat.active:
        return f"{seat.active}/{seat.capacity}"
    return _paused(seat) if seat.state == "Paused" else _WORDS.get(seat.state, "")


def _paused(seat: Seat) -> str:
    return _WHY_PAUSED.get(seat.reason, seat.reason) or _WORDS["Paused"]


def wall(board: Board) -> list[Place]:
    """Those in line first, in their order; then at work, paused, locked, away."""
    places = {seat.employee_id: at for at, seat in enumerate(line_up(board.people), 1)}
    rank = {"Available": 0, "Busy": 1, "Paused": 2, "Locked": 3}
    ordered = sorted(
        board.people, key=lambda s: (rank.get(s.state, 4), places.get(s.employee_id, 0), s.name.casefold())
    )
    return [
        Place(
            s.employee_id,
            first_name(s.name),
            ROOFS.get(s.state, ""),
            _WORDS.get(s.state, ""),
            _note(s, places),
            _loan(s, board.now),
        )
        for s in ordered
    ]


def _loan(seat: Seat, now: datetime) -> str:
    if seat.lent_from is None or seat.lent_until is None:
        return ""
    day = "" if seat.lent_until.date() == now.date() else f"{seat.lent_until:%d %b }"
    return f"from {seat.lent_from} until {day}{seat.lent_until:%H:%M} UTC"


def next_up(board: Board) -> list[str]:
    """The next three in line."""
    return [first_name(seat.name) for seat in line_up(board.people)[:3]]


def kpis(board: Board, warning_seconds: int) -> Kpis:
    """Counted from the same snapshot as the table beside it."""
    states = [seat.state for seat in board.people]
    oldest = min((pool.oldest_at for pool in board.pools if pool.oldest_at), default=None)
    held = [one.assignment for one in board.reviews if one.assignment]
    at_risk = sum((one.deadline_at - board.now).total_seconds() <= warning_seconds for one in held)
    return Kpis(
        queued=sum(pool.queued for pool in board.pools),
        assigned=sum(pool.assigned for pool in board.pools),
        at_risk=at_risk,
        oldest=oldest.isoformat() if oldest else "",
        available=states.count("Available"),
        busy=states.count("Busy"),
        paused=states.count("Paused"),
        offline=states.count("Offline") + states.count("Unknown"),
        locked=states.count("Locked"),
        stranded=sum(pool.stranded for pool in board.pools),
        escalated=sum(pool.escalated for pool in board.pools),
        strikes=sum(strike.counts for strike in board.strikes),
        appeals=len(board.appeals),
        late=sum(pool.late for pool in board.pools),
    )


def alerts(board: Board) -> list[str]:
    """What the strip on top says: a sentence for each pool with something late or stranded."""
    return [f"{pool.pool}: {', '.join(_alert(pool))}." for pool in board.pools if pool.late or pool.stranded]


def outages(board: Board) -> list[str]:
    """What of ours is or was down, a sentence each; what several groups saw of it is told once."""
    told = []
    for component in sorted({one.component for one in board.outages}):
        seen = [one for one in board.outages if one.component == component]
        name = _OURS.get(component, component)
        told += [_outage(name, each, board.now, lasts=sla.lasting(seen)) for each in sla.union(seen, board.now)[-3:]]
    return told


def _outage(name: str, each: sla.Interval, now: datetime, *, lasts: bool) -> str:
    if lasts and each.end == now:
        return f"{name} silent since {each.start:%H:%M:%S} UTC: nothing runs out."
    return f"{name} silent from {each.start:%H:%M:%S} to {each.end:%H:%M:%S} UTC: the clocks were set back."


def _span(seconds: int) -> str:
    return f"{seconds / 60:.3g} min" if seconds >= 60 else f"{seconds} s"


def _alert(pool: Depth) -> list[str]:
    told = []
    if pool.late and pool.target_seconds:
        told.append(f"{pool.late} late, waiting more than {_span(pool.target_seconds)}")
    return [*told, f"{pool.stranded} stranded"] if pool.stranded else told


def strikes(board: Board) -> list[Struck]:
    """Appeals first, then the strikes that count, the newest first."""
    waiting = {strike.id for strike in board.appeals}
    counting = [strike for strike in board.strikes if strike.counts and strike.id not in waiting]
    return [struck(strike) for strike in [*board.appeals, *counting]]


def struck(strike: StrikeView) -> Struck:
    appeal = strike.appeal.statement if strike.appeal and not strike.appeal.decided_at else ""
    return Struck(strike.id, first_name(strike.employee), ordinal(strike.count), strike.at, evidence(strike), appeal)


def locked(people: Sequence[Seat]) -> list[LockedOne]:
    """Who is locked, with how many strikes."""
    return [
        LockedOne(
            seat.employee_id, first_name(seat.name), f"{seat.strikes} strike{'' if seat.strikes == 1 else 's'} count."
        )
        for seat in people
    ]
