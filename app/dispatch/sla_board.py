"""What the supervisor's boards read by windows: open reviews by risk, and people by what they are doing."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
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


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What one look at the boards goes by: the moment, who was connected then as far as known (`here`), the rules.

    `frozen`: since when an incident makes the clocks stand still.
    """

    now: datetime
    frozen: datetime | None
    presence: Presence | None
    rules: Rules
    ttl_seconds: float
    here: attendance.Here

    def seat(self, row: Any) -> Seat:
        """A person's place, from a row of `staff.people`, without their strikes."""
        return views.seat(row, self.presence, self.ttl_seconds, 0)


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
    """Some of the people from the position `start` on, of `total`; who comes next; all of them by state."""

    now: datetime
    start: int
    total: int
    people: list[Attendance]
    next_up: list[str]
    states: dict[str, int]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the strip of figures counts: `risk` of the open assignments; strikes that count; appeals to decide."""

    now: datetime
    risk: int
    pools: list[Depth]
    states: dict[str, int]
    strikes: int
    appeals: int


async def look(tx: Tx, presence: Presence | None, *, rules: Rules, ttl_seconds: float) -> Look:
    """From here on."""
    now, lasting = await snapshot.now(tx), await incidents.current(tx)
    frozen = lasting.started_at if lasting is not None and lasting.freeze_clocks else None
    here = _here(presence, ttl_seconds)
    return Look(now=now, frozen=frozen, presence=presence, rules=rules, ttl_seconds=ttl_seconds, here=here)


def _here(presence: Presence | None, ttl: float) -> attendance.Here:
    if presence is None:
        return attendance.Here([], "Unknown")
    return attendance.Here(presence.here(ttl), "Unknown" if presence.unsure(ttl) else "Offline")


async def window(tx: Tx, look: Look, asked: Asked, *, start: int, count: int, total: int | None = None) -> Window:
    """The open reviews, the riskiest first, by position. `total` of all that are open, where it is known."""
    wanted = msgspec.structs.asdict(asked)
    places, of = await open_reviews.places(tx, frozen=look.frozen, start=start, count=count, total=total, **wanted)
    return await _window(tx, look, places, start, of)


async def some(tx: Tx, look: Look, ids: Sequence[UUID]) -> Window:
    """These reviews as far as they are open, whatever their position."""
    places = await open_reviews.still_open(tx, ids)
    return await _window(tx, look, places, 0, len(places))


async def _window(tx: Tx, look: Look, places: Sequence[UUID], start: int, total: int) -> Window:
    found = await open_reviews.lines(tx, places)
    held = await views.told(tx, [found[each] for each in places if each in found], look.now, look.frozen)
    holders = {one.employee_id for one in held if one.employee_id}
    states = await attendance.states_of(tx, look.here, sorted(holders))
    return Window(now=look.now, start=start, total=total, reviews=held, states=states, frozen=look.frozen)


async def roll(tx: Tx, look: Look, *, words: str = "", start: int, count: int) -> Roll:
    """The people: those in line first, in their order; then at work, paused, locked, away."""
    shown, total, states = await attendance.wall(tx, look.here, words=words, start=start, count=count)
    rows = {row.user_id: row for row in await staff.people(tx, [one.id for one in shown])}
    seats = [look.seat(rows[one.id]) for one in shown if one.id in rows]
    places = {one.id: one.place for one in shown if one.place}
    return Roll(
        now=look.now,
        start=start,
        total=total,
        people=await _attending(tx, look, seats, rows, places),
        next_up=await _next_up(tx, look, [] if words or start else shown),
        states=states,
    )


async def _next_up(tx: Tx, look: Look, first: Sequence[attendance.InLine]) -> list[str]:
    """`first`: who stands first on the wall, where that is known already."""
    if len(first) < NEXT:
        return await attendance.next_up(tx, look.here, NEXT)
    return [one.name for one in first[:NEXT] if one.state == "Available"]


async def attending(tx: Tx, look: Look, employee_id: UUID) -> Attendance:
    """One person. Raises NoSuchEmployee."""
    rows = {row.user_id: row for row in await staff.people(tx, [employee_id])}
    if employee_id not in rows:
        raise NoSuchEmployee(employee=str(employee_id))
    return (await _attending(tx, look, [look.seat(rows[employee_id])], rows))[0]


async def _attending(
    tx: Tx, look: Look, seats: Sequence[Seat], rows: dict[UUID, Any], places: Mapping[UUID, int] = MappingProxyType({})
) -> list[Attendance]:
    presence = look.presence
    ids = [seat.employee_id for seat in seats]
    ended = await attendance.ended(tx, ids)
    counts = await snapshot.counting_strikes(tx, ids, look.now, look.rules)
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
                presence=presence.of(who, look.ttl_seconds) if presence else "unknown",
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


async def watched(tx: Tx, look: Look) -> list[Attendance]:
    """Who is locked, and who has as many strikes as warn; the most strikes first."""
    struck = await strikes.counting(tx, look.now, look.rules, least=look.rules.strike_warning)
    some = await staff.people(tx, [*struck, *await attendance.locked(tx)])
    some.sort(key=lambda row: (-struck.get(row.user_id, 0), row.number))
    return await _attending(tx, look, [look.seat(row) for row in some], {row.user_id: row for row in some})


async def locked(tx: Tx, look: Look) -> list[Attendance]:
    """Whose account is locked, in the order of their numbers."""
    rows = {row.user_id: row for row in await staff.people(tx, await attendance.locked(tx))}
    return await _attending(tx, look, [look.seat(row) for row in rows.values()], rows)


async def standing(tx: Tx, look: Look, states: dict[str, int] | None = None) -> Standing:
    """The counts of everything that is open, without a line of it. `states`: where the wall has counted them."""
    counted = await counts(tx, look.rules, look.frozen)
    return Standing(
        now=look.now,
        risk=counted.risk,
        pools=await boards.depths(tx, look.now),
        states=await attendance.states(tx, look.here) if states is None else states,
        strikes=counted.strikes,
        appeals=counted.appeals,
    )


async def depths(tx: Tx, look: Look) -> list[Depth]:
    """Each pool's queue."""
    return await boards.depths(tx, look.now)


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


async def recent_strikes(tx: Tx, look: Look, limit: int = 50) -> list[StrikeView]:
    """Everybody's, the latest first; those with an open appeal are always among them."""
    return await strikes.recent(tx, look.now, look.rules, limit)


async def closed_pools(tx: Tx, look: Look) -> dict[UUID, datetime | None]:
    """The pools outside their hours, and until when; None where no hours come."""
    return await boards.closed(tx, look.now)


async def names_of(tx: Tx, ids: Collection[str]) -> dict[str, str]:
    """The names of these people, by their ids as histories have them."""
    found = await accounts.users_by_id(tx, {UUID(each) for each in ids})
    return {str(user.id): user.name for user in found.values()}
