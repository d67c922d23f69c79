"""A resume on the desk: cut into sections to edit, joined again, compared with what the seeker uploaded. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
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


class Section(msgspec.Struct, frozen=True):
    """A heading as written (empty for the top) and the lines under it."""

    heading: str
    body: str


class Edited(msgspec.Struct, frozen=True):
    """A section as it stands, and its body in what the seeker uploaded ("" where that has no such section)."""

    heading: str
    body: str
    original: str


class Added(msgspec.Struct, frozen=True):
    """A line that the upload doesn't have, and where the reviewer says it comes from (empty: not said yet)."""

    text: str
    source: str


class DiffLine(msgspec.Struct, frozen=True):
    kind: Literal["same", "add", "gone"]
    text: str


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
    known = {_plain(line) for line in base.split("\n")}
    fresh = dict.fromkeys(line.strip() for line in text.split("\n") if _plain(line) and _plain(line) not in known)
    return [Added(line, source if (source := sources.get(line, "")) in SOURCES else "") for line in fresh]


def unsourced(base: str, text: str, sources: Mapping[str, str]) -> list[str]:
    """The added lines whose source is still open: while there are any, nothing is approved."""
    return [line.text for line in added(base, text, sources) if not line.source]


def diff(base: str, text: str) -> list[DiffLine]:
    """Line by line against the upload, with two lines of what stayed around each change."""
    before, after = _lines(base), _lines(text)
    out: list[DiffLine] = []
    matcher = SequenceMatcher(None, [_plain(line) for line in before], [_plain(line) for line in after], autojunk=False)
    for group in matcher.get_grouped_opcodes(2):
        for tag, b1, b2, a1, a2 in group:
            if tag == "equal":
                out += [DiffLine("same", line) for line in after[a1:a2]]
            else:
                out += [DiffLine("gone", line) for line in before[b1:b2]]
                out += [DiffLine("add", line) for line in after[a1:a2]]
    return out


def changed(base: str, text: str) -> bool:
    """Whether there is more to it than spacing."""
    return [_plain(line) for line in _lines(base)] != [_plain(line) for line in _lines(text)]


def told(base: str, text: str) -> str:
    """How much was changed, in words: "2 lines added, 1 taken out"; "" where nothing was."""
    kinds = [line.kind for line in diff(base, text)]
    more, less = kinds.count("add"), kinds.count("gone")
    parts = [_n("%(n)s line added", "%(n)s lines added", more)] if more else []
    return ", ".join([*parts, _n("%(n)s taken out", "%(n)s taken out", less)] if less else parts)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.split("\n") if line.strip()]


def _plain(line: str) -> str:
    return _SPACE.sub(" ", line).strip(" \t-•*·").casefold()
