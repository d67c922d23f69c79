"""Late and stranded reviews: told once, shown while it lasts, decided by the database's clock."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, text, update

from app.dispatch import service
from app.dispatch.models import pool, review, review_alert
from app.dispatch.store import alerts, reviews
from tests.dispatch.floor import Floor


async def target(floor: Floor, seconds: int | None) -> None:
    boss, general = await floor.user(f"Boss{seconds}", "supervisor"), await floor.general()
    async with floor.db.transaction() as tx:
        await service.change_pool(tx, general, actor=boss, target_seconds=seconds)


async def waited(floor: Floor, review_id: UUID, seconds: float) -> None:
    async with floor.db.transaction() as tx:
        values = {"queued_at": func.clock_timestamp() - timedelta(seconds=seconds)}
        await tx.conn.execute(update(review).where(review.c.id == review_id).values(values))


async def up(floor: Floor) -> dict[str, bool]:
    """Every alert there was, and whether it lasts."""
    async with floor.db.transaction() as tx:
        rows = await tx.conn.execute(select(review_alert.c.kind, review_alert.c.over_at))
        return {row.kind: row.over_at is None for row in rows}


async def test_a_late_review_is_told_once_and_cleared_when_it_is_given(floor: Floor) -> None:
    await target(floor, 600)
    filed, young = await floor.file("old"), await floor.file("young")
    await waited(floor, filed.id, 599)
    await floor.settle()
    assert await floor.frames("review_late") == []
    await waited(floor, filed.id, 601)
    await floor.settle()
    await floor.wake()
    (frame,) = await floor.frames("review_late", f"pool:{await floor.general()}")
    assert (frame["review"], frame["title"]) == (str(filed.id), "old")
    (event,) = await floor.frames("ReviewLate")
    assert event["pool"] == str(await floor.general())
    assert "title" not in event
    assert (await floor.review(filed.id)).late_at is not None
    assert (await floor.review(young.id)).late_at is None
    async with floor.db.transaction() as tx:
        board = await service.board(tx)
    assert (board.pools[0].late, board.pools[0].target_seconds) == (1, 600)
    assert [line.review.id for line in board.reviews if line.review.late_at] == [filed.id]
    async with floor.db.transaction() as tx, tx.conn.begin_nested() as tried:
        elsewhere = "UPDATE review SET state = 'escalated', stranded = NULL, stranded_at = NULL WHERE id = :id"
        await tx.conn.execute(text(elsewhere), {"id": filed.id})
        (general,) = (await service.board(tx)).pools
        assert (general.open, general.escalated, general.late) == (2, 1, 0), "what isn't in line is not late"
        await tried.rollback()

    ana = await floor.employee("Ana")
    await floor.settle()
    assert (await floor.open_of(ana)).review_id == filed.id
    assert (await up(floor))["late"] is False
    assert (await floor.review(filed.id)).late_at is None

    async with floor.db.transaction() as tx:  # back in the queue: shown again, not told again
        await service.revoke(tx, filed.id, actor=ana, reason="drill")
    await floor.settle()
    assert (await up(floor))["late"] is True
    assert len(await floor.frames("review_late")) == 1


async def test_a_stranded_review_is_told_once_and_cleared(floor: Floor) -> None:
    filed = await floor.file()
    await floor.settle()
    await floor.wake()
    (frame,) = await floor.frames("review_stranded", f"pool:{await floor.general()}")
    assert (frame["review"], frame["reason"]) == (str(filed.id), "nobody")
    assert len(await floor.frames("ReviewStranded")) == 1
    assert await up(floor) == {"stranded": True}
    await floor.employee("Ana")
    await floor.settle()
    await floor.wake()
    assert await up(floor) == {"stranded": False}


async def test_what_is_given_out_by_hand_at_that_moment_keeps_no_wake_waiting(floor: Floor) -> None:
    ana, general = await floor.employee("Ana", here=False), await floor.general()
    async with floor.db.transaction() as tx:
        await service.pause_pool(tx, general, actor=ana, paused=True)
    filed = await floor.file()
    await floor.settle()
    async with floor.db.transaction() as tx:
        await tx.conn.execute(update(review).values(alarm_at=None))  # as where it was stranded outside the pool's hours
        await service.pause_pool(tx, general, actor=ana, paused=False)
    async with floor.db.transaction() as tx:
        await reviews.get(tx, filed.id, lock=True)
        await asyncio.wait_for(floor.wake(), 3)
    await floor.settle()
    assert (await floor.review(filed.id)).stranded == "all_away"
    assert (await floor.review(filed.id)).alarm_at is not None


async def test_another_target_says_anew_what_is_late(floor: Floor) -> None:
    await target(floor, 60)
    filed = await floor.file()
    await waited(floor, filed.id, 90)
    await floor.settle()
    assert (await floor.review(filed.id)).late_at is not None
    await target(floor, 120)
    await floor.settle()
    assert (await floor.review(filed.id)).late_at is None
    assert (await up(floor))["late"] is False
    await target(floor, None)
    await waited(floor, filed.id, 9000)
    await floor.settle()
    assert (await floor.review(filed.id)).late_at is None


async def test_what_ends_is_over(floor: Floor) -> None:
    await target(floor, 60)
    filed = await floor.file()
    await waited(floor, filed.id, 90)
    await floor.settle()
    async with floor.db.transaction() as tx:
        await service.cancel(tx, filed.id, reason="withdrawn")
    await floor.wake()
    assert await up(floor) == {"late": False, "stranded": False}


async def test_a_wake_looks_only_at_what_is_due(floor: Floor) -> None:
    """By the plan: 20,000 young reviews and 20,000 that have been told cost no row's look."""
    await target(floor, 600)
    general = await floor.general()
    many = (
        "INSERT INTO review (id, pool_id, kind, size, title, queued_at, late_at)"
        " SELECT gen_random_uuid(), :pool, 'question', 'small', 'x', clock_timestamp() - make_interval(secs => :age),"
        " CASE WHEN :late THEN clock_timestamp() END FROM generate_series(1, 20000)"
    )
    async with floor.db.transaction() as tx:
        for age, late in ((1, False), (9000, True)):
            await tx.conn.execute(text(many), {"pool": general, "age": age, "late": late})
    async with floor.db.transaction() as tx:
        await tx.conn.execute(text("ANALYZE review"))
        conn = await tx.driver()
        found = await conn.fetchval("EXPLAIN (ANALYZE, FORMAT JSON) " + alerts._LATE, [general], alerts.MOST, column=0)
        cleared = await conn.fetchval(
            "EXPLAIN (ANALYZE, FORMAT JSON) " + alerts._OVER, [general], alerts.MOST, column=0
        )
        assert (await tx.conn.execute(select(pool.c.target_seconds))).scalar_one() == 600
    for plan in (found, cleared):
        assert _rows_looked_at(plan[0]["Plan"]) < 50, plan


def _rows_looked_at(node: dict[str, object]) -> int:
    scanned = 0
    if node.get("Relation Name") == "review":
        removed = int(str(node.get("Rows Removed by Filter", 0)).split(".")[0])
        scanned = int(float(str(node["Actual Rows"])) * float(str(node["Actual Loops"]))) + removed
    plans = node.get("Plans", [])
    assert isinstance(plans, list)
    return scanned + sum(_rows_looked_at(child) for child in plans)
