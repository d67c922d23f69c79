"""A small office on the real engines: people, presence, wakes, and hands that move the rows' times."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import func, select, text, update

from app.accounts import store as accounts
from app.accounts.sessions import Principal
from app.dispatch import heartbeats, service
from app.dispatch.heartbeats import Presence, Transition
from app.dispatch.models import assignment, employee, pool, pool_group, review
from app.dispatch.policy.types import Rules
from app.dispatch.roster import Roster
from app.dispatch.store import defaults
from app.dispatch.types import Review
from app.dispatch.wake import Office, Woken, quick, wake
from app.platform import lease
from app.platform.clock import utcnow
from app.platform.db import Database
from app.platform.ids import new_id
from app.platform.outbox import outbox
from tests.dispatch.invariants import EVERYTHING

TTL = 35.0


class Floor:
    """Everything is at `self.db`; `wake` is one wake of the dispatcher."""

    def __init__(self, db: Database, redis: Redis, rules: Rules) -> None:
        self.db = db
        self.redis = redis
        self.rules = rules
        self.epoch = 0
        self.group = new_id()
        self.roster = Roster(self.group, TTL)

    async def open(self) -> Floor:
        async with self.db.transaction() as tx:
            await defaults.ensure(tx)
            self.group = (await tx.conn.execute(select(pool_group.c.id))).scalar_one()
        self.roster = Roster(self.group, TTL)
        self.epoch = await lease.acquire(self.db, self.lease, "test", 60) or 0
        await heartbeats.presence(self.redis)
        await self.redis.set("{presence}:since", 1)
        return self

    @property
    def lease(self) -> str:
        return f"dispatcher:{self.group}"

    async def user(self, name: str, role: str = "employee") -> UUID:
        async with self.db.transaction() as tx:
            user = await accounts.insert_user(tx, new_id(), f"{name.lower()}@x.test", name, role, "-")  # type: ignore[arg-type]  # a role
        assert user is not None
        return user.id

    async def employee(self, name: str, *, capacity: int = 1, here: bool = True) -> UUID:
        user = await self.user(name)
        async with self.db.transaction() as tx:
            await service.enroll(tx, user, capacity=capacity)
            if here:
                await service.set_availability(tx, user, "available")
        if here:
            await self.come(user)
        return user

    async def come(self, *people: UUID) -> None:
        opened = [Transition(f"c{person}", person, "open") for person in people]
        if not await heartbeats.beat(self.redis, "web:1", opened):
            await heartbeats.beat(self.redis, "web:1", opened, full=True)

    async def leave(self, person: UUID, age: float = 0.0) -> None:
        await heartbeats.beat(self.redis, "web:1", [Transition(f"c{person}", person, "closed", age)])

    async def file(self, title: str = "A question", **more: Any) -> Review:
        async with self.db.transaction() as tx:
            return await service.file_review(tx, title=title, **({"kind": "resume"} | more))

    async def presence(self) -> Presence:
        return await heartbeats.presence(self.redis)

    async def wake(self, presence: Presence | None = None, *, blind: bool = False) -> Woken:
        """One wake; the process beats first unless `presence` says what to see. `blind`: Valkey doesn't answer."""
        if presence is None and not blind:
            await heartbeats.beat(self.redis, "web:1", [])
            presence = await self.presence()
        self.roster.see(presence)
        async with self.db.transaction() as tx:
            return await wake(tx, self.office, self.roster)

    async def quick(self) -> Woken:
        """A quick wake, on what the last whole one knew of presence."""
        async with self.db.direct(begin=False) as tx:
            return await quick(tx, self.office, self.roster)

    @property
    def office(self) -> Office:
        return Office(group=self.group, lease=self.lease, epoch=self.epoch, rules=self.rules, ttl=TTL)

    async def settle(self) -> list[dict[str, int]]:
        """Wake until nothing is done any more."""
        did = []
        while (woken := await self.wake()).did:
            did.append(woken.did)
            assert len(did) < 20
        return did

    async def open_of(self, who: UUID) -> Any:
        """The person's one open assignment's row, or None."""
        query = select(assignment).where(assignment.c.employee_id == who, assignment.c.state == "open")
        async with self.db.transaction() as tx:
            return (await tx.conn.execute(query)).one_or_none()

    async def review(self, review_id: UUID) -> Any:
        async with self.db.transaction() as tx:
            return (await tx.conn.execute(select(review).where(review.c.id == review_id))).one()

    async def person(self, who: UUID) -> Any:
        async with self.db.transaction() as tx:
            return (await tx.conn.execute(select(employee).where(employee.c.user_id == who))).one()

    async def ack(self, who: UUID) -> Any:
        held = await self.open_of(who)
        async with self.db.transaction() as tx:
            assert await service.ack(tx, who, held.id)
        return held

    async def age(self, seconds: float) -> None:
        """All open assignments become older, as if that much time had passed while everything ran."""
        back = timedelta(seconds=seconds)
        columns = ("assigned_at", "grace_at", "warn_at", "deadline_at", "delivered_at", "seen_at", "warned_at")
        values = {name: assignment.c[name] - back for name in columns}
        async with self.db.transaction() as tx:
            await tx.conn.execute(update(assignment).where(assignment.c.state == "open").values(values))

    async def silence(self, seconds: float) -> None:
        """As if the dispatcher had not woken for so long."""
        async with self.db.transaction() as tx:
            await tx.conn.execute(
                update(pool_group).values(beat_at=func.clock_timestamp() - timedelta(seconds=seconds))
            )

    async def frames(self, type: str, stream: str | None = None) -> list[dict[str, Any]]:
        query = select(outbox.c.data).where(outbox.c.type == type).order_by(outbox.c.id)
        if stream:
            query = query.where(outbox.c.stream == stream)
        async with self.db.transaction() as tx:
            return [row[0] for row in await tx.conn.execute(query)]

    async def check(self) -> None:
        """The invariants of dispatch, read from the rows."""
        async with self.db.transaction() as tx:
            found = (await tx.conn.execute(text(EVERYTHING))).all()
        assert found == []

    def principal(self, who: UUID, role: str) -> Principal:
        return Principal(who, 1, role, "x", "x@x.test", new_id(), "cookie", False, "", utcnow())  # type: ignore[arg-type]  # a role

    async def general(self) -> UUID:
        async with self.db.transaction() as tx:
            found: UUID = (await tx.conn.execute(select(pool.c.id).where(pool.c.name == "general"))).scalar_one()
        return found
