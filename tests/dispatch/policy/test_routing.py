"""Which pool a review goes to."""

from __future__ import annotations

import pytest

from app.dispatch.policy.routing import Place, route
from app.platform.ids import new_id

BOTH, CATEGORY, REGION, LATER = (new_id() for _ in range(4))
PLACES = [
    Place(REGION, "europe", None),
    Place(CATEGORY, None, "software"),
    Place(BOTH, "europe", "software"),
    Place(LATER, "Europe", "Software"),
]


@pytest.mark.parametrize(
    ("region", "category", "pool", "rule"),
    [
        ("europe", "software", BOTH, "region_and_category"),
        ("EUROPE", "Software", BOTH, "region_and_category"),
        ("remote", "software", CATEGORY, "category"),
        (None, "software", CATEGORY, "category"),
        ("europe", "legal", REGION, "region"),
        ("europe", None, REGION, "region"),
        ("remote", "legal", None, "general"),
        (None, None, None, "general"),
    ],
)
def test_the_most_specific_pool_wins(region: str | None, category: str | None, pool: object, rule: str) -> None:
    found = route(PLACES, region, category)
    assert (found.pool, found.rule) == (pool, rule)


def test_without_pools_of_their_own_all_goes_to_general() -> None:
    assert route([], "europe", "software").pool is None
