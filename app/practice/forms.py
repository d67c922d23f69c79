"""What the board accepts in its form. Pure: values in, messages out; `today` comes from the caller."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from app.practice.model import Question
from app.practice.store import Upload

Values = Mapping[str, list[str]]
Problems = dict[str, str]
MAX_TEXT = 255
MAX_LONG_TEXT = 10_000
MAX_FILE = 10 * 1024 * 1024
SUFFIXES = (".pdf", ".doc", ".docx", ".rtf", ".txt")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def check(questions: Iterable[Question], values: Values, uploads: Mapping[str, Upload], today: date) -> Problems:
    """Message per question name, in page order; empty when all is well."""
    found = {q.name: _file(q, uploads.get(q.name)) if q.kind == "file" else _answer(q, values, today)
             for q in questions}  # fmt: skip
    return {name: message for name, message in found.items() if message}


def _answer(question: Question, values: Values, today: date) -> str:
    given = [value.strip() for value in values.get(question.name, []) if value.strip()]
    if not given:
        return _missing(question) if question.required else ""
    if question.options:
        allowed = {str(option.value) for option in question.options}
        return "" if set(given) <= allowed else "Choose one of the listed answers."
    limit = MAX_LONG_TEXT if question.kind == "textarea" else MAX_TEXT
    return _text(question, given[0], today) if len(given[0]) <= limit else f"Use at most {limit} characters."


def _missing(question: Question) -> str:
    if question.kind == "checkbox":
        return "Tick this box to go on."
    return "Choose an answer." if question.options else "Fill in this field."


def _text(question: Question, text: str, today: date) -> str:
    if question.kind == "email":
        return "" if EMAIL.fullmatch(text) else "Enter an e-mail address such as name@example.org."
    if question.kind == "tel":
        return "" if 7 <= sum(c.isdigit() for c in text) <= 15 else "Enter a phone number with 7 to 15 digits."
    if question.kind == "url":
        return "" if re.match(r"https?://[^\s/]+\.", text) else "Enter a link that starts with https://."
    if question.kind == "number":
        return "" if re.fullmatch(r"\d{1,2}", text) and int(text) <= 60 else "Enter a whole number from 0 to 60."
    return _date(text, today) if question.kind == "date" else ""


def _date(text: str, today: date) -> str:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None:
        return "Enter a date as YYYY-MM-DD."
    return "" if day >= today else "Choose today or a later day."


def _file(question: Question, upload: Upload | None) -> str:
    if upload is None or not upload.filename:
        return "Attach a file." if question.required else ""
    if not upload.filename.lower().endswith(SUFFIXES):
        return "Attach a PDF, DOC, DOCX, RTF or TXT file."
    if not upload.data:
        return "This file is empty. Attach another one."
    return "" if len(upload.data) <= MAX_FILE else "This file is larger than 10 MB. Attach a smaller one."


def readable(questions: Iterable[Question], values: Values) -> list[dict[str, str]]:
    """The answers as a person reads them: `[{"question","name","answer"}]`, unanswered ones left out."""
    shown = []
    for question in questions:
        labels = {str(option.value): option.label for option in question.options}
        given = [labels.get(value, value) for value in values.get(question.name, []) if value.strip()]
        if given:
            shown.append({"question": question.label, "name": question.name, "answer": ", ".join(given)})
    return shown
