"""The words that people read, in the language of who is asking: gettext over the catalogues under `locale/`.

English is the source and what is said where a catalogue has nothing. `gettext` and `ngettext` translate at once;
`later` only marks a message of a table for the catalogue, and whoever shows it translates it. A message's values are
named, `%(name)s`, and it is formatted where any are given. What is stored, logged or told to machines stays English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

ENGLISH = "en"
LOCALE = Path(__file__).resolve().parents[1] / "locale"
# None translates nothing: the language of the messages themselves.
_said: ContextVar[tuple[str, NullTranslations | None]] = ContextVar("said", default=(ENGLISH, None))


@lru_cache(maxsize=1)
def catalogues() -> dict[str, NullTranslations]:
    """Language tag, lower case, to its translations: `locale/LANGUAGE/LC_MESSAGES/cabrank.mo`."""
    found: dict[str, NullTranslations] = {}
    for path in LOCALE.glob("*/LC_MESSAGES/cabrank.mo"):
        with path.open("rb") as file:
            found[path.parts[-3].replace("_", "-").lower()] = GNUTranslations(file)
    return found


def _weighed(wish: str) -> tuple[float, str]:
    tag, _, weight = wish.partition(";q=")
    try:
        return float(weight or 1), tag.strip().lower()
    except ValueError:
        return 0, tag


def chosen(accept: str) -> str:
    """The language to answer an Accept-Language header in: the most wished for that there is, English without any."""
    known = {ENGLISH, *catalogues()}
    wishes = sorted((_weighed(one) for one in accept.split(",")[:20]), key=lambda wish: -wish[0])
    for weight, tag in wishes:
        if weight > 0 and (fits := next((one for one in (tag, tag.split("-")[0]) if one in known), "")):
            return fits
    return ENGLISH


@contextmanager
def speaking(accept: str) -> Iterator[None]:
    """Within, all words are said in the language that the header wishes for."""
    language = chosen(accept) if accept and catalogues() else ENGLISH
    mark = _said.set((language, catalogues().get(language)))
    try:
        yield
    finally:
        _said.reset(mark)


def language() -> str:
    """The tag of the language that is being spoken."""
    return _said.get()[0]


def gettext(message: str, /, **values: Any) -> str:
    """The message in the language being spoken, formatted if there are values."""
    spoken = _said.get()[1]
    # the empty message is the catalogue's own header
    said = message if spoken is None or not message else spoken.gettext(message)
    return said % values if values else said


def plural(one: str, many: str, n: float) -> str:
    """Which of the two messages goes with `n`, not formatted yet."""
    if (spoken := _said.get()[1]) is None:
        return one if n == 1 else many
    return spoken.ngettext(one, many, n)  # type: ignore[arg-type]  # the stub knows whole numbers alone


def ngettext(one: str, many: str, n: float, /, **values: Any) -> str:
    """The message for `n` things, which both may name as `%(n)s`."""
    return plural(one, many, n) % ({"n": n} | values)


def later(message: str) -> str:
    """The message itself, marked for the catalogue: it is translated where it is shown."""
    return message


_DAYS = (later("Mon"), later("Tue"), later("Wed"), later("Thu"), later("Fri"), later("Sat"), later("Sun"))
_MONTHS = (
    later("Jan"), later("Feb"), later("Mar"), later("Apr"), later("May"), later("Jun"),
    later("Jul"), later("Aug"), later("Sep"), later("Oct"), later("Nov"), later("Dec"),
)  # fmt: skip


def date_words(at: date, pattern: str) -> str:
    """`at` by a pattern of strftime, with the names of day and month in the language being spoken."""
    day, month = gettext(_DAYS[at.weekday()]), gettext(_MONTHS[at.month - 1])
    return at.strftime(gettext(pattern).replace("%a", day.replace("%", "%%")).replace("%b", month.replace("%", "%%")))


_NTH = (later("%(n)sth"), later("%(n)sst"), later("%(n)snd"), later("%(n)srd"))


def ordinal(number: int) -> str:
    """1st, 2nd, 11th, 23rd."""
    teens = 10 <= number % 100 <= 20
    return gettext(_NTH[0] if teens or number % 10 > 3 else _NTH[number % 10], n=number)


def retold(text: str, messages: Iterable[str]) -> str:
    """A sentence that was stored in English, in the language being spoken.

    `messages` are those that it may have been made of; where it is none of them, it stays as it was stored.
    """
    if language() == ENGLISH or not text:
        return text
    for message in messages:
        if (found := _sentence(message).fullmatch(text)) is not None:
            return gettext(message) % {name: gettext(value) for name, value in found.groupdict().items()}
    return text


@lru_cache(maxsize=500)
def _sentence(message: str) -> re.Pattern[str]:
    """What the message looks like once it has its values."""
    made: list[str] = []
    names: set[str] = set()
    for at, piece in enumerate(re.split(r"%\((\w+)\)s", message)):
        if at % 2 == 0:
            made.append(re.escape(piece.replace("%%", "%")))
        else:  # a value that is named twice is the same twice
            made.append(f"(?P={piece})" if piece in names else f"(?P<{piece}>.+?)")
            names.add(piece)
    return re.compile("".join(made))
