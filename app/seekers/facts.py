"""What is known of a seeker's working life: as a resume was read, or as the seeker corrected it. Pure.

`read` turns what the parser kept (see bots.match.parse.Parsed) into `Facts`; `doubts` names what it wasn't sure of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

MAX_TEXT, MAX_SUMMARY = 200, 2000
MAX_POSITIONS, MAX_STUDIES, MAX_SKILLS, MAX_LANGUAGES, MAX_LINKS = 60, 60, 300, 30, 20
SURE_ENOUGH = 0.7  # what the parser is less sure of, a person is asked to look at


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """One job. `start` and `end`: "YYYY-MM", "YYYY" or "present"; empty where it isn't said."""

    employer: str = ""
    title: str = ""
    start: str = ""
    end: str = ""


class Study(msgspec.Struct, frozen=True, kw_only=True):
    """One degree or course; dates as in `Position`."""

    institution: str = ""
    degree: str = ""
    subject: str = ""
    start: str = ""
    end: str = ""


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """A language that the seeker speaks, and how well, in any words."""

    name: str = ""
    level: str = ""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; empty means "not said". `years` is None where the positions tell how many they are."""

    name: str = ""
    email: str = ""
    phone: str = ""
    location: str = ""
    summary: str = ""
    years: float | None = None
    links: list[str] = []
    positions: list[Position] = []
    studies: list[Study] = []
    skills: list[str] = []
    languages: list[Language] = []


TEXTS: Final = ("name", "email", "phone", "location", "summary")
_LISTS: Final = (
    ("positions", "jobs", ("title", "employer", "start", "end")),
    ("studies", "education", ("institution", "degree", "subject", "start", "end")),
)


def read(parsed: dict[str, Any] | None) -> Facts:
    """What a resume was read as. What can't be shown for its length or number is cut; nothing is put in its place."""
    found = parsed or {}
    contact = _dict(found.get("contact"))
    languages = _named([_entry(Language, one) for one in _dicts(found.get("languages"))])[:MAX_LANGUAGES]
    spoken = {one.name.casefold() for one in languages}  # the parser counts them among the skills as well
    skills = [name for name in (_text(one) for one in _list(found.get("skills"))) if name.casefold() not in spoken]
    return Facts(
        name=_text(contact.get("name")),
        email=_text(contact.get("email")),
        phone=_text(contact.get("phone")),
        location=_text(contact.get("location")),
        summary=_text(found.get("summary"), MAX_SUMMARY),
        links=_once([_text(link) for link in _list(contact.get("links"))])[:MAX_LINKS],
        positions=[_entry(Position, one) for one in _dicts(found.get("jobs"))][:MAX_POSITIONS],
        studies=[_entry(Study, one) for one in _dicts(found.get("education"))][:MAX_STUDIES],
        skills=_once(skills)[:MAX_SKILLS],
        languages=languages,
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _text(value: Any, most: int = MAX_TEXT) -> str:
    return tidy(value)[:most].strip() if isinstance(value, str) else ""


def tidy(value: str) -> str:
    """A text as it is kept: without signs that can't be seen, white space once."""
    return " ".join("".join(char if char.isprintable() else " " for char in value).split())


def _entry(kind: type[Any], given: dict[str, Any]) -> Any:
    return kind(**{name: _text(given.get(name)) for name in kind.__struct_fields__})


def _once(names: list[str]) -> list[str]:
    """Each once, whatever its case, the empty ones left out."""
    found: dict[str, str] = {}
    for name in filter(None, names):
        found.setdefault(name.casefold(), name)
    return list(found.values())


def _named(given: list[Language]) -> list[Language]:
    found: dict[str, Language] = {}
    for one in given:
        found.setdefault(one.name.casefold(), one)
    return [one for one in found.values() if one.name]


def blank(entry: msgspec.Struct) -> bool:
    """Whether an entry says nothing."""
    return not any(msgspec.structs.astuple(entry))


def doubts(parsed: dict[str, Any] | None) -> frozenset[str]:
    """Paths in `read(parsed)` that the parser wasn't sure of: "name", "positions.0.start", "skills"."""
    return frozenset(_doubts(parsed or {}))


def _doubts(found: dict[str, Any]) -> Iterator[str]:
    contact = _dict(found.get("contact"))
    yield from (name for name in ("name", "email", "phone", "location", "links") if _unsure(contact, name))
    yield from (name for name in ("summary", "skills", "languages") if _unsure(found, name))
    for field, key, names in _LISTS:
        for number, entry in enumerate(_dicts(found.get(key))):
            yield from (f"{field}.{number}.{name}" for name in names if _unsure(entry, name))


def _unsure(of: dict[str, Any], name: str) -> bool:
    """A value that is there, and a number below what is sure enough."""
    rated = _dict(of.get("confidence")).get(name)
    return bool(of.get(name)) and isinstance(rated, int | float) and rated < SURE_ENOUGH
