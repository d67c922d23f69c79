"""Where the clock, a fault and an act meet: who wasn't to blame pays nothing, who was gets no second go."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, update

from app.accounts import audit
from app.accounts import service as accounts
from app.dispatch import service
from app.dispatch.models import assignment, outage, strike
from app.dispatch.store.reviews import lock_assignment
from app.platform.beats import process_beat
from app.web.pages.desk_views import evidence
from tests.dispatch.floor import Floor


async def holds(floor: Floor, *, capacity: int = 1, reviews: int = 1) -> UUID:
    """Ana with so many that have arrived."""
    ana = await floor.employee("Ana", capacity=capacity)
    for n in range(reviews):
        await floor.file(f"r{n}")
    await floor.settle()
    for row in await open_of(floor, ana):
        async with floor.db.transaction() as tx:
            assert await service.ack(tx, ana, row.id)
    return ana


async def open_of(floor: Floor, who: UUID) -> list[Any]:
    query = select(assignment).where(assignment.c.employee_id == who, assignment.c.state == "open")
    async with floor.db.transaction() as tx:
        return list((await tx.conn.execute(query.order_by(assignment.c.id))).all())


async def strikes(floor: Floor) -> list[Any]:
    async with floor.db.transaction() as tx:
        return list((await tx.conn.execute(select(strike).order_by(strike.c.at))).all())


async def let_go(floor: Floor, who: UUID, held: Any) -> None:
    ids = {"employee_id": who, "review_id": held.review_id, "assignment_id": held.id}
    async with floor.db.transaction() as tx:
        await service.release(tx, **ids, reason="-", rules=floor.rules)


async def test_who_is_locked_by_letting_go_waits_for_no_other_act_of_theirs(floor: Floor) -> None:
    """Two that let go of the last strike's worth at once would each wait for what the other holds."""
    ana = await holds(floor, capacity=6, reviews=6)
    await floor.age(950)
    *early, last, other, _ = await open_of(floor, ana)
    for held in early:
        await let_go(floor, ana, held)
    async with floor.db.transaction() as tx:
        assert await lock_assignment(tx, other.id)
        async with asyncio.timeout(5):
            await let_go(floor, ana, last)
        assert [row.id for row in await open_of(floor, ana)] == [other.id]
    await floor.settle()
    assert await open_of(floor, ana) == []
    assert len(await strikes(floor)) == 4
    await floor.check()


async def test_after_the_lock_what_else_was_due_costs_nothing(floor: Floor) -> None:
    ana = await holds(floor, capacity=6, reviews=6)
    await floor.age(1201)
    await floor.wake()
    assert [row.level for row in await strikes(floor)] == ["noted", "noted", "warning", "violation"]
    async with floor.db.transaction() as tx:
        states = await tx.conn.execute(select(assignment.c.closed_reason, func.count()).group_by("closed_reason"))
        assert dict(states.all()) == {"missed": 4, "locked": 2}
    assert (await floor.person(ana)).active == 0
    await floor.check()


async def test_who_declined_and_then_missed_it_has_missed_it(floor: Floor) -> None:
    ana = await holds(floor)
    boss = await floor.user("Boss", "supervisor")
    (held,) = await open_of(floor, ana)
    ids = {"employee_id": ana, "review_id": held.review_id, "assignment_id": held.id}
    async with floor.db.transaction() as tx:
        await service.decline(tx, **ids, reason="-", rules=floor.rules)
        await service.assign(tx, held.review_id, actor=boss, employee_id=ana, rules=floor.rules)
    await floor.ack(ana)
    await floor.age(1201)
    await floor.settle()
    assert (await floor.review(held.review_id)).misses == 1
    assert (await floor.review(held.review_id)).stranded == "all_excluded"
    await floor.settle()  # the decline would have lapsed; the miss doesn't
    assert await floor.open_of(ana) is None
    await floor.check()


