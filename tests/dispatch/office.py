"""The office on the real engines as a state machine drives it: every act of people, supervisors, clocks and faults.

Between two acts no time passes for the rows but what `passes` says: what the acts themselves took is taken back. Within
one it does pass, so that a machine which stands still for longer than half the margin makes a day that says nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import text

from app.dispatch import heartbeats, service
from app.dispatch.policy.types import Rules
from app.dispatch.reporter import Reporter
from app.dispatch.roster import Roster
from app.dispatch.wake import quick, wake
from app.errors import AppError
from app.platform import lease
from app.platform.clock import monotonic
from app.platform.db import Database
from tests.dispatch.agreement import MARGIN
from tests.dispatch.floor import TTL, Floor
from tests.dispatch.invariants import EVERYTHING

_TIMES = {
    "assignment": "assigned_at grace_at warn_at deadline_at delivered_at seen_at warned_at closed_at",
    "review": "queued_at snoozed_until",
    "review_exclusion": "until",
    "outage": "started_at ended_at",
    "strike": "at",
    "employee": "strikes_baseline_at",
}
_BACK = ";\n".join(
    f"UPDATE {table} SET " + ", ".join(f"{name} = {name} - d" for name in columns.split())
    for table, columns in _TIMES.items()
)
PASS = f"""
CREATE OR REPLACE FUNCTION passes(s float8, mark timestamptz, silent bool, web bool) RETURNS timestamptz AS $$
DECLARE t timestamptz := clock_timestamp(); d interval := make_interval(secs => s) - (t - mark);
BEGIN
UPDATE review SET queued_at = least(queued_at, mark) WHERE queued_at > mark;
-- what happened since the mark happened right after it, in its order, or it would lie behind what follows
UPDATE assignment SET closed_at = greatest(assigned_at, mark + (closed_at - mark) / 1000) WHERE closed_at > mark;
UPDATE strike SET at = mark + (at - mark) / 1000 WHERE at > mark;
UPDATE outage SET started_at = CASE WHEN started_at > mark THEN mark + (started_at - mark) / 1000 ELSE started_at END,
  ended_at = CASE WHEN ended_at > mark THEN mark + (ended_at - mark) / 1000 ELSE ended_at END;
UPDATE employee SET strikes_baseline_at = mark + (strikes_baseline_at - mark) / 1000 WHERE strikes_baseline_at > mark;
{_BACK};
UPDATE pool_group SET beat_at = CASE WHEN silent THEN beat_at - d ELSE t END;
UPDATE process_beat SET beat_at = CASE WHEN web THEN t ELSE beat_at - d END;
RETURN t;
END $$ LANGUAGE plpgsql
"""
_TABLES = "app_user, pool_group, pool, employee, review, assignment, outage, outbox, process_beat, lease, audit_log"
_SHIFT = """
local d, keeps = tonumber(ARGV[1]), ARGV[2] == '1'
for _, set in ipairs({'{presence}:left', '{presence}:processes'}) do
  for _, member in ipairs(redis.call('ZRANGE', set, 0, -1)) do redis.call('ZINCRBY', set, -d, member) end
end
for _, process in ipairs(redis.call('ZRANGE', '{presence}:processes', 0, -1)) do
  local key = '{presence}:process:' .. process
  local flat = redis.call('HGETALL', key)
  for i = 1, #flat, 2 do
    local head, beat = string.match(flat[i + 1], '^(.* )(%-?%d+)$')
    redis.call('HSET', key, flat[i], head .. string.format('%d', tonumber(beat) - d))
  end
end
for _, name in ipairs({'{presence}:since', '{presence}:touched'}) do
  local value = redis.call('GET', name)
  if value then redis.call('SET', name, string.format('%d', math.max(1, tonumber(value) - d))) end
end
local t = redis.call('TIME')
if keeps and redis.call('GET', '{presence}:touched') then
  redis.call('SET', '{presence}:touched', t[1] * 1000 + math.floor(t[2] / 1000))
