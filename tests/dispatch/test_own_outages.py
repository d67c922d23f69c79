"""Whose web process fell silent, and what that gives back to them alone."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert as pg_insert

from app.dispatch import heartbeats
from app.dispatch.heartbeats import Transition
from app.platform.beats import process_beat
from tests.dispatch.floor import Floor


async def _web(floor: Floor, instance: str, ago: float) -> None:
    """The process's last sign of life, so many seconds ago."""
    at = func.clock_timestamp() - timedelta(seconds=ago)
    async with floor.db.transaction() as tx:
        fresh = pg_insert(process_beat).values(component="web", instance=instance, beat_at=at)
        await tx.conn.execute(
            fresh.on_conflict_do_update(index_elements=["component", "instance"], set_={"beat_at": at})
        )


async def test_nothing_runs_out_before_the_persons_own_process_is_known_to_have_run(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    await floor.file()
    await floor.settle()
    await floor.ack(ana)
    await _web(floor, "web", 0)
    await _web(floor, "other", 0)
    await floor.age(1201)
    await _web(floor, "web", 3)
    woken = await floor.wake()
    assert "Miss" not in woken.did
    assert woken.next_due is not None
    assert (woken.next_due - woken.at).total_seconds() < 0.2
    await _web(floor, "web", 0)
    assert (await floor.wake()).did == {"Miss": 1}
    await floor.check()


async def test_the_silence_of_ones_own_process_sets_ones_own_clock_back(floor: Floor) -> None:
    ana, ben = await floor.employee("Ana"), await floor.employee("Ben")
    await heartbeats.beat(floor.redis, "other:1", [Transition("b2", ben, "open")], full=True)
    await heartbeats.beat(floor.redis, "web:1", [Transition(f"c{ben}", ben, "closed")])
    await floor.file("one")
    await floor.file("two")
    await floor.settle()
    await floor.ack(ana)
    await floor.ack(ben)
    await floor.age(60)
    mine, his = await floor.open_of(ana), await floor.open_of(ben)
    await _web(floor, "web", 20)
    await _web(floor, "other", 0)
    await floor.wake()
    assert (await floor.open_of(ana)).deadline_at == mine.deadline_at  # it lasts
    await _web(floor, "web", 0)
    await floor.wake()
    given = (await floor.open_of(ana)).deadline_at - mine.deadline_at
    assert 19 < given.total_seconds() < 22
    assert (await floor.open_of(ben)).deadline_at == his.deadline_at
    (frame,) = await floor.frames("review_deadline_changed", f"user:{ana}")
    assert frame["why"] == "outage"
    await floor.wake()
    assert (await floor.open_of(ana)).deadline_at - mine.deadline_at == given
    await floor.check()


async def _dies(floor: Floor, ago: float) -> None:
    """Ana's web process was killed so long ago, and she has not come back; another one lives."""
    await _web(floor, "web", ago)
    await _web(floor, "other", 0)
    await floor.redis.zincrby("{presence}:processes", -1000 * ago, "web:1")


async def test_whoever_never_comes_back_from_a_dead_process_holds_nothing_for_ever(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    filed = await floor.file()
    await floor.settle()
    await floor.ack(ana)
    await floor.age(1300)
    await _dies(floor, 150)  # her end was fifty seconds after it
    await floor.wake(await floor.presence())
    assert (await floor.review(filed.id)).misses == 1
    await floor.check()


async def test_what_never_arrived_for_a_dead_process_goes_to_the_next(floor: Floor) -> None:
    ana = await floor.employee("Ana")
    filed = await floor.file()
    await floor.settle()
    await floor.age(35)
    await _dies(floor, 40)
    assert (await floor.wake(await floor.presence())).did == {"TakeBack": 1}
    assert (await floor.person(ana)).active == 0
    assert (await floor.review(filed.id)).state == "queued"
    await floor.check()
