"""Pairs that were judged by hand (cases/labels.json): how well the score says what was said."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from app.bots.match import calibration
from app.bots.match.calibration import Judged
from app.bots.match.ranking import Score
from app.bots.match.scale import packaged
from app.postings.text import describe
from app.practice import catalogue
from app.practice.behaviour import Behaviour
from tests.eval.adversarial import CASES
from tests.eval.engine import Engine, Pair
from tests.eval.occupations import sides


class Label(msgspec.Struct, frozen=True):
    """One judgement: would a conscientious recruiter say that this person clearly fits and should apply?"""

    posting: str
    resume: str
    good: bool
    why: str
    split: str


def labels(split: str) -> list[Label]:
    rows = json.loads((CASES / "labels.json").read_text(encoding="utf-8"))
    found = [msgspec.convert(row, Label) for row in rows]
    return [label for label in found if label.split == split]


def postings() -> dict[str, tuple[str, str]]:
    """Title and text of each posting, ours and the practice board's, by id."""
    found = {one.id: (one.title, one.text) for one in sides("postings")}
    for one in catalogue.load().every(Behaviour()):
        found[one.id] = (one.title or "", describe(one.description_html)[1])
    return found


def judged(engine: Engine, split: str) -> list[tuple[Label, Score]]:
    texts, resumes = postings(), {one.id: one.text for one in sides("resumes")}
    found = labels(split)
    scores = engine.score([Pair(*texts[label.posting], resumes[label.resume]) for label in found])
    return list(zip(found, scores, strict=True))


def rows_of(done: list[tuple[Label, Score]]) -> list[Judged]:
    """For the curve: the pairs that no limit holds; those others never reach ninety, whatever the curve says."""
    return [
        Judged({part.name: part.score for part in score.components}, label.good)
        for label, score in done
        if not score.notes
    ]


def figures(done: list[tuple[Label, Score]]) -> dict[str, Any]:
    """Quality on the pairs that no limit holds, the curve, and of all what stands at ninety and above."""
    rows = rows_of(done)
    auto = [label.good for label, score in done if score.score >= 90]
    return {
        "pairs": len(done),
        "good": sum(label.good for label, _ in done),
        "held by a limit": len(done) - len(rows),
        "good ones held": sum(label.good for label, score in done if score.notes),
        "of 90 and more": len(auto),
        "good of these": sum(auto),
        "quality": msgspec.to_builtins(calibration.quality(rows, packaged())),
        "reliability": msgspec.to_builtins(calibration.reliability(rows, packaged())),
    }


def evaluate(engine: Engine) -> dict[str, Any]:
    """Figures of both splits; the scale was learned from `dev` alone."""
    return {split: figures(judged(engine, split)) for split in ("dev", "held_out")}
