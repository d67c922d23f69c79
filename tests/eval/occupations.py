"""Postings against resumes of the same, an adjacent and a distant occupation: how well the score parts them.

Ours: tests/eval/cases, both splits. Of others (shared data): Uber's postings against the sample resumes whose
occupation
is told by their titles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from app.bots.match import resume_process
from app.bots.match.ranking import Score
from app.seekers import sniff
from tests.eval.adversarial import CASES, text_of
from tests.eval.engine import Engine, Pair
from tests.eval.stats import auc

LEVELS = ("junior", "mid", "senior", "lead")
_ADJACENT = (
    {"backend_engineer", "data_engineer", "platform_engineer", "frontend_engineer"},
    {"data_engineer", "data_analyst"},
    {"data_analyst", "product_manager"},
    {"nurse", "care_assistant"},
    {"accountant", "bookkeeper"},
    {"electrician", "hvac_technician"},
    {"primary_teacher", "secondary_teacher"},
    {"truck_driver", "logistics"},
    {"sales", "product_manager"},
)


class Side(msgspec.Struct, frozen=True):
    """A posting or a resume with its occupation and level (0 junior to 3 lead)."""

    id: str
    occupation: str
    level: int
    split: str
    title: str
    text: str


def relation(one: str, other: str) -> str:
    """same, adjacent or distant."""
    if one == other:
        return "same"
    return "adjacent" if any({one, other} <= group for group in _ADJACENT) else "distant"


def sides(name: str) -> list[Side]:
    """postings or resumes of ours."""
    rows = [row for file in sorted(CASES.glob(f"{name}*.json")) for row in json.loads(file.read_text(encoding="utf-8"))]
    return [_side(row, row.get("description", row.get("text", ""))) for row in rows]


def _side(row: dict[str, Any], text: str | list[str]) -> Side:
    level = LEVELS.index(row["level"])
    return Side(row["id"], row["occupation"], level, row["split"], row.get("title", ""), text_of(text))


def own_pairs(split: str) -> Iterator[tuple[Side, Side]]:
    postings, resumes = sides("postings"), sides("resumes")
    return ((p, r) for p in postings for r in resumes if p.split == r.split == split)


_UBER = (
    ("ml", re.compile(r"machine learning|applied scientist|\bml\b", re.I)),
    ("pm", re.compile(r"product manager", re.I)),
    ("software", re.compile(r"software engineer|full.?stack|android|ios engineer|backend|frontend", re.I)),
)
_FAR = {"Sales & Account Management", "Legal", "Finance & Accounting", "Community Operations", "People & Places"}
_NOT_FAR = re.compile(r"data|analy|program|engineer|scien|tech", re.I)  # work with software in other departments
_SAMPLES = {
    "alfred_pennyworth_pm.pdf": "pm",
    "barry_allen_fe.pdf": "software",
    "bruce_wayne_fullstack.pdf": "software",
    "harvey_dent_mle.pdf": "ml",
}


def uber_pairs(data: Path) -> Iterator[tuple[Side, Side]]:
    """Uber's engineering, product and distant postings against the four samples; levels aren't told (0)."""
    rows = json.loads((data / "postings" / "uber_half.json").read_text(encoding="utf-8"))
    postings = [Side(row["id"], _uber(row), 0, "others", row["title"], row["description"]) for row in rows]
    for name, occupation in _SAMPLES.items():
        text = resume_process.read((data / "resumes" / name).read_bytes(), sniff.PDF).text
        for posting in postings:
            if posting.occupation:
                yield posting, Side(name, occupation, 0, "others", "", text)


def _uber(row: dict[str, Any]) -> str:
    if row["department"] in _FAR:
        return "" if _NOT_FAR.search(row["title"]) else "far"
    return next((name for name, pattern in _UBER if pattern.search(row["title"])), "")


def judged(engine: Engine, pairs: Sequence[tuple[Side, Side]]) -> list[tuple[Side, Side, Score]]:
    scores = engine.score([Pair(posting.title, posting.text, resume.text) for posting, resume in pairs])
    return [(*pair, score) for pair, score in zip(pairs, scores, strict=True)]


def figures(done: Sequence[tuple[Side, Side, Score]]) -> dict[str, Any]:
    """AUC of the same occupation against distant ones and against adjacent ones; what is among the 90s."""
    of: dict[str, list[float]] = {"same": [], "adjacent": [], "distant": []}
    for posting, resume, score in done:
        of[relation(posting.occupation, resume.occupation)].append(score.raw)
    top = [(p, r) for p, r, s in done if s.score >= 90]
    right = [(p, r) for p, r in top if p.occupation == r.occupation and abs(p.level - r.level) <= 1]
    told: dict[str, Any] = {"pairs": len(done), "of 90 and more": len(top), "same occupation and level": len(right)}
    for name in ("distant", "adjacent"):
        if of[name]:
            told[f"AUC {name}"] = auc(of["same"], of[name])
    return told


def evaluate(engine: Engine, data: Path | None) -> dict[str, Any]:
    """Figures of each set."""
    sets = {split: list(own_pairs(split)) for split in ("dev", "held_out")}
    if data is not None:
        sets["Uber"] = list(uber_pairs(data))
    return {name: figures(judged(engine, pairs)) for name, pairs in sets.items()}
