"""Who comes before whom, as far as it is known: the place in line, said only where it is the truth. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from app.dispatch.hours import FAR, span
from app.dispatch.types import PoolView, Seat
from app.web import zones
from app.words import gettext as _


class Place(msgspec.Struct, frozen=True):
    """`position` 1 is next, 0 isn't known or isn't in line; `ahead`: whoever comes before, the first of them first."""

    position: int = 0
    ahead: list[Seat] = []


def line_up(seats: Sequence[Seat]) -> list[Seat]:
    """Who is free, the longest since the last assignment first."""
    free = [seat for seat in seats if seat.state == "Available"]
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(free, key=lambda seat: seat.last_assigned_at or never)


def place(me: UUID, seats: Sequence[Seat], pools: Sequence[PoolView]) -> Place:
    """The person's place, where one line decides: pools that go round, and colleagues who wait for the same ones."""
    line = line_up(seats)
    mine = next((seat for seat in line if seat.employee_id == me), None)
    if mine is None:
        return Place()
    own = set(mine.pools)
    rivals = [seat for seat in line if seat is mine or own & set(seat.pools) or not own | set(seat.pools)]
    goes_round = all(p.strategy == "round_robin" and not p.by_skills for p in pools if p.id in own)
    if not goes_round or any(own - set(seat.pools) for seat in rivals):
        return Place()
    ahead = rivals[: rivals.index(mine)]
    return Place(len(ahead) + 1, ahead)


def next_break(shift: Mapping[str, Any] | None, now: datetime) -> str:
    """ "Break at 12:30" or "Shift ends 17:00", by the reader's clock; "" where no shift is on."""
    current = span(shift, now)
    if shift is None or current is None or current.start > now or current.end == FAR:
        return ""
    zone = ZoneInfo(shift["zone"])
    ends = current.end.astimezone(zone)
    after = span(shift, current.end)
    again = after is not None and after.start.astimezone(zone).date() == ends.date()
    time = f"{zones.local(ends):%H:%M}"
    return _("Break at %(time)s", time=time) if again else _("Shift ends %(time)s", time=time)
