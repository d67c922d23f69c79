"""The imagined office: the events of a day in the order of their times, and the dispatcher's own decide() after each.

After everything that happens the queue is given out, as a quick wake does. A whole look comes when a clock is due, and
at the next full second after something that may have left a review to nobody, or brought somebody for one; a whole
look at any other time would find nothing to do, so it is left out.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from msgspec.structs import replace

from app.dispatch.policy.decide import decide, let_go
from app.dispatch.policy.rotation import Rotation
from app.dispatch.policy.types import Assign, Effect, Person, Rules, Snapshot
from app.dispatch.simulation.effects import Effects
from app.dispatch.simulation.floor import Desk, Lying, Piece, Queue
from app.dispatch.simulation.tally import Outcome, Tally
from app.dispatch.simulation.types import Arrival, Day, Span, Worker

BATCH: Final = 500
MARGIN: Final = 8
SECOND: Final = timedelta(seconds=1)
Watch = Callable[[datetime, str, UUID | None, UUID | None], None]
"""Told what happens: when, what, to which review, to whom."""


def _unwatched(at: datetime, what: str, review: UUID | None, person: UUID | None) -> None:
    return None


class Office:
    """One day. What effects mean is in `effects.py`; here is what happens when."""

    def __init__(self, day: Day, rules: Rules, *, explained: bool, watch: Watch | None) -> None:
        self.day, self.rules, self.explained = day, rules, explained
        self.now = day.start
        self.tell: Watch = watch or _unwatched
        self.rotation = Rotation(day.pools, [_person(worker) for worker in day.workers])
        self.desks = {worker.id: Desk(worker, day.start) for worker in day.workers}
        self.queues = {pool: Queue() for pool in day.pools}
        self._heaps = [queue.heap for queue in self.queues.values()]
        self.pieces: dict[UUID, Piece] = {}
        self.strikes: dict[UUID, int] = {}
        self.tally = Tally(day.start, day.end)
        self.effects = Effects(self)
        self._events: list[tuple[datetime, int, Callable[[Any], None], Any]] = []
        self._count = 0
        self._doubtful: dict[UUID, Piece] = {}
        self._doubt_all = self._sweeping = False
        for worker in day.workers:
            self._plan(worker)

    # The order of events

    def _plan(self, worker: Worker) -> None:
        for shift in worker.shifts:
            self.at(shift.start, self._come, (worker, shift))
            self.at(shift.end, self._go, worker)
        for drop in worker.drops:
            self.at(drop.start, self._drop, worker)
            self.at(drop.end, self._back, worker)

    def at(self, when: datetime, act: Callable[[Any], None], what: Any) -> None:
        """This will happen then."""
        self._count += 1
        heapq.heappush(self._events, (when, self._count, act, what))

    def run(self) -> Outcome:
        """Let the day pass."""
        arrivals, events, end = iter(self.day.arrivals), self._events, self.day.end
        coming = next(arrivals, None)
        while coming is not None or events:
            arrives = coming is not None and (not events or coming.at <= events[0][0])
            self.now = coming.at if arrives and coming is not None else events[0][0]
            if self.now >= end:
                break
            if self.now >= self.tally.next_point:
                self.tally.pass_points(self.now, self._queued())
            if arrives and coming is not None:
                self._arrive(coming)
                coming = next(arrivals, None)
            else:
                _, _, act, what = heapq.heappop(events)
                act(what)
        self.now = end
        self.tally.pass_points(end, self._queued())
        never = [piece.arrival.at for piece in self.pieces.values() if not piece.given]
        return self.tally.outcome(list(self.desks.values()), self._queued(), never)

    def _queued(self) -> int:
        return sum(len(queue) for queue in self.queues.values())

    # What comes from outside

    def _arrive(self, arrival: Arrival) -> None:
        piece = self.pieces[arrival.id] = Piece(arrival)
        self.tally.arrived += 1
        self.tell(self.now, "arrived", arrival.id, None)
        if not self._anything_waits() and self.rotation.places():
            self._give([piece])
        else:
            self.queues[arrival.pool].put(piece)
            self.give()
        if piece.waits:
            self.tally.depth(self._queued())
            if not self.rotation.line(piece.waiting).present:
                self.doubt(piece)

    def _come(self, what: tuple[Worker, Span]) -> None:
        worker, shift = what
        desk = self.desks[worker.id]
        desk.on_shift = True
        self.tell(self.now, "came", None, worker.id)
        desk.hours.turn("work", True, self.now)
        until = shift.end if worker.planned else None
        here = {"presence": "assignable", "availability": "available", "last_beat_at": self.now}
        self.change(desk, shift_until=until, **here)
        self._somebody_came()

    def _go(self, worker: Worker) -> None:
        desk = self.desks[worker.id]
        desk.on_shift = False
        self.tell(self.now, "went", None, worker.id)
        if worker.planned:
            self.look(list(desk.lying.values()), off_shift=frozenset({worker.id}))
        self.change(desk, availability="paused")
        self.leave_if_done(desk)
        self.doubt()

    def leave_if_done(self, desk: Desk) -> None:
        """Whose shift is over goes home with an empty desk."""
        if not desk.on_shift and not desk.lying:
            desk.hours.turn("work", False, self.now)
            if self.rotation.people[desk.worker.id].presence != "offline":
                self.tell(self.now, "left", None, desk.worker.id)
                self.change(desk, presence="offline", last_beat_at=self.now)

    def _drop(self, worker: Worker) -> None:
        desk = self.desks[worker.id]
        if self.rotation.people[worker.id].presence == "offline":
            return
        desk.away_since = self.now
        self.tell(self.now, "dropped", None, worker.id)
        self.change(desk, presence="offline", last_beat_at=self.now)
        for lying in desk.lying.values():
            if lying.delivered_at is not None and lying.delivered_at > self.now:
                lying.delivered_at = None
                self.at(lying.effect.grace_at, self.due, lying)
        if desk.lying:
            self.at(self.now + timedelta(seconds=self.rules.disconnect_grace_seconds), self._gone, desk)
        self.doubt()

    def _back(self, worker: Worker) -> None:
        desk = self.desks[worker.id]
        if desk.away_since is None:
            return
        away, desk.away_since = self.now - desk.away_since, None
        self.tell(self.now, "back", None, worker.id)
        self.change(desk, presence="assignable", last_beat_at=self.now)
        desk.free_at += away
        for lying in desk.lying.values():
            self.effects.resume(lying, away)
        self.leave_if_done(desk)
        self._somebody_came()

    def _somebody_came(self) -> None:
        if any(queue.stranded for queue in self.queues.values()):
            self.doubt()
        self.give()

    def finished(self, lying: Lying) -> None:
        """The person is through with it, unless it was taken from them or they are cut off."""
        if lying.closed or lying.finish != self.now or lying.desk.away_since is not None:
            return
        review, person = lying.effect.review, lying.effect.employee
        if lying.attempt.kind == "declined":
            self.tell(self.now, "declined", review, person)
            before = self.strikes.get(person, 0)
            held = lying.held(self.now)
            found = let_go(held, None, "declined", now=self.now, outages=[], before=before, rules=self.rules)
            lying.desk.counts["declined"] += 1
            self.effects.carry_out(found)
        else:
            self.tell(self.now, "completed", review, person)
            self.effects.complete(lying)
        self.give()

    def resumed(self, person: UUID) -> None:
        """Who was paused for silence is back at the page; whom a supervisor unlocked starts with a clean count."""
        who, desk = self.rotation.people[person], self.desks[person]
        if who.locked:
            self.strikes.pop(person, None)
            self.tell(self.now, "unlocked", None, person)
        if desk.on_shift:
            self.tell(self.now, "resumed", None, person)
        available = {"availability": "available", "undelivered_run": 0} if desk.on_shift else {}
        self.change(desk, locked=False, **available)
        self._somebody_came()

    def rested(self, piece: Piece) -> None:
        """A review may be offered again to whom it didn't reach."""
        over = [person for person, until in piece.rests.items() if until <= self.now]
        for person in over:
            del piece.rests[person]
            if piece.waiting.excluded.get(person) == "undelivered":
                del piece.waiting.excluded[person]
        if over and piece.waits:
            self.tell(self.now, "rested", piece.arrival.id, None)
            self.doubt(piece)  # nobody is hinted at it: the next whole look finds it

    # The dispatcher

    def give(self) -> None:
        """Give out the head of the queue to whoever is free, until nobody is or nothing waits."""
        while self._anything_waits() and (places := self.rotation.places()):
            if not self._give(self._heads(min(BATCH, places))):
                return

    def _give(self, heads: list[Piece]) -> int:
        """Give these out as far as somebody may have them; how many were."""
        seen = Snapshot(version=0, waiting=[piece.waiting for piece in heads], settled=False)
        given = 0
        for one in decide(seen, self.now, self.rules, self.rotation, explained=self.explained):
            if isinstance(one, Assign):
                self.effects.assign(one)
                given += 1
        self._put_back(heads)
        return given

    def _anything_waits(self) -> bool:
        return any(self._heaps) or any(queue.stranded for queue in self.queues.values())

    def _heads(self, most: int) -> list[Piece]:
        """What a quick wake would look at: the margin matters only where somebody free may not take a review."""
        heads: list[Piece] = []
        for queue in self.queues.values():
            mine = queue.take(most)
            for piece in mine:
                if not piece.plain:
                    mine += queue.take(MARGIN)
                    break
            heads += mine
            if queue.stranded:
                heads += queue.take_stranded(most + MARGIN)
        return heads

    def _put_back(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            if piece.waits:
                self.queues[piece.arrival.pool].put(piece)

    def doubt(self, piece: Piece | None = None) -> None:
        """Somebody may have to be told that nobody will come for this review (None: for any), or that one will."""
        if piece is None:
            self._doubt_all = True
        else:
            self._doubtful[piece.arrival.id] = piece
        if not self._sweeping:
            self._sweeping = True
            since = self.now - self.day.start
            self.at(self.day.start + (since // SECOND + 1) * SECOND, self._sweep, None)

    def _sweep(self, nothing: None) -> None:
        self._sweeping = False
        self.look([])

    def due(self, lying: Lying) -> None:
        """One of its moments has come."""
        if not lying.closed:
            self.look([lying])

    def _gone(self, desk: Desk) -> None:
        if desk.away_since is not None and desk.lying:
            self.look(list(desk.lying.values()))

    def look(self, lying: list[Lying], off_shift: frozenset[UUID] = frozenset()) -> None:
        """A whole look: the clocks of these, the reviews in doubt, and whose shift has just ended."""
        self.tell(self.now, "look", None, None)
        pieces = self._in_doubt()
        seen = Snapshot(
            version=0,
            people=self.rotation.people,
            waiting=[piece.waiting for piece in pieces],
            held=[one.held(self.now) for one in lying],
            strikes=dict(self.strikes),
            off_shift=off_shift,
        )
        found: list[Effect] = decide(seen, self.now, self.rules, self.rotation, explained=self.explained)
        self.effects.carry_out(found)
        self._put_back(pieces)
        if found:
            self.give()

    def _in_doubt(self) -> list[Piece]:
        doubtful, self._doubtful = [p for p in self._doubtful.values() if p.waits], {}
        found: list[Piece] = []
        for queue in self.queues.values():
            if self._doubt_all:
                mine = queue.take(BATCH) + queue.take_stranded(BATCH)
                found += mine
            elif doubtful:
                found += queue.pull(doubtful)
        self._doubt_all = False
        return found

    def change(self, desk: Desk, **facts: Any) -> None:
        """The person's facts are these now."""
        who = replace(self.rotation.people[desk.worker.id], **facts)
        self.rotation.put(who)
        on = who.presence == "assignable" and who.availability == "available" and not who.locked
        desk.hours.turn("available", on, self.now)


def _person(worker: Worker) -> Person:
    return Person(
        id=worker.id,
        number=worker.number,
        capacity=worker.capacity,
        availability="paused",
        pools=worker.pools,
        skills=worker.skills,
    )
