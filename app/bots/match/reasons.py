"""Why each part of a score is what it is, and what would raise it, for people. Pure; it changes no number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from app.bots.match import asks, limits, wording
from app.bots.match.explanation import Evidence
from app.bots.match.person import Person
from app.bots.match.requirements import Needs, Wish
from app.words import later

if TYPE_CHECKING:
    from app.bots.match.ranking import Pair

LABELS: Final = {
    "requirements": later("What is asked for"),
    "work": later("Similar work"),
    "title": later("Job title and level"),
    "years": later("Years of experience"),
    "education": later("Education"),
    "language": later("Languages"),
}
_NEAR = 0.35  # a cosine below it shows nothing
_MOST = 3
_POSITIONS: Final = {
    1: "a junior position",
    2: "a position past the junior level",
    3: "a senior position",
    4: "a lead's or manager's position",
    5: "a director's position",
}
Reasons = tuple[list[Evidence], str]


def told(pair: Pair, wish: Wish, cosine: float, at: int) -> str:
    """What the resume says to a line: where its skills are shown, else the nearest sentence that says anything."""
    if wording.general(wish.text):
        return ""  # it asks for nothing
    who, quotes = pair.who, pair.who.quotes
    shown = [quotes.places[skill] for skill in wish.skills if skill in who.shown and skill in quotes.places]
    if shown:
        if at >= 0 and quotes.tells(at) and _names(who.chunks[at], wish.skills):
            return quotes.said(who.chunks, at)
        best = max(shown, key=shown.count)
        return quotes.said(who.chunks, best) or wording.cut(who.chunks[best])
    if named := [skill for skill in wish.skills if skill in who.listed]:
        verb, them = ("is", "it") if len(named) == 1 else ("are", "them")
        names = wording.listed([wording.in_a_sentence(skill) for skill in named])
        return wording.sentence(f"{names} {verb} listed, but no work shows {them}")
    return _near(pair, wish.text, cosine, at)


def _names(sentence: str, skills: Iterable[str]) -> bool:
    low = sentence.lower()
    return any(skill.lower() in low for skill in skills)


def _near(pair: Pair, text: str, cosine: float, at: int) -> str:
    """A degree is evidence for lines on degrees alone."""
    if at < 0 or cosine < _NEAR or (at in pair.who.quotes.studies and not _on_degrees(text)):
        return ""
    return pair.who.quotes.said(pair.who.chunks, at)


@lru_cache(maxsize=50_000)
def _on_degrees(text: str) -> bool:
    return asks.degree_in(text) != ""


def _distinct(pairs: Iterable[Evidence]) -> list[Evidence]:
    """The first few that tell something, no sentence of the resume twice."""
    found: dict[str, Evidence] = {}
    for pair in pairs:
        said = pair.told.rsplit(": ", 1)[-1][:60]  # by itself, or under the head of its entry
        if pair.told and said not in found:
            found[said] = pair
            if len(found) == _MOST:
                break
    return list(found.values())


def requirements(pair: Pair) -> Reasons:
    """The weightiest lines that are met, and the weightiest that isn't."""
    rows = [
        (weight * met, weight * (1 - met), met, wish, cosine, at)
        for (wish, cosine, at), met, weight in zip(pair.asked, pair.met, pair.weights, strict=True)
        if not wording.general(wish.text)
    ]
    held = sorted((row for row in rows if row[2] >= 0.5), key=lambda row: -row[0])
    evidence = _distinct(
        Evidence(wording.quoted(wish.text), told(pair, wish, cosine, at)) for *_, wish, cosine, at in held
    )
    open_rows = [row for row in rows if row[2] < 0.5 and row[3].kind == "required"]
    if open_rows:
        return evidence, _show(pair, max(open_rows, key=lambda row: row[1])[3])
    return evidence, _show_listed(pair)


def _show(pair: Pair, wish: Wish) -> str:
    lacks = [skill for skill in wish.skills if pair.lacks(skill)]
    if lacks and all(pair.taxonomy.skills[skill].kind == "language" for skill in lacks):
        return _speak(lacks)
    if lacks:
        names = [wording.in_a_sentence(skill) for skill in lacks]
        return f"Show work with {wording.listed(names, 'or' if wish.any_of else 'and')}."
    return f"Say what answers “{_short(wish.text)}”."


