"""How sure the parser is of what it took: 0 to 1, by what it saw, not by how often it was right. Pure.

What is taken from a field that says what it is (JSON Resume, "Employer: …") is FROM_FIELD. Otherwise:

- title: names an occupation and has a part of the header for itself: SURE; names one, but no employer was told apart
  from it: LIKELY; stands where titles stand: GUESSED.
- employer: carries a word of firms or institutions and is apart from a title: SURE; apart from a title that names an
  occupation: LIKELY; stands where employers stand: GUESSED; goes on from the entry above: GUESSED.
- dates: from month to month SURE, from year to year LIKELY, a single date WEAK.
- place: "Town, Region" LIKELY, anything else GUESSED.
- bullets: with bullet signs SURE, plain lines under a header WEAK.
- contact: see contact.py. A section is as sure as its entries are on average, and a summary as its heading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.bots.match.header import Header, is_place

FROM_FIELD = 0.98
SURE = 0.9
LIKELY = 0.75
WEAK = 0.6
GUESSED = 0.4


def of_header(header: Header, *, labelled: bool = False) -> dict[str, float]:
    """Of title, employer and place; fields that are empty have none."""
    if labelled:
        return {name: FROM_FIELD for name in ("title", "employer", "location") if getattr(header, name)}
    found = {}
    if header.title:
        found["title"] = (SURE if header.apart else LIKELY) if header.titled else GUESSED
    if header.employer:
        apart = header.apart and header.titled
        found["employer"] = (SURE if header.marked else LIKELY) if apart else GUESSED
    if header.location:
        found["location"] = LIKELY if is_place(header.location) else GUESSED
    return found


def of_dates(start: str, end: str) -> dict[str, float]:
    """Of both ends of a range, or of a single date."""
    known = [date for date in (start, end) if date]
    if not known:
        return {}
    months = all("-" in date or date == "present" for date in known)
    sure = WEAK if len(known) == 1 else SURE if months else LIKELY
    return {name: sure for name, date in (("start", start), ("end", end)) if date}


def average(found: Iterable[Mapping[str, float]]) -> float:
    """Over all fields of all entries, to two digits; 0.0 for none."""
    values = [value for one in found for value in one.values()]
    return round(sum(values) / len(values), 2) if values else 0.0
