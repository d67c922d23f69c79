"""Rules of matching without I/O: what filters a posting out, and what a score leads to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from app.postings.places import lies_in, places
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
    """What the filters look at. `remote` None: the posting doesn't say."""

    company: str
    location: str
    places: Sequence[str]
    remote: bool | None
    pay: str | None


def filters(wanted: Preferences, facts: Facts) -> list[Filter]:
    """The hard filters that a posting falls into; what a posting doesn't say filters nothing."""
    found = [_employer(wanted, facts), _remote(wanted, facts), _place(wanted, facts), _pay(wanted, facts)]
    return [one for one in found if one is not None]


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


def limits(own: Thresholds, auto: float, floor: float) -> tuple[float, float]:
    """The seeker's limits where set, else the settings': (auto, floor)."""
    top = own.auto if own.auto is not None else auto
    bottom = own.floor if own.floor is not None else floor
    return top, min(top, bottom)


def decide(score: float, found: Sequence[Filter], auto: float, floor: float) -> Decision:
    """What a score leads to: the bot applies, a person looks, or nothing."""
    if found:
        return "filtered"
    if score >= auto:
        return "auto"
    return "review" if score >= floor else "below"