async def test_an_absence_from_before_a_flush_counts_from_the_flush(floor: Floor) -> None:
    ana = await holds(floor)
    await floor.age(950)
    await floor.settle()  # warned: her own disconnection would now be a miss
    await floor.leave(ana)
    await floor.redis.flushall()
    await floor.presence()
    since = int(await floor.redis.get("{presence}:since") or 0)
    await floor.redis.set("{presence}:since", since - 60_000)  # known again for a minute, three are the grace
    assert (await floor.presence()).of(ana, 35) == "offline"
    assert (await floor.wake()).did == {}
    assert await floor.open_of(ana) is not None
    await floor.redis.set("{presence}:since", since - 200_000)
    assert (await floor.wake()).did == {"Miss": 1}


async def test_what_ended_within_an_outage_over_a_shorter_one_gets_all_of_it(floor: Floor) -> None:
    ana = await holds(floor)
    await floor.age(1100)
    (before,) = await open_of(floor, ana)
    async with floor.db.transaction() as tx:
        now = (await tx.conn.execute(select(func.clock_timestamp()))).scalar_one()
        # The long one lasts still; the short one lies after the deadline that was.
        await tx.conn.execute(insert(process_beat).values(component="web", instance="w", beat_at=now))
        rows = [("web", 150, None), ("valkey", 30, 10)]
        values = [{"group_id": floor.group, "component": name, "started_at": now - timedelta(seconds=a),
                   "ended_at": None if b is None else now - timedelta(seconds=b)} for name, a, b in rows]  # fmt: skip
        for one in values:
            await tx.conn.execute(insert(outage).values(one))
        await tx.conn.execute(update(assignment).values(deadline_at=now - timedelta(seconds=50)))
        await tx.conn.execute(update(assignment).values(warn_at=now - timedelta(seconds=350)))
    await floor.wake()
    (after,) = await open_of(floor, ana)
    assert timedelta(seconds=99) < after.deadline_at - now < timedelta(seconds=102)
    assert after.id == before.id
    await floor.check()


@pytest.mark.parametrize(("silence", "struck"), [(10, 0), (2, 1)])
async def test_letting_go_while_the_dispatcher_is_silent_costs_nothing(floor: Floor, silence: int, struck: int) -> None:
    ana = await holds(floor)
    await floor.age(950)
    await floor.settle()
    await floor.silence(silence)
    (held,) = await open_of(floor, ana)
    await let_go(floor, ana, held)
    assert len(await strikes(floor)) == struck
    await floor.check()


async def test_a_strike_within_what_turns_out_an_outage_is_voided(floor: Floor) -> None:
    """Two seconds of silence are none; when it has become ten, they were."""
    ana = await holds(floor)
    await floor.age(950)
    await floor.settle()
    await floor.silence(2)
    (held,) = await open_of(floor, ana)
    await let_go(floor, ana, held)
    async with floor.db.transaction() as tx:
        (mine,) = await service.strikes_of(tx, ana)
        await service.appeal(tx, ana, mine.id, "You were away.")
    await floor.silence(10)
    await floor.wake()
    (row,) = await strikes(floor)
    assert row.voided_at is not None
    async with floor.db.transaction() as tx:
        (mine,) = await service.strikes_of(tx, ana)
        assert (mine.counts, mine.appeal.decision) == (False, "void")
    assert len(await floor.frames("strike_decided", f"user:{ana}")) == 1
    await floor.check()


async def test_a_deadline_in_the_seconds_before_the_web_was_known_dead_is_voided(floor: Floor) -> None:
    ana = await holds(floor)
    await floor.age(1201)
    await floor.settle()
    assert len(await strikes(floor)) == 1
    async with floor.db.transaction() as tx:
        late = func.clock_timestamp() - timedelta(seconds=7)
        await tx.conn.execute(insert(process_beat).values(component="web", instance="w", beat_at=late))
    await floor.wake()
    (row,) = await strikes(floor)
    assert row.voided_at is not None
    assert (await floor.person(ana)).active == 0
    await floor.check()


async def test_a_paused_pool_gives_out_nothing_from_that_moment_on(floor: Floor) -> None:
    ana, boss = await floor.employee("Ana"), await floor.user("Boss", "supervisor")
    await floor.wake()
    await floor.file()
    async with floor.db.transaction() as tx:
        await service.pause_pool(tx, await floor.general(), actor=boss, paused=True)
    assert (await floor.quick()).did == {}
    assert await floor.open_of(ana) is None
    async with floor.db.transaction() as tx:
        await service.pause_pool(tx, await floor.general(), actor=boss, paused=False)
    await floor.settle()
    assert await floor.open_of(ana) is not None


