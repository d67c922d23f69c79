"""208 ratings 1-7 by HR staff of resumes against lists of key skills, 23 vacancies (shared data; see its README).

Half of the vacancies (`tuning`) may be looked at when the scorer is changed; the other half only reports.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer

from app.bots.match import resume_process, skills
from app.seekers import sniff
from tests.eval.engine import Engine, Pair
from tests.eval.stats import Group, gain, mean_over, ndcg, spearman

Scorer = Callable[[Sequence[Pair]], list[float]]


def rows(data: Path) -> list[tuple[str, Pair, float]]:
    """(vacancy, pair, rating). A vacancy is a list of skills without a title: they are both."""
    with (data / "resume_match" / "pairs.csv").open(encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    texts = {row["resume_id"]: _text(data / "resume_match" / "resumes" / f"{row['resume_id']}.pdf") for row in found}
    return [(row["jd_id"], _pair(row, texts), float(row["hr_score_1to7"])) for row in found]


@functools.cache
def _text(path: Path) -> str:
    return resume_process.read(path.read_bytes(), sniff.PDF).text


def _pair(row: dict[str, str], texts: dict[str, str]) -> Pair:
    wanted = [part.strip() for part in row["jd_key_skills"].split("|") if part.strip()]
    return Pair(
        ", ".join(wanted)[:150], "Requirements\n" + "\n".join(f"- {one}" for one in wanted), texts[row["resume_id"]]
    )


def tfidf(pairs: Sequence[Pair]) -> list[float]:
    """The cosine of word weights, learned from these texts."""
    asked, told = [pair.description for pair in pairs], [pair.resume for pair in pairs]
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit([*asked, *told])
    left, right = words.transform(asked), words.transform(told)
    return [float(value) for value in left.multiply(right).sum(axis=1).A1]


def overlap(pairs: Sequence[Pair]) -> list[float]:
    """The share of the vacancy's key skills that the resume holds as words."""
    return [_share(pair) for pair in pairs]


def _share(pair: Pair) -> float:
    known = skills.default()
    asked, told = known.find(pair.description), known.find(pair.resume)
    return len(asked & told) / len(asked) if asked else 0.0


def cosine(engine: Engine) -> Scorer:
    """One plain cosine of both whole texts, as the model takes them."""

    def run(pairs: Sequence[Pair]) -> list[float]:
        vectors = engine.vectors(text for pair in pairs for text in (pair.description, pair.resume[:4000]))
        return [float(vectors[pair.description] @ vectors[pair.resume[:4000]]) for pair in pairs]

    return run


def evaluate(engine: Engine, data: Path) -> dict[str, Any]:
    """{scorer: {half: {"spearman", "ndcg"}}} and ours against each of the others."""
    found = rows(data)
    vacancies = sorted({vacancy for vacancy, _, _ in found})
    halves = {"tuning": set(vacancies[::2]), "held out": set(vacancies[1::2]), "all": set(vacancies)}
    pairs = [pair for _, pair, _ in found]
    scorers: dict[str, Scorer] = {
        "Cabrank": lambda given: [score.score for score in engine.score(given)],
        "MiniLM cosine": cosine(engine),
        "TF-IDF": tfidf,
        "skill overlap": overlap,
    }
    said = {name: run(pairs) for name, run in scorers.items()}
    groups = {
        (name, half): _groups(found, values, chosen) for name, values in said.items() for half, chosen in halves.items()
    }
    told: dict[str, Any] = {name: {half: _means(groups[name, half]) for half in halves} for name in said}
    for name in list(said)[1:]:
        for half in halves:
            ours, theirs = groups["Cabrank", half], groups[name, half]
            told[name][half]["ours minus this"] = {
                "spearman": gain(ours, theirs, spearman),
                "ndcg": gain(ours, theirs, ndcg),
            }
    return told


def _groups(found: list[tuple[str, Pair, float]], said: list[float], chosen: set[str]) -> list[Group]:
    by: dict[str, Group] = {}
    for (vacancy, _, rating), value in zip(found, said, strict=True):
        if vacancy in chosen:
            truth, told = by.setdefault(vacancy, ([], []))
            truth.append(rating)
            told.append(value)
    return list(by.values())


def _means(groups: list[Group]) -> dict[str, Any]:
    return {"spearman": mean_over(groups, spearman), "ndcg": mean_over(groups, ndcg)}
