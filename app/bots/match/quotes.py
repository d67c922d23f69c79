"""What of a resume is worth quoting, and where each skill is shown. Pure; once a resume, not once a pair."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from app.bots.match.asks import highest_degree
from app.bots.match.skills import Taxonomy
from app.bots.match.studies import is_study
from app.bots.match.titles import has_title_word
from app.bots.match.wording import cut, quoted

_DATES = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?(?=\s*\d)|\b(?:19|20)\d\d\b|\b\d{1,2}/(?=\d{2,4})"
    r"|\bpresent\b|\b(?:currently|today|now)\b|\d+ (?:years?|months?)\b",
    re.I,
)
_TOLD_AS_DONE = re.compile(r"^\W*[A-Za-z-]+(?:ed|ing)\b")
_SMALL = frozenset(("of", "and", "in", "for", "the", "at"))
_PLACE = re.compile(r"^[^,:]{2,30}(?:,\s*[^,:]{2,30}){1,2}$")
_FEW = 4  # words; fewer say nothing by themselves


class Quotes(msgspec.Struct, frozen=True):
    """Places of sentences: `silent` ones say nothing, `studies` are on a degree, `heads` of entries with the place of
    what stands under them (-1: nothing does); `places`: where a skill is shown best."""

    silent: frozenset[int]
    studies: frozenset[int]
    heads: dict[int, int]
    places: dict[str, int]

    def tells(self, at: int) -> bool:
        """Whether a sentence is on work itself."""
        return at not in self.silent and at not in self.studies and at not in self.heads

    def said(self, chunks: Sequence[str], at: int) -> str:
        """A sentence as it is quoted, "" for one that says nothing. The head of an entry alone tells of no work."""
        if at in self.silent:
            return ""
        below = self.heads.get(at, -1)
        return _plain(chunks[at]) if below < 0 else cut(f"{_plain(chunks[at])}: {_plain(chunks[below])}")


def quotes(chunks: Sequence[str], skills: Sequence[Iterable[str]], taxonomy: Taxonomy) -> Quotes:
    """`skills`: what each of the chunks claims."""
    plain = [_plain(chunk) for chunk in chunks]
    studies = frozenset(at for at, chunk in enumerate(chunks) if _on_a_degree(chunk))
    silent = frozenset(at for at, text in enumerate(plain) if at not in studies and _silent(text))
    heads = {at: _below(plain, at, studies) for at, text in enumerate(plain) if at not in studies and _heads(text)}
    ranked = sorted(range(len(chunks)), key=lambda at: (at in silent, at in studies, at in heads, at))
    return Quotes(silent, studies, heads, _places(ranked, skills, taxonomy))


def _plain(chunk: str) -> str:
    return quoted(chunk.replace("\t", ", ")).rstrip(" ,;:–-")


def _on_a_degree(chunk: str) -> bool:
    return is_study(chunk) or (highest_degree(_DATES.sub("", chunk)[:24]) != "" and _heads(_plain(chunk)))


def _silent(text: str) -> bool:
    """A place, a date, a word or two."""
    return _is_place(text) or (len(_DATES.sub("", text).split()) < _FEW and not has_title_word(text))


def _heads(text: str) -> bool:
    """Whether it is the head of an entry: an employer, a position, a project, with its dates or without."""
    words = _DATES.sub("", text).split()
    if len(text) > 110 or text.endswith(".") or any(word[:1].islower() and word not in _SMALL for word in words):
        return False
    return has_title_word(text) or not _TOLD_AS_DONE.match(text)


def _below(plain: Sequence[str], at: int, studies: frozenset[int]) -> int:
    near = [under for under in range(at + 1, min(at + 3, len(plain))) if under not in studies]
    return next((under for under in near if not _heads(plain[under]) and not _silent(plain[under])), -1)


def _is_place(text: str) -> bool:
    """Cambridge, MA, USA."""
    parts = text.split(",")
    return _PLACE.match(text) is not None and not has_title_word(text) and all(len(p.split()) <= 3 for p in parts)


def _places(ranked: Sequence[int], skills: Sequence[Iterable[str]], taxonomy: Taxonomy) -> dict[str, int]:
    """`ranked`: sentences on work first, then heads of entries, then studies; a skill's own name before what it
    implies."""
    found: dict[str, int] = {}
    for at in ranked:
        for skill in skills[at]:
            found.setdefault(skill, at)
    for skill, at in list(found.items()):
        for implied in taxonomy.closure([skill]):
            found.setdefault(implied, at)
    return found
