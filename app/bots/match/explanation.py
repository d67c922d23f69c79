"""A score with its reasons, as matching stores it and as console, portal and API show it. Pure."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

import msgspec
from msgspec import Meta

from app.bots.match.policy import Filter


class Evidence(msgspec.Struct, frozen=True):
    """What was asked for, and what the resume says to it."""

    asked: Annotated[str, Meta(description="What the posting asks for, in its own words or short ones of ours.")]
    told: Annotated[str, Meta(description="What the resume says to it; empty where no single sentence does.")]


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the score."""

    name: Annotated[str, Meta(description="requirements, work, title, years, education or language.")]
    label: Annotated[str, Meta(description="The name as people read it.")]
    score: Annotated[float, Meta(description="How well this part is met, 0-100.")]
    weight: Annotated[float, Meta(description="Its share of the score; those of a score add up to 100.")]
    evidence: Annotated[list[Evidence], Meta(description="What speaks for it, from both sides; the best first.")]
    would_raise: Annotated[str, Meta(description="What would raise it, in one sentence; empty where nothing would.")]


class Raise(msgspec.Struct, frozen=True):
    """What one skill more would bring."""

    skill: str
    points: Annotated[float, Meta(description="Points of the score, if the resume showed work with the skill.")]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line that the posting asks for."""

    text: Annotated[str, Meta(description="The line, in the posting's words.")]
    kind: Annotated[str, Meta(description="required or nice (to have).")]
    met: Annotated[float, Meta(description="How well the resume meets it, 0-100.")]
    evidence: Annotated[str, Meta(description="What the resume says to it; empty where it says nothing.")]
    matched: Annotated[list[str], Meta(description="Skills of the line that the resume has.")]
    missing: Annotated[list[str], Meta(description="Skills of the line that it hasn't.")]
    any_of: Annotated[bool, Meta(description="Whether one of its skills is enough.")] = False


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The score with its explanation. `missing` are required skills first; `raw` before the curve and the caps."""

    score: float
    raw: float
    components: list[Component]
    matched: list[str]
    missing: list[str]
    would_raise: list[Raise]
    lines: list[Line]
    notes: list[str]


class Explanation(TypedDict, total=False):
    """The rest of the reasons, as stored: the types name what stands in the JSON, read back as plain values.

    Scores of earlier versions may lack parts of it.
    """

    matched: Annotated[list[str], Meta(description="Skills of the posting that the resume has.")]
    missing: Annotated[list[str], Meta(description="Those that it hasn't, the required ones first.")]
    would_raise: Annotated[list[Raise], Meta(description="What each of them would bring, the most first.")]
    lines: Annotated[list[Line], Meta(description="What the posting asks for, line by line.")]
    notes: Annotated[list[str], Meta(description="What holds the score below 90 whatever else speaks for it.")]
    filters: Annotated[list[Filter], Meta(description="The seeker's own limits that the posting falls outside of.")]


def components_of(stored: Any) -> list[Component]:
    """Components as they were stored: those of earlier scores have the resume's sentences alone for evidence."""
    listed = stored if isinstance(stored, list) else []
    return [_component(one) for one in listed if isinstance(one, dict) and "score" in one]


def _component(one: dict[str, Any]) -> Component:
    label = str(one.get("label") or one.get("name") or "")
    return Component(
        name=str(one.get("name") or label),
        label=label,
        score=float(one["score"]),
        weight=float(one.get("weight") or 0),
        evidence=[_evidence(pair) for pair in one.get("evidence") or []],
        would_raise=str(one.get("would_raise") or ""),
    )


def _evidence(pair: Any) -> Evidence:
    if isinstance(pair, dict):
        return Evidence(str(pair.get("asked") or ""), str(pair.get("told") or ""))
    return Evidence("", str(pair))
