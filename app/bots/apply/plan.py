"""What we answer to each question, and where each answer comes from. Pure, and it never invents.

Sources, in this order: what a reviewer or the seeker gave for this application; the seeker's answer bank; the seeker's
profile; the resume version for uploads. Legal, visa, pay and equality questions are answered in the seeker's own words
or not at all. What is required and has no answer is listed for a person.
"""

import re
from datetime import date
from typing import Any

import msgspec

from app.applications.fitting import Unfit, fit
from app.bots.apply import known
from app.bots.apply.form import Field, FormPage
from app.bots.apply.known import Known
from app.seekers.policy import question_key


class Upload(msgspec.Struct, frozen=True):
    """A file to attach: the name that the employer sees, and its bytes' size and SHA-256."""

    filename: str
    size: int
    sha256: str


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that may be said about the seeker. `given` and `bank`: question key → (answer, source); a reviewer's answer
    may also be keyed by the field's name. `today` bounds dates."""

    known: Known
    given: dict[str, tuple[Any, str]]
    bank: dict[str, tuple[Any, str]]
    resume: Upload | None
    employer: str
    today: date


class Fill(msgspec.Struct, frozen=True):
    """One answer: the values to set (option values for choices), what a person reads, and the source."""

    field: Field
    values: tuple[str, ...]
    shown: str
    source: str


class Missing(msgspec.Struct, frozen=True):
    """A required question without a usable answer, and why."""

    field: Field
    why: str


class Plan(msgspec.Struct, frozen=True):
    """What to fill, and what a person has to answer first."""

    fills: tuple[Fill, ...]
    missing: tuple[Missing, ...]


def plan(page: FormPage, facts: Facts) -> Plan:
    """Answer each question of one page, or list it."""
    fills: list[Fill] = []
    missing: list[Missing] = []
    for field in page.fields:
        try:
            fill = _answer(field, facts)
        except Unfit as why:
            if field.required:
                missing.append(Missing(field, str(why)))
            continue
        if fill is not None:
            fills.append(fill)
        elif field.required:
            missing.append(Missing(field, "Nobody has answered this yet."))
    return Plan(tuple(fills), tuple(missing))


def _answer(field: Field, facts: Facts) -> Fill | None:
    if field.kind == "unknown":
        raise Unfit("This kind of field can't be filled by a bot.")
    if field.kind == "file":
        return _file(field, facts)
    found = _given(field, facts) or known.answer(field, facts.known, facts.employer)
    if found is not None:
        values = fit(field, found[0], facts.today)
        return Fill(field, values, shown(field, values), found[1])
    return _cleared(field)


def _given(field: Field, facts: Facts) -> tuple[Any, str] | None:
    """An answer to this very question; the employer's name in it doesn't matter."""
    keys = [field.name, question_key(field.label), known.without_employer(field.label, facts.employer)]
    for answers in (facts.given, facts.bank):
        for key in keys:
            if key and key in answers and answers[key][0] not in ("", None, []):
                return answers[key]
    return None


def _cleared(field: Field) -> Fill | None:
    """A box that the page ticked by itself is no answer of the seeker's: it is unticked, or asked for."""
    if field.kind in ("checkbox", "checkboxes") and field.current:
        if field.required:
            raise Unfit("The page has ticked this by itself.")
        return Fill(field, (), "", "left unticked")
    if field.kind == "radio" and field.current:
        raise Unfit("The page has chosen this by itself.")
    return None


def _file(field: Field, facts: Facts) -> Fill | None:
    words = f"{field.label} {field.name}".casefold()
    if facts.resume is None or not re.search(r"\b(resume|cv|curriculum)|resume|résumé", words) or "cover" in words:
        return None
    suffix = "." + facts.resume.filename.rsplit(".", 1)[-1].lower()
    kinds = [part.strip().lower() for part in field.accept.split(",") if part.strip()]
    if any(kind.startswith(".") for kind in kinds) and suffix not in kinds:
        raise Unfit(f"This takes {field.accept}, and the resume is {suffix}.")
    return Fill(field, (f"{facts.resume.filename}|{facts.resume.size}",), facts.resume.filename, "resume")


def shown(field: Field, values: tuple[str, ...]) -> str:
    """What a person reads: the labels of the options, or the text."""
    labels = {option.value: option.label for option in field.options}
    return ", ".join(labels.get(value, value) for value in values)
