"""A person belongs to one group at a time, whatever moves them and whoever dispatches meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select, text, update

from app.accounts import audit
from app.config import Settings
from app.dispatch import service
from app.dispatch.models import assignment, employee, pool, pool_group
from app.dispatch.policy.types import Rules
from app.dispatch.roster import Roster
from app.dispatch.store import effects, ledger
from app.errors import AppError, Conflict, Invalid
from app.platform import lease
from app.platform.db import Database
from tests.dispatch.floor import TTL, Floor
from tests.dispatch.test_dispatcher import reporting, running, until
from tests.dispatch.test_own_outages import _web as web_beat

# Fires on the row that would give a person work of a group that isn't theirs at that moment.
GUARD = (
    """
CREATE FUNCTION one_group() RETURNS trigger AS $$ BEGIN
  IF (SELECT e.home_group FROM employee e WHERE e.user_id = NEW.employee_id)
     <> (SELECT p.group_id FROM review r JOIN pool p ON p.id = r.pool_id WHERE r.id = NEW.review_id)
  THEN INSERT INTO crossed VALUES (NEW.id); END IF; RETURN NEW; END $$ LANGUAGE plpgsql
""",
    "CREATE TABLE crossed (id uuid)",
    "CREATE TRIGGER one_group BEFORE INSERT ON assignment FOR EACH ROW EXECUTE FUNCTION one_group()",
)


class Two:
    """The floor's own group, and another with a pool `Law` and a dispatcher of its own."""

    def __init__(self, floor: Floor) -> None:
        self.here, self.there = floor, Floor(floor.db, floor.redis, Rules())
        self.boss = floor.group

    async def open(self) -> Two:
        self.boss = await self.here.user("Boss", "supervisor")
        async with self.here.db.transaction() as tx:
            await service.add_pool(tx, actor=self.boss, name="Law", group="Law people")
            query = select(pool_group.c.id).where(pool_group.c.name == "Law people")
            self.there.group = (await tx.conn.execute(query)).scalar_one()
        self.there.roster = Roster(self.there.group, TTL)
        self.there.epoch = await lease.acquire(self.there.db, self.there.lease, "test", 60) or 0
        return self

    async def lend(self, who: UUID, *pools: str, seconds: float | None = 600) -> None:
        async with self.here.db.transaction() as tx:
            until = None if seconds is None else await service.database_time(tx) + timedelta(seconds=seconds)
            await service.change_employee(tx, who, actor=self.boss, pools=list(pools), until=until)

    async def over(self, seconds: float = -1) -> None:
        """The loans' time has passed, or will in so many seconds."""
        values = {"lent_until": func.clock_timestamp() + timedelta(seconds=seconds)}
        async with self.here.db.transaction() as tx:
            await tx.conn.execute(update(employee).where(employee.c.lent_until.is_not(None)).values(values))


@pytest.fixture
async def two(floor: Floor) -> Two:
    return await Two(floor).open()


async def test_a_loan_moves_a_person_and_they_come_back_by_themselves(two: Two) -> None:
    ana = await two.here.employee("Ana", capacity=2)
    await two.here.settle()
    await two.lend(ana, "Law")
    mine, theirs = await two.here.file("here"), await two.here.file("there", pool="Law")
    await two.here.quick()  # it hasn't looked at its people since
    assert (await two.here.review(mine.id)).state == "queued"
    await two.here.settle()
    assert (await two.here.review(mine.id)).stranded == "nobody"
    await two.there.settle()
    assert (await two.here.review(theirs.id)).state == "assigned"

    async with two.here.db.transaction() as tx:
        seat = await service.seat_of(tx, ana, None)
        (row,) = await service.list_employees(tx)
    assert seat is not None
    assert (seat.lent_from, row.group, row.lent_from, row.pools) == ("general", "Law people", "general", ["Law"])

    await two.over()
    await two.there.settle()
    await two.here.settle()
    assert (await two.here.review(mine.id)).state == "assigned"
    async with two.here.db.transaction() as tx:
        (row,) = await service.list_employees(tx)
        told = [entry.action for entry in await audit.entries(tx, limit=10)]
    assert (row.group, row.lent_from, row.lent_until, row.pools) == ("general", None, None, ["general"])
    assert told[:2] == ["employee.return", "employee.lend"]
    assert len(await two.here.frames("message", f"user:{ana}")) == 2
    late = await two.here.file("there", pool="Law")
    await two.there.settle()
    assert (await two.here.review(late.id)).stranded == "nobody"
    await two.here.check()


