"""The simulator and the real dispatcher on the same day: who got which review, in what order, and what came of it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import app_user
from app.dispatch import heartbeats, service
from app.dispatch.models import assignment, employee, pool, review, review_exclusion, strike
from app.dispatch.policy.types import Pool, Rules, Strategy
from app.dispatch.simulate import simulate
from app.dispatch.simulation.types import Arrival, Attempt, Customs, Day, Span, Worker
from tests.dispatch.floor import Floor

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOURS = 3
RULES = Rules(sla_seconds=600, sla_small_seconds=300, sla_warning_seconds=120)
KINDS = {"large": "resume", "small": "question"}
VERDICTS = {"resume": "approve", "question": "answered"}
POOL = UUID(int=1)
OFFSETS = (0.0, 0.3, 0.6, 0.9)  # of the wakes of a whole look: what fell due in one is seen by the next
INPUTS = {
    *("arrived", "came", "went", "left", "dropped", "back", "completed", "declined", "resumed", "unlocked"),
    *("look", "rested"),
}
BETWEEN = timedelta(seconds=193)
Told = tuple[datetime, str, UUID | None, UUID | None]


def _at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


class Script:
    """What people do with a review's first, second, … assignment: drawn once, by the review and not by the order."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.tries: Counter[UUID] = Counter()

    def __call__(self, worker: Worker, arrival: Arrival) -> Attempt:
        self.tries[arrival.id] += 1
        return self.attempt(arrival.id, self.tries[arrival.id])

    def attempt(self, wanted: UUID, number: int) -> Attempt:
        chance = Random(f"{self.seed} {wanted} {number}")
        kind = chance.choices(["done", "declined", "never", "undelivered"], [75, 8, 11, 6])[0]
        after = chance.randrange(35, 560, 10)  # never just when a warning or an end is due, which are full minutes
        return Attempt(kind, float(after))  # type: ignore[arg-type]  # a drawn literal


def _span(start: float, end: float) -> Span:
    return Span(_at(start), _at(end))


def _day(seed: int, strategy: Strategy) -> Day:
    chance = Random(seed)
    shifts = [(10, 10700), (11, 5000), (12, 9000), (1800, 10600), (4000, 10500)]
    drops: dict[int, tuple[Span, ...]] = {0: (_span(2003, 2403),), 2: (_span(3005, 3065), _span(6007, 6307))}
    workers = [
        Worker(
            id=UUID(int=100 + n), number=n + 1, capacity=1 + n % 2, pools=frozenset({POOL}),
            shifts=(_span(*shift),), drops=drops.get(n, ()),
        )
        for n, shift in enumerate(shifts)
    ]  # fmt: skip
    times = sorted(chance.sample(range(1, 10000), 70))
    arrivals = [
        Arrival(
            id=UUID(int=1000 + n), at=_at(at), pool=POOL, size="large" if chance.random() < 0.6 else "small",
            seconds=0, priority=chance.choices([0, 1, 2], [8, 1, 1])[0],
        )
        for n, at in enumerate(times)
    ]  # fmt: skip
    return Day(
        start=NINE,
        end=NINE + timedelta(hours=HOURS),
        pools={POOL: Pool(id=POOL, strategy=strategy)},
        workers=workers,
        arrivals=arrivals,
        conduct=Script(seed),
        customs=Customs(ack_seconds=0.0, return_seconds=333, unlock_seconds=1111),
    )


