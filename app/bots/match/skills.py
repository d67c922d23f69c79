"""Skills in a text, from our own list (data/skills). Pure but for reading those files once.

A form counts only as whole words; the longest form wins ("React Native" is not React); an ambiguous form (Go, R, Excel,
Spring) counts in its own case and beside another skill or a context word in the same line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import ahocorasick
import msgspec

from app.bots.match import esco

_DATA = Path(__file__).parent / "data" / "skills"


# Domains whose tools are used in every line of work: "EHR, Excel" means Excel.
_ANYWHERE: Final = frozenset({"Business"})
# Of a line of the length of a book each skill would be looked at beside each other.
_LONGEST: Final = 1500
Kind = Literal["skill", "soft", "credential", "language", "esco"]
_KINDS: Final[dict[str, Kind]] = {"~": "soft", "@": "language"}


class Skill(msgspec.Struct, frozen=True, kw_only=True):
    """One skill; `implies` names skills that whoever has it also has.

    A credential is a licence without which the work isn't allowed; a language is one that people speak; `esco` is known
    by ESCO's label alone, and not in our own list.
    """

    name: str
    category: str
    domain: str
    kind: Kind
    implies: tuple[str, ...]

    @property
    def soft(self) -> bool:
        return self.kind == "soft"


class Hit(msgspec.Struct, frozen=True):
    """A skill in a line, at [start, end)."""

    skill: str
    start: int
    end: int
    sure: bool


class Taxonomy:
    """The list, ready to search."""

    def __init__(self, text: str, others: Mapping[str, Sequence[str]] | None = None) -> None:
        """`text`: our list; `others`: ESCO's labels with their forms, where ours has none like it."""
        # Stored with what was read by it; another list makes that stale.
        self.version = version_of(text, with_esco=bool(others))
        self.skills: dict[str, Skill] = {}
        self._forms: dict[str, list[tuple[str, str | None]]] = {}
        self._contexts: dict[str, re.Pattern[str]] = {}
        self._read(text)
        self._also(others or {})
        self._closed = {name: frozenset(self._closure(name)) for name in self.skills}
        self._automaton: Any = ahocorasick.Automaton()
        for form, owners in self._forms.items():
            self._automaton.add_word(form, (len(form), owners))
        self._automaton.make_automaton()

    def _read(self, text: str) -> None:
        category = domain = shared = ""
        for line in text.splitlines():
            if line.startswith("="):
                domain = line.strip("= ")
            elif line.startswith("["):
                category, _, shared = line.strip("[]").partition("|")
            elif line and not line.startswith("#"):
                self._add(line, category.strip(), domain, shared)

    def _add(self, line: str, category: str, domain: str, shared: str) -> None:
        head, _, forms = line.partition(":")
        forms, _, implied = forms.partition(">")
        forms, _, context = forms.partition("|")
        name = head.rstrip("!").removeprefix("*")
        listed = _listed(forms)
        for form in listed if head.endswith("!") else [name, *listed]:
            exact = form[1:] if form.startswith("?") else None
            self._forms.setdefault(form.lstrip("?").lower(), []).append((name, exact))
        implies = tuple(_listed(implied))
        kind = "credential" if head.startswith("*") else _KINDS.get(category[:1], "skill")
        words = [*_listed(context), *_listed(shared)]
        if words:
            self._contexts[name] = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.I)
        category = category.lstrip("".join(_KINDS))
        self.skills[name] = Skill(name=name, category=category, domain=domain, kind=kind, implies=implies)

    def _also(self, others: Mapping[str, Sequence[str]]) -> None:
        for name, forms in others.items():
            new = [form for form in forms if form not in self._forms]
            if name not in self.skills and len(new) == len(forms):
                self.skills[name] = Skill(name=name, category="ESCO", domain="ESCO", kind="esco", implies=())
                self._forms |= {form: [(name, None)] for form in new}

    def _closure(self, name: str) -> Iterable[str]:
        todo, seen = [name], {name}
        while todo:
            for other in self.skills[todo.pop()].implies:
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
        return seen

    def forms(self) -> dict[str, list[str]]:
        """The forms of each skill, in small letters."""
        found: dict[str, list[str]] = {name: [] for name in self.skills}
        for form, owners in self._forms.items():
            for name, _ in owners:
                found[name].append(form)
        return found

    def closure(self, names: Iterable[str]) -> set[str]:
        """The skills and all that they imply."""
        return {other for name in names for other in self._closed[name]}

    def closed(self, name: str) -> frozenset[str]:
        """A skill and all that it implies."""
        return self._closed[name]

    def hits(self, line: str) -> list[Hit]:
        """Skills in one line or sentence, in order. A line of enormous length is taken in parts."""
        if len(line) <= _LONGEST:
            return self._hits(line)
        parts = ((start, line[start:stop]) for start, stop in _windows(line))
        return [
            Hit(hit.skill, hit.start + at, hit.end + at, hit.sure) for at, part in parts for hit in self._hits(part)
        ]

    def _hits(self, line: str) -> list[Hit]:
        found = self._longest(self._whole_words(line))
        whole = len(line.strip(" \t-•*.,;"))  # a line that says nothing but "Go" means the skill
        meant: dict[str, bool] = {}
        for hit in found:
            if not hit.sure and hit.skill not in meant:
                meant[hit.skill] = hit.end - hit.start == whole or self._supported(hit, found, line)
        return [hit for hit in found if hit.sure or meant[hit.skill]]

    def find(self, text: str) -> set[str]:
        """Skills in a text, line by line."""
        return {hit.skill for line in text.split("\n") for hit in self.hits(line)}

    def _whole_words(self, line: str) -> list[Hit]:
        low = line.lower()
        if len(low) != len(line):  # a letter that grows when lowered would shift every place
            line = low
        found: list[Hit] = []
        for last, (length, owners) in self._automaton.iter(low):
            start, end = last - length + 1, last + 1
            if _bounded(low, start, end):
                for name, exact in owners:
                    if exact is None or line[start:end] == exact:
                        found.append(Hit(name, start, end, exact is None))
        return found

    @staticmethod
    def _longest(found: list[Hit]) -> list[Hit]:
        found.sort(key=lambda hit: (hit.start, -hit.end))
        kept: list[Hit] = []
        reach = -1
        for hit in found:
            if hit.end > reach or (kept and (hit.start, hit.end) == (kept[-1].start, kept[-1].end)):
                kept.append(hit)
                reach = max(reach, hit.end)
        return kept

    def _supported(self, hit: Hit, found: list[Hit], line: str) -> bool:
        """By a context word, or by a skill beside it that is of the same kind of work."""
        context = self._contexts.get(hit.skill)
        if context is not None and context.search(line):
            return True
        mine = self.skills[hit.skill]
        others = [self.skills[other.skill] for other in found if other.skill != hit.skill]
        if mine.kind == "language":
            return any(other.kind == "language" for other in others)
        sure = {other.skill for other in found if other.sure}
        return any(
            other.name in sure
            and other.kind != "soft"
            and (mine.domain in _ANYWHERE or _akin(mine.domain, other.domain))
            for other in others
        )