end
"""
_STATE = """
SELECT jsonb_build_object(
  'reviews', (SELECT jsonb_agg(jsonb_build_array(title, state, stranded IS NOT NULL)) FROM review),
  'held', (SELECT jsonb_agg(jsonb_build_array(r.title, a.employee_id, a.delivered_at IS NOT NULL,
      a.warned_at IS NOT NULL, extract(epoch FROM a.deadline_at - $1), extract(epoch FROM a.warn_at - $1)))
    FROM assignment a JOIN review r ON r.id = a.review_id WHERE a.state = 'open'),
  'people', (SELECT jsonb_agg(jsonb_build_array(e.user_id, e.availability = 'available', u.locked_at IS NOT NULL,
      e.active, e.overrides, e.undelivered_run,
      (SELECT count(*) FROM strike s WHERE s.employee_id = e.user_id AND s.voided_at IS NULL
         AND (e.strikes_baseline_at IS NULL OR s.at > e.strikes_baseline_at)),
      (SELECT count(*) FROM strike s WHERE s.employee_id = e.user_id)))
    FROM employee e JOIN app_user u ON u.id = e.user_id))
"""


class Office(Floor):
    """People and reviews go by small numbers, tabs by (person, tab)."""

    def __init__(self, db: Database, redis: Redis, rules: Rules) -> None:
        super().__init__(db, redis, rules)
        self.people: list[UUID] = []
        self.reviews: dict[int, UUID] = {}
        self.pools: list[UUID] = []
        self.boss = UUID(int=0)
        self.mark: datetime | None = None
        self.mark_here = 0.0
        self.stood_still = False
        self.web_number = 0

    async def begin(self, capacities: list[int]) -> None:
        """An empty office again, with so many people; all of them belong to the first pool, the even to a second."""
        await self.redis.flushall()
        async with self.db.transaction() as tx:
            await tx.conn.execute(text(f"TRUNCATE {_TABLES} CASCADE"))
            await tx.conn.execute(text(PASS))
        await self.open()
        self.boss = await self.user("Boss", "supervisor")
        async with self.db.transaction() as tx:
            second = await service.add_pool(tx, actor=self.boss, name="second")
            self.pools = [await self.general(), second.id]
        self.people = [await self._hire(n, capacity) for n, capacity in enumerate(capacities)]
        self.web_comes()
        await self.web_beats()
        await self.passes(0.0, silent=False, web=True, valkey=True, mute=set())
        self.stood_still = False

    def tells(self) -> bool:
        """Whether the day so far is one that the model can be held against."""
        self.stood_still = self.stood_still or monotonic() - self.mark_here > MARGIN / 2
        return not self.stood_still

    @contextmanager
    def forgiving(self) -> Iterator[None]:
        """What an act finds wrong counts only where the machine didn't stand still meanwhile."""
        try:
            yield
        except (AssertionError, KeyError, TypeError):
            if self.tells():
                raise

    def lags(self) -> bool:
        """Whether what the acts took is to be taken back before the next one."""
        return monotonic() - self.mark_here > MARGIN / 8

    async def _hire(self, number: int, capacity: int) -> UUID:
        who = await self.user(f"P{number}")
        pools = ["general", "second"] if number % 2 == 0 else ["general"]
        async with self.db.transaction() as tx:
            await service.enroll(tx, who, pools=pools, capacity=capacity)
            await service.set_availability(tx, who, "available")
        return who

    # Clocks and faults
    async def passes(self, seconds: float, *, silent: bool, web: bool, valkey: bool, mute: set[int]) -> None:
        """Everything becomes so much older, but for the beats of those who live."""
        async with self.db.direct() as tx:
            driver = await tx.driver()
            if self.mark is None:
                self.mark = await driver.fetchval("SELECT clock_timestamp()")
                self.mark_here = monotonic()
            self.mark = await driver.fetchval("SELECT passes($1, $2, $3, $4)", seconds, self.mark, silent, web)
        self.tells()
        took, self.mark_here = monotonic() - self.mark_here, monotonic()
        shift = seconds - took
        await self.redis.eval(_SHIFT, 0, str(round(shift * 1000)), "1" if valkey and (web or not silent) else "0")  # type: ignore[misc]  # typed for both clients
        silenced = {self.people[who] for who in mute}
        for name, socket in self.reporter._sockets.items():
            if web and socket.employee not in silenced:
                self.reporter.touch(name, socket.employee)
            else:
                socket.beat_at -= shift
        await self.look_in(silent=silent, web=web, valkey=valkey)

    async def look_in(self, *, silent: bool, web: bool, valkey: bool) -> None:
        """Who lives beats or looks."""
        if valkey and web:
            await self.reporter.flush()
        elif valkey and not silent:
            await heartbeats.presence(self.redis)

    def web_comes(self) -> None:
        """A new web process."""
        self.web_number += 1
        self.reporter = Reporter(self.redis, f"web:{self.web_number}")

    async def web_beats(self) -> None:
        async with self.db.transaction() as tx:
            await tx.conn.execute(text("DELETE FROM process_beat"))
            await tx.conn.execute(text("INSERT INTO process_beat (component, instance) VALUES ('web', 'w')"))

    async def succeed(self) -> None:
        """Another dispatcher takes over."""
        self.roster = Roster(self.group, TTL)
        self.epoch = await lease.acquire(self.db, self.lease, "test", 60) or 0

    async def settles(self, *, valkey: bool) -> None:
        """Wakes until nothing is done any more."""
        for _ in range(20):
            self.roster.see(await heartbeats.presence(self.redis) if valkey else None)
            async with self.db.transaction() as tx:
                if not (await wake(tx, self.office, self.roster)).did:
                    return
        raise AssertionError("it never settles")

    async def quickly(self, *, valkey: bool) -> None:
        self.roster.see(await heartbeats.presence(self.redis) if valkey else None)
        async with self.db.direct() as tx:
            await quick(tx, self.office, self.roster)

    # Acts
    def connect(self, tab: tuple[int, int]) -> None:
        self.reporter.touch(self._name(tab), self.people[tab[0]])

    def disconnect(self, tab: tuple[int, int]) -> bool:
        """Whether it had gone stale before."""
        stale = self.reporter._sockets[self._name(tab)].state == "stale"
        self.reporter.closed(self._name(tab))
        return stale

    def _name(self, tab: tuple[int, int]) -> str:
        """No two connections ever have the same."""
        return f"{self.web_number}.{tab[0]}.{tab[1]}"

    async def files(self, number: int, pool: int, size: str, priority: int) -> None:
        kind = "resume" if size == "large" else "question"
        async with self.db.transaction() as tx:
            filed = await service.file_review(
                tx, title=str(number), kind=kind, pool=self.pools[pool], priority=priority
            )
        self.reviews[number] = filed.id

    async def held(self, number: int) -> tuple[UUID, UUID]:
        """The open assignment of a review and its person."""
        query = "SELECT id, employee_id FROM assignment WHERE review_id = $1 AND state = 'open'"
        async with self.db.direct() as tx:
            row = await (await tx.driver()).fetchrow(query, self.reviews[number])
        return row["id"], row["employee_id"]

    async def mine(self, verb: Callable[..., Awaitable[Any]], number: int, who: int | None = None, **more: Any) -> bool:
        """A verb on the review's open assignment by its person, or by another; whether it was done."""
        assignment, holder = await self.held(number)
        by = holder if who is None else self.people[who]
        ids = {"employee_id": by, "review_id": self.reviews[number], "assignment_id": assignment}
        return await self.does(lambda tx: verb(tx, **ids, **more))

    async def stamps(self, number: int, *, seen: bool, who: int | None = None) -> bool:
        assignment, holder = await self.held(number)
        by = holder if who is None else self.people[who]
        async with self.db.direct() as tx:
            return await (service.seen if seen else service.ack)(tx, by, assignment)

    async def does(self, act: Callable[[Any], Awaitable[Any]]) -> bool:
        """Whether it was done; refused acts leave nothing behind."""
        try:
            async with self.db.transaction() as tx:
                await act(tx)
        except AppError:
            return False
        return True

    async def until(self, seconds: float) -> datetime:
        """A moment to come; mark is now."""
        assert self.mark is not None
        return self.mark + timedelta(seconds=seconds)

    # What is so
    async def state(self) -> tuple[list[Any], dict[str, Any]]:
        """Whatever breaks an invariant, and the rows in the model's words."""
        async with self.db.direct() as tx:
            driver = await tx.driver()
            broken = await driver.fetch(EVERYTHING)
            found = await driver.fetchval(_STATE, self.mark)
        return [tuple(row) for row in broken], found

    async def capacity_of(self, who: int, capacity: int) -> bool:
        return await self.does(
            lambda tx: service.change_employee(tx, self.people[who], actor=self.boss, capacity=capacity)
        )
