"""A resume on the desk: cut into sections to edit, joined again, compared with what the seeker uploaded. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Literal

import msgspec

from app.words import ngettext as _n

SOURCES = ("resume", "profile", "answer")
_HEADING = re.compile(
    r"^(?:professional |work |career |key |core |technical |personal |selected |relevant )*"
    r"(?:summary|profile|objective|about(?: me)?|experience|employment(?: history)?|history|education|studies|skills|"
    r"competenc(?:es|ies)|projects|certifications?|certificates|training|courses|languages|publications|awards|"
    r"achievements|interests|volunteering|references|contact)(?: and \w+| & \w+)?\s*:?$",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"(?:\w+|[^\w\s])\s*")
# A line with this share of the words of another is that line, edited.
_ALIKE = 0.5
# More pairs of lines, or of words in two lines, are not compared: that would take too long while somebody types.
_MOST_LINES = 20_000
_MOST_WORDS = 200_000


class Section(msgspec.Struct, frozen=True):
    """A heading as written (empty for the top) and the lines under it."""

    heading: str
    body: str


class Edited(msgspec.Struct, frozen=True):
    """A section as it stands, and its body in what the seeker uploaded ("" where that has no such section)."""

    heading: str
    body: str
    original: str


class Piece(msgspec.Struct, frozen=True):
    """Some words of an edited line: they stayed, were written, or were taken out."""

    kind: Literal["same", "add", "gone"]
    text: str


class Added(msgspec.Struct, frozen=True):
    """A line that the upload doesn't have, and where the reviewer says it comes from (empty: not said yet).

    `pieces`: what is new in it, where it is a line of the upload that was edited.
    """

    text: str
    source: str
    pieces: list[Piece] = []


class DiffLine(msgspec.Struct, frozen=True):
    """`edit` is a line of which some words changed, as `pieces` say."""

    kind: Literal["same", "add", "gone", "edit"]
    text: str
    pieces: list[Piece] = []


def sections(text: str) -> list[Section]:
    """At least one section; joining them keeps every line that isn't blank, in order."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in text.split("\n"):
        if len(line) <= 60 and _HEADING.match(line.strip()):
            parts.append((line.strip(), []))
        else:
            parts[-1][1].append(line.rstrip())
    found = [Section(heading, "\n".join(lines).strip("\n")) for heading, lines in parts]
    return [part for part in found if part.heading or part.body] or [Section("", "")]


def against(base: str, text: str) -> list[Edited]:
    """The sections of `text`, each beside that of `base` with the same heading, in their order."""
    originals: dict[str, list[str]] = {}
    for part in sections(base):
        originals.setdefault(part.heading.casefold(), []).append(part.body)
    found = []
    for part in sections(text):
        waiting = originals.get(part.heading.casefold(), [])
        found.append(Edited(part.heading, part.body, waiting.pop(0) if waiting else ""))
    return found


def joined(parts: list[Section]) -> str:
    """The sections as one text, as the page joins them."""
    return "\n\n".join("\n".join(piece for piece in (part.heading, part.body) if piece) for part in parts)


def added(base: str, text: str, sources: Mapping[str, str]) -> list[Added]:
    """Lines of `text` that `base` hasn't; order, spacing and case of known lines don't matter."""
    fresh = dict.fromkeys(_not_in(base, text))
    gone = _bags(dict.fromkeys(_not_in(text, base)), len(fresh))
    found = []
    for line in fresh:
        source, at = sources.get(line, ""), _likest(line, gone)
        cut = [] if at is None else pieces(gone.pop(at)[0], line)
        found.append(Added(line, source if source in SOURCES else "", cut))
    return found


def _not_in(known: str, text: str) -> list[str]:
    """The lines of `text` that `known` hasn't."""
    there = {_plain(line) for line in known.split("\n")}
    return [line.strip() for line in text.split("\n") if _plain(line) and _plain(line) not in there]


def unsourced(base: str, text: str, sources: Mapping[str, str]) -> list[str]:
    """The added lines whose source is still open: while there are any, nothing is approved."""
    return [line.text for line in added(base, text, sources) if not line.source]


