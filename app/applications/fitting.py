"""Whether an answer is one that a form's question takes, word for word. Pure.

The bot fills in what `fit` gives, and a person's answers are held against the same rules before they are taken.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final, Protocol

import msgspec

from app.errors import FieldError
from app.words import gettext as _

TEXTUAL: Final = frozenset({"text", "email", "tel", "url", "number", "date", "textarea"})
# Neither words nor a choice answer these: a person has to send the form.
BEYOND_WORDS: Final = frozenset({"file", "unknown"})
LISTED: Final = 12
_DECLINE: Final = re.compile(
    r"^(i )?(do not|dont|don t|would rather not|prefer not|choose not|decline)( wish| want)?( to)?"
    r"( answer| say| self identify| disclose| specify)"
)
_YEARS: Final = re.compile(r"^\s*(\d{1,2})\s*\+?\s*(years?|yrs?)?\s*$", re.I)
_MAIL: Final = re.compile(r"^[^@\s]+@[^@\s]+$")


class Option(msgspec.Struct, frozen=True):
    """One choice: the value that is sent, and what a person reads."""

    value: str
    label: str


class Question(Protocol):
    """What has to be known of a question to say which answers it takes. `kind` as in bots/apply/form.py."""

    @property
    def kind(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def options(self) -> tuple[Option, ...]: ...
    @property
    def max_length(self) -> int | None: ...


class Unfit(ValueError):
    """There is an answer, but this question can't take it; the message says why."""


def fit(field: Question, answer: Any, today: date | None) -> tuple[str, ...]:
    """The answer as this field takes it, word for word. Raises Unfit.

    `today` refuses dates before it; None where a person has just answered, who may mean a day that has passed.
    """
    if field.kind in BEYOND_WORDS:
        raise Unfit(_("This can't be answered with words: the form has to be sent by hand."))
    parts = answer if isinstance(answer, list | tuple) else [answer]
    if not all(isinstance(part, str | int | float) for part in parts):
        raise Unfit(_("The answer is no text."))
    texts = [text for part in parts if (text := str(part).strip())]
    if not texts:
        raise Unfit(_("The answer is empty."))
    if field.kind == "checkbox":
        return _tick(field, texts[0])
    if field.kind in ("select", "radio", "checkboxes"):
        wanted = texts if field.kind == "checkboxes" else texts[:1]
        return tuple(match(text, field.options).value for text in wanted)
    if field.kind == "combobox":
        return (texts[0],)
    return (_text(field, ", ".join(texts), today),)


def _tick(field: Question, text: str) -> tuple[str, ...]:
    word = normal(text)
    named = {normal(field.label), *(normal(option.label) for option in field.options)}
    if word in ("yes", "true", "i agree", "agree", "agreed", "on") or word in named:
        return (field.options[0].value,) if field.options else ("on",)
    if word in ("no", "false") and not field.required:
        return ()
    raise Unfit(_("The answer doesn't say yes to this."))


def _text(field: Question, text: str, today: date | None) -> str:
    if field.kind == "number":
        found = _YEARS.match(text) or re.match(r"^\s*(-?\d+(?:\.\d+)?)\s*$", text)
        if found is None:
            raise Unfit(_("This takes a plain number."))
        text = found.group(1)
    if field.kind == "date":
        text = _date(text, today)
    if field.kind == "email" and not _MAIL.match(text):
        raise Unfit(_("This takes a mail address."))
    if field.kind == "url":
        text = _address(text)
    if field.max_length is not None and len(text) > field.max_length:
        raise Unfit(
            _("The answer has %(count)s characters and this takes %(most)s.", count=len(text), most=field.max_length)
        )
    if field.kind in TEXTUAL - {"textarea"} and "\n" in text:
        raise Unfit(_("The answer has several lines and this takes one."))
    return text


