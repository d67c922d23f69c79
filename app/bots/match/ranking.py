"""How well a resume fits a posting, 0–100, with its reasons. Pure: vectors come in, nothing is fetched.

Four components, each 0–100 with a weight: what is required (and nice to have), the work itself, the title, the years.
Monotone where it must be: a skill more never lowers the score, since every part takes the best evidence there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import numpy as np

from app.bots.match import dates, lines
from app.bots.match.entries import jobs_of
from app.bots.match.requirements import Needs, Wish
from app.bots.match.skills import Taxonomy, default
from app.bots.match.titles import has_title_word

VERSION = "1"
WEIGHTS = {"requirements": 50.0, "work": 15.0, "title": 20.0, "years": 15.0}
LABELS = {
    "requirements": "What is asked for",
    "work": "The work itself",
    "title": "Job title",
    "years": "Years of experience",
}
_LISTED = 0.8  # a skill that is only listed, without any work that shows it
_THIN_CAP, _BARE_CAP = 74.0, 70.0
_KIND_WEIGHT = {"required": 3.0, "nice": 0.6}
_CHUNKS = 80

Vectors = np.ndarray[Any, np.dtype[np.float32]]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A resume as scoring sees it: skills shown in work, skills only listed, sentences, titles, years."""

    shown: frozenset[str]
    listed: frozenset[str]
    chunks: list[str]
    titles: list[str]
    years: float


class Likeness(msgspec.Struct, frozen=True):
    """Cosines: for each wish its best chunk and that chunk's place (-1: none); the best of the titles."""

    wishes: list[float]
    chunks: list[int]
    title: float


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the score: `score` 0–100, `weight` of all weights that apply (their sum is 100)."""

    name: str
    label: str
    score: float
    weight: float
    evidence: list[str]


class Raise(msgspec.Struct, frozen=True):
    """What one skill more would bring, in points."""

    skill: str
    points: float


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One asked-for line, how well it is met (0–100) and the resume's line that shows it."""

    text: str
    kind: str
    met: float
    evidence: str
    matched: list[str]
    missing: list[str]


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The score with its explanation. `missing` are required skills first."""

    score: float
    components: list[Component]
    matched: list[str]
    missing: list[str]
    would_raise: list[Raise]
    lines: list[Line]
    notes: list[str]


def person(text: str, today: date, wanted_titles: Sequence[str] = (), taxonomy: Taxonomy | None = None) -> Person:
    """A resume's text as scoring sees it."""
    taxonomy = taxonomy or default()
    sections = lines.sections(lines.normalise(text))
    listed = _skills([part for part in sections if part.kind == "skills"], taxonomy)
    told = [part for part in sections if part.kind not in ("skills", "head")] or sections[:1]
    shown = _skills(told, taxonomy)
    jobs = [job for part in sections if part.kind == "experience" for job in jobs_of(part.lines)]
    years = dates.years_covered([(job.start, job.end) for job in jobs], today)
    held = [job.title for job in jobs[:4] if job.title]
    return Person(
        shown=frozenset(taxonomy.closure(shown)),
        listed=frozenset(taxonomy.closure(listed)),
        chunks=_sentences(told)[:_CHUNKS],
        titles=list(dict.fromkeys([*_headline(sections[0].lines), *held, *wanted_titles])),
        years=years,
    )


def _skills(parts: list[lines.Section], taxonomy: Taxonomy) -> set[str]:
    return {skill for part in parts for line in part.lines for skill in taxonomy.find(line)}


def _sentences(told: list[lines.Section]) -> list[str]:
    """Bullets and paragraphs, a wrapped line joined to the one above."""
    found: list[str] = []
    for part in told:
        for number, line in enumerate(part.lines):
            above = part.lines[number - 1] if number else ""
            goes_on = bool(above) and not lines.is_bullet(line) and (line[:1].islower() or len(above) >= 90)
            if goes_on and found:
                found[-1] = f"{found[-1]} {line}"
            elif len(line) > 3:
                found.append(lines.debullet(line))
    return [sentence[:600] for sentence in found]


def _headline(head: list[str]) -> list[str]:
    return [line for line in head[:4] if has_title_word(line) and len(line) <= 80][:1]


def texts_of(needs: Needs, who: Person) -> list[str]:
    """All that has to be embedded to compare the two."""
    return [needs.title, *(wish.text for wish in needs.wishes), *who.titles, *who.chunks]


def likeness(needs: Needs, who: Person, vectors: dict[str, Vectors]) -> Likeness:
    """Compare by `vectors`, one unit vector for each text of `texts_of`."""
    none = Likeness([0.0] * len(needs.wishes), [-1] * len(needs.wishes), 0.0)
    titles = [float(vectors[needs.title] @ vectors[title]) for title in who.titles]
    best_title = max(titles, default=0.0)
    if not needs.wishes or not who.chunks:
        return Likeness(none.wishes, none.chunks, best_title)
    asked = np.stack([vectors[wish.text] for wish in needs.wishes])
    told = np.stack([vectors[chunk] for chunk in who.chunks])
    table = asked @ told.T
    return Likeness([float(value) for value in table.max(axis=1)], [int(at) for at in table.argmax(axis=1)], best_title)


