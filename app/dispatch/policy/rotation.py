"""Who is next: heaps that live on from wake to wake, not scans.

A person's facts come in by `put`; the entries of their earlier turns go stale and are dropped when they are met.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from app.dispatch.policy.presence import WORTH_WAITING, obstacle
from app.dispatch.policy.types import Person, Pool, Waiting

LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)
NO_SKILLS: Final[frozenset[str]] = frozenset()
STALE_SHARE: Final = 8  # a heap holds so many entries a member before those of earlier turns are cleared out
Key = tuple[float, datetime, int]
Entry = tuple[Key, int, UUID]


class Line:
    """The people of a pool who have the skills that are asked for, in the order of their turn."""

    def __init__(self, pool: Pool, skills: frozenset[str]) -> None:
        self.pool = pool
        self.skills = skills
        self.members: dict[UUID, None] = {}
        self.hindered: dict[UUID, str] = {}
        self.obstacles: Counter[str] = Counter()
        self.present: dict[UUID, None] = {}
        self.places = 0  # how many more reviews its people could take now
        self._heap: list[Entry] = []
        self._free: dict[UUID, tuple[int, int]] = {}  # of those whom nothing hinders: their turn and places

    def fits(self, person: Person) -> bool:
        return self.pool.id in person.pools and self.skills <= person.skills

    def enter(self, person: Person, turn: int, reason: str | None) -> None:
        """The person as they are now; `reason` keeps every review from them."""
        who = person.id
        self._forget(who)
        self.members[who] = None
        if reason is None:
            places = person.capacity - person.active
            self._free[who] = (turn, places)
            self.places += places
            self._push((self._key(person), turn, who))
        else:
            self.hindered[who] = reason
            self.obstacles[reason] += 1
        if reason in WORTH_WAITING:
            self.present[who] = None
        else:
            self.present.pop(who, None)

    def leave(self, person: UUID) -> None:
        self.members.pop(person, None)
        self.present.pop(person, None)
        self._forget(person)

    def _forget(self, person: UUID) -> None:
        free = self._free.pop(person, None)
        if free is not None:
            self.places -= free[1]
            return
        reason = self.hindered.pop(person, None)
        if reason is not None:
            self.obstacles[reason] -= 1

    def _key(self, person: Person) -> Key:
        load = person.active / person.capacity if self.pool.strategy == "least_loaded" else 0.0
        return (load, person.last_assigned_at or LONG_AGO, person.number)

    def _push(self, entry: Entry) -> None:
        if len(self._heap) > STALE_SHARE * (len(self.members) + 1):
            self._heap = [one for one in self._heap if self._fresh(one)]
            heapq.heapify(self._heap)
        heapq.heappush(self._heap, entry)

    def _fresh(self, entry: Entry) -> bool:
        return self._free.get(entry[2], (0, 0))[0] == entry[1]

    def free(self) -> Iterable[UUID]:
        """Those whom nothing hinders."""
        return self._free.keys()

    def first(self, excluded: Mapping[UUID, str], most: int) -> list[UUID]:
        """The first `most` who are free and not excluded."""
        kept: list[Entry] = []
        found: list[UUID] = []
        while self._heap and len(found) < most:
            entry = heapq.heappop(self._heap)
            if not self._fresh(entry):
                continue
            kept.append(entry)
            if entry[2] not in excluded:
                found.append(entry[2])
        for entry in kept:
            heapq.heappush(self._heap, entry)
        return found


class Rotation:
    """The people of a group as one dispatcher knows them.

    round_robin: the longest since the last assignment first; least_loaded: the smallest share of capacity, then that.
    """

    def __init__(self, pools: Mapping[UUID, Pool], people: Iterable[Person] = ()) -> None:
        self.pools: dict[UUID, Pool] = dict(pools)
        self.people: dict[UUID, Person] = {}
        self.barred: set[UUID] = set()
        self.holders: dict[UUID, None] = {}  # who holds something
        self.away: dict[UUID, None] = {}  # who of them is offline or locked
        self._turns: dict[UUID, int] = {}
        self._count = 0
        self._lines: dict[UUID, dict[frozenset[str], Line]] = {pool: {} for pool in pools}
        for person in people:
            self.put(person)

    def set_pools(self, pools: Mapping[UUID, Pool]) -> None:
        """The pools as they are now; lines of a pool that changed are drawn up anew when they are asked for."""
        changed = {pool for pool in self.pools.keys() | pools.keys() if self.pools.get(pool) != pools.get(pool)}
        self.pools = dict(pools)
        self._lines = {pool: {} if pool in changed else self._lines[pool] for pool in pools}

    def put(self, person: Person) -> None:
        """These are the person's facts now; whatever barred them is over."""
        if person != self.people.get(person.id) or person.id in self.barred:
            self.barred.discard(person.id)
            self._place(person)

    def drop(self, person: UUID) -> None:
        """The person isn't of this group any more."""
        self.people.pop(person, None)
        self.holders.pop(person, None)
        self.away.pop(person, None)
        self._turns.pop(person, None)
        for lines in self._lines.values():
            for line in lines.values():
                line.leave(person)

    def bar(self, people: Iterable[UUID]) -> None:
        """Nothing for these until their facts are known again: they have just missed, been paused or been locked."""
        for person in people:
            if person in self.people:
                self.barred.add(person)
                self._place(self.people[person])

    def _place(self, person: Person) -> None:
        self.people[person.id] = person
        self._count += 1
        self._turns[person.id] = self._count
        reason = self.reason(person)
        if person.active:
            self.holders[person.id] = None
        else:
            self.holders.pop(person.id, None)
        if person.active and (person.locked or person.presence == "offline"):
            self.away[person.id] = None
        elif self.away:
            self.away.pop(person.id, None)
        for pool, lines in self._lines.items():
            inside = pool in person.pools
            for skills, line in lines.items():
                if inside and (not skills or skills <= person.skills):
                    line.enter(person, self._count, reason)
                else:
                    line.leave(person.id)

    def reason(self, person: Person) -> str | None:
        """What keeps every review from this person; None: nothing."""
        return "barred" if person.id in self.barred else obstacle(person)

    def line(self, waiting: Waiting) -> Line:
        """Those who could take this review at all."""
        skills = waiting.skills if self.pools[waiting.pool].by_skills else NO_SKILLS
        return self._line(waiting.pool, skills)

    def _line(self, pool: UUID, skills: frozenset[str]) -> Line:
        line = self._lines[pool].get(skills)
        if line is None:
            line = self._lines[pool][skills] = Line(self.pools[pool], skills)
            for person in self.people.values():
                if line.fits(person):
                    line.enter(person, self._turns[person.id], self.reason(person))
        return line

    def places(self) -> int:
        """How many more reviews of any kind the people could take, at most."""
        places = 0
        for pool_id, pool in self.pools.items():
            if not pool.paused:
                places += self._line(pool_id, NO_SKILLS).places
        return places

    def free_skills(self) -> set[frozenset[str]]:
        """What each of those can do who are free in pools that go by skills."""
        pools = [pool_id for pool_id, pool in self.pools.items() if pool.by_skills and not pool.paused]
        return {self.people[who].skills for pool_id in pools for who in self._line(pool_id, NO_SKILLS).free()}

    def unskilled(self, waiting: Waiting) -> int:
        """How many of the pool lack a skill that this review asks for."""
        return len(self._line(waiting.pool, NO_SKILLS).members) - len(self.line(waiting).members)

    def free(self, person: UUID) -> bool:
        """Whether this person could take one more now."""
        who = self.people.get(person)
        return who is not None and self.reason(who) is None

    def ranked(self, waiting: Waiting, most: int) -> list[Person]:
        """The first `most` people who may take this review, in the order of their turn."""
        found = self.line(waiting).first(waiting.excluded, most)
        return [self.people[person] for person in found]

    def give(self, person: UUID, at: datetime) -> None:
        """One more for this person, whose turn passes on in every pool of theirs."""
        who = self.people[person]
        self._place(replace(who, active=who.active + 1, last_assigned_at=at))

    @staticmethod
    def lasts(person: Person, until: datetime) -> bool:
        """Whether the person's shift lasts until then."""
        return person.shift_until is None or person.shift_until >= until

    def stranded(self, waiting: Waiting, now: datetime | None = None) -> str | None:
        """Why nobody will come for this; None: somebody will.

        pool_paused, pool_closed, nobody, no_skill, all_excluded or all_away.
        """
        line = self.line(waiting)
        if line.pool.paused:
            return "pool_paused"
        if now is not None and line.pool.closed(now):
            return "pool_closed"
        if any(person not in waiting.excluded for person in line.present):
            return None
        if not line.members:
            return "no_skill" if self.unskilled(waiting) else "nobody"
        return "all_excluded" if self.all_excluded(waiting) else "all_away"

    def all_excluded(self, waiting: Waiting) -> bool:
        """Whether this review is kept from everyone who could take it."""
        return all(person in waiting.excluded for person in self.line(waiting).members)
