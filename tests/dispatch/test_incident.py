"""Incident mode on real rows: clocks stand still, deadlines move, strikes of the interval may be voided."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from app.accounts import audit
from app.applications.models import incident
from app.dispatch import service
from app.dispatch.models import assignment, outage, strike
from app.errors import Conflict, Invalid
from tests.dispatch.floor import Floor


async def begin(floor: Floor, boss: UUID, **stops: bool) -> None:
    async with floor.db.transaction() as tx:
        await service.begin_incident(tx, actor=boss, reason="The mail server is on fire", **stops)


async def end(floor: Floor, boss: UUID) -> object:
    async with floor.db.transaction() as tx:
        return await service.end_incident(tx, actor=boss, rules=floor.rules)


async def lasted(floor: Floor, seconds: float) -> None:
    """The incident, and every clock beside it, has run for so long."""
    back = timedelta(seconds=seconds)
    await floor.age(seconds)
    async with floor.db.transaction() as tx:
        await tx.conn.execute(update(outage).values(started_at=outage.c.started_at - back))
        await tx.conn.execute(update(incident).values(started_at=incident.c.started_at - back))


async def test_no_warning_no_miss_and_no_strike_while_it_lasts_and_deadlines_move(floor: Floor) -> None:
    boss, ana = await floor.user("Boss", "supervisor"), await floor.employee("Ana")
    filed = await floor.file()
    await floor.settle()
    held = await floor.ack(ana)
    await begin(floor, boss)
    await lasted(floor, 3000)  # long past its warning and its end
    await floor.leave(ana, 600)
    assert [await floor.wake() and None for _ in range(3)] == [None] * 3
    row = await floor.open_of(ana)
    assert (row.id, row.warned_at) == (held.id, None)

    over = await end(floor, boss)
    moved = await floor.open_of(ana)
    assert 2990 < (moved.deadline_at - row.deadline_at).total_seconds() < 3020
    assert (moved.deadline_at - moved.warn_at) == (held.deadline_at - held.warn_at)
    (frame,) = await floor.frames("review_deadline_changed", f"user:{ana}")
    assert frame["review"] == str(filed.id)
    await floor.come(ana)
    await floor.settle()
    assert (await floor.open_of(ana)).deadline_at == moved.deadline_at  # given back once
    assert over.strikes == 0  # type: ignore[attr-defined]  # an Over
    async with floor.db.transaction() as tx:
        assert (await tx.conn.execute(select(func.count()).select_from(strike))).scalar_one() == 0
        told = [entry.action for entry in await audit.entries(tx, limit=10)]
    assert told[:2] == ["incident.end", "incident.begin"]
    await floor.check()


async def test_giving_up_right_after_it_costs_nothing(floor: Floor) -> None:
    """Its warning would have come in the meantime; the clocks are set back in the act that ends it."""
    boss, ana = await floor.user("Boss", "supervisor"), await floor.employee("Ana")
    filed = await floor.file()
    await floor.settle()
    held = await floor.ack(ana)
    await begin(floor, boss)
    await lasted(floor, 1100)
    await end(floor, boss)
    async with floor.db.transaction() as tx:
        await service.release(
            tx, employee_id=ana, review_id=filed.id, assignment_id=held.id, reason="", rules=floor.rules
        )
        assert (await tx.conn.execute(select(assignment.c.state))).scalar_one() == "released"
        assert (await tx.conn.execute(select(strike))).all() == []


async def test_work_goes_on_meanwhile_and_its_clock_starts_when_it_is_over(floor: Floor) -> None:
    boss, ana = await floor.user("Boss", "supervisor"), await floor.employee("Ana")
    await begin(floor, boss)
    await floor.file()
    await floor.settle()
    given = await floor.ack(ana)
    await lasted(floor, 600)
    await end(floor, boss)
    held = await floor.open_of(ana)
    assert 595 < (held.deadline_at - (given.deadline_at - timedelta(seconds=600))).total_seconds() < 605


async def test_only_submissions_stop(floor: Floor) -> None:
    boss, ana = await floor.user("Boss", "supervisor"), await floor.employee("Ana")
    await floor.file()
    await floor.settle()
    await floor.ack(ana)
    await begin(floor, boss, freeze_clocks=False)
    await lasted(floor, 905)
    assert (await floor.wake()).did == {"Warn": 1}
    await lasted(floor, 300)
    await floor.wake()
    over = await end(floor, boss)
    assert over.strikes == 1  # type: ignore[attr-defined]  # an Over
    async with floor.db.transaction() as tx:
        found = await service.last_incident(tx)
        assert found is not None
        assert await service.void_interval(tx, found.start, found.end, actor=boss, reason="ours") == 1
        again = await service.last_incident(tx)
    assert again is not None
    assert again.strikes == 0


async def test_a_group_made_meanwhile_stands_still_too(floor: Floor) -> None:
    boss = await floor.user("Boss", "supervisor")
    await begin(floor, boss)
    async with floor.db.transaction() as tx:
        await service.add_pool(tx, actor=boss, name="Law", group="Law people")
        lasting = select(func.count()).select_from(outage).where(outage.c.ended_at.is_(None))
        assert (await tx.conn.execute(lasting)).scalar_one() == 2
    await end(floor, boss)
    async with floor.db.transaction() as tx:
        assert (await tx.conn.execute(lasting)).scalar_one() == 0


@pytest.mark.parametrize("lasts", [True, False])
async def test_a_pool_that_is_made_at_that_very_moment_stands_still_as_long_as_the_others(
    floor: Floor, lasts: bool
) -> None:
    """The incident begins, or ends, while somebody makes a pool of a new group."""
    boss = await floor.user("Boss", "supervisor")
    if not lasts:
        await begin(floor, boss)

    async def add() -> None:
        async with floor.db.transaction() as tx:
            await service.add_pool(tx, actor=boss, name="Law", group="Law people")
            await asyncio.sleep(0.3 if lasts else 0)

    async def turn() -> None:
        async with floor.db.transaction() as tx:
            if lasts:
                await service.begin_incident(tx, actor=boss, reason="Fire")
            else:
                await service.end_incident(tx, actor=boss, rules=floor.rules)
                await asyncio.sleep(0.3)

    first, then = (add, turn) if lasts else (turn, add)
    begun = asyncio.create_task(first())
    await asyncio.sleep(0.1)
    await asyncio.gather(begun, then())
    async with floor.db.transaction() as tx:
        frozen = select(func.count()).select_from(outage).where(outage.c.ended_at.is_(None))
        assert (await tx.conn.execute(frozen)).scalar_one() == (2 if lasts else 0)


async def test_everybody_at_work_is_told(floor: Floor) -> None:
    boss, ana = await floor.user("Boss", "supervisor"), await floor.employee("Ana")
    await begin(floor, boss)
    (frame,) = await floor.frames("system_notification", f"user:{ana}")
    assert "The mail server is on fire" in frame["text"]
    assert len(await floor.frames("incident_changed", f"pool:{await floor.general()}")) == 1


async def test_what_is_refused(floor: Floor) -> None:
    boss = await floor.user("Boss", "supervisor")
    with pytest.raises(Conflict):
        await end(floor, boss)
    with pytest.raises(Invalid):
        await begin(floor, boss, stop_submissions=False, freeze_clocks=False)
    await begin(floor, boss)
    with pytest.raises(Conflict):
        await begin(floor, boss)
