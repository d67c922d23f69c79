"""Short days, written by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.dispatch.policy.types import Pool, Rules
from app.dispatch.simulate import simulate
from app.dispatch.simulation.tally import Outcome
from app.dispatch.simulation.types import Arrival, Attempt, Customs, Day, Span, Worker

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
POOL = UUID(int=1)
RULES = Rules()
DONE = Attempt("done", 60)
NEVER, DECLINED, LOST = Attempt("never"), Attempt("declined", 5), Attempt("undelivered")
Line = tuple[float, str, int | None, int | None]


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def worker(number: int, start: float = 0, end: float = 7200, **more: Any) -> Worker:
    return Worker(
        id=UUID(int=100 + number), number=number, pools=frozenset({POOL}), shifts=(Span(at(start), at(end)),), **more
    )


def arrival(number: int, second: float, **more: Any) -> Arrival:
    given: dict[str, Any] = {"pool": POOL, "size": "large", "seconds": 60.0}
    return Arrival(id=UUID(int=1000 + number), at=at(second), **(given | more))


def play(
    workers: list[Worker], arrivals: list[Arrival], attempts: list[Attempt] | None = None, *, hours: float = 2.0
) -> tuple[Outcome, list[Line]]:
    """The day's outcome and what was told: (second, what, review's number, person's number). Attempts in their order;
    after the last everything is done in a minute."""
    script, told = iter(attempts or []), list[Line]()

    def watch(when: datetime, what: str, review: UUID | None, person: UUID | None) -> None:
        told.append(((when - NINE).total_seconds(), what, review and review.int - 1000, person and person.int - 100))

    day = Day(
        start=NINE, end=NINE + timedelta(hours=hours), pools={POOL: Pool(id=POOL)}, workers=workers, arrivals=arrivals,
        conduct=lambda who, what: next(script, DONE), customs=Customs(ack_seconds=0.0),
    )  # fmt: skip
    return simulate(day, RULES, watch=watch), told


def of(told: list[Line], *kinds: str) -> list[Line]:
    return [line for line in told if line[1] in kinds]
