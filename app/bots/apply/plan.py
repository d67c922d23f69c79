"""What we answer to each question, and where each answer comes from. Pure, and it never invents.

Sources, in this order: what a reviewer or the seeker gave for this application; the seeker's answer bank; the seeker's
profile; the resume version for uploads. Legal, visa, pay and equality questions are answered in the seeker's own words
or not at all. What is required and has no answer is listed for a person.
"""

import re
from datetime import date
from typing import Any, Final

import msgspec

from app.applications.fitting import Unfit, fit
from app.bots.apply import known
from app.bots.apply.form import Field, FormPage
from app.seekers.policy import question_key
from app.seekers.types import Profile

_INVITES: Final = re.compile(r"^\W*(please\b.*|(select|choose|pick)\b.*)?\W*$", re.I | re.S)


class Upload(msgspec.Struct, frozen=True):
    """A file to attach: the name that the employer sees, and its bytes' size and SHA-256."""

    filename: str
    size: int
    sha256: str


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that may be said about the seeker. `bank`: question key → (answer, source); `given`: as `given_of` makes it.
    `today` bounds the dates that weren't given for this application."""

    known: Profile
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
    """Answer each question of one page, or list it. What the page chose by itself is no answer of the seeker's: a box
    is unticked, anything else asked for."""
    fills: list[Fill] = []
    missing: list[Missing] = []
    for field in page.fields:
        fill, why = _tried(field, facts)
        fill = fill or _unticked(field)
        if fill is not None:
            fills.append(fill)
        elif _chosen(field):
            missing.append(Missing(field, "The page has chosen this by itself."))
        elif field.required:
            missing.append(Missing(field, why))
    return Plan(tuple(fills), tuple(missing))


def _tried(field: Field, facts: Facts) -> tuple[Fill | None, str]:
    try:
        return _answer(field, facts), "Nobody has answered this yet."
    except Unfit as why:
        return None, str(why)


def _answer(field: Field, facts: Facts) -> Fill | None:
    if field.kind == "unknown":
        raise Unfit("This kind of field can't be filled by a bot.")
    if field.kind == "file":
        return _file(field, facts)
    said = _given(field, facts)
    if said is not None:
        return _fill(field, said, None)
    known_one = _banked(field, facts) or known.answer(field, facts.known, facts.employer)
    return None if known_one is None else _fill(field, known_one, facts.today)


def _fill(field: Field, said: tuple[Any, str], today: date | None) -> Fill:
    values = fit(field, said[0], today)
    return Fill(field, values, shown(field, values), said[1])


def _given(field: Field, facts: Facts) -> tuple[Any, str] | None:
    """What was answered for this application: to this name and these words, to the name alone, or to the words."""
    keys = [given_key(field.name, field.label), given_key(field.name, ""), *_wordings(field, facts)]
    return _first(keys, facts.given)


def _banked(field: Field, facts: Facts) -> tuple[Any, str] | None:
    return _first(_wordings(field, facts), facts.bank)


def _wordings(field: Field, facts: Facts) -> list[str]:
    """The question as it is asked; the employer's name in it doesn't matter."""
    return [question_key(field.label), known.without_employer(field.label, facts.employer)]


def _first(keys: list[str], answers: dict[str, tuple[Any, str]]) -> tuple[Any, str] | None:
    return next((answers[key] for key in keys if key and answers.get(key, ("", ""))[0] not in ("", None, [])), None)


def given_key(name: str, question: str) -> str:
    """Where Facts.given holds the answer to a field of this name; names are used again for other questions."""
    return f"{name}\n{question_key(question)}" if name else ""


def given_of(answers: list[dict[str, Any]]) -> dict[str, tuple[Any, str]]:
    """What was answered for one application alone, as Facts.given: [{"key"?,"question"?,"answer","source"}]."""
    found: dict[str, tuple[Any, str]] = {}
    for answer in answers:
        name, question = str(answer.get("key") or ""), str(answer.get("question") or "")
        value = (answer.get("answer"), str(answer.get("source") or "reviewer"))
        found |= {key: value for key in (given_key(name, question), question_key(question)) if key}
    return found


def _chosen(field: Field) -> bool:
    """Whether the page itself has chosen among options; the invitation to choose is no choice."""
    if not field.current or field.kind not in ("radio", "select", "combobox", "checkbox", "checkboxes"):
        return False
    return not _INVITES.match(shown(field, field.current))


def _unticked(field: Field) -> Fill | None:
    if field.kind in ("checkbox", "checkboxes") and field.current and not field.required:
        return Fill(field, (), "", "left unticked")
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
