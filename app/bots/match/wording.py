"""Posting's lines and small facts in words that a person reads. Pure.

A line counts as it stands in the posting; what is quoted of it has no number, no marks and no broken end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from app.words import later

QUOTE = 200
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"\*\*|__|`|\\(?=[^\w\s])")
_LEADING = re.compile(r"^[\s#>*•–-]*(?:\(?\d{1,2}[.)](?=\s|$)|[a-z]\)\s)?[\s*•–:-]*")
# Lines of the employer's that ask for nothing, whatever heading they stand under.
_GENERAL = re.compile(
    r"""\bmission\ is\ to\b | \bsalary\ range\b | \bbase\ (?:salary|pay)\b | \bper\ (?:year|annum|hour)\b
    | [$€£]\s?\d | \bbonus\ program | \bequity\ award | \beligible\ (?:for|to\ participate)\b
    | \bmore\ (?:details|information)\ (?:can|is|at|about)\b | https?:// | mailto: | \brecruiter\b | \breach\ out\ to\b
    | \baccommodations?\b | \bin-office\b | \bassigned\ office\b | \boffices?\ (?:continue|remain)\b
    | \bfully\ remote(?:ly)?,\s | \blet['’]s\b.*\btogether\b | ^here,\s | \bequal\ (?:opportunity|employment)\b
    | \bregardless\ of\b | \bbackground\ checks?\b | \bvisa\ sponsorship\b | \bwork\ authori[sz]ation\b
    | \bfor\ you[.!]$ | \bprivacy\ (?:notice|policy)\b | \bhow\ to\ apply\b
    | \brare\ chance\b | ^join\ (?:us|our)\b | \bjoin\ us\b
    | ^(?:what|who|why|about)(?:\s+(?:the|you|we|you['’]ll|[A-Z])\w*){1,6}\??$""",
    re.I | re.X,
)
# What only tells of the team or the product; it may be like one's work, and nobody can do it.
_ABOUT_THEM = re.compile(
    r"""^(?:we|our|us|at|in|the|this|these|those|they|it|its|here|your|as|imagine|every|each|all|some|there|that|an?|if|so
    |ever|when|while|with|for|from|to|on|by|but|and|what|how|who|my|not?|just|have|besides|once)\b
    |^you(?:['’]ll|\ will)?\ (?:be|also|join|have|get|are|can|continually)\b
    |^(?:\S+\ ){1,2}(?:is|are|was|were|has|plays|makes|offers|provides|connects|means|operates)\b""",
    re.I | re.X,
)
_DEGREES: Final = {
    "school": "a school-leaving certificate",
    "bachelor": "a bachelor's degree",
    "master": "a master's degree",
    "doctor": "a doctorate",
}


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# First words of skills that keep their capital within a sentence, though the words after them have none.
_PROPER: Final = _words(
    """Python Java Ruby Azure Kubernetes Linux Odoo Workday Salesforce Drupal Shopify Boolean Bayesian English Chicago
    Kaizen Etsy Instagram Ofsted Bitcoin Sandler Lloyd's Challenger Dynamo A-level F-gas X-ray Nordic Pilates"""
)
# Skills of one word that are no names, beside those that end as such words do.
_COMMON: Final = _words(
    """Teamwork Initiative Empathy Helpfulness Independence Overtime Spreadsheets Payments Payroll Embeddings Chatbots
    Webhooks Firewalls Concurrency Compilers Personas Newsletters Webinars Idempotency Middleware Serverless Monorepos
    Microcontrollers Telecommunications E-commerce Journalism Tax Treasury Pharmacy Masonry Childcare Agile Blockchain
    Microservices Algorithms Statistics Telehealth Physiotherapy"""
)
_WORD = re.compile(r"[A-Z][a-z'’]*(?:-[a-z]+)*")
_ENDS_COMMON = re.compile(r"(?:ing|ity|ment|ation|ship|ness|ance|ology|graphy|ics|istry|sis|ery|ism|ion)$")
_NAMES: Final = _words(
    """Rippling Notion Alation Paylocity Qualtrics Supermetrics Cision Celery Subversion Sentry Gatling Confluence Unity
    Solidity Smartling Spring Bing"""
)


@lru_cache(maxsize=50_000)
def quoted(text: str) -> str:
    """A line as it is quoted; "" where it says nothing at all."""
    if not text[:1].isalpha() or "\\" in text or "*" in text or "](" in text or "`" in text:
        text = _LEADING.sub("", _MARKS.sub("", _LINK.sub(r"\1", text)))
    text = text.strip()
    return cut(text) if any(char.isalpha() for char in text) else ""


def cut(text: str, most: int = QUOTE) -> str:
    """The text, or as many whole words of it as fit."""
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


@lru_cache(maxsize=50_000)
def general(text: str) -> bool:
    """Whether a line tells of the employer, the pay or the office, or is a heading, and asks for nothing."""
    plain = quoted(text)
    if not plain or plain.endswith(":") or text.strip().endswith("**"):
        return True
    return _GENERAL.search(plain) is not None or "](http" in text or "](mailto" in text


@lru_cache(maxsize=50_000)
def a_duty(text: str) -> bool:
    """Whether a line says what is to be done, not who the employer is."""
    plain = quoted(text)
    return not general(text) and len(plain.split()) >= 4 and "?" not in plain and _ABOUT_THEM.match(plain) is None


def listed(names: Sequence[str], last: str = "and", most: int = 4) -> str:
    """Names in a sentence: "a", "a and b", "a, b and c", "a, b, c and two more"."""
    names = list(names)
    if len(names) > most:
        names = [*names[: most - 1], f"{number(len(names) - most + 1)} more"]
        last = "and"
    return f" {last} ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def in_a_sentence(skill: str) -> str:
    """A skill's name as it stands within a sentence: names keep their capital, "Data analysis" doesn't."""
    first, _, rest = skill.partition(" ")
    if not _WORD.fullmatch(first):
        return skill
    named = first in _PROPER if rest[:1].islower() else bool(rest) or first in _NAMES or not _common(first)
    return skill if named else skill[:1].lower() + skill[1:]


def _common(word: str) -> bool:
    return word in _COMMON or _ENDS_COMMON.search(word) is not None


_NUMBERS: Final = (
    later("no"), later("one"), later("two"), later("three"), later("four"), later("five"), later("six"),
    later("seven"), later("eight"), later("nine"), later("ten"), later("eleven"), later("twelve"),
    later("thirteen"), later("fourteen"), later("fifteen"), later("sixteen"), later("seventeen"),
    later("eighteen"), later("nineteen"), later("twenty"),
)  # fmt: skip


def number(value: int) -> str:
    """Small numbers as words."""
    return _NUMBERS[value] if value < len(_NUMBERS) else str(value)


def years(value: float) -> str:
    """1 year, 4.5 years, less than a month's worth as "no time"."""
    rounded = round(value, 1)
    return "1 year" if rounded == 1 else f"{rounded:g} years" if rounded else "no time"


def degree(name: str) -> str:
    """a bachelor's degree, a doctorate; "no degree" for none."""
    return _DEGREES.get(name, "no degree")


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = text[:1].upper() + text[1:]
    return text if not text or text.endswith((".", "!", "?", "…", "”")) else f"{text}."
