"""Learn what is learned: how rare skills are, and the scale. `python -m tests.eval.fit` writes both into the product.

Rarity: in how many of our postings, the practice board's, Uber's, and of all resumes each skill stands. The scale: from
the judged pairs of the split `dev` alone.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from app.bots.match import calibration, person, rarity, resume_process, scale, skills
from app.seekers import sniff
from tests.eval import labels
from tests.eval.engine import ROOT, Engine
from tests.eval.occupations import sides

DATA = ROOT.parent / "shared" / "data"
MATCH = Path(scale.__file__).parent / "data"


def documents() -> Iterable[str]:
    """The texts to count in."""
    yield from (text for _, text in labels.postings().values())
    yield from (one.text for one in sides("resumes"))
    yield from (row["description"] for row in json.loads((DATA / "postings" / "uber_half.json").read_text()))
    for path in sorted((DATA / "resume_match" / "resumes").glob("*.pdf")):
        yield resume_process.read(path.read_bytes(), sniff.PDF).text


def count() -> rarity.Counts:
    """In how many documents each skill of ours stands."""
    taxonomy, found, documents_read = skills.default(), Counter[str](), 0
    for text in documents():
        documents_read += 1
        found.update(person.known_in(text.split("\n"), taxonomy, crowded=True))
    kept = {name: times for name, times in sorted(found.items()) if taxonomy.skills[name].kind != "esco"}
    return rarity.Counts(documents_read, kept)


def _write(name: str, value: object) -> None:
    text = json.dumps(msgspec.to_builtins(value), indent=1, ensure_ascii=False)
    (MATCH / name).write_text(text + "\n", encoding="utf-8")


def main(version: str) -> None:
    _write("rarity.json", count())
    rarity.of_skills.cache_clear()
    engine = Engine()
    rows = labels.rows_of(labels.judged(engine, "dev"))
    engine.save()
    learned = calibration.fit(rows, scale.STARTED_FROM, version)
    _write("scale.json", learned)
    print(learned, calibration.quality(rows, learned), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
