"""Questions that every form asks, and what of the seeker's profile answers them. Pure.

A pattern here only ever selects words that the seeker wrote. A question that turns a known one around ("without
sponsorship"), or names another country than the seeker's, is not known.
"""

import re
from typing import Final

from app.bots.apply.form import Field
from app.seekers.policy import question_key
from app.seekers.types import Profile

_IDENTITY: Final[tuple[tuple[str, str], ...]] = (
    ("first_name", r"^(first|given|fore) ?name$|^legal first name$"),
    ("last_name", r"^(last|family|sur) ?name$|^surname$|^legal last name$"),
    ("name", r"^(full |your )?name$|^full legal name$"),
    ("email", r"^(your )?e ?mail( address)?$"),
    ("phone", r"^(mobile |cell |tele)?phone( number)?$|^mobile( number)?$"),
    ("location", r"^(current )?(location|city)( city)?$|^location city$|^where are you (based|located)$"),
    ("country", r"^country( of residence)?$"),
    ("current_company", r"^(current|most recent) (company|employer)$|^org$"),
    ("linkedin", r"^linked ?in( profile| url| profile url)?$"),
    ("github", r"^git ?hub( profile| url| link)?$|^git ?hub or portfolio link$"),
    ("portfolio", r"^portfolio( url| link| website)?$|^git ?hub or portfolio link$"),
    ("website", r"^(personal )?web ?site( url)?$"),
)
_AUTOCOMPLETE: Final = {
    "given-name": "first_name",
    "family-name": "last_name",
    "name": "name",
    "email": "email",
    "tel": "phone",
    "address-level2": "location",
    "organization": "current_company",
}
_OTHERS: Final = re.compile(r"\b(emergency|refer(ee|rer|ral|ence)s?|referred|manager|supervisor|spouse|recruiter)\b")
_TURNED: Final = re.compile(r"\bwithout\b|\bnot\b|\bunable\b|\bexcept\b|\bunless\b")
_COUNTRIES: Final = (
    "united states|usa|us|u s|america|canada|united kingdom|uk|great britain|england|scotland|ireland|germany|france"
    "|spain|portugal|italy|netherlands|belgium|switzerland|austria|poland|sweden|norway|denmark|finland|india|singapore|japan"
    "|china|australia|new zealand|brazil|mexico|israel|south africa|eu|european union|eea"
)
_SAME_COUNTRY: Final = (
    {"united states", "usa", "us", "u s", "america", "united states of america"},
    {"united kingdom", "uk", "great britain", "england", "scotland"},
)
_PROCESSING: Final = re.compile(
    r"\b(process|store|use|handle|processing|storing)\b.*\b(personal )?(data|information)\b"
)
_AGREES: Final = re.compile(r"\b(agree|consent|accept|acknowledge)\b")
# Anything wider than this one application is the seeker's to say.
_WIDER: Final = re.compile(
    r"\b(future|other|market|newsletter|talent|pool|community|third|partner|share|certify|true|terms|check|background"
    r"|accurate|messages|sms|text me)"
)


def without_employer(label: str, employer: str) -> str:
    """The key of a question with the employer's name taken out of it: asked alike by all of them."""
    key, name = question_key(label), question_key(employer)
    return re.sub(rf"\b{re.escape(name)}\b", "employer", key) if name else key


def answer(field: Field, known: Profile, employer: str) -> tuple[str, str] | None:
    """(the seeker's words, where from) for a question that is surely understood; None for every other."""
    found = _identity(field, known) or _legal(field, known) or _equality(field, known)
    if found:
        return found, "profile"
    if is_processing_consent(field):
        return "Yes", "the seeker's order to apply"
    return None


def _identity(field: Field, known: Profile) -> str:
    by_browser = _AUTOCOMPLETE.get(field.autocomplete.split(" ")[-1])
    label = question_key(field.label)
    typed = field.kind in ("text", "email", "tel", "combobox") and not _OTHERS.search(label)
    names = [by_browser] if by_browser and typed else []
    names += [name for name, pattern in _IDENTITY if re.search(pattern, label)]
    return next((text for text in (_profile(known, name) for name in names) if text), "")


def _profile(known: Profile, name: str) -> str:
    if name in ("linkedin", "github", "portfolio", "website"):
        return known.links.get(name, "")
    if name in ("first_name", "last_name") and not getattr(known, name):
        return _part_of_name(known.name, name)
    if name == "name" and not known.name:
        return f"{known.first_name} {known.last_name}".strip()
    return str(getattr(known, name))


def _part_of_name(full: str, part: str) -> str:
    """Only a name of two words is surely split."""
    words = full.split()
    return "" if len(words) != 2 else words[0 if part == "first_name" else 1]


def _legal(field: Field, known: Profile) -> str:
    label = question_key(field.label)
    if _TURNED.search(label) or not _country_fits(label, known.country):
        return ""
    if re.search(r"\bsponsor", label):
        return known.needs_sponsorship if re.search(r"\b(require|need|requiring|needing)\b", label) else ""
    if re.search(r"\b(authori[sz]ed|eligible|legally (able|allowed|permitted))\b.*\bwork\b", label):
        return known.authorized_to_work
    if re.search(r"\b(salary|pay|compensation)\b.*\b(expectation|expectations|expected|requirements)\b", label):
        return known.pay_expectation
    if re.search(r"\b(expected|desired)\b.*\b(salary|pay|compensation)\b", label):
        return known.pay_expectation
    if re.search(
        r"\b(earliest|available|availability|possible)\b.*\bstart|\bstart date\b|\bwhen can you start\b", label
    ):
        return known.earliest_start
    return ""


def _country_fits(label: str, country: str) -> bool:
    """Whether every country that a question names is the seeker's own; a question that names none fits."""
    named = set(re.findall(rf"\b({_COUNTRIES})\b", label))
    own = question_key(country)
    same = next((group for group in _SAME_COUNTRY if own in group), {own})
    return named <= same


def _equality(field: Field, known: Profile) -> str:
    label = question_key(field.label)
    kinds = (
        ("gender", r"\bgender\b"),
        ("ethnicity", r"\b(ethnicity|race)\b"),
        ("disability", r"\bdisabilit"),
        ("veteran", r"\bveteran\b"),
    )
    found = [kind for kind, pattern in kinds if re.search(pattern, label)]
    return known.equality.get(found[0], "") if len(found) == 1 else ""


def is_processing_consent(field: Field) -> bool:
    """A required box that lets the employer process the data of this one application, and nothing more.

    Who orders an application orders that it may be read. Anything wider, or worded otherwise, goes to a person.
    """
    label = question_key(field.label)
    return (
        field.kind == "checkbox"
        and field.required
        and not _TURNED.search(label)
        and not _WIDER.search(label)
        and bool(_AGREES.search(label) and _PROCESSING.search(label) and re.search(r"\bapplication\b", label))
    )
