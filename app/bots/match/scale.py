"""From components to a score of 0-100 with a meaning: of pairs scored 90, nine in ten are good; of those scored 60, one
in four, which is worth a person's look. Pure.

`raw` is the weighted mean of the components. The chance that a pair is good is 1 / (1 + exp(-(slope * raw / 100 +
intercept))); the score is that chance, stretched so that a quarter stands at 60 and nine tenths at 90. Weights and
curve are learned from judged pairs (docs/matching.md); they are data, versioned, and stored with each score.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

COMPONENTS: Final = ("requirements", "work", "title", "years", "education", "language")
_DATA = Path(__file__).parent / "data" / "scale.json"
_BAND = 10.0


def _logit(chance: float) -> float:
    return math.log(chance / (1 - chance))


# What a chance of a quarter, and one of nine tenths, is shown as.
_REVIEW, _AUTO = (_logit(0.25), _logit(0.6)), (_logit(0.9), _logit(0.9))
_STRETCH = (_AUTO[1] - _REVIEW[1]) / (_AUTO[0] - _REVIEW[0])
_SHIFT = _AUTO[1] - _STRETCH * _AUTO[0]


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """`weights` of the components (any sum), `slope` and `intercept` of the curve."""

    version: str
    weights: dict[str, float]
    slope: float
    intercept: float

    def chance(self, raw: float) -> float:
        """`raw` 0-100 to the chance 0-1 that the pair is good."""
        return 1 / (1 + math.exp(-self._logit(raw)))

    def score(self, raw: float) -> float:
        """`raw` 0-100 to the score 0-100."""
        return 100 / (1 + math.exp(-(_STRETCH * self._logit(raw) + _SHIFT)))

    def _logit(self, raw: float) -> float:
        return self.slope * raw / 100 + self.intercept


class Quality(msgspec.Struct, frozen=True):
    """Of a scale on judged pairs: mean log loss, Brier score, AUC, and the share of good ones among the 90s."""

    pairs: int
    log_loss: float
    brier: float
    auc: float
    auto: int
    auto_good: int


# Weights by judgement, which a fit starts from and holds to where labels say little.
STARTED_FROM: Final = Scale(
    version="0",
    weights={"requirements": 40, "work": 20, "title": 20, "years": 10, "education": 4, "language": 6},
    slope=12.0,
    intercept=-8.0,
)


@cache
def packaged() -> Scale:
    """The scale that ships with the product."""
    return msgspec.json.decode(_DATA.read_bytes(), type=Scale)


def capped(score: float, cap: float) -> float:
    """At most `cap`; what comes near it or above keeps its order within the last ten points."""
    knee = cap - _BAND
    if cap >= 100 or score <= knee:
        return score
    return knee + (score - knee) * _BAND / (100 - knee)