def _date(text: str, today: date | None) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Unfit(_("This takes a date such as 2027-01-31.")) from None
    if today is not None and day < today:
        raise Unfit(_("The date %(text)s has passed.", text=text))
    return day.isoformat()


def _address(text: str) -> str:
    if re.search(r"\s", text):
        raise Unfit(_("This takes a web address."))
    return text if re.match(r"https?://", text) else f"https://{text}"


def normal(text: str) -> str:
    """What counts when wordings are compared: letters and digits, one space between words."""
    return " ".join(re.findall(r"\w+", text.casefold().replace("'", "").replace("’", "")))


def match(text: str, options: tuple[Option, ...]) -> Option:
    """The one option that says the same: equal but for case and marks; a bare yes or no that begins exactly one
    option; "prefer not to say" in its usual wordings. Raises Unfit."""
    wanted = normal(text)
    choices = [option for option in options if option.value != "" or normal(option.label) == wanted]
    same = [option for option in choices if wanted and wanted in (normal(option.label), normal(option.value))]
    by_label = [option for option in same if normal(option.label) == wanted]
    if len(by_label) == 1 or len(same) == 1:
        return (by_label or same)[0]
    if wanted in ("yes", "no"):
        begins = [option for option in choices if normal(option.label).split(" ")[0] == wanted]
        if len(begins) == 1:
            return begins[0]
    if _DECLINE.match(wanted):
        declines = [option for option in choices if _DECLINE.match(normal(option.label))]
        if len(declines) == 1:
            return declines[0]
    raise Unfit(_("None of the listed answers says “%(text)s”.", text=text[:80]))


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question of a form as a review shows it."""

    key: str
    label: str
    kind: str
    required: bool
    options: tuple[Option, ...]
    max_length: int | None


def asked(fields: Sequence[dict[str, Any]]) -> list[Asked]:
    """The questions of a review's payload: [{"key","question","kind","options","required","max_length"}]."""
    return [
        Asked(
            key=str(field.get("key") or ""),
            label=str(field.get("question") or ""),
            kind=str(field.get("kind") or "text"),
            required=bool(field.get("required")),
            options=tuple(Option(str(label), str(label)) for label in field.get("options") or ()),
            max_length=field.get("max_length"),
        )
        for field in fields
    ]


def answer_to(question: Asked, answers: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The answer that means this question, by key and words, else by either; None without one, or an empty one."""

    def means(answer: dict[str, Any]) -> int:
        by_key = bool(question.key) and answer.get("key") == question.key
        return 2 * by_key + (answer.get("question") == question.label)

    best = max(answers, key=means, default=None)
    return best if best is not None and means(best) and best.get("answer") not in (None, "", []) else None


def as_asked(questions: Sequence[Asked], answers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers, each under the key and the words of the question that it means."""
    found = [(answer_to(question, answers), question) for question in questions]
    named = [answer | {"key": question.key, "question": question.label} for answer, question in found if answer]
    meant = [id(answer) for answer, __ in found]
    return named + [answer for answer in answers if id(answer) not in meant]


def problems(questions: Sequence[Asked], answers: Sequence[dict[str, Any]]) -> Iterator[FieldError]:
    """What keeps these answers from being taken: one for each required question that is open, or answered unfit."""
    for question in questions:
        given = answer_to(question, answers)
        path = f"answers.{question.key or question.label}"
        if given is None:
            if question.required:
                yield FieldError(path, _("“%(label)s” needs an answer.", label=question.label))
            continue
        try:
            fit(question, given["answer"], None)
        except Unfit as why:
            yield FieldError(path, " ".join(filter(None, [f"“{question.label}”: {why}", _listed(question)])))


def _listed(question: Asked) -> str:
    labels = [option.label for option in question.options]
    if not labels or question.kind == "checkbox":
        return ""
    more = " …" if len(labels) > LISTED else ""
    return _("It takes: %(options)s", options="; ".join(labels[:LISTED]) + more)
