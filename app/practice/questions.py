"""Which questions a posting's form asks. Pure: the same posting always gives the same names and ids."""

import zlib

from app.practice.model import Option, Posting, Question, QuestionKind

YES_NO = ("Yes", "No")
UNKNOWABLE = "What is the reference number on the invitation letter our director sent you?"

# Asked where a posting's `ask` names them; all optional, as they are on most employers' forms.
LIBRARY: dict[str, tuple[str, QuestionKind, tuple[str, ...]]] = {
    "notice": (
        "What is your notice period?", "select",
        ("None, I am available now", "2 weeks", "1 month", "2 months", "3 months or more"),
    ),
    "heard": (
        "How did you hear about this job?", "select",
        ("Our careers page", "A job board", "A friend or colleague", "An event", "Other"),
    ),
    "salary": ("What are your salary expectations?", "text", ()),
    "registration": ("What is your professional registration number?", "text", ()),
    "shifts": ("Which shifts can you work?", "checkboxes", ("Early", "Late", "Night", "Weekend")),
    "driving": ("Do you hold a full driving licence?", "radio", YES_NO),
    "relocate": ("Would you relocate for this role?", "radio", YES_NO),
    "github": ("GitHub or portfolio link", "url", ()),
    "stages": ("Which age groups have you taught?", "checkboxes", ("Under 7", "7 to 11", "11 to 16", "16 to 18")),
    "languages": ("Which of these languages do you work in?", "checkboxes", ("English", "German", "French", "Dutch")),
}  # fmt: skip


def questions_of(posting: Posting) -> tuple[Question, ...]:
    """Every question of the form in page order; the first page's names are fixed, the others `question_<id>`."""
    return _first_page(posting) + _documents() + _own_questions(posting) + _closing(posting)


def _first_page(posting: Posting) -> tuple[Question, ...]:
    return (
        Question("first_name", "First Name", "text", 1, True, autocomplete="given-name"),
        Question("last_name", "Last Name", "text", 1, True, autocomplete="family-name"),
        Question("email", "Email", "email", 1, True, autocomplete="email"),
        Question("phone", "Phone", "tel", 1, True, hint="With country code, e.g. +44 20 7946 0000", autocomplete="tel"),
        Question("location", "Location (City)", "text", 1, True, autocomplete="address-level2"),
        Question(_name(posting, "linkedin"), "LinkedIn Profile", "url", 1, hint="Starts with https://"),
    )


def _documents() -> tuple[Question, ...]:
    return (
        Question("resume", "Resume/CV", "file", 2, True, hint="PDF, DOC, DOCX, RTF or TXT, up to 10 MB"),
        Question("cover_letter_text", "Cover Letter", "textarea", 2),
    )


def _own_questions(posting: Posting) -> tuple[Question, ...]:
    vacancy = posting.vacancy
    asked = [
        _question(posting, "sponsorship",
                  "Will you now or in the future require visa sponsorship to work in the country of this position?",
                  "select", True, YES_NO),
        _question(posting, "authorised", "Are you legally authorized to work in the country of this position?",
                  "radio", True, YES_NO),
        _question(posting, "years", f"How many years of experience do you have with {vacancy.years_in}?",
                  "number", True),
        _question(posting, "start", "What is your earliest start date?", "date", True),
    ]  # fmt: skip
    asked += [_question(posting, key, label, kind, False, labels)
              for key in vacancy.ask for label, kind, labels in (LIBRARY[key],)]  # fmt: skip
    return tuple(asked)


def _closing(posting: Posting) -> tuple[Question, ...]:
    name = posting.employer.name
    why = _question(posting, "why", f"Why do you want to work at {name}?", "textarea", posting.vacancy.why_required)
    letter = _question(posting, "unknowable", UNKNOWABLE, "text", True)
    consent = _question(
        posting, "consent", f"I agree that {name} may process my personal data for this application.",
        "checkbox", True, ("I agree",),
    )  # fmt: skip
    return (why, letter, consent) if posting.vacancy.form == "unknowable" else (why, consent)


def _question(
    posting: Posting, key: str, label: str, kind: QuestionKind, required: bool, labels: tuple[str, ...] = ()
) -> Question:
    name = _name(posting, key) + ("[]" if kind == "checkboxes" else "")
    hint = "Use the format YYYY-MM-DD" if kind == "date" else ""
    return Question(name, label, kind, 2, required, _options(posting, key, labels), hint)


def _options(posting: Posting, key: str, labels: tuple[str, ...]) -> tuple[Option, ...]:
    if labels == YES_NO:
        return (Option("Yes", 1), Option("No", 0))
    if len(labels) == 1:
        return (Option(labels[0], 1),)
    base = _number(posting, key) * 10
    return tuple(Option(label, base + place) for place, label in enumerate(labels))


def _name(posting: Posting, key: str) -> str:
    return f"question_{_number(posting, key)}"


def _number(posting: Posting, key: str) -> int:
    """Eight digits, as Greenhouse's are; derived so that a bookmark or a stored answer stays right after a restart."""
    return 60_000_000 + zlib.crc32(f"{posting.ats}/{posting.id}/{key}".encode()) % 9_000_000
