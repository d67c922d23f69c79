"""The profile as one flat form: which fields there are, and a sent form as a patch of the seeker. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from app.seekers.types import Seeker
from app.words import gettext as _
from app.words import later

YES_NO = [("", later("Not said")), ("Yes", later("Yes")), ("No", later("No"))]
REMOTE = [("any", later("Either way")), ("only", later("Remote only")), ("never", later("On site only"))]
YES_OR_NO = [("no", later("No")), ("yes", later("Yes"))]
EMPLOYMENT = [
    ("full_time", later("Full time")),
    ("part_time", later("Part time")),
    ("contract", later("Contract")),
    ("internship", later("Internship")),
    ("temporary", later("Temporary")),
]
# Who gave an answer of the bank.
_SOURCES = {"seeker": later("seeker"), "reviewer": later("reviewer"), "resume": later("resume")}
_LISTS = ("titles", "places", "excluded_employers", "work_countries")
# Path in the seeker, words, autocomplete, kind of input.
_FIELDS: tuple[tuple[str, str, str, str], ...] = (
    ("profile.first_name", later("First name"), "given-name", "text"),
    ("profile.last_name", later("Last name"), "family-name", "text"),
    ("profile.email", later("Mail address for employers"), "email", "email"),
    ("profile.phone", later("Phone"), "tel", "tel"),
    ("profile.location", later("Where you live"), "", "text"),
    ("profile.country", later("Country"), "country-name", "text"),
    ("profile.headline", later("In one line, what you do"), "", "text"),
    ("profile.current_company", later("Present employer"), "organization", "text"),
    ("profile.links.linkedin", "LinkedIn", "", "url"),
    ("profile.links.github", "GitHub", "", "url"),
    ("profile.links.website", later("Website"), "url", "url"),
    ("profile.authorized_to_work", later("May you work where the job is?"), "", "yes_no"),
    ("profile.needs_sponsorship", later("Do you need a visa sponsor?"), "", "yes_no"),
    ("profile.work_permission", later("Citizenship or permit, in your words"), "", "text"),
    ("profile.pay_expectation", later("Pay you expect"), "", "text"),
    ("profile.earliest_start", later("Earliest start or notice period"), "", "text"),
    ("preferences.titles", later("Titles you want, with commas"), "", "text"),
    ("preferences.places", later("Places you want, with commas"), "", "text"),
    ("preferences.remote", later("Remote work"), "", "remote"),
    ("preferences.pay_floor", later("Least pay a year, a number"), "", "number"),
    ("preferences.excluded_employers", later("Never these employers, with commas"), "", "text"),
    ("preferences.employment_types", later("Kinds of employment you want; none ticked: all"), "", "boxes"),
    ("preferences.work_countries", later("Countries you may work in, with commas"), "", "text"),
    ("preferences.needs_sponsor", later("Leave out jobs that sponsor no visa"), "", "flag"),
    ("thresholds.auto", later("Apply by itself from this score"), "", "number"),
    ("thresholds.floor", later("Show matches from this score"), "", "number"),
)


class Field(msgspec.Struct, frozen=True):
    """One field as the template draws it."""

    name: str
    words: str
    value: str
    auto: str
    input: str
    options: list[tuple[str, str]]
    wrong: str


def _value(seeker: Seeker, path: str) -> str:
    found: Any = seeker
    for name in path.split("."):
        found = found.get(name, "") if isinstance(found, dict) else getattr(found, name)
    if isinstance(found, list):
        return ", ".join(found)
    if isinstance(found, bool):
        return "yes" if found else "no"
    return "" if found is None else f"{found:g}" if isinstance(found, float) else str(found)


def _options(kind: str, value: str) -> list[tuple[str, str]]:
    """The seeker's own words stay choosable."""
    if kind == "boxes":
        return EMPLOYMENT
    offered = {"yes_no": YES_NO, "remote": REMOTE, "flag": YES_OR_NO}.get(kind, [])
    return [*offered, (value, value)] if offered and value not in dict(offered) else list(offered)


def fields(seeker: Seeker, sent: Mapping[str, str], wrong: Mapping[str, str]) -> list[Field]:
    """All fields, with what was just sent where it was refused."""
    out = []
    for path, words, auto, kind in _FIELDS:
        value = sent.get(path, _value(seeker, path))
        if kind == "boxes" and path in sent:
            value = ", ".join(_ticked(sent, path))
        told = next((text for at, text in wrong.items() if at == path or at.startswith(f"{path}.")), "")
        options = [(name, _(said)) for name, said in _options(kind, value)]
        out.append(Field(path, _(words), value, auto, kind, options, told))
    return out


def patch(sent: Mapping[str, str], links: Mapping[str, str]) -> dict[str, Any]:
    """A sent form as what seekers.service.update takes; unknown names are left out, links not in the form stay."""
    out: dict[str, Any] = {"profile": {"links": dict(links)}, "preferences": {}, "thresholds": {}}
    for path, *_rest in _FIELDS:
        if path == "preferences.employment_types":
            out["preferences"] |= {"employment_types": _ticked(sent, path)} if path in sent else {}
        elif path in sent:
            _put(out, path, sent[path].strip())
    out["matching_active"] = sent.get("matching_active") == "yes"
    out["consent"] = {"llm": sent.get("consent_llm") == "yes"}
    return out


def _ticked(sent: Mapping[str, str], path: str) -> list[str]:
    """The boxes of a group; the group's own name is in the form too, or none ticked would look like none there."""
    return [name for name, __ in EMPLOYMENT if f"{path}.{name}" in sent]


def _put(out: dict[str, Any], path: str, value: str) -> None:
    part, name, *rest = path.split(".")
    if name in _LISTS:
        out[part][name] = [piece.strip() for piece in value.split(",") if piece.strip()]
    elif name == "needs_sponsor":
        out[part][name] = value == "yes"
    elif name == "pay_floor" or part == "thresholds":
        out[part][name] = value or None
    elif rest:
        out[part].setdefault(name, {})[rest[0]] = value
    else:
        out[part][name] = value


def source(name: str) -> str:
    """Where an answer comes from, in a word."""
    return _(_SOURCES.get(name, name))


def one_line(answer: Any) -> str:
    """An answer of the bank, which may be a list, on one line."""
    return ", ".join(map(str, answer)) if isinstance(answer, list) else str(answer)
