"""Ranges of months as resumes write them. Pure: the day that closes running jobs comes in as an argument."""

from __future__ import annotations

import re
from datetime import date

import msgspec

_MONTHS = {name: number for number, names in enumerate((
    ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",), ("june", "jun"),
    ("july", "jul"), ("august", "aug"), ("september", "sept", "sep"), ("october", "oct"), ("november", "nov"),
    ("december", "dec"), ), start=1) for name in names}  # fmt: skip
_MONTHS |= {name: number for number, names in enumerate((
    ("januar", "janvier", "enero", "gennaio"), ("februar", "février", "febrero"), ("märz", "mars", "marzo"),
    ("avril", "abril"), ("mai", "mayo"), ("juni", "juin", "junio"), ("juli", "juillet", "julio"), ("août", "agosto"),
    ("septembre", "septiembre"), ("oktober", "octobre", "octubre"), ("novembre", "noviembre"),
    ("dezember", "décembre", "diciembre"), ), start=1) for name in names}  # fmt: skip
_SEASONS = {"spring": 3, "summer": 6, "fall": 9, "autumn": 9, "winter": 12}
_WORD = "|".join(sorted((*_MONTHS, *_SEASONS), key=len, reverse=True))
_YEAR = r"(?:19[5-9]\d|20[0-4]\d)"
_POINT = rf"(?:(?:{_WORD})\.?,?\s+(?:\d{{1,2}},\s*)?{_YEAR}|\d{{1,2}}[/.]{_YEAR}|{_YEAR}-\d{{2}}(?!\d)|{_YEAR})"
_NOW = r"(?:present|current|now|today|ongoing|date|heute|aujourd['’]hui|actualidad|heden)"
# A dash, a word, or a lone sign that came out wrong (a full-width one often does) between two dates.
_UNTIL = r"(?:\s*(?:-|–|—|to|until|till|bis|hasta)\s*|\s[^\sa-z0-9,;/|&]{1,3}\s)"
RANGE = re.compile(rf"({_POINT}){_UNTIL}({_POINT}|(?:to\s+)?{_NOW}\b)", re.I)
SINCE = re.compile(rf"\b(?:since|seit|depuis|desde)\s+({_POINT})", re.I)
OPEN_END = re.compile(rf"^{_POINT}\s*(?:[-–—]|to)$", re.I)
ALONE = re.compile(rf"^{_POINT}$", re.I)
SINGLE = re.compile(rf"(?:^|[\s,(])((?:{_WORD})\.?,?\s+{_YEAR}(?:,\s*{_YEAR})*|{_YEAR}(?:,\s*{_YEAR})*)\)?\s*$", re.I)
DURATION = re.compile(r"^\(?\d+ (?:years?|months?)(?:,? \d+ months?)?\)?$", re.I)


class Span(msgspec.Struct, frozen=True):
    """`start`, `end`: "YYYY-MM" or "YYYY"; `end` is "present" while it runs, "" when not said. `at`: its place."""

    start: str
    end: str
    at: tuple[int, int]


def find_range(line: str) -> Span | None:
    """The first range of dates in a line; "since May 2023" is one that runs."""
    found = RANGE.search(line)
    if found is None:
        found = SINCE.search(line)
        return Span(point(found[1]), "present", found.span()) if found else None
    return Span(point(found[1]), point(found[2]), found.span())


def find_single(line: str) -> Span | None:
    """A lone month or year at the end of a line, as studies and short jobs have; "May 2013, 2014" ends in its last."""
    found = SINGLE.search(line)
    if found is None:
        return None
    start, last = point(found[1]), re.findall(_YEAR, found[1])[-1]
    end = last + start[4:]
    return Span(start, end if end > start and start[:4] in found[1] else "", found.span(1))


def point(text: str) -> str:
    """ "Sept 2018" → "2018-09", "06/2019" → "2019-06", "2017" → "2017", "Present" → "present"."""
    years = re.findall(_YEAR, text)
    if not years:
        return "present"
    year = years[0]
    month = _month(text.casefold(), year)
    return f"{year}-{month:02d}" if month else year


def _month(text: str, year: str) -> int:
    word = re.match(_WORD, text)
    if word is not None:
        return _MONTHS.get(word[0], 0) or _SEASONS.get(word[0], 0)
    number = re.match(rf"(\d{{1,2}})[/.]{year}", text) or re.match(rf"{year}-(\d{{2}})$", text)
    return int(number[1]) if number and 1 <= int(number[1]) <= 12 else 0


def _index(text: str, today: date, *, end: bool) -> int | None:
    if text == "present":
        return today.year * 12 + today.month
    if not text:
        return None
    year, _, month = text.partition("-")
    # A bare year counts from its January, and to its January: 2017–2019 is two years, not three.
    return int(year) * 12 + (int(month) if month else 1) + (1 if end and month else 0)


def years_covered(spans: list[tuple[str, str]], today: date) -> float:
    """Years in which at least one span ran, to a tenth; jobs held side by side count once."""
    months: set[int] = set()
    last = today.year * 12 + today.month
    for start, end in spans:
        first, stop = _index(start, today, end=False), _index(end, today, end=True)
        if first is not None and stop is not None:
            months.update(range(first, min(stop, last)))
    return round(len(months) / 12, 1)


def years_since(end: str, today: date) -> float:
    """Years from a span's end until today; 0 for one that goes on, or whose end isn't told."""
    stop = _index(end, today, end=True)
    return 0.0 if stop is None else round(max(0, today.year * 12 + today.month - stop) / 12, 1)
