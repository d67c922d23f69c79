"""Wakes of the dispatcher on real rows."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, insert, select, update

from app.dispatch import service
from app.dispatch.models import assignment, employee, outage, review, review_exclusion, strike
from app.dispatch.policy.types import Rules
from app.dispatch.wake import quick
from app.platform import lease
from app.platform.beats import process_beat
from app.platform.queue import LeaseLost
from tests.dispatch.floor import Floor


async def test_a_review_reaches_the_one_who_waited_longest(floor: Floor) -> None:
    ana, ben = await floor.employee("Ana"), await floor.employee("Ben")
    first, second, third = [await floor.file(f"r{n}") for n in range(3)]
    assert await floor.settle() == [{"Assign": 2}]
    mine, his = await floor.open_of(ana), await floor.open_of(ben)
    assert {mine.review_id, his.review_id} == {first.id, second.id}
    assert mine.deadline_at - mine.assigned_at == timedelta(seconds=1200)
    assert mine.deadline_at - mine.warn_at == timedelta(seconds=300)
    assert (await floor.review(third.id)).state == "queued"
    frame = (await floor.frames("review_assigned", f"user:{ana}"))[0]
    assert set(frame) >= {"review", "assignment", "title", "deadline_at", "warn_at", "score"}
    assert len(await floor.frames("review_assigned", f"pool:{await floor.general()}")) == 2
    assert len(await floor.frames("ReviewAssigned")) == 2
    await floor.check()


async def test_capacity_holds_over_many_reviews(floor: Floor) -> None:
    people = [await floor.employee(f"P{n}", capacity=n % 3 + 1) for n in range(5)]
    for n in range(20):
        await floor.file(f"r{n}")
    assert await floor.settle() == [{"Assign": 9}]
    assert [(await floor.person(who)).active for who in people] == [1, 2, 3, 1, 2]
    await floor.check()


async def test_small_and_large_clocks(floor: Floor) -> None:
    ana = await floor.employee("Ana", capacity=2)
    await floor.file(kind="question")
    await floor.settle()
    mine = await floor.open_of(ana)
    assert mine.deadline_at - mine.assigned_at == timedelta(seconds=900)


async def test_warned_once(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    await floor.file()
    await floor.settle()
    await floor.ack(ana)
    await floor.age(905)
    assert await floor.settle() == [{"Warn": 1}]
    assert len(await floor.frames("review_warning", f"user:{ana}")) == 1


async def test_a_miss_requeues_with_its_age_and_not_straight_back(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    filed = await floor.file()
    await floor.settle()
    await floor.ack(ana)
    await floor.age(1201)
    assert (await floor.wake()).did == {"Miss": 1}
    again = await floor.review(filed.id)
    assert (again.state, again.queued_at, again.misses) == ("queued", filed.queued_at, 1)
    assert await floor.settle() == [{"Strand": 1}]  # she alone is here, and she doesn't get it back
    assert (await floor.review(filed.id)).stranded == "all_excluded"
    ben = await floor.employee("Ben")
    await floor.settle()
    assert (await floor.open_of(ben)).review_id == filed.id
    assert (await floor.review(filed.id)).stranded is None
    (frame,) = await floor.frames("review_revoked", f"user:{ana}")
    assert frame["reason"] == "missed"
    (told,) = await floor.frames("strike_recorded", f"user:{ana}")
    assert (told["level"], told["count"]) == ("noted", 1)
    await floor.check()


async def test_undelivered_is_taken_back_without_a_strike_and_twice_pauses(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    filed = await floor.file()
    await floor.settle()
    await floor.age(11)
    assert (await floor.wake()).did == {"TakeBack": 1}
    assert (await floor.person(ana)).undelivered_run == 1
    ben = await floor.employee("Ben")
    await floor.settle()
    assert (await floor.open_of(ben)).review_id == filed.id
    await floor.file("another")
    await floor.settle()
    await floor.age(11)
    await floor.wake()
    person = await floor.person(ana)
    assert (person.availability, person.availability_reason) == ("paused", "undelivered")
    async with floor.db.transaction() as tx:
        assert (await tx.conn.execute(select(strike))).all() == []
        assert (await tx.conn.execute(select(review_exclusion.c.until))).first() is not None
        await service.set_availability(tx, ana, "available")
    assert (await floor.person(ana)).undelivered_run == 0
    await floor.check()


async def test_two_missers_escalate_and_four_strikes_lock(floor: Floor) -> None:
    people = [await floor.employee(name) for name in ("Ana", "Ben")]
    filed = await floor.file()
    for _ in people:
        await floor.settle()
        holder = people[0] if await floor.open_of(people[0]) else people[1]
        await floor.ack(holder)
        await floor.age(1201)
        await floor.wake()
    assert (await floor.review(filed.id)).state == "escalated"
    ana = people[0]
    await floor.leave(people[1])
    for n in range(3):
        await floor.file(f"more {n}")
        await floor.settle()
        await floor.ack(ana)
        await floor.age(1201)
        await floor.wake()
    async with floor.db.transaction() as tx:
        levels = (
            await tx.conn.execute(select(strike.c.level).where(strike.c.employee_id == ana).order_by(strike.c.at))
        ).all()
    assert [row[0] for row in levels] == ["noted", "noted", "warning", "violation"]
    assert len(await floor.frames("account_locked", f"user:{ana}")) == 1
    assert len(await floor.frames("violation_recorded")) == 1
    await floor.file("after")
    await floor.settle()
    assert await floor.open_of(ana) is None
    await floor.check()


async def test_a_lock_takes_the_rest_away(floor: Floor) -> None:
    ana, boss = await floor.employee("Ana", capacity=5), await floor.user("Boss", "supervisor")
    for n in range(3):
        await floor.file(f"r{n}")
    await floor.settle()
    async with floor.db.transaction() as tx:
        assert await service.lock(tx, ana, actor=boss, reason="to be looked at")
    assert (await floor.person(ana)).active == 0
    assert [f["reason"] for f in await floor.frames("review_revoked", f"user:{ana}")] == ["locked"] * 3
    with pytest.raises(service.AccountLocked):
        async with floor.db.transaction() as tx:
            await service.set_availability(tx, ana, "available")
    async with floor.db.transaction() as tx:
        assert await service.unlock(tx, ana, actor=boss, reason="looked at")
        await service.set_availability(tx, ana, "available")
    await floor.check()


async def test_a_dead_dispatcher_costs_no_strike_and_gives_its_time_back(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    await floor.file()
    await floor.settle()
    await floor.ack(ana)
    await floor.age(1100)
    before = await floor.open_of(ana)
    await floor.age(200)  # it ran over its end...
    await floor.silence(200)  # ...while the dispatcher (or the database's clock) stood still
    assert (await floor.wake()).did == {"Warn": 1}  # the warning was due long before
    after = await floor.open_of(ana)
    assert timedelta(seconds=-0.5) < after.deadline_at - before.deadline_at < timedelta(seconds=1)
    (frame,) = await floor.frames("review_deadline_changed", f"user:{ana}")
    assert frame["why"] == "outage"
    assert await floor.settle() == []
    await floor.check()


async def test_overlapping_outages_give_time_back_once(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    await floor.file()
    await floor.settle()
    await floor.ack(ana)
    await floor.age(500)
    before = await floor.open_of(ana)
    async with floor.db.transaction() as tx:
        now = (await tx.conn.execute(select(func.clock_timestamp()))).scalar_one()
        rows = [
            {
                "group_id": floor.group,
                "component": name,
                "started_at": now - timedelta(seconds=a),
                "ended_at": now - timedelta(seconds=b),
            }
            for name, a, b in (("web", 400, 300), ("valkey", 350, 250), ("web", 100, 50))
        ]
        await tx.conn.execute(insert(outage), rows)
    await floor.wake()
    after = await floor.open_of(ana)
    assert after.deadline_at - before.deadline_at == timedelta(seconds=200)
    assert after.warn_at - before.warn_at == timedelta(seconds=200)
    await floor.wake()
    assert (await floor.open_of(ana)).deadline_at == after.deadline_at


async def test_while_the_web_is_down_nothing_runs_out(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    await floor.file()
    await floor.settle()
    await floor.ack(ana)
    async with floor.db.transaction() as tx:
        late = func.clock_timestamp() - timedelta(seconds=30)
        await tx.conn.execute(insert(process_beat).values(component="web", instance="w", beat_at=late))
    await floor.age(1201)
    assert (await floor.wake()).did == {}
    async with floor.db.transaction() as tx:
        await tx.conn.execute(update(process_beat).values(beat_at=func.clock_timestamp()))
    await floor.wake()
    held = await floor.open_of(ana)
    assert held is not None
    async with floor.db.transaction() as tx:
        ended = (await tx.conn.execute(select(outage.c.ended_at - outage.c.started_at))).scalar_one()
    assert timedelta(seconds=29) < ended < timedelta(seconds=40)
    assert len(await floor.frames("review_deadline_changed", f"user:{ana}")) == 1


async def test_without_valkey_nobody_loses_anything(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    await floor.file()
    await floor.settle()
    await floor.age(1201)
    assert (await floor.wake(blind=True)).did == {}
    assert await floor.open_of(ana) is not None


async def test_a_flushed_valkey_revokes_nobody(floor: Floor) -> None:
    ana, ben = await floor.employee("Ana"), await floor.employee("Ben")
    await floor.file()
    await floor.file()
    await floor.settle()
    await floor.ack(ana)
    await floor.age(400)  # Ben's never arrived, Ana has been offline for long, for all we know now
    await floor.redis.flushall()
    empty = await floor.presence()
    assert (await floor.wake(empty)).did == {}
    assert await floor.open_of(ana) is not None
    assert await floor.open_of(ben) is not None
    await floor.come(ana)
    assert empty.of(ben, 35) == "unknown"


async def test_a_long_disconnection_gives_the_review_to_the_next(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    filed = await floor.file()
    await floor.settle()
    await floor.ack(ana)
    await floor.age(300)
    await floor.leave(ana, age=200)
    assert (await floor.wake()).did == {"GiveBack": 1}
    assert (await floor.review(filed.id)).state == "queued"
    (frame,) = await floor.frames("review_revoked", f"user:{ana}")
    assert frame["reason"] == "disconnected"
    await floor.check()


async def test_two_dispatchers_at_once_never_double_assign(floor: Floor, redis: Redis) -> None:
    people = [await floor.employee(f"P{n}", capacity=2) for n in range(6)]
    for n in range(40):
        await floor.file(f"r{n}")

    async def wakes() -> None:
        for _ in range(8):
            await floor.wake()

    async def completes(who: object) -> None:
        for _ in range(6):
            held = await _first_open(floor, who)
            if held is not None:
                async with floor.db.transaction() as tx:
                    await service.complete(
                        tx,
                        employee_id=held.employee_id,
                        review_id=held.review_id,
                        assignment_id=held.id,
                        verdict="approve",
                    )
            await asyncio.sleep(0.01)

    await asyncio.gather(wakes(), wakes(), *(completes(who) for who in people))
    await floor.check()
    assert len(await floor.frames("ReviewAssigned")) == len(
        {f["assignment"] for f in await floor.frames("ReviewAssigned")}
    )


async def _first_open(floor: Floor, who: object) -> object:
    query = select(assignment).where(assignment.c.employee_id == who, assignment.c.state == "open").limit(1)
    async with floor.db.transaction() as tx:
        return (await tx.conn.execute(query)).first()


async def test_a_replaced_dispatcher_writes_nothing(floor: Floor) -> None:
    await floor.employee("Ana")
    await floor.file()
    assert await lease.acquire(floor.db, floor.lease, "another", 0) is not None
    with pytest.raises(LeaseLost):
        await floor.wake()
    assert await floor.frames("review_assigned") == []


async def test_rules_come_from_the_settings(floor: Floor) -> None:
    floor.rules = Rules(sla_seconds=60, sla_warning_seconds=20)
    ana = await floor.employee("Ana")
    await floor.file()
    await floor.settle()
    mine = await floor.open_of(ana)
    assert mine.deadline_at - mine.warn_at == timedelta(seconds=20)


async def test_snoozed_comes_back_with_its_age(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    filed = await floor.file()
    await floor.settle()
    held = await floor.ack(ana)
    async with floor.db.transaction() as tx:
        until = (await tx.conn.execute(select(func.clock_timestamp() + timedelta(hours=1)))).scalar_one()
        await service.snooze(tx, employee_id=ana, review_id=filed.id, assignment_id=held.id, until=until, reason="-")
    assert await floor.settle() == []
    assert (await floor.review(filed.id)).state == "snoozed"
    async with floor.db.transaction() as tx:
        await tx.conn.execute(update(review).values(snoozed_until=func.clock_timestamp()))
    await floor.settle()
    assert (await floor.open_of(ana)).review_id == filed.id
    assert (await floor.review(filed.id)).queued_at == filed.queued_at
    await floor.check()


async def test_a_quick_wake_gives_out_what_waits_and_knows_what_changed(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    await floor.wake()
    first, second = await floor.file("first"), await floor.file("second")
    assert (await floor.quick()).did == {"Assign": 1}
    held = await floor.ack(ana)
    assert held.review_id == first.id
    assert (await floor.quick()).did == {}
    async with floor.db.transaction() as tx:
        await service.complete(
            tx, employee_id=ana, review_id=first.id, assignment_id=held.id, verdict="reject", notes="no"
        )
    assert (await floor.quick()).did == {"Assign": 1}
    assert (await floor.open_of(ana)).review_id == second.id
    await floor.check()


async def test_a_person_who_changed_without_a_trace_gets_nothing_wrong(floor: Floor) -> None:
    ana, ben = await floor.employee("Ana"), await floor.employee("Ben")
    await floor.wake()
    async with floor.db.transaction() as tx:
        changed = update(employee).where(employee.c.user_id == ana)
        await tx.conn.execute(changed.values(availability="paused", changed_xid=employee.c.changed_xid))
    filed = await floor.file()
    assert (await floor.quick()).did == {"Assign": 1}
    assert await floor.open_of(ana) is None
    assert (await floor.review(filed.id)).state == "queued"
    assert (await floor.quick()).did == {"Assign": 1}
    assert (await floor.open_of(ben)).review_id == filed.id
    await floor.check()


async def test_a_wake_that_is_rolled_back_leaves_nothing_in_mind(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    await floor.wake()
    filed = await floor.file()

    async def broken() -> None:
        async with floor.db.direct() as tx:
            await quick(tx, floor.office, floor.roster)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await broken()
    floor.roster.forget()
    assert (await floor.quick()).did == {"Assign": 1}
    assert (await floor.open_of(ana)).review_id == filed.id


async def test_a_quick_wake_needs_the_lease(floor: Floor) -> None:
    await floor.employee("Ana")
    await floor.wake()
    filed = await floor.file()
    assert await lease.acquire(floor.db, floor.lease, "another", 0) is not None
    with pytest.raises(LeaseLost):
        await floor.quick()
    assert (await floor.review(filed.id)).state == "queued"
    await floor.check()
