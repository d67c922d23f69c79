"""The figures as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def _rows(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def table(told: dict[str, Any]) -> str:
    """All of it; what wasn't measured is left out."""
    parts = [
        f"Model `{told['model']}`.",
        "**Judged pairs** (held out; the scale was learned from the other half)",
        _labels(told["labels"]),
        "**Reliability** on the held-out pairs that no limit holds, weighted to one good pair in ten",
        _reliability(told["labels"]["held_out"]),
        "**Occupations**, posting × resume",
        _occupations(told["occupations"]),
        "**Adversarial cases** on the right side of the threshold",
        _adversarial(told["adversarial"]),
        "**Resume parsing**, F1 of the values",
        _resumes(told["resumes"]),
    ]
    if "skills" in told:
        parts += ["**Skills in sentences**", _skills(told["skills"])]
    if "ratings" in told:
        parts += ["**HR ratings** (208, 23 vacancies; Spearman and NDCG@5 within a vacancy)", _ratings(told["ratings"])]
    return "\n\n".join(parts)


def _labels(told: dict[str, Any]) -> str:
    head = ("split", "pairs", "good", "90 and more", "good of these", "AUC", "log loss", "good ones that a limit holds")
    return _rows(
        head,
        (
            (
                name,
                one["pairs"],
                one["good"],
                one["of 90 and more"],
                one["good of these"],
                f"{one['quality']['auc']:.3f}",
                f"{one['quality']['log_loss']:.3f}",
                one["good ones held"],
            )
            for name, one in told.items()
        ),
    )


def _reliability(told: dict[str, Any]) -> str:
    rows = (
        (f"{band['low']:.0f}-{band['high']:.0f}", band["pairs"], f"{band['mean']:.0f}", f"{band['good']:.0f}")
        for band in told["reliability"]
    )
    return _rows(("chance, percent", "pairs", "mean chance", "percent good"), rows)


def _occupations(told: dict[str, Any]) -> str:
    head = ("set", "pairs", "AUC distant", "AUC adjacent", "90 and more", "of these same occupation and level")
    return _rows(
        head,
        (
            (
                name,
                one["pairs"],
                _number(one.get("AUC distant")),
                _number(one.get("AUC adjacent")),
                f"{one['of 90 and more']} ({100 * one['of 90 and more'] / one['pairs']:.1f} %)",
                one["same occupation and level"],
            )
            for name, one in told.items()
        ),
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _adversarial(told: dict[str, Any]) -> str:
    rows = [(kind, f"{right} of {of}") for kind, (right, of) in sorted(told["kinds"].items())]
    wrong = "; ".join(f"`{one['id']}` {one['score']:.0f}, wanted {one['expect']}" for one in told["wrong"])
    return _rows(("kind", "right"), rows) + (f"\n\nOn the wrong side: {wrong}." if wrong else "")


def _resumes(told: dict[str, dict[str, float]]) -> str:
    fields = list(dict.fromkeys(field for one in told.values() for field in one))
    return _rows(
        ("files", *fields), ((name, *(_number(one.get(field)) for field in fields)) for name, one in told.items())
    )


def _skills(told: dict[str, Any]) -> str:
    rows = (
        (name, finder, *(f"{one[measure]:.3f}" for measure in ("precision", "recall", "f1")))
        for name, finders in told.items()
        for finder, one in finders.items()
    )
    return _rows(("set", "finder", "precision", "recall", "F1"), rows)


def _ratings(told: dict[str, Any]) -> str:
    rows = (
        (
            name,
            half,
            f"{one['spearman']:.3f}",
            f"{one['ndcg']:.3f}",
            *(_interval(one.get("ours minus this", {}).get(measure)) for measure in ("spearman", "ndcg")),
        )
        for name, halves in told.items()
        for half, one in halves.items()
    )
    return _rows(("scorer", "half", "Spearman", "NDCG@5", "Cabrank minus it: Spearman", "NDCG@5"), rows)


def _interval(given: Sequence[float] | None) -> str:
    return "" if given is None else f"{given[0]:+.3f} ({given[1]:+.3f} to {given[2]:+.3f})"
