"""Rules of seekers without I/O: merging a patch, the key of a question, names of files."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from app.countries import NAMES, code_of
from app.errors import FieldError, Invalid
from app.seekers.facts import Facts
from app.seekers.types import PARTS, Preferences, Profile, Seeker, Thresholds
from app.words import gettext as _

MAX_UPLOAD = 10 * 1024 * 1024
MAX_QUESTION = 2000
MAX_ANSWER = 20_000
MAX_PARTS = 100
MAX_NAME = 120  # bytes


def merged(current: Seeker, patch: dict[str, Any]) -> Seeker:
    """The seeker with the named fields changed; parts are merged field by field, lists are replaced.

    Raises Invalid naming each field that isn't known or doesn't fit.
    """
    errors: list[FieldError] = []
    changed: dict[str, Any] = {}
    for name, value in patch.items():
        if name in PARTS and isinstance(value, dict):
            changed[name] = _part(name, getattr(current, name), value, errors)
        elif name == "matching_active" and isinstance(value, bool):
            changed[name] = value
        else:
            errors.append(FieldError(name, _("is not something that can be changed here")))
    _limits(changed.get("thresholds"), errors)
    if "preferences" in changed:
        changed["preferences"] = _countries(changed["preferences"], errors)
    if errors:
        raise Invalid(errors=errors)
    return msgspec.structs.replace(current, **changed)


def _part(name: str, old: msgspec.Struct, patch: dict[str, Any], errors: list[FieldError]) -> msgspec.Struct:
    unknown = sorted(patch.keys() - set(old.__struct_fields__))
    errors.extend(FieldError(f"{name}.{key}", _("is not a known field")) for key in unknown)
    try:
        return msgspec.convert({**msgspec.structs.asdict(old), **patch}, type(old), strict=False)
    except msgspec.ValidationError as why:
        text, __, path = str(why).partition(" - at `$.")
        path = re.sub(r"\[(\d+)\]", r".\1", path.rstrip("`"))
        errors.append(FieldError(f"{name}.{path}" if path else name, text))
        return old


def _countries(found: Preferences, errors: list[FieldError]) -> Preferences:
    """Countries by their names, however they were written, each once."""
    codes: dict[str, str] = {}
    for number, name in enumerate(found.work_countries):
        code = code_of(name[:100])
        if code is None:
            told = _("“%(name)s” is no country that we know. Write it like Germany or DE.", name=name[:40])
            errors.append(FieldError(f"preferences.work_countries.{number}", told))
        else:
            codes[code] = NAMES[code]
    kinds = list(dict.fromkeys(found.employment_types))
    return msgspec.structs.replace(found, work_countries=list(codes.values()), employment_types=kinds)


def _limits(found: Thresholds | None, errors: list[FieldError]) -> None:
    if found is None:
        return
    for name, value in (("auto", found.auto), ("floor", found.floor)):
        if value is not None and not 0 <= value <= 100:
            errors.append(FieldError(f"thresholds.{name}", _("takes a number from 0 to 100")))
    if found.auto is not None and found.floor is not None and found.floor > found.auto:
        errors.append(FieldError("thresholds.floor", _("must not be above the automatic limit")))


def question_key(question: str) -> str:
    """Questions that differ only in case, marks and spaces are one question."""
    return " ".join(re.findall(r"\w+", question.casefold()))[:300]


def can_be_kept(question: str) -> bool:
    """Whether an answer to it can stand in the answer bank: it has words, and not too many."""
    return bool(question_key(question)) and len(question) <= MAX_QUESTION


def check_answer(answer: Any) -> None:
    """Raises Invalid on what a form can't take: an answer is text, a number, a yes or no, or a list of texts."""
    parts = answer if isinstance(answer, list) else [answer]
    texts = [str(part) for part in parts if isinstance(part, str | int | float)]
    if len(texts) < len(parts) or len(parts) > MAX_PARTS or sum(map(len, texts)) > MAX_ANSWER:
        raise Invalid(
            _(
                "An answer is a text or a list of up to %(max_parts)s, in all at most %(max_answer)s characters",
                max_parts=MAX_PARTS,
                max_answer=MAX_ANSWER,
            )
        )


def safe_filename(name: str) -> str:
    """The last part of a path without control characters, short enough for any file system, its ending kept."""
    last = re.split(r"[\\/]", name)[-1]
    clean = "".join(char for char in last if char.isprintable()).strip()
    stem, dot, ending = clean.rpartition(".")
    if not dot or len(ending) > 8:
        stem, dot, ending = clean, "", ""
    room = MAX_NAME - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + ending or "resume"


_FROM_RESUME = ("name", "email", "phone", "location")


def filled(profile: Profile, found: Facts) -> Profile:
    """The profile with what the resume says where it is empty."""
    empty = {name: getattr(found, name) for name in _FROM_RESUME if not getattr(profile, name)}
    return msgspec.structs.replace(profile, links={**_links(found), **profile.links}, **empty)


def followed(profile: Profile, before: Facts, after: Facts) -> Profile:
    """The profile after the facts of the resume changed: what it has from them changes along, the seeker's own stays.

    The present employer too, where there is just one: the seeker has seen it and saved it.
    """
    told, now = _told(before), _told(after)
    moved = {name: now[name] for name in told if getattr(profile, name) in ("", told[name])}
    gone, links = _links(before), dict(profile.links)
    for name in gone:
        if links.get(name) == gone[name]:
            del links[name]
    return msgspec.structs.replace(profile, links={**_links(after), **links}, **moved)


def _told(found: Facts) -> dict[str, str]:
    present = {one.employer for one in found.positions if one.end == "present" and one.employer}
    employer = present.pop() if len(present) == 1 else ""
    return {name: getattr(found, name) for name in _FROM_RESUME} | {"current_company": employer}


def _links(found: Facts) -> dict[str, str]:
    """The first of each kind."""
    return {_kind(link): link for link in reversed(found.links)}


def _kind(link: str) -> str:
    return next((name for name in ("linkedin", "github") if name in link.lower()), "website")
