"""From which score the bot applies and from which a person is asked, as the pages show them. Pure."""

from __future__ import annotations

from math import floor

import msgspec

from app.bots.match.policy import limits
from app.config import Settings
from app.seekers.types import Thresholds


class Gates(msgspec.Struct, frozen=True):
    """0-100 each: the seeker's own where they have some, else the settings'."""

    auto: float
    floor: float


class Ring(msgspec.Struct, frozen=True):
    """A score as the ring draws it: a whole number that is never rounded up through a gate."""

    shown: int
    tone: str


def gates(own: Thresholds, settings: Settings) -> Gates:
    return Gates(*limits(own, settings.auto_apply_score, settings.review_floor))


def whole(score: float) -> int:
    """What is shown of a score: 89.9 has not passed 90 and doesn't say so."""
    return floor(score)


def ring(score: float, found: Gates) -> Ring:
    """Green from the gate, amber from the floor."""
    return Ring(whole(score), "" if score >= found.auto else "warn" if score >= found.floor else "low")