async def test_a_strike_that_a_supervisor_voids_at_that_very_moment_stops_no_wake(floor: Floor) -> None:
    await holds(floor)
    await floor.age(1201)
    await floor.wake()
    boss, (struck,) = await floor.user("Boss", "supervisor"), await strikes(floor)
    await floor.silence(60)  # our fault, as is known now
    async with floor.db.transaction() as tx:
        await service.void(tx, struck.id, actor=boss, reason="we were down")
        waking = asyncio.create_task(floor.wake())
        await asyncio.sleep(0.3)  # it looks for what is to be made good
    await waking
    assert [row.void_reason for row in await strikes(floor)] == ["we were down"]


async def test_two_who_void_the_same_hours_void_each_strike_once(floor: Floor) -> None:
    await holds(floor, capacity=3, reviews=3)
    await floor.age(1201)
    await floor.wake()
    boss, start = await floor.user("Boss", "supervisor"), min(row.at for row in await strikes(floor))

    async def void() -> int:
        async with floor.db.transaction() as tx:
            done = await service.void_interval(tx, start, start + timedelta(hours=1), actor=boss, reason="down")
            await asyncio.sleep(0.2)
        return done

    assert sorted(await asyncio.gather(void(), void())) == [0, 3]


async def _four_strikes_in_two_silent_seconds(floor: Floor) -> UUID:
    ana = await holds(floor, capacity=4, reviews=4)
    await floor.age(950)
    await floor.settle()
    await floor.silence(2)
    for held in await open_of(floor, ana):
        await let_go(floor, ana, held)
    assert (await account(floor, ana)).locked_at is not None
    return ana


async def account(floor: Floor, who: UUID) -> Any:
    async with floor.db.transaction() as tx:
        return await accounts.get_user(tx, who)


async def test_a_lock_that_was_our_fault_is_undone(floor: Floor) -> None:
    ana = await _four_strikes_in_two_silent_seconds(floor)
    await floor.silence(10)
    await floor.wake()
    assert [row.voided_at is not None for row in await strikes(floor)] == [True] * 4
    assert (await account(floor, ana)).locked_at is None
    (told,) = await floor.frames("account_unlocked", f"user:{ana}")
    assert "our fault" in told["reason"]
    async with floor.db.transaction() as tx:
        (line, *_) = [one for one in await audit.entries(tx) if one.action == "user.unlock"]
        assert line.actor_id is None
        await service.set_availability(tx, ana, "available")
    await floor.file("r5")
    assert (await floor.wake()).did == {"Assign": 1}
    await floor.check()


async def test_a_lock_by_hand_stays(floor: Floor) -> None:
    boss = await floor.user("Boss", "supervisor")
    ana = await _four_strikes_in_two_silent_seconds(floor)
    async with floor.db.transaction() as tx:
        assert await service.unlock(tx, ana, actor=boss, reason="-")
        assert await service.lock(tx, ana, actor=boss, reason="something else")
    await floor.silence(10)
    await floor.wake()
    assert (await account(floor, ana)).locked_at is not None


async def test_the_board_shows_our_outages_and_a_strike_says_which_there_were(floor: Floor) -> None:
    ana = await holds(floor)
    await floor.age(600)
    await floor.silence(60)
    await floor.wake()
    await floor.age(700)
    async with floor.db.transaction() as tx:
        back = timedelta(seconds=700)
        moved = {"started_at": outage.c.started_at - back, "ended_at": outage.c.ended_at - back}
        await tx.conn.execute(update(outage).values(moved))
    await floor.wake()
    async with floor.db.transaction() as tx:
        (outage_shown,) = (await service.board(tx)).outages
        (struck,) = await service.strikes_of(tx, ana)
    assert outage_shown.component == "dispatcher"
    assert outage_shown.end is not None
    (told,) = struck.evidence["outages"]
    assert (told["component"], struck.evidence["presence"]) == ("dispatcher", "assignable")
    said = evidence(struck)
    assert "Connected at its end." in said
    assert f"We were down {outage_shown.start:%H:%M:%S} UTC to {outage_shown.end:%H:%M:%S} UTC" in said
