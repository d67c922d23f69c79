"""ESCO 1.1.1's skills: its labels, as set-up left them, and which of them are ours.

ESCO (European Skills, Competences, Qualifications and Occupations) is the European Commission's, reused with
attribution. Without its file (the environment was made by hand) only our own list is known.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path

import msgspec

_LINKS = Path(__file__).parent / "data" / "esco_links.tsv"


class Label(msgspec.Struct, frozen=True):
    """One name of an ESCO skill; each skill has one preferred."""

    id: str
    preferred: bool
    text: str


def path() -> Path:
    """Where set-up puts the labels: beside the packages of this environment."""
    return Path(sys.prefix) / "share" / "cabrank" / "esco-1.1.1.tsv"


@cache
def labels() -> list[Label]:
    """All labels, in the order of their ids; none where the file is missing."""
    if not path().exists():
        return []
    rows = (line.split("\t") for line in path().read_text(encoding="utf-8").splitlines())
    return [Label(id, kind == "p", text) for id, kind, text in rows]


_ASIDE = re.compile(r"\s*\([^)]*\)$")
_SHORT = 4  # letters; a shorter label of one word is too often another word


def forms() -> dict[str, list[str]]:
    """Each skill's preferred label, and the forms in small letters that texts use for it.

    A label that begins with a verb also in its -ing form: "manage budgets", "managing budgets". Alternative labels are
    left out: measured, they cost more in false finds, time and memory than they bring.
    """
    found: dict[str, list[str]] = {}
    for label in labels():
        plain = _ASIDE.sub("", label.text).lower()
        first, _, rest = plain.partition(" ")
        if label.preferred and (rest or (len(plain) > _SHORT and plain == label.text.lower())):
            found[label.text] = [plain, f"{ing(first)} {rest}"] if rest else [plain]
    return found


def ing(verb: str) -> str:
    """A verb's -ing form; of another word, a form that no text uses."""
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb):
        return verb + verb[-1] + "ing"
    return verb + "ing"


@cache
def ids() -> dict[str, frozenset[str]]:
    """The id of each preferred label."""
    return {label.text: frozenset([label.id]) for label in labels() if label.preferred}


@cache
def links() -> dict[str, frozenset[str]]:
    """Our skills' ids in ESCO, by name."""
    found: dict[str, frozenset[str]] = {}
    for line in _LINKS.read_text(encoding="utf-8").splitlines():
        name, _, ids = line.partition("\t")
        found[name] = frozenset(ids.split())
    return found


def ids_of(skill: str) -> frozenset[str]:
    """A skill's ids in ESCO; most of our own have one or none."""
    return links().get(skill) or ids().get(skill, frozenset())
