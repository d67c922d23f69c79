"""Learn the scale from judged pairs: the weights of the components, and the curve that makes a score a chance. Pure.

A logistic regression on the weighted mean of the components that apply. Weights stay non-negative, so that more never
lowers a score, and near those before: few labels move them little.

`good_share` says how the pairs were chosen. Those that were picked by hand hold more good ones than there are, so the
good ones are weighed down to GOOD_SHARE. Those that came up in the work were chosen by their score alone, which takes
nothing from what a score means: there `good_share` is None, and each counts as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec
import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]  # carries no types

from app.bots.match.scale import COMPONENTS, Quality, Scale

# Of what a seeker is shown, how much fits: judged pairs are chosen to be hard and hold more good ones than that.
GOOD_SHARE: Final = 0.1
BANDS: Final = (0.0, 20.0, 40.0, 60.0, 80.0, 90.0, 100.0)
_LEAST_WEIGHT = 0.5
_STEEP = (4.0, 24.0)
_HOLD: Final = 0.02  # how much a weight's squared relative move costs, per label
_PLACES: Final = np.linspace(0.3, 1.0, 8)  # of the curve, where it is held


class Judged(msgspec.Struct, frozen=True):
    """One pair: its components 0-100 by name (those that apply), and whether people found it good."""

    components: dict[str, float]
    good: bool


Numbers = np.ndarray[Any, np.dtype[np.float64]]


def _table(rows: Sequence[Judged], good_share: float | None) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """(values 0-1, which apply, good, weight): weights make the good ones `good_share` of all, and sum to 1."""
    values = np.array([[row.components.get(name, 0.0) / 100 for name in COMPONENTS] for row in rows])
    applies = np.array([[float(name in row.components) for name in COMPONENTS] for row in rows])
    good = np.array([float(row.good) for row in rows])
    some, others = max(good.sum(), 1.0), max((1 - good).sum(), 1.0)
    share = good.mean() if good_share is None else good_share
    weight = np.where(good == 1, share / some, (1 - share) / others)
    return values, applies, good, weight / weight.sum()


def _chances(
    rows: Sequence[Judged], scale: Scale, good_share: float | None = GOOD_SHARE
) -> tuple[Numbers, Numbers, Numbers]:
    """(logits, good, weight) by a scale."""
    values, applies, good, weight = _table(rows, good_share)
    return _logits(values, applies, _given(scale)), good, weight


def _given(scale: Scale) -> Numbers:
    """What a fit moves: the weights, the slope, the intercept."""
    return np.array([scale.weights[name] for name in COMPONENTS] + [scale.slope, scale.intercept])


def _logits(values: Numbers, applies: Numbers, given: Numbers) -> Numbers:
    weights, slope, intercept = given[:-2], given[-2], given[-1]
    raw = (values @ weights) / np.maximum(applies @ weights, 1e-9)
    found: Numbers = slope * raw + intercept
    return found


def _losses(logits: Numbers, good: Numbers) -> Numbers:
    """The log loss of each; `good` may be a chance."""
    each: Numbers = np.logaddexp(0, logits) - good * logits
    return each


def fit(
    rows: Sequence[Judged],
    before: Scale,
    version: str,
    *,
    good_share: float | None = GOOD_SHARE,
    worth: float = 0.0,
) -> Scale:
    """The scale that explains the judgements best. Raises ValueError where all say the same.

    `worth`: for how many judgements the curve before counts; where nothing was judged it alone speaks.
    """
    values, applies, good, weight = _table(rows, good_share)
    if not 0 < good.sum() < len(good):
        raise ValueError("to learn from, there must be good pairs and bad ones")
    start = _given(before)
    said = 1 / (1 + np.exp(-(start[-2] * _PLACES + start[-1])))

    def loss(given: Numbers) -> float:
        told = (weight * _losses(_logits(values, applies, given), good)).sum()
        kept = _losses(given[-2] * _PLACES + given[-1], said).mean()
        moved = (given[:-2] / given[:-2].sum() * 100 - start[:-2]) / np.maximum(start[:-2], 5.0)
        return float(told + worth / len(rows) * kept + _HOLD * (moved**2).sum())

    bounds = [(_LEAST_WEIGHT, 100.0)] * len(COMPONENTS) + [_STEEP, (-30.0, 10.0)]
    return _scale(minimize(loss, start, bounds=bounds, method="L-BFGS-B").x, version)


def _scale(found: Numbers, version: str) -> Scale:
    total = found[:-2].sum()
    weights = {name: round(float(100 * found[at] / total), 1) for at, name in enumerate(COMPONENTS)}
    return Scale(
        version=version, weights=weights, slope=round(float(found[-2]), 3), intercept=round(float(found[-1]), 3)
    )


def gain(rows: Sequence[Judged], scale: Scale, other: Scale) -> tuple[float, float]:
    """By how much the mean log loss of `scale` is lower than the other's, and the standard error of that."""
    logits, good, _ = _chances(rows, scale, None)
    lower = _losses(_chances(rows, other, None)[0], good) - _losses(logits, good)
    error = lower.std(ddof=1) / np.sqrt(len(rows)) if len(rows) > 1 else np.inf
    return float(lower.mean()), float(error)


def quality(rows: Sequence[Judged], scale: Scale, *, good_share: float | None = GOOD_SHARE) -> Quality:
    """How well a scale says what people said of these pairs."""
    logits, good, weight = _chances(rows, scale, good_share)
    chance = 1 / (1 + np.exp(-logits))
    auto = chance >= 0.9
    return Quality(
        pairs=len(rows),
        log_loss=float((weight * _losses(logits, good)).sum()),
        brier=float((weight * (chance - good) ** 2).sum()),
        auc=_auc(logits, good),
        auto=int(auto.sum()),
        auto_good=int((auto * good).sum()),
    )


def _auc(said: Numbers, good: Numbers) -> float:
    """The chance that a good pair stands above a bad one; 0.5 where one kind is missing."""
    right, wrong = said[good == 1], said[good == 0]
    if not len(right) or not len(wrong):
        return 0.5
    above = (right[:, None] > wrong).mean() + 0.5 * (right[:, None] == wrong).mean()
    return float(above)


class Band(msgspec.Struct, frozen=True):
    """Of the scores from `low` to `high`: how many, their mean, and how many percent of them were good."""

    low: float
    high: float
    pairs: int
    mean: float
    good: float


def reliability(rows: Sequence[Judged], scale: Scale, bands: Sequence[float] = BANDS) -> list[Band]:
    """The reliability curve; weighted as the fit is, so that good ones are GOOD_SHARE of all."""
    logits, good, weight = _chances(rows, scale)
    score = 100 / (1 + np.exp(-logits))
    found = []
    for low, high in pairwise(bands):
        mine = (score >= low) & ((score < high) | (high == bands[-1]))
        if mine.any():
            part = weight[mine] / weight[mine].sum()
            found.append(Band(low, high, int(mine.sum()), float(part @ score[mine]), float(100 * part @ good[mine])))
    return found
