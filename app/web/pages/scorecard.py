"""A score with its explanation as the desk and the portal show it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import msgspec

from app.web.pages.gates import whole

SHOWN_GAPS = 8


class Part(msgspec.Struct, frozen=True):
    """One component: `value` 0-100."""

    words: str
    shown: str
    value: float


class Gap(msgspec.Struct, frozen=True):
    """A skill that would raise the score by `gain` points; `met` once the draft has it."""

    words: str
    gain: float
    met: bool


class Scorecard(msgspec.Struct, frozen=True):
    """`was` is the score of what the seeker uploaded; `left` counts the gaps still open, `short` the points."""

    value: float
    was: float | None
    gate: float
    left: int
    parts: list[Part]
    gaps: list[Gap]

    @property
    def shown(self) -> int:
        return whole(self.value)

    @property
    def before(self) -> int | None:
        return None if self.was is None else whole(self.was)

    @property
    def short(self) -> int:
        """Whole points up to the gate, at least one while it isn't passed."""
        return max(0, ceil(self.gate - self.value))


def plain(value: Any) -> Any:
    """Structs or stored JSON alike as plain data."""
    return msgspec.to_builtins(value)


def parts(components: Any) -> list[Part]:
    """Components as the match room stores them: {"label", "score"} each."""
    return [Part(str(one["label"]), f"{one['score']:.0f}", float(one["score"])) for one in plain(components) or []]


def skills(explanation: Any, name: str) -> list[str]:
    """The explanation's list `name` (matched, missing) as names."""
    return [str(skill) for skill in (plain(explanation) or {}).get(name) or []]


def gaps(before: Any, matched: Sequence[str]) -> list[Gap]:
    """What would raise the score of the upload, most first, ticked where the draft has it now."""
    have = {skill.casefold() for skill in matched}
    raises = (plain(before) or {}).get("would_raise") or []
    found = [Gap(str(r["skill"]), float(r["points"]), str(r["skill"]).casefold() in have) for r in raises]
    known = {gap.words.casefold() for gap in found}
    found += [Gap(s, 0.0, s.casefold() in have) for s in skills(before, "missing") if s.casefold() not in known]
    return found[:SHOWN_GAPS]


def scorecard(
    value: float, was: float | None, gate: float, components: Any, before: Any, matched: Sequence[str]
) -> Scorecard:
    """`before` is the upload's explanation, `matched` what the present text has."""
    open_gaps = gaps(before, matched)
    left = sum(not gap.met for gap in open_gaps)
    return Scorecard(value, was, gate, left, parts(components), open_gaps)


def sentence(explanation: Any) -> str:
    """One sentence on why this score, for a card."""
    matched, missing = skills(explanation, "matched"), skills(explanation, "missing")
    if not matched and not missing:
        return ""
    have = f"Matches {len(matched)} of {len(matched) + len(missing)} skills it asks for"
    return f"{have}; missing: {', '.join(missing[:3])}{'…' if len(missing) > 3 else ''}." if missing else f"{have}."
