"""What the supervisor's boards read by windows: open reviews by risk, and people by what they are doing."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.accounts import service as accounts
from app.applications import incidents
from app.dispatch import views
from app.dispatch.heartbeats import Presence
from app.dispatch.people import NoSuchEmployee
from app.dispatch.policy.types import Outage, Rules
from app.dispatch.store import attendance, boards, ledger, open_reviews, snapshot, staff, strikes
from app.dispatch.store.counts import counts
from app.dispatch.types import Depth, OpenReview, Seat, StrikeView
from app.errors import FieldError, Invalid
from app.platform.db import Tx
from app.words import gettext as _

NEXT = 3
_NUMBERED = re.compile(r"#(\d{1,18})\s*$")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What of the open reviews: `state` a review's state, or risk or stranded; `person` a name or “Name #12”."""

    pool: UUID | None = None
    state: str = ""
    person: str = ""
    words: str = ""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the open reviews from the position `start` on, of `total`; `states` of those who hold them.

    `frozen`: since when an incident makes the clocks stand still.
    """

    now: datetime
    start: int
    total: int
    reviews: list[OpenReview]
    states: dict[UUID, str]
    frozen: datetime | None = None


class Attendance(msgspec.Struct, frozen=True, kw_only=True):
    """A person on the wall: what they are since when, how well they are connected, what they missed last.

    `presence`: assignable, online (heard of lately), offline or unknown. `place`: in the line, from 1; 0 is none.
    """

    seat: Seat
    place: int
    since: datetime | None
    presence: str
    last_beat_at: datetime | None
    last_missed_at: datetime | None


class Roll(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the people from the position `start` on, of `total`, and who comes next."""

    now: datetime
    start: int
    total: int
    people: list[Attendance]
    next_up: list[str]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the strip of figures counts: `risk` of the open assignments; strikes that count; appeals to decide."""

    now: datetime
    risk: int
    pools: list[Depth]
    states: dict[str, int]
    strikes: int
    appeals: int


async def window(
    tx: Tx, presence: Presence | None, asked: Asked, *, start: int, count: int, rules: Rules, ttl_seconds: float
) -> Window:
    """The open reviews, the riskiest first, by position."""
    wanted = msgspec.structs.asdict(asked)
    frozen = await frozen_since(tx)
    places, total = await open_reviews.places(tx, frozen=frozen, start=start, count=count, **wanted)
    return await _window(tx, presence, places, start, total, frozen, ttl_seconds)


async def some(tx: Tx, presence: Presence | None, ids: Sequence[UUID], *, rules: Rules, ttl_seconds: float) -> Window:
    """These reviews as far as they are open, whatever their position."""
    places = await open_reviews.still_open(tx, ids)
    return await _window(tx, presence, places, 0, len(places), await frozen_since(tx), ttl_seconds)


async def frozen_since(tx: Tx) -> datetime | None:
    """Since when an incident makes the clocks stand still."""
    lasting = await incidents.current(tx)
    return lasting.started_at if lasting is not None and lasting.freeze_clocks else None


async def _window(
    tx: Tx,
    presence: Presence | None,
    places: Sequence[UUID],
    start: int,
    total: int,
    frozen: datetime | None,
    ttl: float,
) -> Window:
    found = await open_reviews.lines(tx, places)
    now = await snapshot.now(tx)
    held = await views.told(tx, [found[each] for each in places if each in found], now, frozen)
    holders = {one.employee_id for one in held if one.employee_id}
    states = await attendance.states_of(tx, _here(presence, ttl), sorted(holders))
    return Window(now=now, start=start, total=total, reviews=held, states=states, frozen=frozen)


async def roll(
    tx: Tx, presence: Presence | None, *, words: str = "", start: int, count: int, rules: Rules, ttl_seconds: float
) -> Roll:
    """The people: those in line first, in their order; then at work, paused, locked, away."""
    here = _here(presence, ttl_seconds)
    shown, total = await attendance.wall(tx, here, words=words, start=start, count=count)
    rows = {row.user_id: row for row in await staff.people(tx, [one.id for one in shown])}
    seats = [views.seat(rows[one.id], presence, ttl_seconds, 0) for one in shown if one.id in rows]
    places = {one.id: one.place for one in shown if one.place}
    now = await snapshot.now(tx)
    return Roll(
        now=now,
        start=start,
        total=total,
        people=await _attending(tx, seats, rows, places, presence, now, rules, ttl_seconds),
        next_up=await _next_up(tx, here, [] if words or start else shown),
    )


async def _next_up(tx: Tx, here: attendance.Here, first: Sequence[attendance.InLine]) -> list[str]:
    """`first`: who stands first on the wall, where that is known already."""
    if len(first) < NEXT:
        return await attendance.next_up(tx, here, NEXT)
    return [one.name for one in first[:NEXT] if one.state == "Available"]


def _here(presence: Presence | None, ttl: float) -> attendance.Here:
    if presence is None:
        return attendance.Here([], "Unknown")
    return attendance.Here(presence.here(ttl), "Unknown" if presence.unsure(ttl) else "Offline")


async def attending(
    tx: Tx, presence: Presence | None, employee_id: UUID, *, rules: Rules, ttl_seconds: float
) -> Attendance:
    """One person. Raises NoSuchEmployee."""
    rows = {row.user_id: row for row in await staff.people(tx, [employee_id])}
    if employee_id not in rows:
        raise NoSuchEmployee(employee=str(employee_id))
    seat, now = views.seat(rows[employee_id], presence, ttl_seconds, 0), await snapshot.now(tx)
    return (await _attending(tx, [seat], rows, {}, presence, now, rules, ttl_seconds))[0]


async def _attending(
    tx: Tx,
    seats: Sequence[Seat],
    rows: dict[UUID, Any],
    places: dict[UUID, int],
    presence: Presence | None,
    now: datetime,
    rules: Rules,
    ttl: float,
) -> list[Attendance]:
    ids = [seat.employee_id for seat in seats]
    ended = await attendance.ended(tx, ids)
    counts = await snapshot.counting_strikes(tx, ids, now, rules)
    told = []
    for seat in seats:
        who = seat.employee_id
        last, missed = ended.get(who, (None, None))
        beat = presence.last_beat(who) if presence else None
        told.append(
            Attendance(
                seat=msgspec.structs.replace(seat, strikes=counts.get(who, 0)),
                place=places.get(who, 0),
                since=_since(seat, rows[who], last, beat),
                presence=presence.of(who, ttl) if presence else "unknown",
                last_beat_at=beat,
                last_missed_at=missed,
            )
        )
    return told


def _since(seat: Seat, row: Any, ended: datetime | None, beat: datetime | None) -> datetime | None:
    if seat.state == "Locked":
        return row.locked_at  # type: ignore[no-any-return]  # a row of people_query
    if seat.state == "Offline":
        return beat
    if seat.state == "Busy":
        return seat.last_assigned_at
    since: datetime = row.availability_at
    return max(since, ended) if seat.state == "Available" and ended is not None else since


async def watched(tx: Tx, presence: Presence | None, *, rules: Rules, ttl_seconds: float) -> list[Attendance]:
    """Who is locked, and who has as many strikes as warn; the most strikes first."""
    now = await snapshot.now(tx)
    struck = await strikes.counting(tx, now, rules, least=rules.strike_warning)
    some = await staff.people(tx, [*struck, *await attendance.locked(tx)])
    some.sort(key=lambda row: (-struck.get(row.user_id, 0), row.number))
    rows = {row.user_id: row for row in some}
    seats = [views.seat(row, presence, ttl_seconds, 0) for row in some]
    return await _attending(tx, seats, rows, {}, presence, now, rules, ttl_seconds)


async def locked(tx: Tx, presence: Presence | None, *, rules: Rules, ttl_seconds: float) -> list[Attendance]:
    """Whose account is locked, in the order of their numbers."""
    rows = {row.user_id: row for row in await staff.people(tx, await attendance.locked(tx))}
    seats = [views.seat(row, presence, ttl_seconds, 0) for row in rows.values()]
    return await _attending(tx, seats, rows, {}, presence, await snapshot.now(tx), rules, ttl_seconds)


async def standing(tx: Tx, presence: Presence | None, *, rules: Rules, ttl_seconds: float) -> Standing:
    """The counts of everything that is open, without a line of it."""
    counted = await counts(tx, rules, await frozen_since(tx))
    return Standing(
        now=counted.now,
        risk=counted.risk,
        pools=await boards.depths(tx, counted.now),
        states=await attendance.states(tx, _here(presence, ttl_seconds)),
        strikes=counted.strikes,
        appeals=counted.appeals,
    )


async def alarms(tx: Tx) -> tuple[list[Depth], list[Outage], datetime]:
    """Each pool's queue, what of ours is or was down, and when that was so."""
    now = await snapshot.now(tx)
    return await boards.depths(tx, now), await ledger.shown(tx), now


