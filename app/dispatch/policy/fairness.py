"""How evenly work was spread: assignments per available hour, and the usual measures of how far people lie apart.

Gini: Corrado Gini, 1912. Jain: R. Jain, D.-M. Chiu, W. Hawe, *A Quantitative Measure of Fairness*, DEC-TR-301, 1984.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

LEAST_HOURS: Final = 0.5
"""Whoever was available for less is listed, but not compared: one review in a minute is not sixty an hour."""


class Spread(Struct, frozen=True, kw_only=True):
    """Assignments per available hour over `people` persons.

    `ratio` is the most over the least, `cv` the standard deviation over the mean, `gini` from 0 (all alike) towards 1,
    `jain` from 1 (all alike) down to 1 / people. None: nobody to compare, or a division by nothing.
    """

    people: int
    least: float | None = None
    median: float | None = None
    most: float | None = None
    ratio: float | None = None
    cv: float | None = None
    gini: float | None = None
    jain: float | None = None


def per_hour(assignments: int, hours: float) -> float | None:
    """Assignments an available hour; None for somebody who was hardly there."""
    return assignments / hours if hours >= LEAST_HOURS else None


def spread(rates: Sequence[float]) -> Spread:
    """The measures over the rates of all who are compared, in any unit."""
    if not rates:
        return Spread(people=0)
    mean = statistics.fmean(rates)
    even = {"cv": statistics.pstdev(rates) / mean, "gini": gini(rates), "jain": jain(rates)} if mean > 0 else {}
    return Spread(
        people=len(rates),
        least=round(min(rates), 4),
        median=round(statistics.median(rates), 4),
        most=round(max(rates), 4),
        ratio=round(max(rates) / min(rates), 4) if min(rates) > 0 else None,
        **{name: round(value, 4) for name, value in even.items()},
    )


def gini(rates: Sequence[float]) -> float:
    """Half the mean difference between two people, over the mean. The sum must not be zero."""
    ordered, n = sorted(rates), len(rates)
    weighted = sum(place * rate for place, rate in enumerate(ordered, 1))
    return 2 * weighted / (n * sum(ordered)) - (n + 1) / n


def jain(rates: Sequence[float]) -> float:
    """The square of the sum over n times the sum of the squares. The sum must not be zero."""
    return sum(rates) ** 2 / (len(rates) * sum(rate * rate for rate in rates))