def diff(base: str, text: str) -> list[DiffLine]:
    """Line by line against the upload, with two lines of what stayed around each change; an edited one by its words."""
    before, after = _lines(base), _lines(text)
    out: list[DiffLine] = []
    matcher = SequenceMatcher(None, [_plain(line) for line in before], [_plain(line) for line in after], autojunk=False)
    for group in matcher.get_grouped_opcodes(2):
        for tag, b1, b2, a1, a2 in group:
            if tag == "equal":
                out += [DiffLine("same", line) for line in after[a1:a2]]
            else:
                out += _replaced(before[b1:b2], after[a1:a2])
    return out


def _replaced(before: list[str], after: list[str]) -> list[DiffLine]:
    """Some lines in place of others: those that are alike are one line, edited; in the order of `after`."""
    out: list[DiffLine] = []
    fresh: list[DiffLine] = []
    bags = _bags(before, len(after))
    for line in after:
        at = _likest(line, bags)
        if at is None:
            fresh.append(DiffLine("add", line))
            continue
        out += [*_gone(before[:at]), *fresh, DiffLine("edit", line, pieces(before[at], line))]
        before, bags, fresh = before[at + 1 :], bags[at + 1 :], []
    return [*out, *_gone(before), *fresh]


def _gone(lines: list[str]) -> list[DiffLine]:
    return [DiffLine("gone", line) for line in lines]


def pieces(before: str, after: str) -> list[Piece]:
    """An edited line, cut where words of `before` were taken out and others written."""
    old, new = _TOKEN.findall(before.strip()), _TOKEN.findall(after.strip())
    if len(old) * len(new) > _MOST_WORDS:
        return [*_marked("gone", before.strip()), Piece("same", " "), *_marked("add", after.strip())]
    matcher = SequenceMatcher(None, [t.strip().casefold() for t in old], [t.strip().casefold() for t in new], False)
    out: list[Piece] = []
    for tag, b1, b2, a1, a2 in matcher.get_opcodes():
        if tag == "equal":
            out.append(Piece("same", "".join(new[a1:a2])))
            continue
        out += [*_marked("gone", "".join(old[b1:b2])), *_marked("add", "".join(new[a1:a2]))]
    return out


def _marked(kind: Literal["add", "gone"], text: str) -> list[Piece]:
    """The words without the space behind them, which then stands unmarked."""
    words = text.rstrip()
    return [piece for piece in (Piece(kind, words), Piece("same", text[len(words) :])) if piece.text]


def _bag(line: str) -> set[str]:
    return set(_WORD.findall(line.casefold()))


def _bags(lines: Iterable[str], against: int) -> list[tuple[str, set[str]]]:
    """Each line with its words; none where they are too many to be compared with so many others."""
    found = list(lines)
    return [(line, _bag(line)) for line in found] if len(found) * against <= _MOST_LINES else []


def _likest(line: str, others: list[tuple[str, set[str]]]) -> int | None:
    """Which of them shares most words with it, if it is enough of them."""
    words, best, found = _bag(line), _ALIKE, None
    for at, (_line, theirs) in enumerate(others):
        alike = 2 * len(words & theirs) / (len(words) + len(theirs) or 1)
        if alike > best:
            best, found = alike, at
    return found


def changed(base: str, text: str) -> bool:
    """Whether there is more to it than spacing."""
    return [_plain(line) for line in _lines(base)] != [_plain(line) for line in _lines(text)]


def told(base: str, text: str) -> str:
    """How much was changed, in words: "1 line edited, 2 lines added, 1 taken out"; "" where nothing was."""
    kinds = [line.kind for line in diff(base, text)]
    other, more, less = kinds.count("edit"), kinds.count("add"), kinds.count("gone")
    parts = [_n("%(n)s line edited", "%(n)s lines edited", other)] if other else []
    parts += [_n("%(n)s line added", "%(n)s lines added", more)] if more else []
    return ", ".join([*parts, _n("%(n)s taken out", "%(n)s taken out", less)] if less else parts)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.split("\n") if line.strip()]


def _plain(line: str) -> str:
    return _SPACE.sub(" ", line).strip(" \t-•*·").casefold()
