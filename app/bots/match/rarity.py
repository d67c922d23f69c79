"""How much a line weighs by how rare its skills are: few who have them make them tell more. Pure."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from app.bots.match.requirements import Wish
from app.bots.match.skills import Taxonomy

_DATA = Path(__file__).parent / "data" / "rarity.json"
_SOFT, _NO_SKILL = 0.4, 0.5
_BOUNDS: Final = (0.6, 1.4)


class Counts(msgspec.Struct, frozen=True):
    """In how many of `documents` postings and resumes each skill was found; those not named: in none."""

    documents: int
    found: dict[str, int]


@cache
def of_skills() -> dict[str, float]:
    """The weight of each counted skill: 1 for the median, 0.6 for the commonest, 1.4 for the rarest."""
    counts = msgspec.json.decode(_DATA.read_bytes(), type=Counts)
    ranked = sorted(counts.found, key=lambda name: -counts.found[name])
    low, high = _BOUNDS
    return {name: low + (high - low) * at / max(1, len(ranked) - 1) for at, name in enumerate(ranked)}


def weight(wish: Wish, taxonomy: Taxonomy) -> float:
    """The weight of one line among those of its kind."""
    if not wish.skills:
        return _NO_SKILL
    if all(taxonomy.skills[skill].kind == "soft" for skill in wish.skills):
        return _SOFT
    known = of_skills()
    return sum(known.get(skill, _BOUNDS[1]) for skill in wish.skills) / len(wish.skills)
