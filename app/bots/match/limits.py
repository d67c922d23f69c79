"""What keeps a pair below ninety whatever else speaks for it, each with its reason. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from app.bots.match.asks import bare_title
from app.bots.match.copies import copied
from app.bots.match.likeness import Likeness
from app.bots.match.person import Person
from app.bots.match.requirements import Needs
from app.bots.match.skills import Taxonomy
from app.bots.match.written_in import NAMES

_COPIED = 0.25  # of the posting's runs of six words
_FAR_TITLE = 0.4
_LONG_AGO = 5.0  # years
_OTHER_TITLE, _NEARER = 0.45, 0.15  # a title of another occupation: its cosine, and by how much the best one's is more
_MANY_YEARS = 4  # asked for; of fewer a half is soon made up


class Cap(msgspec.Struct, frozen=True):
    """The most that a pair may reach (0-100), and why: a sentence that may follow "because"."""

    most: float
    why: str


def caps(needs: Needs, who: Person, like: Likeness, taxonomy: Taxonomy) -> list[Cap]:
    """All that hold of the pair, the lowest first."""
    return sorted(_all(needs, who, like, taxonomy), key=lambda cap: cap.most)


def _all(needs: Needs, who: Person, like: Likeness, taxonomy: Taxonomy) -> Iterator[Cap]:
    if needs.thin:
        yield Cap(74, "The posting says too little to be sure.")
    if not who.chunks or not who.titles:
        yield Cap(60, "The resume lists skills but shows no work with them.")
    if not who.held:
        yield Cap(80, "The resume names no position with its dates.")
    if who.hides:
        yield Cap(60, "The resume's file holds skills in text that nobody can see.")
    if copied(needs.shingles, who.shingles) >= _COPIED:
        yield Cap(60, "The resume repeats the posting's own sentences.")
    yield from _by_credentials(needs, who, taxonomy)
    yield from _by_languages(needs, who, taxonomy)
    yield from _by_level(needs, who)
    if needs.years is not None and needs.years >= _MANY_YEARS and related_years(who, like) < needs.years / 2:
        yield Cap(80, "The resume shows less than half of the years asked for.")
    if (left := _left(who, like)) >= _LONG_AGO:
        yield Cap(
            85, f"The position that fits best ended {left:.0f} years ago, and the titles since are of other work."
        )
    if max(like.titles, default=0.0) < _FAR_TITLE and like.gist < _FAR_TITLE:
        yield Cap(60, "The positions held are of another occupation.")


def related_years(who: Person, like: Likeness) -> float:
    """Years in positions like this one; those in quite another occupation count little."""
    near = sum(one.years * scaled(cosine, 0.25, 0.6) for one, cosine in zip(who.held, like.held, strict=True))
    return min(who.years, near) if who.held else 0.0


def _left(who: Person, like: Likeness) -> float:
    """Years since the end of the position that fits, where the headline and the work since are of another kind."""
    held = list(zip(like.held, who.held, strict=True))
    best, fits = max(held, key=lambda pair: pair[0], default=(0.0, None))
    since = [(like.titles[0], who.titles[0])] if like.titles else []
    since += [(cosine, one.title) for cosine, one in held if one.ago < _LONG_AGO]
    if fits is None or not since or any(_words(fits.title) & _words(title) for _, title in since):
        return 0.0
    return fits.ago if max(cosine for cosine, _ in since) < min(_OTHER_TITLE, best - _NEARER) else 0.0


def _words(title: str) -> set[str]:
    """The beginnings of a title's words, its level apart: who was a controller and heads controlling left nothing."""
    return {word[:6] for word in re.findall(r"[^\W\d_]{4,}", bare_title(title).lower())}


def scaled(value: float, low: float, high: float) -> float:
    """0 at `low` and below, 1 at `high` and above."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _by_credentials(needs: Needs, who: Person, taxonomy: Taxonomy) -> Iterator[Cap]:
    for wish in needs.wishes:
        asked = [skill for skill in wish.skills if taxonomy.skills[skill].kind == "credential"]
        lacks = [skill for skill in asked if skill not in who.shown and skill not in who.listed]
        enough = len(lacks) < len(asked) if wish.any_of else not lacks
        if wish.kind != "nice" and asked and not enough:
            yield Cap(70, f"{lacks[0]} is required and the resume doesn't show it.")


def languages_known(who: Person, taxonomy: Taxonomy) -> set[str]:
    """Languages that the resume names, or is written in."""
    named = {skill for skill in (*who.shown, *who.listed) if taxonomy.skills[skill].kind == "language"}
    return named | ({NAMES[who.language]} if who.language in NAMES else set())


def _by_languages(needs: Needs, who: Person, taxonomy: Taxonomy) -> Iterator[Cap]:
    known = languages_known(who, taxonomy)
    written = NAMES.get(needs.language)
    if written and written != "English" and written not in known:
        yield Cap(50, f"The posting is in {written} and the resume shows no {written}.")
    for wish in needs.wishes:
        asked = [skill for skill in wish.skills if taxonomy.skills[skill].kind == "language"]
        met = [skill for skill in asked if skill in known]
        if wish.kind == "required" and asked and (not met if wish.any_of else len(met) < len(asked)):
            lacks = next(skill for skill in asked if skill not in known)
            yield Cap(75, f"{lacks} is required and the resume doesn't show it.")


def level_of_posting(needs: Needs) -> int:
    """By its title; where that doesn't say, by the years that it asks for."""
    if needs.level != 2 or needs.years is None:
        return needs.level
    return 3 if needs.years >= 7 else 2 if needs.years >= 2 else 1


def _by_level(needs: Needs, who: Person) -> Iterator[Cap]:
    gap = level_of_posting(needs) - who.level
    if gap >= 2:
        yield Cap(74, "The position is two levels or more above those that were held.")
    elif gap <= -2:
        yield Cap(85, "The position is two levels or more below those that were held.")