def _windows(line: str) -> Iterator[tuple[int, int]]:
    """Parts of at most _LONGEST characters, cut between words where there are any."""
    start = 0
    while start < len(line):
        stop = start + _LONGEST
        if stop < len(line):
            stop = line.rfind(" ", start + 1, stop) + 1 or stop
        yield start, stop
        start = stop


def _akin(one: str, other: str) -> bool:
    return one == other or ("oftware" in one and "oftware" in other)


def _bounded(low: str, start: int, end: int) -> bool:
    before = low[start - 1] if start else " "
    after = low[end] if end < len(low) else " "
    if before.isalnum() or after.isalnum() or before == "_" or after == "_":
        return False
    # "C" is not in "C++" nor "C#"; "Go" is not in "Go-to"; "node" is not in "node.js".
    tight = end - start <= 2 and (after in "+#-'’/&" or before in "-'’/&")
    return not tight and after not in "+#"


def version_of(text: str, *, with_esco: bool) -> str:
    """Eight letters that change with our list, and with whether ESCO's labels stand beside it."""
    return hashlib.sha256(f"{text}\n{with_esco}".encode()).hexdigest()[:8]


def _packaged() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(_DATA.glob("*.txt")))


@cache
def default() -> Taxonomy:
    """The packaged list, built once."""
    return Taxonomy(_packaged(), esco.forms())


@cache
def version() -> str:
    """The version of the packaged list, without building it: who doesn't score doesn't pay for the automaton."""
    return version_of(_packaged(), with_esco=esco.path().exists())


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
