"""The open reviews in the order of their risk, by windows and filters; what stands still keeps its order."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, insert, update

from app.accounts import service as accounts
from app.dispatch import heartbeats
from app.dispatch import service as dispatch
from app.dispatch.heartbeats import Presence, Transition
from app.dispatch.models import assignment, employee, review, strike
from app.dispatch.orders import Order
from app.dispatch.policy.types import Rules
from app.dispatch.sla_board import Asked, Look
from app.errors import Conflict, Invalid
from app.platform.db import Database, Tx
from app.platform.ids import new_id

RULES = Rules()


async def _look(tx: Tx, presence: Presence | None = None) -> Look:
    return await dispatch.look(tx, presence, rules=RULES, ttl_seconds=35)


async def _titles(tx: Tx, start: int = 0, count: int = 50, **asked: Any) -> list[str]:
    window = await dispatch.window(tx, await _look(tx), Asked(**asked), start=start, count=count)
    return [one.review.title for one in window.reviews]


async def _person(tx: Tx, name: str, capacity: int = 20) -> UUID:
    mail = f"{name.split()[0].lower()}.{new_id().hex[-6:]}@cabrank.test"
    return await dispatch.add_employee(tx, actor=None, email=mail, password="a sentence", name=name, capacity=capacity)


async def _held(tx: Tx, ada: UUID, title: str, left: float) -> UUID:
    """A review of hers with so many minutes left on its clock."""
    filed = await dispatch.file_review(tx, kind="question", title=title)
    given = await dispatch.assign(tx, filed.id, actor=ada, employee_id=ada, rules=RULES, ignore_capacity=True)
    ends = func.clock_timestamp() + timedelta(minutes=left)
    values = {"deadline_at": ends, "warn_at": ends - timedelta(minutes=5)}
    values["grace_at"] = values["assigned_at"] = func.clock_timestamp() - timedelta(minutes=20)
    await tx.conn.execute(update(assignment).where(assignment.c.id == given.id).values(values))
    return filed.id


async def _queued(tx: Tx, title: str, minutes: float, **values: Any) -> UUID:
    filed = await dispatch.file_review(tx, kind="question", title=title)
    values |= {"queued_at": func.clock_timestamp() - timedelta(minutes=minutes)}
    await tx.conn.execute(update(review).where(review.c.id == filed.id).values(values))
    return filed.id


async def test_what_nobody_can_take_comes_before_clocks_and_clocks_before_the_queue(db: Database) -> None:
    async with db.transaction() as tx:
        ada = await _person(tx, "Ada King")
        await _queued(tx, "waits for the seeker", 90, state="waiting")
        await _queued(tx, "queued, older", 60)
        await _queued(tx, "queued, younger but wanted", 59, priority=1)
        await _held(tx, ada, "runs, much time", 15)
        await _held(tx, ada, "warned", 3)
        await _held(tx, ada, "runs, less time", 10)
        await _queued(tx, "stranded, younger", 5, stranded="all_away")
        await _queued(tx, "escalated, older", 30, state="escalated")
        ordered = await _titles(tx)
        assert ordered == [
            "escalated, older",
            "stranded, younger",
            "warned",
            "runs, less time",
            "runs, much time",
            "queued, younger but wanted",
            "queued, older",
            "waits for the seeker",
        ]
        (pool,) = [one.id for one in await dispatch.list_pools(tx)]
        assert await _titles(tx, pool=pool) == ordered, "what is filtered has the order of what is not"
        assert await _titles(tx, 2, 3) == ordered[2:5], "a window is by position"
        assert await _titles(tx, 99) == []
        past = await dispatch.window(tx, await _look(tx), Asked(state="assigned"), start=99, count=9)
        assert (past.reviews, past.total) == ([], 3)
        assert await _titles(tx, state="risk") == ordered[:3]
        assert await _titles(tx, state="assigned", person="ada") == ordered[2:5]
        assert await _titles(tx, person="Ada King #999") == []
        assert await _titles(tx, words="OLDER") == [ordered[0], ordered[6]]
        assert await _titles(tx, words="%") == [], "what is written is text, not a pattern"


async def test_clocks_that_stand_still_keep_their_order_and_none_of_them_turns(db: Database) -> None:
    async with db.transaction() as tx:
        ada = await _person(tx, "Ada King")
        await _held(tx, ada, "five minutes, and ten given back", 5)
        await dispatch.begin_incident(tx, actor=ada, reason="Mail is down")
    async with db.transaction() as tx:
        at = func.clock_timestamp() - timedelta(minutes=30)
        await tx.conn.exec_driver_sql("UPDATE incident SET started_at = clock_timestamp() - interval '10 min'")
        later = await dispatch.file_review(tx, kind="question", title="six minutes, given meanwhile")
        given = await dispatch.assign(tx, later.id, actor=ada, employee_id=ada, rules=RULES, ignore_capacity=True)
        ends = func.clock_timestamp() + timedelta(minutes=6)
        values = {"deadline_at": ends, "warn_at": ends - timedelta(minutes=5), "grace_at": at}
        await tx.conn.execute(update(assignment).where(assignment.c.id == given.id).values(values))
    async with db.transaction() as tx:
        # fifteen minutes were left of the first when the clocks stopped; of the other six are
        assert await _titles(tx) == ["six minutes, given meanwhile", "five minutes, and ten given back"]
        assert await _titles(tx, state="risk") == []
        await dispatch.end_incident(tx, actor=ada, rules=RULES)


async def test_an_order_says_what_it_does_and_refuses_who_looked_too_early(db: Database) -> None:
    async with db.transaction() as tx:
        ada, bo = await _person(tx, "Ada King", capacity=1), await _person(tx, "Bo Lund")
        held = await _held(tx, ada, "held", 10)
        queued = await _queued(tx, "queued", 5)
        waiting = await _queued(tx, "waiting", 5, state="waiting")
    async with db.transaction() as tx:
        to_bo = Order(act="give", reason="why", employee=bo, ignore_capacity=True)
        planned = await dispatch.plan_order(tx, to_bo, [held, queued, waiting])
        assert [(one.refused, one.does) for one in planned] == [
            (False, "Is taken from Ada King and goes to Bo Lund (1 of 20), with a new clock."),
            (False, "Goes to Bo Lund (2 of 20), with a new clock."),
            (True, "It is waiting; only who has it, or an answer, moves it."),
        ]
        (to_ada,) = await dispatch.plan_order(tx, Order(act="give", reason="why", employee=ada), [queued])
        assert (to_ada.refused, to_ada.does) == (True, "Ada King is paused.")
        with pytest.raises(Invalid):
            await dispatch.plan_order(tx, Order(act="revoke", reason=" "), [held])
        with pytest.raises(Invalid, match="At most 200"):
            await dispatch.plan_order(tx, Order(act="revoke", reason="why"), [held] * 201)
        given: dict[str, Any] = {"actor": ada, "rules": RULES}
        with pytest.raises(Conflict, match="Ada King got it at"):
            await dispatch.carry_out_order(tx, to_bo, held, None, **given)
        await dispatch.carry_out_order(tx, to_bo, held, planned[0].assignment, **given)
        with pytest.raises(Conflict, match="Bo Lund got it at"):
            await dispatch.carry_out_order(tx, to_bo, held, planned[0].assignment, **given)
        with pytest.raises(Conflict, match="Nobody has it any more: it is queued"):
            await dispatch.carry_out_order(tx, to_bo, queued, planned[0].assignment, **given)


async def test_the_wall_has_those_in_line_first_and_the_watched_are_locked_or_warned(db: Database) -> None:
    async with db.transaction() as tx:
        ada, bo, cy = [await _person(tx, name, capacity=1) for name in ("Ada King", "Bo Lund", "Cy Moss")]
        for n, (who, strikes) in enumerate([(ada, 3), (bo, 2), (cy, 0)]):
            for one in range(strikes):
                filed = await _held(tx, who, f"missed {n} {one}", -1)
                (held,) = [work.assignment for work in await dispatch.reviews_of(tx, who)]
                values = {"state": "missed", "closed_at": func.clock_timestamp(), "closed_reason": "missed"}
                await tx.conn.execute(update(assignment).where(assignment.c.id == held.id).values(values))
                await tx.conn.execute(update(review).where(review.c.id == filed).values(state="queued"))
                await tx.conn.execute(update(employee).values(active=0, overrides=0))
                row = {"id": new_id(), "employee_id": who, "assignment_id": held.id, "level": "noted", "count": one + 1}
                await tx.conn.execute(insert(strike).values(row))
        await dispatch.lock(tx, cy, actor=ada, reason="lost laptop")
    async with db.transaction() as tx:
        look = await _look(tx)
        watched = await dispatch.watched(tx, look)
        assert [(one.seat.name, one.seat.strikes, one.seat.state) for one in watched] == [
            ("Ada King", 3, "Unknown"),
            ("Cy Moss", 0, "Locked"),
        ]
        roll = await dispatch.roll(tx, look, start=0, count=2)
        assert (roll.total, [one.seat.name for one in roll.people]) == (3, ["Cy Moss", "Ada King"])
        assert roll.people[1].last_missed_at is not None
        assert [one.seat.name for one in (await dispatch.roll(tx, look, words="lund", start=0, count=9)).people] == [
            "Bo Lund"
        ]
        standing = await dispatch.standing(tx, look)
        assert (standing.strikes, standing.states) == (5, {"Unknown": 2, "Locked": 1})
        with pytest.raises(Invalid):
            await dispatch.find_employee(tx, "Nobody")
        assert await dispatch.find_employee(tx, "bo lund") == bo


async def test_the_wall_and_its_counts_know_the_states_that_each_seat_has(db: Database, redis: Redis) -> None:
    """The order and the counts are made in SQL, each seat's state in Python: they never differ."""
    async with db.transaction() as tx:
        ids = {}
        for place, name in enumerate(("Full Away", "Full Here", "Kept Here", "Lock Here", "Next Here", "Paus Here")):
            ids[name] = await _person(tx, name, capacity=1)
            changes = {"active": int(name.startswith("Full")), "last_assigned_at": func.now() - timedelta(hours=place)}
            await tx.conn.execute(update(employee).where(employee.c.user_id == ids[name]).values(changes))
        await dispatch.set_availability(tx, ids["Paus Here"], "paused", "lunch")
        for name, who in ids.items():
            if not name.startswith("Paus"):
                await dispatch.set_availability(tx, who, "available")
        await accounts.lock(tx, ids["Lock Here"], actor=None, reason="-")
    await heartbeats.presence(redis)
    here = [Transition(name, who, "open") for name, who in ids.items() if name.endswith("Here")]
    await heartbeats.beat(redis, "web:1", here, full=True)
    for since, absent in ((1, "Offline"), (None, "Unknown")):
        if since:
            await redis.set("{presence}:since", since)
        seen = await heartbeats.presence(redis) if since else None
        async with db.transaction() as tx:
            look = await _look(tx, seen)
            wall = await dispatch.roll(tx, look, start=0, count=50)
            counts = (await dispatch.standing(tx, look)).states
        assert dict(Counter(one.seat.state for one in wall.people)) == counts == wall.states
        assert counts[absent] == (1 if since else 5)
        if since:
            assert [(one.seat.name, one.place) for one in wall.people] == [
                ("Next Here", 1), ("Kept Here", 2), ("Full Here", 0), ("Paus Here", 0), ("Lock Here", 0),
                ("Full Away", 0),
            ]  # fmt: skip
            assert wall.next_up == ["Next Here", "Kept Here"]


async def test_the_wall_is_searched_and_read_by_windows(db: Database) -> None:
    async with db.transaction() as tx:
        for name in ("Ada King", "Ben Straße", "Caro Strass"):
            await _person(tx, name)
        number = (await dispatch.list_employees(tx))[2].number

        async def shown(**asked: Any) -> tuple[list[str], int]:
            told = {"words": "", "start": 0, "count": 50} | asked
            found = await dispatch.roll(tx, await _look(tx), **told)
            return [one.seat.name for one in found.people], found.total

        assert await shown(words="STRA") == (["Ben Straße", "Caro Strass"], 2)
        assert await shown(words=f"#{number}") == (["Caro Strass"], 1)
        assert await shown(words="100%_") == ([], 0)
        assert await shown(start=1, count=1) == (["Ben Straße"], 3)
        assert await shown(start=9) == ([], 3)
