"""More waits, or is due, than one wake takes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.dispatch.models import review_exclusion
from tests.dispatch.floor import Floor


async def test_more_that_is_due_than_a_wake_takes_waits_for_no_other_moment(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [await floor.employee(f"P{n}") for n in range(5)]
    for n in range(5):
        await floor.file(f"r{n}")
    await floor.settle()
    for who in people:
        await floor.ack(who)
    await floor.age(905)
    monkeypatch.setattr("app.dispatch.wake.BATCH", 2)
    woken = await floor.wake()
    assert woken.did == {"Warn": 2}
    assert woken.next_due is not None
    assert woken.next_due - woken.at <= timedelta(seconds=0.1)
    await floor.wake()
    assert (await floor.wake()).did == {"Warn": 1}
    last = (await floor.wake()).next_due
    assert last is not None
    assert last - woken.at > timedelta(seconds=200)


async def test_what_nobody_can_take_blocks_nobody(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.dispatch.wake.BATCH", 2)
    ana = await floor.employee("Ana", capacity=2)
    for _ in range(2):
        filed = await floor.file("missed")
        async with floor.db.transaction() as tx:
            row = {"review_id": filed.id, "employee_id": ana, "reason": "missed"}
            await tx.conn.execute(insert(review_exclusion), [row])
    behind = await floor.file("behind them")
    await floor.settle()
    assert (await floor.open_of(ana)).review_id == behind.id
