"""Cases written to win a false score, and their plain counterparts: each on the right side of the threshold or not."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from app.bots.match.ranking import Score
from tests.eval.engine import Engine, Pair

CASES = Path(__file__).parent / "cases"
AUTO, FLOOR = 90.0, 60.0


class Case(msgspec.Struct, frozen=True):
    """One posting and one resume; `expect`: below (90), at_least_review (60) or auto (90)."""

    id: str
    kind: str
    posting: dict[str, Any]
    resume: str | list[str]
    expect: str
    why: str

    @property
    def pair(self) -> Pair:
        return Pair(self.posting["title"], text_of(self.posting["description"]), text_of(self.resume))

    def right(self, score: float) -> bool:
        if self.expect == "below":
            return score < AUTO
        return score >= (FLOOR if self.expect == "at_least_review" else AUTO)


def text_of(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "\n".join(value)


def cases() -> list[Case]:
    """All of them, in the order of their files."""
    files = sorted(CASES.glob("adversarial_*.json"))
    return [msgspec.convert(row, Case) for file in files for row in json.loads(file.read_text(encoding="utf-8"))]


def judged(engine: Engine) -> list[tuple[Case, Score]]:
    found = cases()
    return list(zip(found, engine.score([case.pair for case in found]), strict=True))


def evaluate(engine: Engine) -> dict[str, Any]:
    """{kind: [right, of]} and the cases on the wrong side."""
    done = judged(engine)
    total, right = Counter(case.kind for case, _ in done), Counter()
    right.update(case.kind for case, score in done if case.right(score.score))
    wrong = [
        {"id": case.id, "kind": case.kind, "expect": case.expect, "score": score.score, "why": case.why}
        for case, score in done
        if not case.right(score.score)
    ]
    return {"kinds": {kind: [right[kind], total[kind]] for kind in total}, "wrong": wrong}
