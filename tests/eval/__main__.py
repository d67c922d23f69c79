"""`make eval`: how good the score is, as a table; `--write` puts the figures into docs/matching.md and its picture.

On our own cases always, on data that others made (../shared/data) where that is there.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from tests.eval import adversarial, labels, match_ratings, occupations, resumes, skill_spans
from tests.eval.engine import ROOT, Engine
from tests.eval.picture import separation
from tests.eval.report import table

DATA = ROOT.parent / "shared" / "data"
PAGE, PICTURE = ROOT / "docs" / "matching.md", ROOT / "docs" / "pictures" / "matching-separation.svg"
BEGIN, END = "<!-- figures: make eval -->", "<!-- end of figures -->"


def measured(engine: Engine, data: Path | None) -> dict[str, Any]:
    """All figures, by what they are on."""
    told: dict[str, Any] = {
        "model": engine.model,
        "adversarial": adversarial.evaluate(engine),
        "labels": labels.evaluate(engine),
        "occupations": occupations.evaluate(engine, data),
        "resumes": resumes.totals(data),
    }
    if data is not None:
        told["skills"] = skill_spans.evaluate(data)
        told["ratings"] = match_ratings.evaluate(engine, data)
    engine.save()
    return told


def write(told: dict[str, Any], engine: Engine) -> None:
    """The figures' part of the page, and the picture."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table(told)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    PICTURE.write_text(
        separation(occupations.judged(engine, list(occupations.own_pairs("held_out")))), encoding="utf-8"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="also into docs/matching.md")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    engine = Engine()
    told = measured(engine, DATA if DATA.is_dir() else None)
    if given.write:
        write(told, engine)
    print(json.dumps(told) if given.json else table(told))


if __name__ == "__main__":
    main()
