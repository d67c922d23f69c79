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
_TOLD_AS_DONE = re.compile(r"^\W*[A-Za-z-]+(?:ed|ing|[^aeiou]t)\b")
_PLACE = re.compile(r"^[^,:]{2,30}(?:,\s*[^,:]{2,30}){1,2}$")
_FEW = 4  # words; fewer say nothing by themselves


class Quotes(msgspec.Struct, frozen=True):
    """`said`: each sentence as it is quoted, "" for one that says nothing; `studies`: places of those on a degree;
    `places`: where a skill is shown best."""

    said: list[str]
    studies: frozenset[int]
    places: dict[str, int]


def quotes(chunks: Sequence[str], skills: Sequence[Iterable[str]], taxonomy: Taxonomy) -> Quotes:
    """`skills`: what each of the chunks claims."""
    studies = frozenset(at for at, chunk in enumerate(chunks) if _on_a_degree(chunk))
    said = [_said(chunks, at, studies) for at in range(len(chunks))]
    return Quotes(said, studies, _places(chunks, said, studies, skills, taxonomy))


def _on_a_degree(chunk: str) -> bool:
    return is_study(chunk) or (highest_degree(_DATES.sub("", chunk)[:24]) != "" and _heads(_plain(chunk)))


def _said(chunks: Sequence[str], at: int, studies: frozenset[int]) -> str:
    """The head of an entry is quoted with what stands under it: alone it tells of no work."""
    chunk = _plain(chunks[at])
    if at in studies:
        return chunk
    if _is_place(chunk) or len(_DATES.sub("", chunk).split()) < (_FEW if not has_title_word(chunk) else 1):
        return ""
    if not _heads(chunk):
        return chunk
    below = next(
        (text for text in map(_plain, chunks[at + 1 : at + 3]) if not _heads(text) and not _is_place(text)), ""
    )
    return cut(f"{chunk}: {below}") if below and at + 1 not in studies else chunk


def _plain(chunk: str) -> str:
    return quoted(chunk.replace("\t", ", ")).rstrip(" ,;:–-")


def _heads(chunk: str) -> bool:
    """Whether it is the head of an entry: an employer, a position, a project, with its dates or without."""
    words = _DATES.sub("", chunk).split()
    small = sum(word[:1].islower() and word not in ("of", "and", "in", "for", "the", "at") for word in words)
    return len(chunk) <= 110 and not chunk.endswith(".") and not small and not _TOLD_AS_DONE.match(chunk)


def _is_place(chunk: str) -> bool:
    """Cambridge, MA, USA."""
    parts = chunk.split(",")
    return _PLACE.match(chunk) is not None and not has_title_word(chunk) and all(len(p.split()) <= 3 for p in parts)


def _places(
    chunks: Sequence[str],
    said: Sequence[str],
    studies: frozenset[int],
    skills: Sequence[Iterable[str]],
    taxonomy: Taxonomy,
) -> dict[str, int]:
    """Sentences on work first, then heads of entries, then studies; a skill's own name before what it implies."""
    ranked = sorted(range(len(chunks)), key=lambda at: (not said[at], at in studies, _heads(chunks[at]), at))
    found: dict[str, int] = {}
    for at in ranked:
        for skill in skills[at]:
            found.setdefault(skill, at)
    for skill, at in list(found.items()):
        for implied in taxonomy.closure([skill]):
            found.setdefault(implied, at)
    return found