async def outages(tx: Tx) -> list[Outage]:
    """What of ours is down, or was within the hour, as each group's dispatcher saw it."""
    return await ledger.shown(tx)


async def find_employee(tx: Tx, said: str) -> UUID:
    """“Ada King #12”, “#12”, or a name that one person has. Raises Invalid."""
    said = said.strip()
    numbered = _NUMBERED.search(said)
    found = await attendance.find(tx, number=int(numbered[1]) if numbered else None, name=said)
    if len(found) == 1:
        return found[0]
    words = _("Two people have this name: add #number.") if found else _("Choose a person from the list.")
    raise Invalid(errors=[FieldError("employee", words)])


async def strikes_between(
    tx: Tx, start: datetime, end: datetime, *, rules: Rules, limit: int = 200
) -> tuple[list[StrikeView], int]:
    """The strikes of an interval that are not voided, the latest first, and how many there are."""
    ids = await strikes.between(tx, start, end)
    return await strikes.some(tx, ids[-limit:], await snapshot.now(tx), rules), len(ids)


async def recent_strikes(tx: Tx, *, rules: Rules, limit: int = 50) -> list[StrikeView]:
    """Everybody's, the latest first; those with an open appeal are always among them."""
    return await strikes.recent(tx, await snapshot.now(tx), rules, limit)


async def closed_pools(tx: Tx, now: datetime) -> dict[UUID, datetime | None]:
    """The pools outside their hours, and until when; None where no hours come."""
    return await boards.closed(tx, now)


async def names_of(tx: Tx, ids: Collection[str]) -> dict[str, str]:
    """The names of these people, by their ids as histories have them."""
    found = await accounts.users_by_id(tx, {UUID(each) for each in ids})
    return {str(user.id): user.name for user in found.values()}