class Reality:
    """The same day on the real engines. Time passes by making what is in the rows older."""

    def __init__(self, floor: Floor, day: Day, script: Script) -> None:
        self.floor, self.day, self.script = floor, day, script
        self.now = NINE
        self.people: dict[UUID, UUID] = {}
        self.reviews: dict[UUID, UUID] = {}
        self.gone: dict[UUID, datetime] = {}
        self._read_at: datetime | None = None

    async def open(self, strategy: Strategy) -> None:
        async with self.floor.db.transaction() as tx:
            await tx.conn.execute(update(pool).values(strategy=strategy))
        self.boss = await self.floor.user("Boss", "supervisor")
        for worker in self.day.workers:
            name = f"P{worker.number}"
            self.people[worker.id] = await self.floor.employee(name, capacity=worker.capacity, here=False)

    async def live(self, told: list[Told]) -> None:
        """What came from outside in the simulated day, at the same times; and whole looks at any other time, which
        must find nothing that the simulator left out."""
        for at, what, wanted, person in told:
            while at - self.now > BETWEEN:
                await self.pass_until(self.now + BETWEEN)
                await self.step("look", None, None)
            if what in INPUTS:
                await self.pass_until(max(at, self.now))
                await self.step(what, wanted, person)

    async def pass_until(self, moment: datetime) -> None:
        """It is that late now, less what has really passed since the last time."""
        async with self.floor.db.transaction() as tx:
            read_at = (await tx.conn.execute(select(func.clock_timestamp()))).scalar_one()
            back = moment - self.now - (read_at - (self._read_at or read_at))
            columns = ("assigned_at", "grace_at", "warn_at", "deadline_at", "delivered_at", "seen_at", "warned_at")
            older = {name: assignment.c[name] - back for name in columns}
            await tx.conn.execute(update(assignment).where(assignment.c.state == "open").values(older))
            await tx.conn.execute(
                update(review).where(review.c.ended_at.is_(None)).values(queued_at=review.c.queued_at - back)
            )
            await tx.conn.execute(update(employee).values(last_assigned_at=employee.c.last_assigned_at - back))
            await tx.conn.execute(update(review_exclusion).values(until=review_exclusion.c.until - back))
        self.now, self._read_at = moment, read_at

    async def presence(self) -> heartbeats.Presence:
        """Who is here, and how long ago the others were."""
        await heartbeats.beat(self.floor.redis, "web:1", [])
        seen = await self.floor.presence()
        for person, since in self.gone.items():
            seen.left[person] = round((seen.at - (self.now - since)).timestamp() * 1000)
        return seen

    async def step(self, what: str, wanted: UUID | None, person: UUID | None) -> None:
        """One thing from outside, or a look at the clocks; then what the dispatcher makes of it."""
        if what in ("look", "rested"):
            start = self.now
            for offset in OFFSETS:
                await self.pass_until(start + timedelta(seconds=offset))
                await self._look()
            return
        await self._act(what, wanted, person)
        self.floor.roster.see(await self.presence())
        await self._quick()

    async def _act(self, what: str, wanted: UUID | None, person: UUID | None) -> None:
        if what == "arrived" and wanted:
            await self._file(wanted)
        elif person and what in ("came", "back", "left", "dropped"):
            await self._comes_or_goes(what, self.people[person])
        elif person and what == "unlocked":
            async with self.floor.db.transaction() as tx:
                assert await service.unlock(tx, self.people[person], actor=self.boss, reason="looked at")
        elif wanted and person:
            await self._ends(what, self.reviews[wanted], self.people[person])
        if person and what in ("came", "went", "resumed"):
            async with self.floor.db.transaction() as tx:
                state: Any = "paused" if what == "went" else "available"
                await service.set_availability(tx, self.people[person], state)

    async def _file(self, wanted: UUID) -> None:
        (arrival,) = [one for one in self.day.arrivals if one.id == wanted]
        kind, title = KINDS[arrival.size], str(arrival.id.int)
        filed = await self.floor.file(title, kind=kind, size=arrival.size, priority=arrival.priority)
        self.reviews[wanted] = filed.id

    async def _comes_or_goes(self, what: str, person: UUID) -> None:
        if what in ("came", "back"):
            self.gone.pop(person, None)
            await self.floor.come(person)
        else:
            self.gone[person] = self.now
            await self.floor.leave(person)

    async def _ends(self, what: str, review_id: UUID, person: UUID) -> None:
        async with self.floor.db.transaction() as tx:
            query = select(assignment.c.id).where(assignment.c.review_id == review_id, assignment.c.state == "open")
            held = (await tx.conn.execute(query)).scalar_one()
            by = {"employee_id": person, "review_id": review_id, "assignment_id": held}
            if what == "declined":
                await service.decline(tx, **by, reason="no", rules=RULES)
            else:
                kind = (await tx.conn.execute(select(review.c.kind).where(review.c.id == review_id))).scalar_one()
                await service.complete(tx, **by, verdict=VERDICTS[kind])

    async def _look(self) -> None:
        await self._acknowledge()
        while (await self.floor.wake(await self.presence())).did:
            await self._acknowledge()
        await self._quick()

    async def _quick(self) -> None:
        while (await self.floor.quick()).did:
            pass
        await self._acknowledge()

    async def _acknowledge(self) -> None:
        """The pages of those who are here acknowledge, but for what the script loses."""
        number = func.row_number().over(partition_by=assignment.c.review_id, order_by=assignment.c.id)
        tries = select(assignment, number.label("number")).subquery()
        query = select(tries).where(tries.c.state == "open", tries.c.delivered_at.is_(None))
        async with self.floor.db.transaction() as tx:
            for row in (await tx.conn.execute(query)).all():
                (wanted,) = [sim for sim, real in self.reviews.items() if real == row.review_id]
                lost = self.script.attempt(wanted, row.number).kind == "undelivered"
                if not lost and row.employee_id not in self.gone:
                    assert await service.ack(tx, row.employee_id, row.id)

    async def given(self) -> list[tuple[str, int]]:
        """(review, person's number) in the order of the assignments."""
        query = (
            select(review.c.title, app_user.c.name, assignment.c.id)
            .join(review, review.c.id == assignment.c.review_id)
            .join(app_user, app_user.c.id == assignment.c.employee_id)
            .order_by(assignment.c.id)
        )
        async with self.floor.db.transaction() as tx:
            return [(row.title, int(row.name[1:])) for row in await tx.conn.execute(query)]

    async def count(self, column: Any, *where: Any) -> Counter[Any]:
        async with self.floor.db.transaction() as tx:
            return Counter(row[0] for row in await tx.conn.execute(select(column).where(*where)))


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "strategy"), [(1, "round_robin"), (2, "least_loaded")])
async def test_a_simulated_day_is_the_real_dispatchers_day(floor: Floor, seed: int, strategy: Strategy) -> None:
    floor.rules = RULES
    day, told = _day(seed, strategy), list[Told]()
    outcome = simulate(day, RULES, watch=lambda *what: told.append(what))
    reality = Reality(floor, day, Script(seed))
    await reality.open(strategy)
    await reality.live(told)
    numbers = {worker.id: worker.number for worker in day.workers}
    expected = [
        (str(wanted.int), numbers[who]) for _, what, wanted, who in told if what == "assigned" and wanted and who
    ]
    assert await reality.given() == expected
    await floor.check()
    report = outcome.report
    states = await reality.count(review.c.state)
    assert (states["completed"], states["escalated"]) == (report.completed, report.escalated)
    assert sum((await reality.count(strike.c.level)).values()) == report.strikes
    ends = await reality.count(assignment.c.state)
    assert (ends["missed"], ends["undelivered"], ends["open"]) == (
        report.missed,
        report.undelivered,
        report.open_at_end,
    )
    assert min(report.missed, report.undelivered, report.declined, report.escalated) > 0
