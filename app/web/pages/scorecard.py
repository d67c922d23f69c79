"""A score with its explanation as the desk and the portal show it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any, Literal

import msgspec

from app.bots.match.explanation import Evidence, components_of
from app.bots.match.wording import quoted
from app.web.pages import stored, verdict
from app.web.pages.gates import whole
from app.web.pages.verdict import HALF, MET, Voice, lines_of, plain
from app.words import gettext as _

SHOWN_GAPS = 8


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One component: `value` 0-100; `weight` in percent of the score, "" where it wasn't kept."""

    name: str
    words: str
    shown: str
    value: float
    weight: str
    evidence: list[Evidence]
    raised: str


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One line that the posting asks for, and what the resume says to it."""

    words: str
    told: str
    state: Literal["met", "half", "open"]
    nice: bool


class Gap(msgspec.Struct, frozen=True):
    """A skill that would raise the score by `gain` points; `met` once the draft has it."""

    words: str
    gain: float
    met: bool

    @property
    def points(self) -> str:
        """As it is shown: nothing where it brings nothing by itself."""
        return f"+{self.gain:.0f}" if self.gain >= 1 else "under 1" if self.gain > 0 else ""


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """`was` is the score of what the seeker uploaded; `left` counts the gaps still open, `short` the points.

    `says`: it all in one sentence; `held`: why it can't pass 90, or ""; `points`: the lines asked for;
    `matched`: the skills that both name.
    """

    value: float
    was: float | None
    gate: float
    left: int
    says: str
    held: str
    parts: list[Part]
    gaps: list[Gap]
    points: list[Point]
    matched: list[str] = []

    @property
    def shown(self) -> int:
        return whole(self.value)

    @property
    def before(self) -> int | None:
        return None if self.was is None else whole(self.was)

    @property
    def why(self) -> str:
        """`says` beside the number itself."""
        said = self.says.partition(": ")[2]
        return said[:1].upper() + said[1:]

    @property
    def short(self) -> int:
        """Whole points up to the gate, at least one while it isn't passed."""
        return max(0, ceil(self.gate - self.value))

    @property
    def met(self) -> int:
        return sum(point.state == "met" for point in self.points)


def parts(components: Any, voice: Voice = "reviewer") -> list[Part]:
    """Components of the match room, or as they were stored at any time."""
    return [
        Part(
            name=one.name,
            words=_(one.label),
            shown=f"{one.score:.0f}",
            value=one.score,
            weight=f"{one.weight:.0f} %" if one.weight else "",
            evidence=[_evidence(pair, voice) for pair in one.evidence],
            raised=stored.raised(verdict.voiced(one.would_raise, voice)),
        )
        for one in components_of(plain(components))
    ]


def _evidence(pair: Evidence, voice: Voice) -> Evidence:
    return Evidence(stored.told(pair.asked), stored.told(verdict.voiced(pair.told, voice)))


def skills(explanation: Any, name: str) -> list[str]:
    """The explanation's list `name` (matched, missing) as names."""
    return [str(skill) for skill in (plain(explanation) or {}).get(name) or []]


def points(explanation: Any) -> list[Point]:
    """The lines asked for, the required ones first; what asks for nothing is left out."""
    found = [_point(line) for line in lines_of(explanation)]
    return sorted(found, key=lambda point: point.nice)


def _point(line: dict[str, Any]) -> Point:
    met = float(line.get("met") or 0)
    return Point(
        words=quoted(str(line.get("text") or "")),
        told=stored.told(str(line.get("evidence") or "")) if met >= HALF else "",
        state="met" if met >= MET else "half" if met >= HALF else "open",
        nice=line.get("kind") == "nice",
    )


def gaps(before: Any, matched: Sequence[str]) -> list[Gap]:
    """What would raise the score of the upload, most first, ticked where the draft has it now."""
    have = {skill.casefold() for skill in matched}
    raises = (plain(before) or {}).get("would_raise") or []
    found = [Gap(str(r["skill"]), float(r["points"]), str(r["skill"]).casefold() in have) for r in raises]
    known = {gap.words.casefold() for gap in found} | _needless(before)
    found += [Gap(s, 0.0, s.casefold() in have) for s in skills(before, "missing") if s.casefold() not in known]
    return found[:SHOWN_GAPS]


def _needless(explanation: Any) -> set[str]:
    """Missing skills of lines that are met without them: one of several was enough."""
    lines = lines_of(explanation)
    met = {str(s).casefold() for line in lines if float(line.get("met") or 0) >= MET for s in line.get("missing") or []}
    lacks = {
        str(s).casefold() for line in lines if float(line.get("met") or 0) < MET for s in line.get("missing") or []
    }
    return met - lacks


def scorecard(
    value: float,
    was: float | None,
    gate: float,
    components: Any,
    before: Any,
    matched: Sequence[str],
    now: Any = None,
    voice: Voice = "reviewer",
) -> Scorecard:
    """`before` is the upload's explanation, `now` that of the present text where it differs, `matched` what it has."""
    open_gaps, told = gaps(before, matched), before if now is None else now
    return Scorecard(
        value=value,
        was=was,
        gate=gate,
        left=sum(not gap.met for gap in open_gaps),
        says=verdict.sentence(value, components, told, voice),
        held=verdict.held(value, told, voice),
        parts=parts(components, voice),
        gaps=open_gaps,
        points=points(told),
        matched=list(dict.fromkeys(matched)),
    )