async def test_back_by_hand_and_the_first_lender_is_remembered(two: Two) -> None:
    ana = await two.here.employee("Ana")
    async with two.here.db.transaction() as tx:
        await service.add_pool(tx, actor=two.boss, name="Ships", group="Harbour")
    await two.lend(ana, "Law")
    await two.lend(ana, "Ships")
    async with two.here.db.transaction() as tx:
        await service.bring_home(tx, ana, actor=two.boss, reason="needed here")
        (row,) = await service.list_employees(tx)
    assert (row.group, row.pools) == ("general", ["general"])
    with pytest.raises(AppError):
        async with two.here.db.transaction() as tx:
            await service.bring_home(tx, ana, actor=two.boss)


async def test_what_is_no_loan(two: Two) -> None:
    ana = await two.here.employee("Ana")
    for wrong in ({"pools": ("general",)}, {"pools": ("Law", "general")}, {"pools": ("Law",), "seconds": -5.0}):
        with pytest.raises(AppError):
            await two.lend(ana, *wrong["pools"], seconds=wrong.get("seconds", 600))  # type: ignore[misc,arg-type]  # mixed
    await two.lend(ana, "Law", seconds=None)  # for good
    async with two.here.db.transaction() as tx:
        (row,) = await service.list_employees(tx)
    assert (row.group, row.lent_from) == ("Law people", None)


async def test_a_new_person_belongs_to_one_group_too(two: Two) -> None:
    new = {"email": "new@x.test", "password": "correct horse battery", "name": "New"}
    with pytest.raises(Invalid):
        async with two.here.db.transaction() as tx:
            await service.add_employee(tx, actor=two.boss, pools=["general", "Law"], **new)  # type: ignore[arg-type]  # mixed


async def test_who_is_moved_and_changed_at_once_waits_for_a_wake_and_not_it_for_them(two: Two) -> None:
    ana, ben = await two.here.employee("Ana"), await two.here.employee("Ben")

    async def change() -> None:
        async with two.here.db.transaction() as tx:
            await service.change_employee(tx, ana, actor=two.boss, name="Anna", capacity=2, pools=["Law"])

    async with two.here.db.transaction() as tx:  # as a wake: the group's row, then the people's
        await ledger.wake(tx, two.here.group)
        changing = asyncio.create_task(change())
        await asyncio.sleep(0.3)
        await effects.hold(tx, [ana, ben])
    await changing
    assert (await two.here.person(ana)).capacity == 2


async def test_two_loops_never_give_one_person_work_of_both_groups(
    two: Two, settings: Settings, db: Database, redis: Redis
) -> None:
    people = [await two.here.employee(f"P{n}", capacity=3) for n in range(4)]
    async with db.transaction() as tx:
        for statement in GUARD:
            await tx.conn.execute(text(statement))
    for one in (two.here, two.there):
        await lease.release(db, one.lease, one.epoch)
    async with reporting(redis, *people), running(settings, db, redis):
        for turn in range(24):
            for n in range(3):
                await two.here.file(f"{turn}.{n}", pool=("general", "Law")[n % 2])
            who = people[turn % 4]
            async with db.transaction() as tx:
                on_loan = (await service.seat_of(tx, who, None)).lent_from  # type: ignore[union-attr]  # an employee
            if on_loan is None:
                await two.lend(who, "Law")
                if turn % 3 == 0:
                    await two.over(0.3)  # by hand: a loan so short may be over before a busy dispatcher lets it begin
            else:
                with contextlib.suppress(Conflict):  # the loan may have ended by itself since the look
                    async with db.transaction() as tx:
                        await service.bring_home(tx, who, actor=two.boss)
            await _finish_one(db)
            await asyncio.sleep(0.05)
    async with db.transaction() as tx:
        assert (await tx.conn.execute(text("SELECT count(*) FROM crossed"))).scalar_one() == 0
        groups = select(pool.c.group_id, func.count()).join(pool_group, pool_group.c.id == pool.c.group_id)
        both = await tx.conn.execute(
            text(
                "SELECT count(DISTINCT p.group_id) FROM assignment a JOIN review r ON r.id = a.review_id"
                " JOIN pool p ON p.id = r.pool_id"
            )
        )
        assert both.scalar_one() == 2, groups
    await two.here.check()


