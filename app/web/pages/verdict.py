"""A score in one plain sentence, and what holds it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import floor
from typing import Any, Literal

import msgspec

from app.bots.match.explanation import Component, components_of
from app.bots.match.wording import general, in_a_sentence, number
from app.web.pages import stored
from app.words import gettext as _
from app.words import later
from app.words import ngettext as _n

Voice = Literal["reviewer", "seeker"]
MET, HALF = 75.0, 40.0
_NAMED = 3
_LOW = 40.0
_YEARS = re.compile(r"(\d+(?:\.\d+)?) years?")
# What is said of the resume to a reviewer, and to the seeker themselves; the longest first.
_YOURS = (
    ("those that were held", "those you held"),
    ("the positions held", "the positions you held"),
    ("The positions held", "The positions you held"),
    ("the other positions", "your other positions"),
    ("say why it is wanted", "say why you want it"),
    ("if one was held", "if you held one"),
    ("if there was any", "if you did any"),
    ("if there is one", "if you have one"),
    ("if it is spoken", "if you speak it"),
    ("if they are spoken", "if you speak them"),
    ("the resume", "your resume"),
    ("The resume", "Your resume"),
)


def plain(value: Any) -> Any:
    """Structs or stored JSON alike as plain data."""
    return msgspec.to_builtins(value)


def voiced(text: str, voice: Voice) -> str:
    """What matching says of a resume, said to whom it belongs."""
    for theirs, yours in _YOURS if voice == "seeker" else ():
        text = text.replace(theirs, yours)
    return text


def lines_of(explanation: Any) -> list[dict[str, Any]]:
    """The asked-for lines that ask for something."""
    listed_lines = (plain(explanation) or {}).get("lines") or []
    return [line for line in listed_lines if isinstance(line, dict) and not general(str(line.get("text") or ""))]


def sentence(value: float, components: Any, explanation: Any, voice: Voice = "reviewer") -> str:
    """ "87: eleven of thirteen points are met; Kafka is missing; five of the six years asked for are shown."

    What holds the score is a sentence of its own (`held`). "87." where nothing was kept with the score.
    """
    parts, told = components_of(plain(components)), plain(explanation) or {}
    ends = [clause for clause in (_years(parts, voice), _title(parts, told, voice)) if clause]
    clauses = [_points(told), *_missing(told)[: 1 if ends else 2], *ends]  # more than four, and nobody reads it
    said = "; ".join(clause for clause in clauses if clause)
    return f"{floor(value)}: {said}." if said else f"{floor(value)}."


def held(value: float, explanation: Any, voice: Voice = "reviewer") -> str:
    """Why the score can't pass 90, in one sentence; "" where nothing holds it."""
    notes = [voiced(str(note), voice).rstrip(".") for note in (plain(explanation) or {}).get("notes") or []]
    kept = dict.fromkeys(_within(stored.note(note.split("; a person should")[0])) for note in notes)
    if not kept:
        return ""
    whys = _listed([_("because %(why)s", why=why) for why in kept])
    message = later("Held below 90 %(whys)s.") if value >= 60 else later("It could not reach 90 in any case, %(whys)s.")
    return _(message, whys=whys)


def _listed(names: Sequence[str], most: int = 4) -> str:
    """Names in a sentence: "a", "a and b", "a, b and c", "a, b, c and two more"."""
    names = list(names)
    if len(names) > most:
        names = [*names[: most - 1], _("%(count)s more", count=_number(len(names) - most + 1))]
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s", first=", ".join(names[:-1]), last=names[-1])


def _number(value: int) -> str:
    return _(number(value))


def _within(note: str) -> str:
    """As it follows "because": names keep their capital."""
    return note[:1].lower() + note[1:] if note.startswith(("The ", "Your ")) else note


def _points(told: dict[str, Any]) -> str:
    """How many of the required lines are met; of those that are nice to have, where none is required."""
    lines = lines_of(told)
    lines = [line for line in lines if line.get("kind") == "required"] or lines
    if not lines:
        return _skills(told)
    values = [float(line.get("met") or 0) for line in lines]
    met, half = sum(v >= MET for v in values), sum(HALF <= v < MET for v in values)
    return _counted(met, half, len(values))


def _counted(met: int, half: int, whole: int) -> str:
    if whole == 1:
        return _one_point(met, half)
    if whole in (met, half):
        return _all_points(whole, in_part=bool(half))
    told = {"met": _number(met), "all": _number(whole)}
    if met:
        first = _n("%(met)s of %(all)s points is met", "%(met)s of %(all)s points are met", met, **told)
    elif whole == 2:
        first = _("neither of two points is met")
    else:
        first = _("none of %(all)s points is met", **told)
    if not half:
        return first
    both = later("%(first)s and %(half)s in part") if met else later("%(first)s, %(half)s in part")
    return _(both, first=first, half=_number(half))


def _one_point(met: int, half: int) -> str:
    if met:
        return _("the one point asked for is met")
    return _("the one point asked for is met in part") if half else _("the one point asked for is not met")


def _all_points(whole: int, *, in_part: bool) -> str:
    if whole == 2:
        return _("both points asked for are met in part") if in_part else _("both points asked for are met")
    message = (
        later("all %(all)s points asked for are met in part")
        if in_part
        else later("all %(all)s points asked for are met")
    )
    return _(message, all=_number(whole))


