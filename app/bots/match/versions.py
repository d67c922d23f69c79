"""What a stored score stands on, in one line: `MODEL/RANKING/SCALE/TAXONOMY`, each by its version.

The embedder's model is known to those only who ask it; the other three are the score's basis, by which it is known
whether a score still stands.
"""

from __future__ import annotations

import msgspec

from app.bots.match import skills
from app.bots.match.ranking import VERSION
from app.bots.match.scale import Scale


class Versions(msgspec.Struct, frozen=True):
    """A line of versions, taken apart; what was written before it had all four has them empty."""

    model: str
    ranking: str = ""
    scale: str = ""
    taxonomy: str = ""


def basis(scale: Scale) -> str:
    """RANKING/SCALE/TAXONOMY, as it is now."""
    return f"{VERSION}/{scale.version}/{skills.version()}"


def line(model: str, scale: Scale) -> str:
    """The whole line, as it is stored with a score."""
    return f"{model}/{basis(scale)}"


def parse(told: str) -> Versions:
    """A stored line, taken apart; the model's name may hold a slash."""
    parts = told.rsplit("/", 3)
    return Versions(*parts) if len(parts) == 4 else Versions(told)
