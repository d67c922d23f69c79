"""What may be answered to each question of a form, and where it stands. Pure, and nothing is made up.

In this order: what was answered for this application; the answer bank, to the same words or the same question in other
words; the profile, where the question is surely understood; lines of the resume that name what is asked about. Whatever
has none of these gets no proposal. Pay, visa and equality are answered in the seeker's own words alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final, get_args

import msgspec

from app.applications.fitting import Option, Unfit, fit
from app.bots.apply import known
from app.bots.apply.form import Field, Kind
from app.bots.apply.plan import given_key, given_of
from app.seekers.policy import question_key
from app.seekers.types import Answer, Profile, Seeker
from app.web.pages import profile_form
from app.web.pages.desk_views import Question
from app.words import gettext as _
from app.words import later

_KINDS: Final = frozenset(get_args(Kind)) - {"file", "unknown"}
# What a question may say more or less of without asking for something else.
_SOFT: Final = frozenset(
    question_key(
        """a an and any are be been briefly can could describe did do does for had has have how i if in is it many much
        of on or our please some tell that the this to us was we were what when where which will with would you your
        yours"""
    ).split()
)
_EXPERIENCE: Final = re.compile(
    r"\b(experience|experienced|worked|work|used|use|familiar|skills?|knowledge|projects?)\b"
)
_COUNTED: Final = re.compile(r"\b(how (many|long|much|often)|years?|rate|scale|level|number)\b")
_OWN_WORDS: Final = re.compile(
    r"\b(salary|pay|paid|compensation|visa|sponsor\w*|authori[sz]\w*|eligible|permit|citizen\w*|gender|race|ethnicity"
    r"|disabilit\w*|veteran|age|criminal|convict\w*|religion|clearance)\b"
)
_TURNED: Final = re.compile(r"\b(no|not|never|without|lack|lacking|except|unless)\b")
WHOLE: Final = later("resume, word for word")
MOST_LINES: Final = 3
_GIVEN: Final = {
    "seeker": later("the seeker's answer for this application"),
    "reviewer": later("the reviewer's answer for this application"),
}
_BULLETS: Final = " \t•-–*·▪◦"


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """One answer as its field takes it: `values` of it, none where the form won't take it (`unfit` says why).

    `shown` is what a person reads, `source` names where it stands, `quote` is that place word for word.
    """

    values: tuple[str, ...]
    shown: str
    source: str
    quote: str = ""
    unfit: str = ""

    @property
    def json(self) -> str:
        """The values as the page compares them with what stands in the field."""
        return msgspec.json.encode(self.values).decode()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """All that a proposal may stand on. `skills`: what the resume was read to claim."""

    seeker: Seeker
    bank: Sequence[Answer] = ()
    given: Sequence[dict[str, Any]] = ()
    resume: str = ""
    skills: Sequence[str] = ()
    employer: str = ""
    today: date


def propose(questions: Sequence[Question], told: Told) -> list[Proposal | None]:
    """One for each question, or None: then nothing that we hold answers it."""
    return [_best(_field(one), told) for one in questions]


def _field(question: Question) -> Field:
    kind = question.kind if question.kind in _KINDS else "text"
    options = tuple(Option(name, name) for name in question.options)
    return Field(
        index=0,
        name=question.key,
        label=question.label,
        kind=kind,  # type: ignore[arg-type]  # one of them
        required=question.required,
        options=options,
        max_length=question.most,
    )


def _best(field: Field, told: Told) -> Proposal | None:
    """The first that the form takes; else the first that it doesn't, to be read."""
    found = list(_all(field, told))
    return next((one for one in found if one.values), found[0] if found else None)


def _all(field: Field, told: Told) -> Iterator[Proposal]:
    for answer, source, quote in [*_given(field, told), *_banked(field, told), *_profile(field, told)]:
        yield _fitted(field, answer, source, quote, told.today)
    yield from _resume(field, told)


