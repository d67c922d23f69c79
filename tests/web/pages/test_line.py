"""The place in line is said only where it is the truth; the next break is the shift's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.dispatch.types import PoolView, Seat
from app.platform.ids import new_id
from app.web.pages.line import next_break, place

NOW = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)  # a Wednesday
ONE, TWO = new_id(), new_id()
ME, BEN, CY = new_id(), new_id(), new_id()


def seat(who: UUID, minutes: int | None, pools: list[UUID], state: str = "Available") -> Seat:
    last = None if minutes is None else NOW - timedelta(minutes=minutes)
    shared = {"number": 1, "reason": "", "active": 0, "capacity": 1, "strikes": 0}
    return Seat(employee_id=who, name="A B", state=state, last_assigned_at=last, pools=pools, **shared)


def pool(pool_id: UUID, strategy: str = "round_robin", *, by_skills: bool = False) -> PoolView:
    told = {"region": None, "category": None, "sla_seconds": None, "paused_at": None}
    return PoolView(id=pool_id, name="p", strategy=strategy, by_skills=by_skills, **told)


POOLS = [pool(ONE), pool(TWO)]


def test_who_waits_longer_is_ahead() -> None:
    found = place(ME, [seat(ME, 5, [ONE]), seat(BEN, 9, [ONE]), seat(CY, None, [ONE], "Busy")], POOLS)
    assert (found.position, [one.employee_id for one in found.ahead]) == (2, [BEN])


def test_people_of_other_pools_are_not_in_my_line() -> None:
    assert place(ME, [seat(ME, 5, [ONE]), seat(BEN, 9, [TWO])], POOLS).position == 1


@pytest.mark.parametrize(
    ("seats", "pools"),
    [
        ([seat(ME, 5, [ONE, TWO]), seat(BEN, 9, [ONE])], POOLS),  # ahead for one pool, not for the other
        ([seat(ME, 5, [ONE])], [pool(ONE, "least_loaded")]),
        ([seat(ME, 5, [ONE])], [pool(ONE, by_skills=True)]),
        ([seat(ME, 5, [ONE], "Busy")], POOLS),
    ],
)
def test_where_no_one_line_decides_no_number_is_said(seats: list[Seat], pools: list[PoolView]) -> None:
    assert place(ME, seats, pools).position == 0


@pytest.mark.parametrize(
    ("wednesday", "said"),
    [("09:00-12:30 13:30-17:00", "Break at 12:30"), ("09:00-17:00", "Shift ends 17:00"), ("13:00-17:00", "")],
)
def test_the_next_break_is_of_the_shifts_own_day(wednesday: str, said: str) -> None:
    assert next_break({"zone": "Europe/London", "week": {"wed": wednesday}}, NOW) == said
    assert next_break(None, NOW) == ""
