"""ESCO 1.1.1's skills: its labels, as set-up left them, and which of them are ours.

ESCO (European Skills, Competences, Qualifications and Occupations) is the European Commission's, reused with
attribution. Without its file (the environment was made by hand) only our own list is known.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import msgspec

_LINKS = Path(__file__).parent / "data" / "esco_links.tsv"
ATTRIBUTION = "Skills are linked to ESCO v1.1.1 of the European Commission."


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
    return links().get(skill, frozenset())