def _fitted(field: Field, answer: Any, source: str, quote: str, today: date | None) -> Proposal:
    shown = profile_form.one_line(answer)
    try:
        values = fit(field, answer, today)
    except Unfit as why:
        return Proposal(values=(), shown=shown, source=source, quote=quote, unfit=str(why))
    if field.kind == "checkbox" and not field.options:
        values = ("Yes",) if values else ("No",)
    return Proposal(values=values, shown=", ".join(values), source=source, quote=quote)


Found = tuple[Any, str, str]


def _given(field: Field, told: Told) -> Iterator[Found]:
    given = given_of(list(told.given))
    for key in (given_key(field.name, field.label), question_key(field.label)):
        if key and given.get(key, ("", ""))[0] not in ("", None, []):
            answer, source = given[key]
            yield answer, _(_GIVEN.get(source, _GIVEN["reviewer"])), ""
            return


def _banked(field: Field, told: Told) -> Iterator[Found]:
    asked = [question_key(field.label), known.without_employer(field.label, told.employer)]
    for one in told.bank:
        if one.question_key in asked:
            yield one.answer, _("answer bank"), one.question
    wanted = _content(asked[-1])
    for one in told.bank:
        if wanted and one.question_key not in asked and _content(one.question_key) == wanted:
            yield one.answer, _("answer bank, asked in other words"), one.question


def _content(key: str) -> frozenset[str]:
    """The words that make it this question: a "not" or another skill makes it another."""
    return frozenset(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in key.split()) - _SOFT


def _profile(field: Field, told: Told) -> Iterator[Found]:
    profile = told.seeker.profile
    found = known.answer(field, profile, told.employer) or _permission(field, profile)
    if found is not None and found[1] == "profile":
        yield found[0], _("profile"), _named(told.seeker, found[0])


def _permission(field: Field, profile: Profile) -> tuple[str, str] | None:
    """What the bot leaves to people, for it is free text."""
    label = question_key(field.label)
    asked = re.search(r"\b(citizenship|nationality|(work|residence) permit|visa status|immigration status)\b", label)
    return (profile.work_permission, "profile") if asked and profile.work_permission and not field.options else None


def _named(seeker: Seeker, answer: str) -> str:
    """What the seeker's own form calls the field that holds these words."""
    shown = profile_form.fields(seeker, {}, {})
    return next((one.words for one in shown if one.name.startswith("profile.") and one.value == answer), "")


def _resume(field: Field, told: Told) -> Iterator[Proposal]:
    """Lines that name the skill which is asked about, as they stand. How many years that makes, nobody reckons here."""
    label = question_key(field.label)
    elsewhere = (_COUNTED, _OWN_WORDS, _TURNED)
    if not _EXPERIENCE.search(label) or any(pattern.search(label) for pattern in elsewhere):
        return
    asked = [skill for skill in told.skills if _names(skill, field.label)]
    lines = [line for line in _lines(told.resume) if any(_names(skill, line) for skill in asked)][:MOST_LINES]
    if not lines:
        return
    if field.options:
        said = _fitted(field, "Yes", _("resume"), lines[0], told.today)
        if said.values and re.match(r"\W*(do|have|are) you\b", field.label.casefold()):
            yield said
    elif field.kind == "textarea":
        yield _fitted(field, "\n".join(lines), _(WHOLE), "", told.today)
    elif field.kind == "text":
        yield _fitted(field, lines[0], _(WHOLE), "", told.today)


def _lines(text: str) -> list[str]:
    """Whole lines of some length: a bare list of names tells of no work."""
    lines = [line.strip(_BULLETS) for line in text.splitlines()]
    return [line for line in lines if len(line.split()) > 4 and line.count(",") < len(line.split()) / 2]


def _names(skill: str, text: str) -> bool:
    """Whether a text names it as a word; short names by their case too."""
    found = re.search(rf"(?<![\w+#]){re.escape(skill)}(?![\w+#])", text, 0 if len(skill) < 4 else re.I)
    return found is not None
