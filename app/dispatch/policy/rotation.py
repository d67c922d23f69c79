"""Who is next: heaps, not scans. A person's entries go stale when their turn changes and are dropped when met."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from app.dispatch.policy.presence import obstacle, present
from app.dispatch.policy.types import Person, Pool, Snapshot, Waiting

LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)
Key = tuple[float, datetime, int, int]
Entry = tuple[Key, int, UUID]


class Rotation:
    """The assignable people of a snapshot in the order of their turn, pool by pool.

    round_robin: the longest since the last assignment first; least_loaded: the smallest share of capacity, then that.
    """

    def __init__(self, snapshot: Snapshot, barred: Iterable[UUID] = ()) -> None:
        self.people = snapshot.people
        self.pools = snapshot.pools
        self.barred = set(barred)
        self.active = {p.id: p.active for p in snapshot.people.values()}
        self._last = {p.id: p.last_assigned_at or LONG_AGO for p in snapshot.people.values()}
        self._turn: dict[UUID, int] = {}
        self._given = 0
        self._heaps: dict[UUID, list[Entry]] = {pool: [] for pool in snapshot.pools}
        self.obstacles: dict[UUID, Counter[str]] = {pool: Counter() for pool in snapshot.pools}
        self.present: dict[UUID, list[UUID]] = {pool: [] for pool in snapshot.pools}
        self.members: dict[UUID, list[UUID]] = {pool: [] for pool in snapshot.pools}
        for person in snapshot.people.values():
            self._enter(person)
        for heap in self._heaps.values():
            heapq.heapify(heap)

    def _enter(self, person: Person) -> None:
        reason = "barred" if person.id in self.barred else obstacle(person)
        for pool in person.pools & self._heaps.keys():
            self.members[pool].append(person.id)
            if reason is None:
                self._heaps[pool].append((self._key(person, self.pools[pool]), 0, person.id))
            else:
                self.obstacles[pool][reason] += 1
            if present(person) and reason != "barred":
                self.present[pool].append(person.id)

    def _key(self, person: Person, pool: Pool) -> Key:
        load = self.active[person.id] / person.capacity if pool.strategy == "least_loaded" else 0.0
        return (load, self._last[person.id], self._turn.get(person.id, 0), person.number)

    def free(self, person: UUID) -> bool:
        """Whether this person could take one more now."""
        who = self.people.get(person)
        if who is None or person in self.barred or self.active[person] >= who.capacity:
            return False
        return obstacle(who) in (None, "at_capacity")

    def ranked(self, waiting: Waiting, most: int) -> list[Person]:
        """The first `most` people who may take this review, in the order of their turn."""
        heap = self._heaps.get(waiting.pool, [])
        kept: list[Entry] = []
        found: list[Person] = []
        while heap and len(found) < most:
            entry = heapq.heappop(heap)
            if not self._fresh(entry):
                continue
            kept.append(entry)
            if entry[2] not in waiting.excluded:
                found.append(self.people[entry[2]])
        for entry in kept:
            heapq.heappush(heap, entry)
        return found

    def _fresh(self, entry: Entry) -> bool:
        return entry[1] == self._turn.get(entry[2], 0) and self.free(entry[2])

    def give(self, person: Person, now: datetime) -> None:
        """One more for this person: the turn passes on in every pool of theirs."""
        self._given += 1
        self._turn[person.id] = self._given
        self._last[person.id] = now
        self.active[person.id] += 1
        for pool in person.pools & self._heaps.keys():
            if self.free(person.id):
                heapq.heappush(self._heaps[pool], (self._key(person, self.pools[pool]), self._given, person.id))
            else:
                self.obstacles[pool]["at_capacity"] += 1

    def stranded(self, waiting: Waiting) -> str | None:
        """Why nobody will come for this review: pool_paused, nobody, all_excluded, all_away; None: somebody will."""
        pool, members = self.pools[waiting.pool], self.members[waiting.pool]
        if pool.paused:
            return "pool_paused"
        if any(person not in waiting.excluded for person in self.present[waiting.pool]):
            return None
        if not members:
            return "nobody"
        return "all_excluded" if all(person in waiting.excluded for person in members) else "all_away"
