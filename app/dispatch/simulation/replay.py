"""A recorded day lived through again: its reviews, its people, its shares of what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final
from uuid import UUID

from app.dispatch.policy.types import Size
from app.dispatch.simulation.imagine import Habits, by_habit
from app.dispatch.simulation.recorded import Employed, Filed, Recorded
from app.dispatch.simulation.types import Arrival, Customs, Day, Span, Worker

USUAL_SECONDS: Final[dict[Size, float]] = {"small": 240.0, "large": 480.0}  # where nothing of the size was completed
_PERSON: Final = 1 << 40


def day_of(recorded: Recorded, chance: Random, *, people: int | None = None, capacity: int = 1) -> Day:
    """The recorded day; with `people`, that many in its own people's stead: there all the time, for every pool."""
    work, conduct = (Random(chance.getrandbits(64)) for _ in range(2))  # noqa: S311 - imagined, not secret
    return Day(
        start=recorded.start,
        end=recorded.end,
        pools=recorded.pools,
        workers=_themselves(recorded) if people is None else _others(recorded, people, capacity),
        arrivals=list(_arrivals(recorded.reviews, work)),
        conduct=by_habit(habits_of(recorded.ends), conduct),
        customs=Customs(),
    )


def habits_of(ends: dict[str, int]) -> Habits:
    """What went wrong with assignments that ended, as shares. What supervisors took back is nobody's habit."""
    ended = sum(ends.get(state, 0) for state in ("completed", "missed", "declined", "released", "undelivered"))
    whole = max(1, ended)
    return Habits(
        misses=ends.get("missed", 0) / whole,
        declines=(ends.get("declined", 0) + ends.get("released", 0)) / whole,
        undelivered=ends.get("undelivered", 0) / whole,
        drops_per_hour=0.0,
    )


def _themselves(recorded: Recorded) -> list[Worker]:
    return [_worker(one) for one in recorded.people]


def _worker(one: Employed) -> Worker:
    return Worker(
        id=one.id,
        number=one.number,
        name=one.name,
        capacity=one.capacity,
        pools=one.pools,
        skills=one.skills,
        shifts=tuple(Span(start, end) for start, end in one.available if start < end),
    )


def _others(recorded: Recorded, people: int, capacity: int) -> list[Worker]:
    skills = frozenset(skill for filed in recorded.reviews for skill in filed.skills)
    return [
        Worker(
            id=UUID(int=_PERSON + number),
            number=number,
            name=f"#{number}",
            capacity=capacity,
            pools=frozenset(recorded.pools),
            skills=skills,
            shifts=(Span(recorded.start, recorded.end),),
        )
        for number in range(1, people + 1)
    ]


def _arrivals(reviews: list[Filed], chance: Random) -> Iterator[Arrival]:
    """What a review took; of one that nobody completed, what one of its size took, drawn from the others."""
    known: dict[Size, list[float]] = {"small": [], "large": []}
    for filed in reviews:
        if filed.seconds is not None:
            known[filed.size].append(filed.seconds)
    for filed in reviews:
        usual = known[filed.size] or [USUAL_SECONDS[filed.size]]
        yield Arrival(
            id=filed.id,
            at=filed.at,
            pool=filed.pool,
            size=filed.size,
            seconds=chance.choice(usual) if filed.seconds is None else filed.seconds,
            priority=filed.priority,
            skills=filed.skills,
        )


def waits_of(recorded: Recorded) -> list[float]:
    """How long each review really waited: to its first assignment, or to the end of the interval where none came."""
    end = recorded.end
    return [(end - one.at).total_seconds() if one.waited is None else one.waited for one in recorded.reviews]
