"""What a seeker wrote into the form of facts: made tidy, or refused field by field. Pure; today comes in.

What stands there as it was shown is not held against the seeker: it may have been read so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from app.errors import FieldError, Invalid
from app.seekers import facts
from app.seekers.corrections import Shown, Wanted
from app.seekers.facts import Facts, Language, Position, Study, blank, tidy
from app.words import gettext as _

MAX_YEARS = 70
FIRST_YEAR = 1940
_MOST: Final = (
    ("positions", facts.MAX_POSITIONS),
    ("studies", facts.MAX_STUDIES),
    ("skills", facts.MAX_SKILLS),
    ("languages", facts.MAX_LANGUAGES),
    ("links", facts.MAX_LINKS),
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NOW = re.compile(r"present|now|current|currently|today|ongoing|till? (?:now|today)", re.I)
_POINTS: Final = (
    re.compile(r"(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})"),
    re.compile(r"(?P<month>\d{1,2})[-/. ](?P<year>\d{4})"),
    re.compile(r"(?P<word>[a-z]{3})[a-z]*\.?,? (?P<year>\d{4})", re.I),
)
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def moment(text: str) -> str | None:
    """ "2019", "2019-03", "3/2019", "Mar 2019" or "now" → "2019", "2019-03" or "present"; None for anything else."""
    text = tidy(text)
    if not text or _NOW.fullmatch(text):
        return "present" if text else ""
    found = next((match for pattern in _POINTS if (match := pattern.fullmatch(text))), None)
    if found is None:
        return None
    given = found.groupdict()
    word = (given.get("word") or "").lower()
    if word and word not in _MONTHS:
        return None
    month = _MONTHS.index(word) + 1 if word else int(given.get("month") or 0)
    if int(given["year"]) < FIRST_YEAR or month > 12 or (given.get("month") and not month):
        return None
    return f"{given['year']}-{month:02d}" if month else given["year"]


class Before(msgspec.Struct, frozen=True):
    """What the form showed: the facts, and the entries by their ids."""

    facts: Facts
    positions: Sequence[Shown[Position]]
    studies: Sequence[Shown[Study]]


def checked(given: Wanted, before: Before, today: date) -> Wanted:
    """The form made tidy, entries that say nothing left out. Raises Invalid with the path of each bad field."""
    errors = [*_too_many(given.facts), *_texts(given.facts, before.facts), *_years(given.facts)]
    positions = _entries("positions", given.facts.positions, given.positions, before.positions, today, errors)
    studies = _entries("studies", given.facts.studies, given.studies, before.studies, today, errors)
    errors += [*_names(given.facts), *_languages(given.facts.languages)]
    if errors:
        raise Invalid(errors=errors)
    texts = {name: tidy(getattr(given.facts, name)) for name in facts.TEXTS}
    kept = msgspec.structs.replace(
        given.facts,
        **texts,
        positions=[entry for __, entry in positions],
        studies=[entry for __, entry in studies],
        skills=[name for name in map(tidy, given.facts.skills) if name],
        links=[link for link in map(tidy, given.facts.links) if link],
        languages=[_spoken(one) for one in given.facts.languages if tidy(one.name)],
    )
    return Wanted(facts=kept, positions=[name for name, __ in positions], studies=[name for name, __ in studies])


def _spoken(one: Language) -> Language:
    return Language(name=tidy(one.name), level=tidy(one.level))


def _too_many(given: Facts) -> Iterator[FieldError]:
    for name, most in _MOST:
        count = sum(not _says_nothing(one) for one in getattr(given, name))
        if count > most:
            yield FieldError(
                name,
                _("These are %(count)s %(name)s; at most %(most)s can be kept.", count=count, name=name, most=most),
            )


def _says_nothing(one: str | msgspec.Struct) -> bool:
    return not one.strip() if isinstance(one, str) else blank(one)


def _long(path: str, text: str, most: int = facts.MAX_TEXT) -> Iterator[FieldError]:
    if len(tidy(text)) > most:
        yield FieldError(
            path, _("This has %(count)s characters; at most %(most)s can be kept.", count=len(tidy(text)), most=most)
        )


def _texts(given: Facts, before: Facts) -> Iterator[FieldError]:
    for name in facts.TEXTS:
        yield from _long(name, getattr(given, name), facts.MAX_SUMMARY if name == "summary" else facts.MAX_TEXT)
    email = tidy(given.email)
    if email and email != before.email and not _MAIL.fullmatch(email):
        yield FieldError("email", _("Write a mail address, like jane@example.org."))


def _years(given: Facts) -> Iterator[FieldError]:
    if given.years is not None and not 0 <= given.years <= MAX_YEARS:
        yield FieldError(
            "years", _("Write a number of years from 0 to %(max_years)s, or nothing.", max_years=MAX_YEARS)
        )


def _names(given: Facts) -> Iterator[FieldError]:
    for field in ("skills", "links"):
        for number, name in enumerate(getattr(given, field)):
            yield from _long(f"{field}.{number}", name)


def _languages(given: Sequence[Language]) -> Iterator[FieldError]:
    for number, one in enumerate(given):
        yield from _long(f"languages.{number}.name", one.name)
        yield from _long(f"languages.{number}.level", one.level)
        if tidy(one.level) and not tidy(one.name):
            yield FieldError(f"languages.{number}.name", _("Say which language this is."))


def _entries(
    field: str,
    given: Sequence[Any],
    ids: Sequence[str],
    before: Sequence[Shown[Any]],
    today: date,
    errors: list[FieldError],
) -> list[tuple[str, Any]]:
    """(id, entry) of those that say something; what is wrong goes into `errors`."""
    stood = {one.id: one.now for one in before}
    kept = []
    for number, (name, entry) in enumerate(zip(ids, given, strict=True)):
        tidied = type(entry)(**{part: tidy(getattr(entry, part)) for part in entry.__struct_fields__})
        if tidied != stood.get(name):
            tidied = _entry(f"{field}.{number}", tidied, today, errors)
        if not blank(tidied):
            kept.append((name, tidied))
    return kept


def _entry(path: str, entry: Any, today: date, errors: list[FieldError]) -> Any:
    for part in entry.__struct_fields__:
        errors += _long(f"{path}.{part}", getattr(entry, part))
    names = ("employer", "title") if isinstance(entry, Position) else ("institution", "degree")
    if not blank(entry) and not any(getattr(entry, name) for name in names):
        errors.append(
            FieldError(f"{path}.{names[0]}", _("Write the %(one)s or the %(other)s.", one=names[0], other=names[1]))
        )
    dates = {part: moment(getattr(entry, part)) for part in ("start", "end")}
    wrong = list(_dates(path, dates, today, ahead=isinstance(entry, Study)))
    errors += wrong
    return entry if wrong else msgspec.structs.replace(entry, **dates)


def _dates(path: str, dates: dict[str, str | None], today: date, *, ahead: bool) -> Iterator[FieldError]:
    """`ahead`: whether the end may lie before us, as that of a study does."""
    start, end = dates["start"], dates["end"]
    for part, told in dates.items():
        if told is None:
            yield FieldError(f"{path}.{part}", _("Write a year or a month, like 2019 or 2019-03, or “present”."))
        elif told[:4].isdigit() and told > _now(told, today) and not (ahead and part == "end" and _soon(told, today)):
            yield FieldError(f"{path}.{part}", _("%(told)s is in the future.", told=told))
    if start == "present":
        yield FieldError(f"{path}.start", _("Write when it began, like 2019 or 2019-03."))
    elif start and end and end != "present" and end[: len(start)] < start[: len(end)]:
        yield FieldError(f"{path}.end", _("This ends (%(end)s) before it starts (%(start)s).", end=end, start=start))


def _now(told: str, today: date) -> str:
    return f"{today.year}-{today.month:02d}"[: len(told)]


def _soon(told: str, today: date) -> bool:
    return int(told[:4]) <= today.year + 10
