"""How well a resume fits a posting, 0-100, with its reasons. Pure: vectors come in, nothing is fetched.

Components of 0-100 each, their weighted mean, and a curve that makes it a chance (scale.py); what must keep a pair
below ninety does (limits.py). Monotone where it must be: a skill more never lowers the score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from app.bots.match import asks, limits, rarity, reasons
from app.bots.match.explanation import Component, Evidence, Line, Raise, Score
from app.bots.match.likeness import Likeness
from app.bots.match.limits import scaled
from app.bots.match.person import Person
from app.bots.match.requirements import Needs, Wish
from app.bots.match.scale import Scale, capped, packaged
from app.bots.match.skills import Taxonomy, default

VERSION = "3"
_LISTED = 0.65  # a skill that is only listed, without any work that shows it
_KIND_WEIGHT = {"required": 3.0, "nice": 0.6}
# What a title counts by its place, the headline and the newest position first: an occupation left is not held.
_AGO = (1.0, 0.92, 0.8, 0.7, 0.6)
# By how many levels the position lies above (+) or below (-) those that were held.
_LEVEL_FACTOR = {-5: 0.4, -4: 0.5, -3: 0.6, -2: 0.8, -1: 0.95, 0: 1.0, 1: 0.85, 2: 0.5, 3: 0.25, 4: 0.1, 5: 0.1}


class Pair:
    """One posting and one resume, compared: what all parts of the score look at."""

    def __init__(self, needs: Needs, who: Person, like: Likeness, taxonomy: Taxonomy, scale: Scale) -> None:
        self.needs, self.who, self.like, self.taxonomy, self.scale = needs, who, like, taxonomy, scale
        pairs = zip(needs.wishes, like.wishes, like.chunks, strict=True)
        self.asked = [(wish, cosine, at) for wish, cosine, at in pairs if wish.kind != "duty"]
        self._credits: dict[str, float] = {}
        self.met = [self.meets(wish, cosine) for wish, cosine, _ in self.asked]
        self.weights = [rarity.weight(wish, taxonomy) * _KIND_WEIGHT[wish.kind] for wish, _, _ in self.asked]
        self.caps = limits.caps(needs, who, like, taxonomy)

    def credit(self, skill: str) -> float:
        """How well the resume shows a skill, 0-1, whatever the years."""
        found = self._credits.get(skill)
        if found is None:
            found = 1.0 if skill in self.who.shown else _LISTED if skill in self.who.listed else 0.0
            self._credits[skill] = found
        return found

    def _credit_in(self, skill: str, years: int, like: float) -> float:
        """The same in a line that asks for `years` of it, and that is like the resume by `like`.

        What only ESCO names is seldom said in the same words: there the likeness of the line counts.
        """
        found = self.credit(skill)
        if found < 1.0:
            return max(found, like) if self.taxonomy.skills[skill].kind == "esco" else found
        if not years:
            return found
        worked = self.who.shown[skill]
        return 0.6 + 0.4 * min(1.0, worked / years) if worked else 0.8

    def meets(self, wish: Wish, cosine: float, also: frozenset[str] = frozenset()) -> float:
        """How well one line is met, 0-1: by its skills where it names any, else by likeness alone.

        `also`: skills that the resume is taken to show besides.
        """
        like = scaled(cosine, 0.2, 0.6)
        if not wish.skills:
            return like
        credits = [1.0 if skill in also else self._credit_in(skill, wish.years, like) for skill in wish.skills]
        known = max(credits) if wish.any_of else sum(credits) / len(credits)
        return 0.85 * known + 0.15 * like

    def lacks(self, skill: str) -> bool:
        """Whether a skill of our own list isn't in the resume, nor the language that the resume is written in."""
        kind = self.taxonomy.skills[skill].kind
        if self.credit(skill) or kind == "esco":
            return False
        return kind != "language" or skill not in limits.languages_known(self.who, self.taxonomy)

    def total(self, parts: Sequence[Component]) -> tuple[float, float]:
        """(raw, score) of these components."""
        raw = sum(part.score * part.weight for part in parts) / 100
        return raw, self.shown(raw)

    def shown(self, raw: float) -> float:
        """The score of a weighted mean."""
        score = self.scale.score(raw)
        return capped(score, self.caps[0].most) if self.caps else score


def _requirements(pair: Pair) -> Component | None:
    total = sum(pair.weights)
    if not total:
        return None
    met = sum(weight * value for weight, value in zip(pair.weights, pair.met, strict=True))
    return _part("requirements", met / total, *reasons.requirements(pair))


def _work(pair: Pair) -> Component:
    """The duties against sentences of experience, and the whole against the whole."""
    triples = zip(pair.needs.wishes, pair.like.wishes, pair.like.chunks, strict=True)
    duties = sorted(((cosine, at, wish.text) for wish, cosine, at in triples if wish.kind == "duty"), reverse=True)
    whole = scaled(pair.like.gist, 0.25, 0.75)
    each = sum(scaled(cosine, 0.2, 0.6) for cosine, _, _ in duties) / len(duties) if duties else whole
    return _part("work", 0.5 * each + 0.5 * whole, *reasons.work(pair, duties))


