"""A group's people, pools and turns as its dispatcher knows them, brought up to date by what has changed.

The rows are the truth: whatever this knows wrongly, the guarded statements refuse, and the roster is drawn up anew.
"""

from __future__ import annotations

from uuid import UUID

from msgspec.structs import replace

from app.dispatch.heartbeats import Presence
from app.dispatch.policy.rotation import Rotation
from app.dispatch.policy.types import Person
from app.dispatch.store import turns
from app.dispatch.store.turns import Look
from app.platform.db import Transaction


class Roster:
    """What a dispatcher keeps from wake to wake. `presence` None: its store doesn't answer, so nobody's is known."""

    def __init__(self, group: UUID, ttl: float) -> None:
        self.group = group
        self.ttl = ttl
        self.presence: Presence | None = None
        self.version = 0
        self.moves = -1  # of the group, when its people were read
        self.rotation = Rotation({})
        self.guests: dict[UUID, Person] = {}  # of other groups, with a review of this one
        self.on_duty: set[UUID] | None = None  # as recorded; None: to be read
        self.noted: set[UUID] = set()  # who may have come on duty or gone off it since that was recorded
        self._xmin = 0

    def forget(self) -> None:
        """What is known may be wrong: the next look reads everything."""
        self._xmin = 0

    async def look(self, tx: Transaction, most: int, *, paused: bool) -> Look:
        """Read the people that changed since the last look, and the heads of the queues.

        What stands behind a head that waits for others' skills is looked for in whole looks alone: `paused` ones.
        """
        skills = self.rotation.free_skills() if paused else set()
        found = await turns.look(
            tx, self.group, self._xmin, most, self.presence, self.ttl, paused=paused, skills=skills
        )
        if self._xmin == 0:
            self.rotation = Rotation(await turns.pools(tx, self.group), found.people)
            self.on_duty = None
            await self.welcome(tx)
        elif any(waiting.pool not in self.rotation.pools for waiting in found.queue):
            await self.set_pools(tx)  # one was opened since
        for person in found.people:
            self.rotation.put(person)
            self.noted.add(person.id)
            self.guests.pop(person.id, None)
        self._xmin = found.xmin
        return found

    async def welcome(self, tx: Transaction) -> None:
        """Who of other groups holds something of this one now."""
        self.guests = {one.id: one for one in await turns.guests(tx, self.group, self.presence, self.ttl)}

    def known(self) -> dict[UUID, Person]:
        """Whoever may hold something of the group."""
        return self.guests | self.rotation.people if self.guests else self.rotation.people

    def away(self) -> list[UUID]:
        """Who of those that hold something is offline or locked."""
        gone = [who for who, one in self.guests.items() if one.locked or one.presence == "offline"]
        return [*self.rotation.away, *gone]

    async def set_pools(self, tx: Transaction) -> None:
        """The group's pools as they are now."""
        self.rotation.set_pools(await turns.pools(tx, self.group))

    def see(self, presence: Presence | None) -> list[UUID]:
        """This is who is here now; returns those whose presence changed."""
        self.presence = presence
        changed = []
        for person in list(self.rotation.people.values()):
            now = self._seen(person)
            if now is not person:
                self.rotation.put(now)
                self.noted.add(now.id)
                changed.append(person.id) if now.presence != person.presence else None
        self.guests = {who: self._seen(one) for who, one in self.guests.items()}
        return changed

    def _seen(self, person: Person) -> Person:
        presence = self.presence.of(person.id, self.ttl) if self.presence else "unknown"
        if presence == person.presence == "assignable":
            return person
        last_beat_at = self.presence.last_beat(person.id) if self.presence else None
        if (presence, last_beat_at) == (person.presence, person.last_beat_at):
            return person
        return replace(person, presence=presence, last_beat_at=last_beat_at)
