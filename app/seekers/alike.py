"""Whether two entries of two readings are the same position, or the same study. Pure.

Resumes of one person write one job in several ways: "Acme" and "Acme Payments Ltd", "Sr. Engineer" and "Senior
Engineer". Employer and title must both be alike; periods that don't overlap are two jobs, whatever their names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from rapidfuzz import fuzz

from app.seekers.facts import Position, Study

Entry = TypeVar("Entry", bound=Position | Study)
ENOUGH = 2.0
_EQUAL, _ALIKE, _UNSAID = 2.0, 1.5, 0.5
_FIRMS = "inc llc ltd limited gmbh corp corporation co company plc ag sa bv holding group the and of at"
_SUFFIXES = frozenset(_FIRMS.split())
_SHORT = {"sr": "senior", "jr": "junior", "mgr": "manager", "eng": "engineer", "dev": "developer", "asst": "assistant",
          "univ": "university", "bsc": "bachelor", "msc": "master"}  # fmt: skip
# Two titles that differ in one of these are two steps of a career.
_LEVELS = """
    senior junior lead principal staff head chief director manager deputy assistant associate intern trainee ii iii iv
    bachelor master phd doctor diploma
"""
_STEPS = frozenset(_LEVELS.split())


def likeness(one: Entry, other: Entry) -> float:
    """0.0: two different entries; from `ENOUGH` on the same one, the higher the surer."""
    if isinstance(one, Position) and isinstance(other, Position):
        names = [(one.employer, other.employer), (one.title, other.title)]
    elif isinstance(one, Study) and isinstance(other, Study):
        names = [(one.institution, other.institution), (_course(one), _course(other))]
    else:
        return 0.0
    scores = [_alike(mine, its) for mine, its in names]
    if 0.0 in scores or _apart(one, other):
        return 0.0
    return sum(scores) + _dates(one, other)


def _course(study: Study) -> str:
    return f"{study.degree} {study.subject}".strip()


def _words(text: str) -> list[str]:
    words = re.findall(r"[^\W_]+", text.casefold().replace(".", ""))
    kept = [_SHORT.get(word, word) for word in words if word not in _SUFFIXES]
    return kept or words


def _alike(one: str, other: str) -> float:
    mine, its = _words(one), _words(other)
    if mine == its:
        return _EQUAL if mine else _UNSAID
    if not mine or not its:
        return _UNSAID
    if _steps(mine) != _steps(its):
        return 0.0
    inside = set(mine) <= set(its) or set(its) <= set(mine)
    return _ALIKE if inside or fuzz.ratio(" ".join(mine), " ".join(its)) >= 88 else 0.0


def _steps(words: Sequence[str]) -> frozenset[str]:
    return _STEPS.intersection(words)


def _apart(one: Position | Study, other: Position | Study) -> bool:
    """Whether both say from when to when, and one had ended when the other began."""
    if not (one.start and one.end and other.start and other.end):
        return False
    if one.start == other.start or one.end == other.end:
        return False
    return _month(one.end) <= _month(other.start) or _month(other.end) <= _month(one.start)


def _month(moment: str) -> str:
    """A bare year is its January; "present" is later than every month."""
    return moment if len(moment) > 4 else f"{moment}-01"


def _dates(one: Position | Study, other: Position | Study) -> float:
    """A start or an end that both have alike makes it surer; alone it is never enough."""
    same = [mine == its for mine, its in ((one.start, other.start), (one.end, other.end)) if mine and its]
    return 0.5 * sum(same)


def pairs(wanted: Sequence[tuple[Sequence[Entry], bool]], found: Sequence[Entry]) -> dict[int, int]:
    """Which of `found` (value) is which of `wanted` (key); each at most once, the likest first.

    `wanted`: the forms under which one is known, and whether it yields to others that are as like. An entry that is
    letter for letter the first of the forms is it, whatever it says.
    """
    order = sorted(range(len(wanted)), key=lambda at: wanted[at][1])
    taken = _exact([(at, wanted[at][0][0]) for at in order], found)
    free = [number for number in range(len(found)) if number not in taken.values()]
    scored = [
        (-_best(forms, found[number]), yields, at, number)
        for at, (forms, yields) in enumerate(wanted)
        if at not in taken
        for number in free
    ]
    for score, _, at, number in sorted(scored):
        if -score >= ENOUGH and at not in taken and number in free:
            taken[at] = number
            free.remove(number)
    return taken


def _exact(wanted: Sequence[tuple[int, Entry]], found: Sequence[Entry]) -> dict[int, int]:
    places: dict[Entry, list[int]] = {}
    for number in range(len(found) - 1, -1, -1):
        places.setdefault(found[number], []).append(number)
    return {at: places[first].pop() for at, first in wanted if places.get(first)}


def _best(forms: Sequence[Entry], entry: Entry) -> float:
    return max(likeness(form, entry) for form in forms)
