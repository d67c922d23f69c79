"""A posting's plain text as blocks for the page, with the skills that the resume has and lacks marked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

_HEADING_LIMIT = 70


class Piece(msgspec.Struct, frozen=True):
    """Some text of one line: `mark` is hit (the resume has it), miss (it hasn't), or empty."""

    text: str
    mark: Literal["", "hit", "miss"] = ""


class Block(msgspec.Struct, frozen=True):
    """Lines that belong together: a heading, running text, or the items of a list."""

    kind: Literal["head", "text", "list"]
    lines: list[list[Piece]]


def blocks(text: str, matched: Iterable[str], missing: Iterable[str]) -> list[Block]:
    """The text, cut at its headings and lists ("- " starts an item), each line cut at its marks."""
    hits = {term.casefold() for term in matched if term.strip()}
    misses = {term.casefold() for term in missing if term.strip()} - hits
    finder = _finder(hits | misses)
    found: list[Block] = []
    after_gap = True
    for line in text.split("\n"):
        if line.strip():
            kind = _kind(line, after_gap)
            pieces = _pieces(line.removeprefix("- ").strip() if kind == "list" else line.strip(), finder, hits)
            _append(found, kind, pieces)
        after_gap = not line.strip()
    return found


def _kind(line: str, after_gap: bool) -> Literal["head", "text", "list"]:
    if line.startswith("- "):
        return "list"
    short = len(line) <= _HEADING_LIMIT and not line.rstrip().endswith((".", ";", ",", "!"))
    return "head" if short and (after_gap or line.rstrip().endswith(":")) else "text"


def _append(found: list[Block], kind: Literal["head", "text", "list"], pieces: list[Piece]) -> None:
    if found and found[-1].kind == kind != "head":
        found[-1].lines.append(pieces)
    else:
        found.append(Block(kind, [pieces]))


def _finder(terms: set[str]) -> re.Pattern[str] | None:
    """Longest first, so that "java" does not cut "javascript"; whole words, where "c++" and ".net" are words too."""
    if not terms:
        return None
    listed = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    return re.compile(rf"(?<![\w+#])(?:{listed})(?![\w+#])", re.IGNORECASE)


def _pieces(line: str, finder: re.Pattern[str] | None, hits: set[str]) -> list[Piece]:
    if finder is None:
        return [Piece(line)]
    pieces: list[Piece] = []
    at = 0
    for match in finder.finditer(line):
        if match.start() > at:
            pieces.append(Piece(line[at : match.start()]))
        pieces.append(Piece(match[0], "hit" if match[0].casefold() in hits else "miss"))
        at = match.end()
    return [*pieces, Piece(line[at:])] if at < len(line) or not pieces else pieces
