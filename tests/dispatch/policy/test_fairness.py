"""Spread: the usual measures, on sets whose values are known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dispatch.policy.fairness import Spread, gini, jain, per_hour, spread

rates = st.lists(st.floats(0.01, 1000), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("given", "ratio", "cv", "gini", "jain"),
    [
        ([6.0], 1.0, 0.0, 0.0, 1.0),
        ([5.0, 5.0, 5.0], 1.0, 0.0, 0.0, 1.0),
        ([1.0, 3.0], 3.0, 0.5, 0.25, 0.8),
        ([0.0, 0.0, 0.0, 8.0], None, 1.7321, 0.75, 0.25),
        ([1.0, 2.0, 3.0, 4.0, 5.0], 5.0, 0.4714, 0.2667, 0.8182),
    ],
)
def test_known_spreads(given: list[float], ratio: float | None, cv: float, gini: float, jain: float) -> None:
    found = spread(given)
    assert (found.people, found.ratio, found.cv, found.gini, found.jain) == (len(given), ratio, cv, gini, jain)


def test_nobody_and_nothing_are_no_division() -> None:
    assert spread([]) == Spread(people=0)
    assert spread([0.0, 0.0]) == Spread(people=2, least=0.0, median=0.0, most=0.0)
    assert (per_hour(3, 0.0), per_hour(1, 0.25), per_hour(3, 1.5)) == (None, None, 2.0)


@given(rates, st.floats(0.1, 10))
def test_measures_do_not_depend_on_the_unit_and_keep_their_bounds(given: list[float], factor: float) -> None:
    scaled = [rate * factor for rate in given]
    assert gini(scaled) == pytest.approx(gini(given), abs=1e-9)
    assert jain(scaled) == pytest.approx(jain(given), abs=1e-9)
    assert -1e-9 <= gini(given) < 1
    assert 1 / len(given) - 1e-9 <= jain(given) <= 1 + 1e-9
