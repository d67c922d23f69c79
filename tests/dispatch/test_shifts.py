"""Pools outside their hours, and shifts that end: on real rows, by the database's clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from app.dispatch import service
from app.dispatch.models import assignment, employee, review, review_alert, strike
from tests.dispatch.floor import Floor

TWO_SECONDS = timedelta(seconds=2)


def week(start: datetime, end: datetime) -> dict[str, Any]:
    """Open from one minute to another today (UTC), and at that time every day."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return {"zone": "UTC", "week": dict.fromkeys(days, f"{start:%H:%M}-{end:%H:%M}")}


async def clock(floor: Floor) -> datetime:
    async with floor.db.transaction() as tx:
        return await service.database_time(tx)


async def hours(floor: Floor, given: dict[str, Any] | None) -> None:
    general = await floor.general()
    async with floor.db.transaction() as tx:
        await service.change_pool(tx, general, actor=general, hours=given)


async def shift_ends(floor: Floor, who: UUID, seconds: float) -> None:
    """The person has a shift, whose end is so far away."""
    now = await clock(floor)
    async with floor.db.transaction() as tx:
        given = week(now - timedelta(hours=1), now + timedelta(hours=3))
        await service.change_employee(tx, who, actor=who, shift=given)
        end = func.clock_timestamp() + timedelta(seconds=seconds)
        await tx.conn.execute(update(employee).where(employee.c.user_id == who).values(shift_until=end))


async def test_outside_its_hours_nothing_is_given_and_the_queue_says_until_when(floor: Floor) -> None:
    now = await clock(floor)
    ana = await floor.employee("Ana")
    await hours(floor, week(now + timedelta(hours=2), now + timedelta(hours=4)))
    filed = await floor.file()
    await floor.settle()
    await floor.quick()
    row = await floor.review(filed.id)
    assert (row.state, row.stranded) == ("queued", "pool_closed")
    async with floor.db.transaction() as tx:
        board = await service.board(tx)
        assert (await tx.conn.execute(select(func.count()).select_from(review_alert))).scalar_one() == 0
    (pool,) = board.pools
    assert (pool.closed, pool.stranded) == (True, 0)
    assert pool.closed_until == (now + timedelta(hours=2)).replace(second=0, microsecond=0)
    assert await floor.frames("ReviewStranded") == []

    await hours(floor, week(now - timedelta(hours=1), now + timedelta(hours=1)))
    await floor.settle()
    assert (await floor.open_of(ana)).review_id == filed.id
    await hours(floor, week(now + timedelta(hours=2), now + timedelta(hours=4)))
    await floor.ack(ana)
    await floor.settle()
    assert (await floor.open_of(ana)).review_id == filed.id  # what somebody has they finish
    await hours(floor, None)
    async with floor.db.transaction() as tx:
        assert (await service.board(tx)).pools[0].closed is False


async def test_while_it_is_closed_nothing_is_called_late(floor: Floor) -> None:
    now = await clock(floor)
    general = await floor.general()
    async with floor.db.transaction() as tx:
        closed = week(now + timedelta(hours=2), now + timedelta(hours=4))
        await service.change_pool(tx, general, actor=general, target_seconds=1, hours=closed)
    filed = await floor.file()
    await floor.settle()
    await floor.silence(0)
    assert (await floor.review(filed.id)).late_at is None


async def test_what_was_late_when_it_closed_is_not_called_late_until_it_opens(floor: Floor) -> None:
    now = await clock(floor)
    general = await floor.general()
    async with floor.db.transaction() as tx:
        await service.change_pool(tx, general, actor=general, target_seconds=1)
    filed = await floor.file()
    async with floor.db.transaction() as tx:
        await tx.conn.execute(update(review).values(queued_at=func.clock_timestamp() - timedelta(seconds=5)))
    await floor.settle()
    assert (await floor.review(filed.id)).late_at is not None
    for closed, late in ((week(now + timedelta(hours=2), now + timedelta(hours=4)), 0), (None, 1)):
        await hours(floor, closed)
        await floor.settle()
        async with floor.db.transaction() as tx:
            assert (await service.board(tx)).pools[0].late == late


async def test_near_the_end_of_a_shift_another_gets_it_unless_nobody_is_there(floor: Floor) -> None:
    ana, ben = await floor.employee("Ana", capacity=2), await floor.employee("Ben")
    await shift_ends(floor, ana, 600)  # a large review has 1,200
    first = await floor.file("large")
    await floor.settle()
    assert (await floor.open_of(ben)).review_id == first.id
    why = (await floor.open_of(ben)).why
    assert [(one["employee"], one["reason"]) for one in why["others"]] == [(str(ana), "shift_ends")]
    async with floor.db.transaction() as tx:
        view = await service.review_view(tx, floor.principal(ben, "employee"), first.id)
    assert "Not Ana: the shift ends before its clock." in (view.why or "")
    last = await floor.file("large, and nobody else is there")
    await floor.settle()
    held = await floor.open_of(ana)
    assert held.review_id == last.id
    await floor.check()


async def test_a_small_review_fits_before_the_end(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    await floor.employee("Ben")
    await shift_ends(floor, ana, 1000)
    filed = await floor.file(kind="question")
    await floor.settle()
    assert (await floor.open_of(ana)).review_id == filed.id


async def test_at_the_end_the_person_is_paused_and_may_finish(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    filed = await floor.file()
    await floor.settle()
    await floor.ack(ana)
    await shift_ends(floor, ana, -1)
    assert (await floor.wake()).did == {"Pause": 1}
    row = await floor.person(ana)
    assert (row.availability, row.availability_reason) == ("paused", "shift_ended")
    assert row.shift_until > await clock(floor)  # the next one
    held = await floor.open_of(ana)
    assert held.review_id == filed.id
    await floor.settle()
    async with floor.db.transaction() as tx:
        await service.complete(tx, employee_id=ana, review_id=filed.id, assignment_id=held.id, verdict="approve")
    (frame, *_) = (await floor.frames("availability_changed", f"user:{ana}"))[-1:]
    assert frame["reason"] == "shift_ended"
    await floor.check()


async def test_what_was_not_acknowledged_goes_back_without_a_strike(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    filed = await floor.file()
    await floor.settle()
    await shift_ends(floor, ana, -1)
    assert (await floor.wake()).did == {"GiveBack": 1, "Pause": 1}
    assert (await floor.wake()).did == {"Strand": 1}
    row = await floor.review(filed.id)
    assert (row.state, row.queued_at, row.misses) == ("queued", filed.queued_at, 0)
    (frame,) = await floor.frames("review_revoked", f"user:{ana}")
    assert frame["reason"] == "shift_ended"
    async with floor.db.transaction() as tx:
        assert (await tx.conn.execute(select(strike))).all() == []
        assert (await tx.conn.execute(select(assignment.c.state))).scalar_one() == "revoked"
        await service.set_availability(tx, ana, "available")  # overtime: it isn't kept from them
    await floor.settle()
    assert (await floor.open_of(ana)).review_id == filed.id
    await floor.check()


async def test_a_shift_that_ends_costs_nobody_else_a_look(floor: Floor) -> None:
    ana, ben = await floor.employee("Ana"), await floor.employee("Ben")
    await shift_ends(floor, ana, -1)
    await floor.settle()
    assert (await floor.person(ben)).availability == "available"
    async with floor.db.transaction() as tx:
        await service.change_employee(tx, ana, actor=ana, shift=None)
    row = await floor.person(ana)
    assert (row.shift, row.shift_until) == (None, None)
