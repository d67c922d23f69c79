"""What stands in the form of a review and is not sent yet, as the page saves it: `{"fields": {name: [values]}}`. Pure.

Reviews with a resume keep its text instead. Answers are found again by their question's key and words: the form may
have been filed anew meanwhile, with other questions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from app.dispatch.types import Draft
from app.web.pages.desk_views import Question
from app.web.pages.editing import DiffLine
from app.words import gettext as _
from app.words import later
from app.words import ngettext as _n

_NAMES = {
    "notes": later("Notes"),
    "confirmation": later("Confirmation number"),
    "verdict": later("Application"),
}
_ANSWER = re.compile(r"answer-(\d{1,3})")
Fields = dict[str, list[str]]


class Kept(msgspec.Struct, frozen=True):
    """What the viewer's form is filled with; not `own`: nothing, for a colleague's words are offered."""

    version: int
    own: bool
    fields: Fields

    def one(self, name: str) -> str:
        return next(iter(self.fields.get(name, [])), "")

    def every(self, name: str) -> list[str]:
        return self.fields.get(name, [])


def fields_of(body: Mapping[str, Any]) -> Fields:
    """Of a saved body; a program may have saved anything."""
    try:
        return msgspec.convert(body.get("fields") or {}, Fields)
    except msgspec.ValidationError:
        return {}


def kept(draft: Draft, questions: Sequence[Question], me: UUID | None) -> Kept:
    own = me is not None and draft.employee_id == me
    saved = fields_of(draft.body) if own else {}
    fields = {name: values for name, values in saved.items() if name in _NAMES}
    before = {_asked(saved, name): values for name, values in saved.items() if _ANSWER.fullmatch(name)}
    for number, one in enumerate(questions):
        if (one.key, one.label) in before:
            fields[f"answer-{number}"] = before[one.key, one.label]
    return Kept(draft.version, own, fields)


def _asked(saved: Fields, name: str) -> tuple[str, str]:
    """The question that an answer was written to: its key and its words."""
    number = name.removeprefix("answer-")
    return "".join(saved.get(f"question-{number}", [])), "".join(saved.get(f"label-{number}", []))


def lines(body: Mapping[str, Any]) -> list[DiffLine]:
    """Each field that something stands in, with what it is called."""
    saved, found = fields_of(body), list[DiffLine]()
    for name, values in saved.items():
        words = _(_NAMES.get(name, "")) or (_asked(saved, name)[1] if _ANSWER.fullmatch(name) else "")
        if words and (said := ", ".join(value for value in values if value.strip())):
            found.append(DiffLine("add", f"{words}: {said}"))
    return found


def told(found: Sequence[DiffLine]) -> str:
    """ "2 fields filled in"; "" where nothing was."""
    return _n("%(n)s field filled in", "%(n)s fields filled in", len(found)) if found else ""