def _skills(told: dict[str, Any]) -> str:
    """Where no line was kept: by the skills that the posting names."""
    has, lacks = len(told.get("matched") or []), len(told.get("missing") or [])
    if not has + lacks:
        return ""
    if not lacks:
        return _n("the one skill named is shown", "all %(has)s skills named are shown", has, has=_number(has))
    told = {"has": _number(has), "all": _number(has + lacks)}
    if not has:
        return _("none of %(all)s skills is shown", **told)
    return _n("%(has)s of %(all)s skills is shown", "%(has)s of %(all)s skills are shown", has, **told)


def _missing(told: dict[str, Any]) -> list[str]:
    """The skills whose lack costs most; of those of which one is enough, all or none. The costliest first."""
    groups = _lacks(told)
    wider = [group for group in groups if len(group) > 1][:1]
    singles = [in_a_sentence(g[0]) for g in groups if len(g) == 1 and not any(g[0] in group for group in wider)]
    said = [_none_of(group) for group in wider]
    if not singles:
        return said
    clause = _missing_clause(told, singles)
    return [clause, *said] if len(groups[0]) == 1 else [*said, clause]


def _missing_clause(told: dict[str, Any], singles: Sequence[str]) -> str:
    names = _listed(singles[:_NAMED])
    open_line = any(line.get("kind") == "required" and float(line.get("met") or 0) < MET for line in lines_of(told))
    if lines_of(told) and not open_line:
        return _("%(names)s would add to it", names=names)
    if open_line and len(singles) > _NAMED:
        return _("%(names)s are missing, among others", names=names)
    return _n("%(names)s is missing", "%(names)s are missing", len(singles), names=names)


def _none_of(group: Sequence[str]) -> str:
    names = [in_a_sentence(skill) for skill in group]
    if len(names) == 2:
        return _("neither %(one)s nor %(other)s is shown", one=names[0], other=names[1])
    return _("none of %(names)s is shown", names=_listed(names))


def _lacks(told: dict[str, Any]) -> list[list[str]]:
    """What is missing, each by itself or with those of which one would do."""
    lines, found = lines_of(told), list[list[str]]()
    for skill in _by_cost(told):
        line = _asking(lines, skill)
        one_does = line is not None and bool(line.get("any_of"))
        if (line is None and lines) or (line is not None and one_does and line.get("matched")):
            continue  # met without it, or by another of the same line
        if not any(skill in known for known in found):
            found.append([str(one) for one in line["missing"]] if line is not None and one_does else [skill])
    return found


def _by_cost(told: dict[str, Any]) -> list[str]:
    raises = [str(one.get("skill")) for one in told.get("would_raise") or [] if isinstance(one, dict)]
    return raises or [str(skill) for skill in told.get("missing") or []]


def _asking(lines: Sequence[dict[str, Any]], skill: str) -> dict[str, Any] | None:
    """The line that asks for a skill and is met least; None where every such line is met without it."""
    asking = [line for line in lines if skill in (line.get("missing") or [])]
    asking = [line for line in asking if float(line.get("met") or 0) < MET]
    return min(asking, key=lambda line: (line.get("kind") != "required", float(line.get("met") or 0)), default=None)


def _part(parts: Sequence[Component], name: str) -> Component | None:
    return next((part for part in parts if part.name == name), None)


def _years(parts: Sequence[Component], voice: Voice) -> str:
    """The years asked for, where they aren't all shown."""
    part = _part(parts, "years")
    asked = _YEARS.match(part.evidence[0].asked) if part is not None and part.evidence else None
    if part is None or asked is None or part.score >= 100:
        return ""
    found, wanted = _YEARS.match(part.evidence[0].told), float(asked[1])
    has = float(found[1]) if found else 0.0
    if has >= wanted:
        return ""
    message = later("you show %(years)s") if voice == "seeker" else later("the resume shows %(years)s")
    return _(message, years=_of(has, wanted))


def _of(has: float, wanted: float) -> str:
    if wanted == 1:
        return _("less than the year asked for") if has else _("none of the year asked for in related work")
    if not has:
        return _("none of the %(wanted)s years asked for in related work", wanted=_count(wanted))
    if has < 1:
        return _("less than one of the %(wanted)s years asked for", wanted=_count(wanted))
    words = _count if has.is_integer() else "{:g}".format
    return _("%(has)s of the %(wanted)s years asked for", has=words(has), wanted=words(wanted))


def _count(value: float) -> str:
    return _number(int(value)) if value.is_integer() else f"{value:g}"


def _title(parts: Sequence[Component], told: dict[str, Any], voice: Voice) -> str:
    """Where the positions are of another kind or level, and nothing that holds the score says so already."""
    part, notes = _part(parts, "title"), " ".join(map(str, told.get("notes") or []))
    if part is None or part.score >= _LOW or "position" in notes:
        return ""
    if part.would_raise.startswith("Show work"):
        if voice == "seeker":
            return _("its level is above that of the positions you held")
        return _("its level is above that of the positions held")
    near = part.evidence[0].told if part.evidence else ""
    if not near or near.endswith("."):
        return ""
    message = (
        later("your nearest position is %(title)s")
        if voice == "seeker"
        else later("the nearest position held is %(title)s")
    )
    return _(message, title=near)