def _title(pair: Pair) -> Component:
    near = [scaled(cosine, 0.25, 0.8) * _AGO[min(at, len(_AGO) - 1)] for at, cosine in enumerate(pair.like.titles)]
    best = max(near, default=0.0)
    gap = limits.level_of_posting(pair.needs) - pair.who.level
    held = pair.who.titles[near.index(best)] if near else ""
    return _part("title", best * _LEVEL_FACTOR[gap], *reasons.title(pair, held, best, gap))


def _years(pair: Pair) -> Component | None:
    if pair.needs.years is None:
        return None
    has, asked = limits.related_years(pair.who, pair.like), pair.needs.years
    return _part("years", min(1.0, (has + 0.25) / asked), *reasons.years(asked, has, pair.who.years))


def _education(pair: Pair) -> Component | None:
    needs, who = pair.needs, pair.who
    if not needs.degree:
        return None
    asked, has = asks.DEGREES.index(needs.degree), asks.DEGREES.index(who.degree)
    value = 1.0 if has >= asked else 0.9 if needs.degree_open and who.years >= 3 else 0.5 if has else 0.3
    return _part("education", value, *reasons.education(needs, who, enough=value >= 0.9))


def _language(pair: Pair) -> Component | None:
    """Languages that are needed; those that are only nice to have count among the other lines."""
    known = limits.languages_known(pair.who, pair.taxonomy)
    skills = pair.taxonomy.skills
    needed = [skill for wish in pair.needs.wishes if wish.kind != "nice" for skill in wish.skills]
    asked = dict.fromkeys(skill for skill in needed if skills[skill].kind == "language")
    if not asked:
        return None
    met = [skill for skill in asked if skill in known]
    return _part("language", len(met) / len(asked), *reasons.languages(pair, list(asked), met))


def _part(name: str, value: float, evidence: list[Evidence], would_raise: str) -> Component:
    label = reasons.LABELS[name]
    return Component(name=name, label=label, score=100 * value, weight=0, evidence=evidence, would_raise=would_raise)


def components(pair: Pair) -> list[Component]:
    """Those that apply to the pair; their weights sum to 100."""
    parts = (_requirements(pair), _work(pair), _title(pair), _years(pair), _education(pair), _language(pair))
    found = [part for part in parts if part is not None]
    total = sum(pair.scale.weights[part.name] for part in found)
    return [msgspec.structs.replace(part, weight=100 * pair.scale.weights[part.name] / total) for part in found]


def score(
    needs: Needs, who: Person, like: Likeness, taxonomy: Taxonomy | None = None, scale: Scale | None = None
) -> Score:
    """The score and why."""
    pair = Pair(needs, who, like, taxonomy or default(), scale or packaged())
    parts = components(pair)
    raw, total = pair.total(parts)
    ordered = list(dict.fromkeys([*needs.skills("required"), *needs.skills("nice"), *needs.skills("duty")]))
    missing = [skill for skill in ordered if pair.lacks(skill)]
    return Score(
        score=round(total, 2),
        raw=round(raw, 2),
        components=[_rounded(part) for part in parts],
        matched=[skill for skill in ordered if pair.credit(skill)],
        missing=missing,
        would_raise=_raises(pair, parts, missing[:20], total),
        lines=list(_lines(pair)),
        notes=list(dict.fromkeys(cap.why for cap in pair.caps)),
    )


def _rounded(part: Component) -> Component:
    return msgspec.structs.replace(part, score=round(part.score, 1), weight=round(part.weight, 1))


def _raises(pair: Pair, parts: Sequence[Component], missing: Sequence[str], total: float) -> list[Raise]:
    """What each missing skill would bring if the resume showed it, best first."""
    if not missing or not parts or parts[0].name != "requirements":
        return []
    share = parts[0].weight / sum(pair.weights)
    raw = sum(part.score * part.weight for part in parts) / 100
    gains = [(skill, pair.shown(raw + share * _gain(pair, skill)) - total) for skill in missing]
    found = [Raise(skill, round(points, 1)) for skill, points in gains]
    return sorted((gain for gain in found if gain.points > 0), key=lambda gain: -gain.points)[:10]


def _gain(pair: Pair, skill: str) -> float:
    """What the lines that ask for a skill, or for what it implies, would weigh more with it."""
    also = pair.taxonomy.closed(skill)
    rows = zip(pair.asked, pair.met, pair.weights, strict=True)
    return sum(
        weight * (pair.meets(wish, cosine, also) - value)
        for (wish, cosine, _), value, weight in rows
        if not also.isdisjoint(wish.skills)
    )


def _lines(pair: Pair) -> Iterator[Line]:
    for (wish, cosine, at), met in zip(pair.asked, pair.met, strict=True):
        yield Line(
            text=wish.text,
            kind=wish.kind,
            met=round(100 * met, 1),
            evidence=reasons.told(pair, wish, cosine, at),
            matched=[skill for skill in wish.skills if pair.credit(skill)],
            missing=[skill for skill in wish.skills if pair.lacks(skill)],
            any_of=wish.any_of,
        )
