"""Which pool a review goes to, from the region and the job category of its posting.

The pools' own region and category are the rules. The most specific one that fits wins: both, then the category (it says
what people must know), then the region; of equals the pool that was there first. Where none fits it is `general`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

Rule = Literal["region_and_category", "category", "region", "general"]

RULES: Final[dict[str, str]] = {
    "region_and_category": "the posting's region and category",
    "category": "the posting's category",
    "region": "the posting's region",
    "general": "no pool stands for the posting's region or category",
}
_ORDER: Final = ("region_and_category", "category", "region")


class Place(Struct, frozen=True):
    """A pool's own region and category; None stands for any."""

    pool: UUID
    region: str | None
    category: str | None


class Route(Struct, frozen=True):
    """The pool, None for `general`, and the rule that led there."""

    pool: UUID | None
    rule: Rule


def route(places: Sequence[Place], region: str | None, category: str | None) -> Route:
    """Where a review of such a posting goes. `places` in the order in which equals are preferred."""
    found: dict[str, UUID] = {}
    for place in places:
        rule = _fits(place, region, category)
        if rule is not None:
            found.setdefault(rule, place.pool)
    best = next((rule for rule in _ORDER if rule in found), None)
    return Route(found[best], best) if best else Route(None, "general")


def _fits(place: Place, region: str | None, category: str | None) -> Rule | None:
    if place.region is not None and not _same(place.region, region):
        return None
    if place.category is not None and not _same(place.category, category):
        return None
    if place.region is not None and place.category is not None:
        return "region_and_category"
    if place.category is not None:
        return "category"
    return "region" if place.region is not None else None


def _same(one: str, other: str | None) -> bool:
    return other is not None and one.casefold() == other.casefold()
