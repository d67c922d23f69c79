"""Skills in sentences of postings (shared data): ESCO ids on TechWolf's validation sets, spans on SkillSpan's dev set.

The baseline is plain gazetteer matching: every ESCO label as whole words, case ignored, the longest first.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import ahocorasick

from app.bots.match import esco, skills

Spans = list[tuple[int, int, frozenset[str]]]  # start, end, ESCO ids
Finder = Callable[[str], Spans]
NO_LABEL = {"LABEL NOT PRESENT", "UNDERSPECIFIED"}


def gazetteer() -> Finder:
    """ESCO's labels as they are."""
    owners: dict[str, set[str]] = {}
    for label in esco.labels():
        owners.setdefault(label.text.lower(), set()).add(label.id)
    automaton = ahocorasick.Automaton()
    for form, ids in owners.items():
        automaton.add_word(form, (len(form), frozenset(ids)))
    automaton.make_automaton()

    def find(text: str) -> Spans:
        low = text.lower()
        found = [(last - length + 1, last + 1, ids) for last, (length, ids) in automaton.iter(low)]
        whole = [span for span in found if _bounded(low, span[0], span[1])]
        return _longest(whole)

    return find


def _bounded(low: str, start: int, end: int) -> bool:
    return not (low[start - 1 : start].isalnum() or low[end : end + 1].isalnum())


def _longest(found: Spans) -> Spans:
    kept: Spans = []
    for span in sorted(found, key=lambda one: (one[0], -one[1])):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def ours() -> Finder:
    """The product's extractor."""
    taxonomy = skills.default()

    def find(text: str) -> Spans:
        return [(hit.start, hit.end, esco.ids_of(hit.skill)) for hit in taxonomy.hits(text)]

    return find


def scores(right: float, said: float, true: float) -> dict[str, float]:
    """Precision, recall and their harmonic mean."""
    precision, recall = right / said if said else 0.0, right / true if true else 0.0
    both = precision + recall
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / both if both else 0.0}


def techwolf(data: Path, name: str, find: Finder) -> dict[str, float]:
    """Per sentence: the labels found against the labels given."""
    by_label = {label.text: label.id for label in esco.labels() if label.preferred}
    sentences: dict[str, set[str]] = {}
    with (data / "skills" / f"{name}_validation_annotations.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            given = sentences.setdefault(row["sentence"], set())
            if row["label"] not in NO_LABEL and row["label"] in by_label:
                given.add(by_label[row["label"]])
    right = said = true = 0
    for sentence, given in sentences.items():
        spans = find(sentence)
        # A span with several ids (a label that two skills share) is one answer: right when one of them is.
        right += len(given & {one for _, _, ids in spans for one in ids})
        said += len({ids for _, _, ids in spans if ids})
        true += len(given)
    return scores(right, said, true)


def skillspan(data: Path, find: Finder) -> dict[str, float]:
    """By the words that both mark, over the skills and the knowledge of the set."""
    right = said = true = 0
    for tokens, marked in _sentences(data / "skills" / "skillspan_dev.json"):
        text, places = _joined(tokens)
        spans = find(text)
        mine = {at for at, (start, end) in enumerate(places) if any(s < end and start < e for s, e, _ in spans)}
        right, said, true = right + len(mine & marked), said + len(mine), true + len(marked)
    return scores(right, said, true)


def _sentences(path: Path) -> Iterable[tuple[list[str], set[int]]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        tags = zip(row["tags_skill"], row["tags_knowledge"], strict=True)
        yield row["tokens"], {at for at, pair in enumerate(tags) if pair != ("O", "O")}


def _joined(tokens: list[str]) -> tuple[str, list[tuple[int, int]]]:
    text, places = "", []
    for token in tokens:
        places.append((len(text), len(text) + len(token)))
        text += token + " "
    return text, places


def evaluate(data: Path) -> dict[str, Any]:
    """{set: {finder: {"precision", "recall", "f1"}}}."""
    finders = {"Cabrank": ours(), "ESCO labels alone": gazetteer()}
    return {
        "TechWolf tech": {name: techwolf(data, "tech", find) for name, find in finders.items()},
        "TechWolf house": {name: techwolf(data, "house", find) for name, find in finders.items()},
        "SkillSpan dev": {name: skillspan(data, find) for name, find in finders.items()},
    }
