"""A recorded day: read without a trace, and lived through again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from app.dispatch.models import assignment, duty, review
from app.dispatch.policy.types import Rules
from app.dispatch.simulate import simulate
from app.dispatch.simulation.recorded import Recorded
from app.dispatch.simulation.replay import USUAL_SECONDS, day_of, habits_of, waits_of
from app.dispatch.store import recorded
from app.platform.ids import new_id
from tests.dispatch.floor import Floor

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


async def _filed(floor: Floor, second: float, *given: tuple[UUID, float, float, str], size: str = "small") -> UUID:
    """A review, and its assignments: to whom, from, to, how it ended."""
    last = at(given[-1][2]) if given and given[-1][3] == "completed" else None
    ended = {"state": "completed", "ended_at": last} if last else {"state": "queued"}
    row = {"id": new_id(), "pool_id": await floor.general(), "kind": "question", "size": size, "title": "x"} | ended
    async with floor.db.transaction() as tx:
        await tx.conn.execute(review.insert().values(row | {"queued_at": at(second)}))
        for who, start, end, state in given:
            one = {"id": new_id(), "review_id": row["id"], "employee_id": who, "state": state, "closed_at": at(end)}
            one |= {"assigned_at": at(start), "grace_at": at(end), "warn_at": at(end), "deadline_at": at(end)}
            await tx.conn.execute(assignment.insert().values(one))
    return UUID(str(row["id"]))


async def _read(floor: Floor, start: float = 0, end: float = 3600) -> Recorded:
    async with floor.db.transaction() as tx:
        return await recorded.read(tx, at(start), at(end))


async def _there(floor: Floor, who: UUID, start: float, end: float | None) -> None:
    row = {"id": new_id(), "group_id": floor.group, "employee_id": who, "started_at": at(start)}
    async with floor.db.transaction() as tx:
        await tx.conn.execute(duty.insert().values(row | {"ended_at": None if end is None else at(end)}))


async def test_the_interval_is_read_as_it_was(floor: Floor) -> None:
    ana, ben = [await floor.employee(name, capacity=2, here=False) for name in ("Ana", "Ben")]
    await _there(floor, ana, -100, 50)
    await _there(floor, ana, 40, 500)
    await _there(floor, ana, 3000, 9000)
    await _there(floor, ben, -500, -100)
    await _filed(floor, -1, (ana, 1, 2, "completed"))
    first = await _filed(floor, 10, (ana, 15, 25, "declined"), (ben, 30, 130, "completed"))
    second = await _filed(floor, 20, size="large")
    await _filed(floor, 3600)
    found = await _read(floor)
    assert [(one.id, one.at, one.size, one.seconds, one.waited) for one in found.reviews] == [
        (first, at(10), "small", 100.0, 5.0), (second, at(20), "large", None, None),
    ]  # fmt: skip
    assert [(one.name, one.capacity, one.available) for one in found.people] == [
        ("Ana", 2, [(at(0), at(500)), (at(3000), at(3600))])
    ]
    assert found.ends == {"completed": 2, "declined": 1}
    assert waits_of(found) == [5.0, 3580.0]


async def test_before_there_was_a_record_of_hours_whoever_got_something_was_there(floor: Floor) -> None:
    ana, _ = [await floor.employee(name, here=False) for name in ("Ana", "Ben")]
    await _filed(floor, 10, (ana, 15, 25, "completed"))
    assert [(one.name, one.available) for one in (await _read(floor)).people] == [("Ana", [(at(0), at(3600))])]


async def test_reading_can_write_nothing(floor: Floor) -> None:
    async with floor.db.transaction() as tx:
        await recorded.read(tx, at(0), at(1))
        with pytest.raises(DBAPIError, match="read-only"):
            await tx.conn.execute(review.delete())


async def test_the_day_is_lived_through_again_by_its_people_or_by_others(floor: Floor) -> None:
    ana, ben = [await floor.employee(name, here=False) for name in ("Ana", "Ben")]
    await _there(floor, ana, 0, None)
    await _there(floor, ben, 100, 2000)
    filed = [
        await _filed(floor, 10, (ana, 12, 112, "completed")),
        await _filed(floor, 20, (ben, 130, 190, "completed")),
        await _filed(floor, 30, (ana, 140, 340, "completed")),
    ]
    found, told = await _read(floor), list[tuple[float, int, int]]()

    def watch(when: datetime, what: str, wanted: UUID | None, who: UUID | None) -> None:
        if what == "assigned" and wanted and who:
            told.append(((when - NINE).total_seconds(), filed.index(wanted), [ana, ben].index(who)))

    outcome = simulate(day_of(found, Random(1)), Rules(), watch=watch)
    assert told == [(10, 0, 0), (100, 1, 1), (110.3, 2, 0)]
    assert (outcome.report.completed, list(outcome.waits)) == (3, [0, 80, 80.3])
    assert [one.available_hours for one in outcome.report.people] == [1.0, round(1900 / 3600, 3)]
    others = simulate(day_of(found, Random(1), people=3), Rules())
    assert (len(others.report.people), list(others.waits)) == (3, [0, 0, 0])


async def test_what_nobody_completed_takes_what_one_of_its_size_took(floor: Floor) -> None:
    ana = await floor.employee("Ana", here=False)
    await _filed(floor, 10, (ana, 12, 89, "completed"))
    await _filed(floor, 20)
    await _filed(floor, 30, size="large")
    arrivals = list(day_of(await _read(floor), Random(1)).arrivals)
    assert [one.seconds for one in arrivals] == [77.0, 77.0, USUAL_SECONDS["large"]]


def test_what_went_wrong_becomes_shares_and_what_supervisors_did_does_not() -> None:
    ends = {"completed": 6, "missed": 1, "declined": 1, "released": 1, "undelivered": 1, "revoked": 5, "open": 3}
    found = habits_of(ends)
    assert (found.misses, found.declines, found.undelivered, found.drops_per_hour) == (0.1, 0.2, 0.1, 0.0)
    assert habits_of({}).misses == 0