async def _finish_one(db: Database) -> None:
    async with db.transaction() as tx:
        query = select(assignment).where(assignment.c.state == "open").limit(1)
        held = (await tx.conn.execute(query)).first()
    if held is not None:
        async with db.transaction() as tx:
            try:
                await service.complete(
                    tx,
                    employee_id=held.employee_id,
                    review_id=held.review_id,
                    assignment_id=held.id,
                    verdict="approve",
                )
            except AppError:
                return


async def test_a_loan_ends_while_its_dispatcher_runs(two: Two, settings: Settings, db: Database, redis: Redis) -> None:
    ana = await two.here.employee("Ana")
    for one in (two.here, two.there):
        await lease.release(db, one.lease, one.epoch)
    await two.lend(ana, "Law", seconds=1)
    async with reporting(redis, ana), running(settings, db, redis):

        async def back() -> bool:
            return bool((await two.here.person(ana)).lent_until is None)

        assert await until(back) < 4
        mine = await two.here.file()

        async def given() -> bool:
            return bool((await two.here.review(mine.id)).state == "assigned")

        await until(given)


async def crossed(two: Two) -> tuple[UUID, UUID]:
    """Ana has, by hand, a review of the other group, and it has arrived; her and its id."""
    ana = await two.here.employee("Ana")
    filed = await two.there.file(pool="Law")
    async with two.here.db.transaction() as tx:
        held = await service.assign(tx, filed.id, actor=two.boss, employee_id=ana, rules=Rules())
        assert await service.ack(tx, ana, held.id)
    await two.there.settle()
    return ana, filed.id


async def test_whose_own_process_is_silent_gets_the_time_back_from_another_group_as_well(two: Two) -> None:
    ana, _ = await crossed(two)
    await two.here.age(60)
    await web_beat(two.here, "web", 0)
    await two.there.settle()
    before = await two.here.open_of(ana)
    await web_beat(two.here, "web", 20)
    await web_beat(two.here, "other", 0)
    await two.here.wake()
    await two.there.wake()
    await web_beat(two.here, "web", 0)
    await two.here.wake()
    await two.there.wake()
    given = (await two.here.open_of(ana)).deadline_at - before.deadline_at
    assert 19 < given.total_seconds() < 22


async def test_nothing_of_another_group_runs_out_while_ones_own_process_is_silent(two: Two) -> None:
    ana, _ = await crossed(two)
    await two.here.age(1201)
    await web_beat(two.here, "web", 3)
    await web_beat(two.here, "other", 0)
    two.there.roster = Roster(two.there.group, TTL)  # another process leads it now
    for _ in range(3):
        assert "Miss" not in (await two.there.wake()).did
    await web_beat(two.here, "web", 0)
    await two.there.settle()
    assert await two.here.open_of(ana) is None


async def test_who_left_with_a_review_of_another_group_gives_it_back_before_the_warning(two: Two) -> None:
    ana, filed = await crossed(two)
    await two.here.leave(ana)
    await two.here.age(300)
    await two.here.redis.zincrby("{presence}:left", -200_000, str(ana))
    two.there.roster.forget()
    await two.there.settle()
    assert await two.here.open_of(ana) is None
    async with two.here.db.transaction() as tx:
        assert (await tx.conn.execute(select(assignment.c.closed_reason))).scalar_one() == "disconnected"
    assert (await two.here.review(filed)).stranded == "nobody"
