"""Measures of a ranking, with paired bootstrap intervals over the groups that were judged together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import rankdata, spearmanr

Numbers = Sequence[float]
Group = tuple[list[float], list[float]]  # what people said, what the scorer said
_ROUNDS = 2000


def spearman(truth: Numbers, said: Numbers) -> float:
    """Rank correlation; 0 where one side says the same of all."""
    if len(set(truth)) < 2 or len(set(said)) < 2:
        return 0.0
    return float(spearmanr(truth, said).statistic)


def ndcg(truth: Numbers, said: Numbers, k: int = 5) -> float:
    """NDCG@k with the ratings as gains; ties in `said` count as their mean over all orders (rank means)."""
    gains = np.array(truth, dtype=float)
    order = np.argsort(-np.array(said, dtype=float), kind="stable")
    discounts = np.where(np.arange(len(gains)) < k, 1 / np.log2(np.arange(2, len(gains) + 2)), 0.0)
    mean = np.empty(len(gains))
    ranks = rankdata(-np.array(said, dtype=float), method="dense")[order]
    for rank in np.unique(ranks):
        mean[ranks == rank] = discounts[ranks == rank].mean()
    best = float((np.sort(gains)[::-1] * discounts).sum())
    return float((gains[order] * mean).sum()) / best if best else 0.0


def auc(good: Numbers, bad: Numbers) -> float:
    """The chance that a good pair stands above a bad one; ties count half."""
    ranks = rankdata([*good, *bad])
    return float((ranks[: len(good)].sum() - len(good) * (len(good) + 1) / 2) / (len(good) * len(bad)))


def mean_over(groups: Sequence[Group], measure: Callable[[Numbers, Numbers], float]) -> float:
    """A measure's mean over the groups."""
    return float(np.mean([measure(truth, said) for truth, said in groups]))


def gain(ours: Sequence[Group], theirs: Sequence[Group], measure: Callable[[Numbers, Numbers], float]) -> list[float]:
    """Our mean minus theirs over the same groups, and its 95 % interval: [difference, low, high]."""
    each = np.array([measure(*one) - measure(*other) for one, other in zip(ours, theirs, strict=True)])
    chosen = np.random.default_rng(7).integers(0, len(each), (_ROUNDS, len(each)))
    means = each[chosen].mean(axis=1)
    return [float(each.mean()), *(float(x) for x in np.percentile(means, [2.5, 97.5]))]
