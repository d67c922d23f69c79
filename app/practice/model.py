"""What the practice board talks about: employers, vacancies and the questions of a form. No I/O here."""

import html
from datetime import date
from typing import Literal

import msgspec

Ats = Literal["greenhouse", "lever", "ashby"]
ATS_NAMES: tuple[Ats, ...] = ("greenhouse", "lever", "ashby")
FormVariant = Literal["standard", "no_submit", "unknowable"]
QuestionKind = Literal[
    "text", "email", "tel", "url", "number", "date", "textarea", "select", "radio", "checkbox", "checkboxes", "file"
]


class Pay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Gross pay from `low` to `high` in whole units of `currency` for one `interval`."""

    low: int
    high: int
    currency: str = "EUR"
    interval: Literal["year", "month", "hour"] = "year"


class Employer(msgspec.Struct, frozen=True):
    """One fictional employer; `prefix` begins its confirmation numbers."""

    name: str
    prefix: str
    tagline: str
    about: str
    benefits: tuple[str, ...] = ()


class Vacancy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One vacancy as the data files hold it; a vacancy on two boards is one of these and two `Posting`s."""

    slug: str
    title: str
    location: str
    country: str
    department: str
    posted: date
    about: str
    duties: tuple[str, ...]
    requirements: tuple[str, ...]
    years_in: str
    nice: tuple[str, ...] = ()
    pay: Pay | None = None
    workplace: Literal["on-site", "hybrid", "remote"] = "on-site"
    employment: str = "Full-time"
    ask: tuple[str, ...] = ()
    why_required: bool = False
    form: FormVariant = "standard"
    also: Ats | None = None


class Posting(msgspec.Struct, frozen=True):
    """A vacancy as one board shows it: `id` is the board's own (digits on Greenhouse, a UUID elsewhere)."""

    id: str
    ats: Ats
    token: str
    employer: Employer
    vacancy: Vacancy
    title: str | None
    updated: str
    before_html: str = ""
    after_html: str = ""

    @property
    def description_html(self) -> str:
        """The whole description; `before_html` and `after_html` are what a test had put around ours."""
        return self.before_html + description_html(self.vacancy, self.employer) + self.after_html

    @property
    def path(self) -> str:
        return f"/{self.ats}/{self.token}/jobs/{self.id}"

    def named(self, key: str) -> bool:
        """Whether a control request means this posting: by the board's id, or by slug for all its boards."""
        return key in (self.id, self.vacancy.slug)


class Option(msgspec.Struct, frozen=True):
    label: str
    value: int


class Question(msgspec.Struct, frozen=True):
    """One control of the form; `name` is the HTML name and id, and what `?questions=true` lists."""

    name: str
    label: str
    kind: QuestionKind
    page: Literal[1, 2]
    required: bool = False
    options: tuple[Option, ...] = ()
    hint: str = ""
    autocomplete: str = ""


def pay_text(pay: Pay) -> str:
    """`EUR 80,000 – 95,000 a year`."""
    return f"{pay.currency} {pay.low:,} – {pay.high:,} {'an' if pay.interval == 'hour' else 'a'} {pay.interval}"


def sections(vacancy: Vacancy, employer: Employer) -> list[tuple[str, tuple[str, ...]]]:
    """The headed lists of a description, in order, empty ones left out."""
    every = [
        ("What you will do", vacancy.duties),
        ("What you bring", vacancy.requirements),
        ("Nice to have", vacancy.nice),
        ("What we offer", employer.benefits),
    ]
    return [(head, items) for head, items in every if items]


def list_items(items: tuple[str, ...]) -> str:
    return "".join(f"<li>{html.escape(item)}</li>" for item in items)


def about_html(vacancy: Vacancy) -> str:
    return f"<p>{html.escape(vacancy.about)}</p>"


def description_html(vacancy: Vacancy, employer: Employer) -> str:
    """The whole description as the employer would have typed it into its system."""
    parts = [about_html(vacancy)]
    parts += [f"<h3>{head}</h3><ul>{list_items(items)}</ul>" for head, items in sections(vacancy, employer)]
    if vacancy.pay:
        parts.append(f"<p><strong>Pay:</strong> {pay_text(vacancy.pay)}</p>")
    parts.append(f"<h3>About {html.escape(employer.name)}</h3><p>{html.escape(employer.about)}</p>")
    return "\n".join(parts)


def description_plain(vacancy: Vacancy, employer: Employer) -> str:
    """The same description as plain text."""
    parts = [vacancy.about]
    parts += [head + "\n" + "\n".join(f"- {item}" for item in items) for head, items in sections(vacancy, employer)]
    if vacancy.pay:
        parts.append(f"Pay: {pay_text(vacancy.pay)}")
    parts.append(f"About {employer.name}\n{employer.about}")
    return "\n\n".join(parts)
