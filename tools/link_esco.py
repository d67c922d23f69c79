"""Link our skills to ESCO's: by a label that is the name or a form of the skill. Run by hand when the list changes.

Writes app/bots/match/data/esco_links.tsv: name, tab, ids. Lines that a person decided stand in esco_decided.tsv beside
it and win; an empty one there says that ESCO has no such skill.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from app.bots.match import esco, skills

DATA = Path(esco.__file__).parent / "data"
_ASIDE = re.compile(r"\s*\([^)]*\)$")


def plain(text: str) -> str:
    """A label without its aside ("Python (computer programming)") and case."""
    return " ".join(re.findall(r"[\w+#.]+", _ASIDE.sub("", text).casefold()))


def main() -> None:
    preferred, others = defaultdict(set), defaultdict(set)
    for label in esco.labels():
        (preferred if label.preferred else others)[plain(label.text)].add(label.id)
    decided = dict(line.split("\t") for line in (DATA / "esco_decided.tsv").read_text().splitlines() if "\t" in line)
    rows = []
    ours = skills.default()
    for name, forms in ours.forms().items():
        if ours.skills[name].kind == "esco":
            continue
        ids = decided.get(name, "").split() if name in decided else sorted(_found(name, forms, preferred, others))
        if ids:
            rows.append(f"{name}\t{' '.join(ids)}\n")
    (DATA / "esco_links.tsv").write_text("".join(sorted(rows)), encoding="utf-8")
    print(f"{len(rows)} of {sum(one.kind != 'esco' for one in ours.skills.values())} of our skills are linked")


def _found(name: str, forms: list[str], preferred: dict[str, set[str]], others: dict[str, set[str]]) -> set[str]:
    for texts, known in (([name], preferred), ([name], others), (forms, preferred), (forms, others)):
        found = {one for text in texts for one in known.get(plain(text), ())}
        if found:
            return found if len(found) <= 2 else set()
    return set()


if __name__ == "__main__":
    main()
