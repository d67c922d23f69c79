"""What a simulated office holds at one moment: its queues, its desks, and what lies on them."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from app.dispatch.policy.types import Assign, Held, Waiting
from app.dispatch.simulation.hours import Hours
from app.dispatch.simulation.types import Arrival, Attempt, Worker

Rank = tuple[datetime, UUID]


class Piece:
    """A review that has not ended. `rests`: exclusions that pass, and when. `lying`: its open assignment."""

    __slots__ = ("arrival", "given", "lying", "missed_by", "rests", "waiting")

    def __init__(self, arrival: Arrival) -> None:
        self.arrival = arrival
        self.waiting = Waiting(
            review=arrival.id,
            pool=arrival.pool,
            size=arrival.size,
            queued_at=arrival.at,
            priority=arrival.priority,
            skills=arrival.skills,
        )
        self.given = False
        self.lying: Lying | None = None
        self.missed_by: frozenset[UUID] = frozenset()
        self.rests: dict[UUID, datetime] = {}

    @property
    def waits(self) -> bool:
        return self.lying is None

    @property
    def plain(self) -> bool:
        """Whoever is free may take it."""
        return not self.waiting.excluded and not self.waiting.skills


class Lying:
    """An open assignment. `finish`: when it will be done or declined, as things stand; None: never.

    It goes by the id of its review: a review has at most one.
    """

    __slots__ = ("attempt", "closed", "delivered_at", "desk", "effect", "finish", "piece", "warned_at")

    def __init__(self, effect: Assign, piece: Piece, desk: Desk, attempt: Attempt) -> None:
        self.effect = effect
        self.piece = piece
        self.desk = desk
        self.attempt = attempt
        self.finish: datetime | None = None
        self.delivered_at: datetime | None = None
        self.warned_at: datetime | None = None
        self.closed = False

    def held(self, now: datetime) -> Held:
        """As the policy sees it."""
        arrived = self.delivered_at is not None and self.delivered_at <= now
        effect = self.effect
        return Held(
            assignment=effect.review,
            review=effect.review,
            employee=effect.employee,
            pool=effect.pool,
            assigned_at=effect.assigned_at,
            grace_at=effect.grace_at,
            warn_at=effect.warn_at,
            deadline_at=effect.deadline_at,
            delivered_at=self.delivered_at if arrived else None,
            warned_at=self.warned_at,
            missed_by=self.piece.missed_by,
        )


class Desk:
    """A person's place. `free_at`: when they will be through with all that lies there: one thing after another."""

    __slots__ = ("away_since", "counts", "free_at", "hours", "lying", "on_shift", "worker")

    def __init__(self, worker: Worker, start: datetime) -> None:
        self.worker = worker
        self.counts: Counter[str] = Counter()
        self.hours = Hours()
        self.lying: dict[UUID, Lying] = {}
        self.on_shift = False
        self.away_since: datetime | None = None
        self.free_at = start


class Queue:
    """The queue of a pool by rank, and the stranded beside it."""

    def __init__(self) -> None:
        self.heap: list[tuple[Rank, Piece]] = []
        self.stranded: dict[UUID, Piece] = {}

    def __len__(self) -> int:
        return len(self.heap) + len(self.stranded)

    def put(self, piece: Piece) -> None:
        """Where it belongs by its state."""
        if piece.waiting.stranded is None:
            heapq.heappush(self.heap, (piece.waiting.rank, piece))
        else:
            self.stranded[piece.arrival.id] = piece

    def take(self, most: int) -> list[Piece]:
        """The first `most` off the queue; the stranded stay where they are."""
        heap = self.heap
        taken: list[Piece] = []
        while heap and len(taken) < most:
            taken.append(heapq.heappop(heap)[1])
        return taken

    def take_stranded(self, most: int) -> list[Piece]:
        """The first `most` of the stranded, by rank."""
        first = heapq.nsmallest(most, self.stranded.values(), key=lambda piece: piece.waiting.rank)
        for piece in first:
            del self.stranded[piece.arrival.id]
        return first

    def pull(self, pieces: Iterable[Piece]) -> list[Piece]:
        """These very ones, where they wait here."""
        wanted = {id(piece) for piece in pieces}
        found = [piece for _, piece in self.heap if id(piece) in wanted]
        if found:
            self.heap[:] = [entry for entry in self.heap if id(entry[1]) not in wanted]
            heapq.heapify(self.heap)
        mine = [piece for piece in self.stranded.values() if id(piece) in wanted]
        for piece in mine:
            del self.stranded[piece.arrival.id]
        return found + mine