def _scaled(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _credit(skill: str, who: Person) -> float:
    return 1.0 if skill in who.shown else _LISTED if skill in who.listed else 0.0


def _met(wish: Wish, cosine: float, who: Person) -> float:
    """How well one line is met, 0–1: by its skills where it names any, else by likeness alone."""
    like = _scaled(cosine, 0.2, 0.6)
    if not wish.skills:
        return like
    credits = [_credit(skill, who) for skill in wish.skills]
    known = max(credits) if wish.any_of else sum(credits) / len(credits)
    return 0.8 * known + 0.2 * like


def _weight(wish: Wish, taxonomy: Taxonomy) -> float:
    base = _KIND_WEIGHT[wish.kind]
    if not wish.skills:
        return base * 0.5
    return base * (0.4 if all(taxonomy.skills[skill].soft for skill in wish.skills) else 1.0)


def _requirements(needs: Needs, who: Person, like: Likeness, taxonomy: Taxonomy) -> Component | None:
    asked = [(wish, cosine) for wish, cosine in zip(needs.wishes, like.wishes, strict=True) if wish.kind != "duty"]
    total = sum(_weight(wish, taxonomy) for wish, _ in asked)
    if not total:
        return None
    met = sum(_weight(wish, taxonomy) * _met(wish, cosine, who) for wish, cosine in asked)
    whole = sum(1 for wish, cosine in asked if _met(wish, cosine, who) >= 0.7)
    return _component("requirements", 100 * met / total, [f"{whole} of {len(asked)} points are met well"])


def _work(needs: Needs, who: Person, like: Likeness) -> Component | None:
    pairs = zip(needs.wishes, like.wishes, like.chunks, strict=True)
    duties = sorted(((cosine, at) for wish, cosine, at in pairs if wish.kind == "duty"), reverse=True)
    if not duties:
        return None
    mean = sum(_scaled(cosine, 0.2, 0.6) for cosine, _ in duties) / len(duties)
    evidence = list(dict.fromkeys(who.chunks[at][:160] for cosine, at in duties[:3] if at >= 0 and cosine > 0.35))
    return _component("work", 100 * mean, evidence)


def _title(who: Person, like: Likeness) -> Component:
    return _component("title", 100 * _scaled(like.title, 0.25, 0.8), who.titles[:2])


def _years(needs: Needs, who: Person, title: float) -> Component | None:
    if needs.years is None:
        return None
    # Years in quite another occupation aren't the years that were asked for.
    related = min(1.0, title / 40)
    evidence = [f"{needs.years} asked for, {who.years:g} in the resume"]
    return _component("years", 100 * min(1.0, who.years / needs.years) * related, evidence)


def _component(name: str, score: float, evidence: list[str]) -> Component:
    return Component(name=name, label=LABELS[name], score=round(score, 4), weight=WEIGHTS[name], evidence=evidence)


def _components(needs: Needs, who: Person, like: Likeness, taxonomy: Taxonomy) -> list[Component]:
    title = _title(who, like)
    parts = (_requirements(needs, who, like, taxonomy), _work(needs, who, like), title, _years(needs, who, title.score))
    found = [part for part in parts if part is not None]
    total = sum(part.weight for part in found)
    return [msgspec.structs.replace(part, weight=round(100 * part.weight / total, 4)) for part in found]


def _cap(needs: Needs, who: Person) -> tuple[float, list[str]]:
    """The most a pair may reach, and why."""
    if needs.thin:
        return _THIN_CAP, ["The posting says too little to be sure; a person should look at it."]
    if not who.chunks or not who.titles:
        return _BARE_CAP, ["The resume lists skills but shows no work with them."]
    return 100.0, []


def _total(needs: Needs, who: Person, like: Likeness, taxonomy: Taxonomy) -> float:
    raw = sum(part.score * part.weight for part in _components(needs, who, like, taxonomy)) / 100
    return min(raw, _cap(needs, who)[0])


def score(needs: Needs, who: Person, like: Likeness, taxonomy: Taxonomy | None = None) -> Score:
    """The score and why."""
    taxonomy = taxonomy or default()
    total = _total(needs, who, like, taxonomy)
    wanted = [*needs.skills("required"), *needs.skills("nice"), *needs.skills("duty")]
    ordered = list(dict.fromkeys(wanted))
    missing = [skill for skill in ordered if not _credit(skill, who)]
    return Score(
        score=round(total, 2),
        components=[_rounded(part) for part in _components(needs, who, like, taxonomy)],
        matched=[skill for skill in ordered if _credit(skill, who)],
        missing=missing,
        would_raise=_raises(needs, who, like, taxonomy, missing[:20], total),
        lines=_lines(needs, who, like),
        notes=_cap(needs, who)[1],
    )


def _rounded(part: Component) -> Component:
    return msgspec.structs.replace(part, score=round(part.score, 1), weight=round(part.weight, 1))


def _raises(
    needs: Needs, who: Person, like: Likeness, taxonomy: Taxonomy, missing: Sequence[str], total: float
) -> list[Raise]:
    """What each missing skill would bring if the resume showed it, best first."""
    found = []
    for skill in missing:
        richer = msgspec.structs.replace(who, shown=who.shown | taxonomy.closure([skill]))
        found.append(Raise(skill, round(_total(needs, richer, like, taxonomy) - total, 1)))
    return sorted((gain for gain in found if gain.points > 0), key=lambda gain: -gain.points)[:10]


def _lines(needs: Needs, who: Person, like: Likeness) -> list[Line]:
    found = []
    for wish, cosine, at in zip(needs.wishes, like.wishes, like.chunks, strict=True):
        if wish.kind != "duty":
            found.append(
                Line(
                    text=wish.text,
                    kind=wish.kind,
                    met=round(100 * _met(wish, cosine, who), 1),
                    evidence=who.chunks[at][:200] if at >= 0 and cosine >= 0.35 else "",
                    matched=[skill for skill in wish.skills if _credit(skill, who)],
                    missing=[skill for skill in wish.skills if not _credit(skill, who)],
                )
            )
    return found
