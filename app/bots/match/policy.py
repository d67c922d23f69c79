"""Rules of matching without I/O: what filters a posting out, and what a score leads to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from app.countries import NAMES, code_of, members
from app.postings.places import country_of, lies_in, places
from app.postings.terms import HOURS, Terms
from app.seekers.types import Preferences, Thresholds

Decision = Literal["auto", "review", "below", "filtered"]
IN_REVIEW_AT_ONCE = 20
_SUFFIX = re.compile(r"\b(?:inc|llc|ltd|limited|gmbh|corp|corporation|co|plc|ag|sa|bv|holding|group)\b")
_AMOUNT = re.compile(r"(\d{1,3}(?:[,. ]\d{3})+|\d+(?:\.\d+)?)\s*(k\b)?", re.I)
_CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "usd": "USD", "eur": "EUR", "gbp": "GBP", "chf": "CHF"}
_PERIODS = (("hour", 2080), ("/hr", 2080), ("day", 220), ("week", 52), ("month", 12))


class Filter(msgspec.Struct, frozen=True):
    """A hard filter that a posting fell into; `text` for the seeker."""

    name: str
    text: str


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the filters look at. `remote` None: the posting doesn't say; `terms`: what it says of its terms."""

    company: str
    location: str
    places: Sequence[str]
    remote: bool | None
    pay: str | None
    terms: Terms = Terms()


def filters(wanted: Preferences, facts: Facts) -> list[Filter]:
    """The hard filters that a posting falls into; what a posting doesn't say filters nothing."""
    rules = (_employer, _remote, _place, _pay, _employment, _permission)
    return [found for rule in rules if (found := rule(wanted, facts)) is not None]


def asks_for_terms(wanted: Preferences) -> bool:
    """Whether a filter of the seeker's looks at `Facts.terms`, which take a while to read."""
    return bool(wanted.employment_types or wanted.work_countries or wanted.needs_sponsor)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", _SUFFIX.sub(" ", text.casefold())))


def _employer(wanted: Preferences, facts: Facts) -> Filter | None:
    company = f" {_words(facts.company)} "
    for name in wanted.excluded_employers:
        if _words(name) and f" {_words(name)} " in company:
            return Filter("employer", f"You excluded {name}.")
    return None


def _remote(wanted: Preferences, facts: Facts) -> Filter | None:
    if wanted.remote == "only" and facts.remote is False:
        return Filter("remote", "You want remote work; this is on site.")
    if wanted.remote == "never" and facts.remote is True:
        return Filter("remote", "You don't want remote work; this is remote.")
    return None


def _place(wanted: Preferences, facts: Facts) -> Filter | None:
    told = " | ".join([facts.location, *facts.places])
    if not wanted.places or not told.strip(" |") or (facts.remote and wanted.remote != "never"):
        return None
    if any(_is_in(place, told) for place in wanted.places):
        return None
    return Filter("place", f"This is in {facts.location or facts.places[0]}; you want {', '.join(wanted.places[:4])}.")


def _is_in(wanted: str, told: str) -> bool:
    """By its words ("Bay Area"), or by what they mean ("US" for "Austin, TX"): "us" is not in "Brussels"."""
    words = _words(wanted)
    if words and f" {words} " in f" {_words(told)} ":
        return True
    return any(lies_in(one, other) for one in places([told]) for other in places([wanted]))


def yearly_pay(pay: str) -> tuple[float, str | None] | None:
    """The highest amount a year and its currency out of a posting's pay line; None where it says none."""
    low = pay.casefold()
    amounts = [_number(text) * (1000 if thousand else 1) for text, thousand in _AMOUNT.findall(pay)]
    if not amounts:
        return None
    times = next((factor for word, factor in _PERIODS if word in low), 1)
    currency = next((code for sign, code in _CURRENCIES.items() if sign in low), None)
    return max(amounts) * times, currency


def _number(text: str) -> float:
    grouped = re.fullmatch(r"\d{1,3}(?:[,. ]\d{3})+", text)
    return float(re.sub(r"[,. ]", "", text)) if grouped else float(text)


def _pay(wanted: Preferences, facts: Facts) -> Filter | None:
    told = yearly_pay(facts.pay) if facts.pay else None
    if wanted.pay_floor is None or told is None or told[1] not in (None, wanted.pay_currency):
        return None
    if told[0] >= wanted.pay_floor:
        return None
    return Filter("pay", f"It pays at most {told[0]:,.0f} a year; you want {wanted.pay_floor:,}.")


_KINDS: dict[str, str] = {
    "full_time": "full-time work",
    "part_time": "part-time work",
    "contract": "a contract for a time",
    "internship": "an internship",
    "temporary": "temporary work",
}


def _employment(wanted: Preferences, facts: Facts) -> Filter | None:
    """Who wants full-time work wants no internship, of however many hours: the hours count where that isn't said."""
    told = (facts.terms.kinds - HOURS) or facts.terms.kinds
    if not wanted.employment_types or not told or not told.isdisjoint(wanted.employment_types):
        return None
    its, own = (_either(kinds) for kinds in (told, wanted.employment_types))
    return Filter("employment", f"This is {its}; you want {own}.")


def _either(kinds: Iterable[str]) -> str:
    return " or ".join(words for kind, words in _KINDS.items() if kind in kinds)


def _permission(wanted: Preferences, facts: Facts) -> Filter | None:
    """By the countries where both sides name them, else by whether a visa is sponsored."""
    terms = facts.terms
    if terms.sponsors or not (terms.permission or terms.local):
        return None
    asked = terms.permission or _countries_of(facts)
    may = frozenset(code for name in wanted.work_countries if (code := code_of(name)))
    if asked and may:
        if not members(asked).isdisjoint(members(may)):
            return None
        where, own = (", ".join(sorted(NAMES[code] for code in codes)) for codes in (asked, may))
        return Filter("permission", f"You must be allowed to work in {where}; you may work in {own}.")
    if terms.sponsors is False and wanted.needs_sponsor:
        return Filter("permission", "It sponsors no visa; you need a sponsor.")
    return None


def _countries_of(facts: Facts) -> frozenset[str]:
    codes = {country_of(place) for place in places([facts.location, *facts.places])}
    return frozenset(code for code in codes if code in NAMES)


def limits(own: Thresholds, auto: float, floor: float) -> tuple[float, float]:
    """The seeker's limits where set, else the settings': (auto, floor)."""
    top = own.auto if own.auto is not None else auto
    bottom = own.floor if own.floor is not None else floor
    return top, min(top, bottom)


def decide(score: float, found: Sequence[Filter], auto: float, floor: float, *, held: bool = False) -> Decision:
    """What a score leads to: the bot applies, a person looks, or nothing.

    `held`: a limit holds the pair; whatever a seeker's own threshold, no bot applies then.
    """
    if found:
        return "filtered"
    if score >= auto and not held:
        return "auto"
    return "review" if score >= floor else "below"