def _short(text: str) -> str:
    return wording.cut(wording.quoted(text), 140).rstrip(".")


def _show_listed(pair: Pair) -> str:
    """Where every line is met: skills that would count more with work behind them."""
    named = [s for s in pair.needs.skills("required") if s in pair.who.listed and s not in pair.who.shown]
    own = [wording.in_a_sentence(skill) for skill in named if pair.taxonomy.skills[skill].kind in ("skill", "soft")]
    return f"Show the work behind {wording.listed(own)}: so far only listed." if own else ""


def work(pair: Pair, duties: Sequence[tuple[float, int, str]]) -> Reasons:
    """`duties`: (cosine, place of the nearest sentence, line), the nearest first."""
    plain = [duty for duty in duties if not wording.general(duty[2]) and len(duty[2].split()) > 5]
    plain = [duty for duty in plain if wording.a_duty(duty[2])] or plain
    evidence = _distinct(
        Evidence(wording.quoted(text), _near(pair, "", cosine, at)) for cosine, at, text in plain if cosine >= _NEAR
    )
    far = next((text for cosine, _, text in reversed(plain) if cosine < _NEAR and wording.a_duty(text)), "")
    return evidence, f"Tell of work like “{_short(far)}”, if there was any." if far else ""


def title(pair: Pair, held: str, best: float, gap: int) -> Reasons:
    """`best`: how near the nearest title held is, 0-1; `gap`: levels that the position lies above it."""
    raised = ""
    if gap >= 1 and best >= 0.27:
        raised = f"Show work that fits {_POSITIONS[limits.level_of_posting(pair.needs)]}."
    elif best < 0.45:
        raised = "Name a position closer to this title, if one was held."
    elif gap <= -2:
        raised = "The positions held are above this one: say why it is wanted."
    return [Evidence(wording.quoted(pair.needs.title), held or "No position is named.")], raised


def years(asked: int, has: float, whole: float) -> Reasons:
    """`has` in related positions, `whole` in all."""
    if not whole:
        said = "No position has dates."
    elif whole - has < 0.1:
        said = f"{wording.years(has)}, all in related positions"
    else:
        said = f"{wording.years(has) if has >= 0.05 else 'None'} in related positions, {wording.years(whole)} in all"
    return [Evidence(f"{wording.years(asked)} of experience", said)], _more_years(asked, has, whole)


def _more_years(asked: int, has: float, whole: float) -> str:
    if has >= asked:
        return ""
    if not whole:
        return "Dates on the positions held."
    amount, _, unit = wording.years(max(0.1, asked - has)).partition(" ")
    other = ", or a word on how the other positions were like it" if whole >= asked else ""
    return f"{amount} more {unit} in related work{other}."


def education(needs: Needs, who: Person, *, enough: bool) -> Reasons:
    """The lowest degree asked for against the highest that is named."""
    asked = wording.degree(needs.degree) + (", or experience in its place" if needs.degree_open else "")
    has = wording.degree(who.degree) if who.degree else "no degree is named"
    raised = "" if enough else f"Name {wording.degree(needs.degree)}, if there is one."
    return [Evidence(asked[:1].upper() + asked[1:], has[:1].upper() + has[1:])], raised


def languages(pair: Pair, asked: Sequence[str], met: Sequence[str]) -> Reasons:
    """Each language with how the resume shows it."""
    named = {*pair.who.shown, *pair.who.listed}
    said = {lang: "Named in the resume" if lang in named else "The resume is written in it" for lang in met}
    lacks = [lang for lang in asked if lang not in met]
    return [Evidence(lang, said.get(lang, "Not named")) for lang in asked], _speak(lacks) if lacks else ""


def _speak(lacks: Sequence[str]) -> str:
    return f"Name {wording.listed(lacks)}, if {'it is' if len(lacks) == 1 else 'they are'} spoken."
