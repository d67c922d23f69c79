"""What a posting says of its terms: the kind of employment, and who may work there. Pure.

Only sentences that speak of this very position count. What could be meant otherwise ("may lead to a full-time
position", "five years of full-time experience", "Sponsored Listings") says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from app.countries import found_in

Kind = Literal["full_time", "part_time", "contract", "internship", "temporary"]
KINDS: Final[tuple[Kind, ...]] = ("full_time", "part_time", "contract", "internship", "temporary")
HOURS: Final[frozenset[Kind]] = frozenset({"full_time", "part_time"})
_MOST_TEXT, _MOST_SENTENCE = 60_000, 500


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """`kinds`: those that the position may be, empty where it doesn't say.

    `sponsors`: whether a visa is sponsored, None where that isn't said; `permission`: the countries, by code, that one
    must be allowed to work in, or `local` where it is that of the position.
    """

    kinds: frozenset[Kind] = frozenset()
    sponsors: bool | None = None
    permission: frozenset[str] = frozenset()
    local: bool = False


def terms(employment_type: str | None, title: str, description: str) -> Terms:
    """`employment_type`: as the source has it; `description`: plain text."""
    sentences = list(_sentences(description[:_MOST_TEXT]))
    sponsors, permission, local = _permission(sentences)
    kinds = _kinds(employment_type or "", title, sentences)
    return Terms(kinds=kinds, sponsors=sponsors, permission=permission, local=local)


def _sentences(text: str) -> Iterator[str]:
    """Lines, cut where a sentence ends; "U.S." ends none."""
    for line in text.replace("’", "'").split("\n"):
        yield from (
            one.strip()[:_MOST_SENTENCE]
            for one in re.split(r"(?<=[.!?;])(?<!U\.S\.)(?<!U\.K\.)\s+", line)
            if one.strip()
        )


def _over_lines(pattern: str) -> re.Pattern[str]:
    """A pattern over several lines; its line ends and indents mean nothing, its spaces do."""
    return re.compile(re.sub(r"\n\s*", "", pattern), re.I)


# Employment

_FULL, _PART = r"full[\s-]?time", r"part[\s-]?time"
_TERM = r"(?:fixed|limited)[\s-]?term|\d{1,2}\s?(?:\+|-|–)?\s?(?:\d{1,2}\s?-?)?months?(?:'s)?(?: fixed[\s-]?term)?"
_FIELD: Final[tuple[tuple[frozenset[Kind], re.Pattern[str]], ...]] = (
    (frozenset({"full_time"}), re.compile(rf"{_FULL}|\bFT\b", re.I)),
    (frozenset({"part_time"}), re.compile(rf"{_PART}|\bPT\b|\bmini[\s-]?job\b", re.I)),
    (frozenset({"contract"}), re.compile(r"contract|freelance|fixed[\s_-]?term|\bFTC\b|\bB2B\b|\bc2c\b", re.I)),
    (frozenset({"internship"}), re.compile(r"\bintern(?:s|ship)?\b|working student|placement year", re.I)),
    (frozenset({"temporary"}), re.compile(r"\btemp(?:orary)?\b|seasonal|casual", re.I)),
)
_LASTING = re.compile(r"\b(?:permanent|regular|unlimited)\b", re.I)  # says that it is none of the other kinds
_TITLE: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    ("full_time", re.compile(rf"\b{_FULL}\b", re.I)),
    ("part_time", re.compile(rf"\b{_PART}\b", re.I)),
    (
        "contract",
        re.compile(
            rf"[(\[,–|-]\s*(?:{_TERM})?\s*(?:contract(?:or|\s(?:role|position))?|freelance|FTC)\s*(?:[)\],–|-]|$)"
            rf"|\b(?:{_TERM})\s+contract\b|\bfixed[\s-]?term\b|^(?:contract|freelance)\s?[-–:]",
            re.I,
        ),
    ),
    ("internship", re.compile(r"\bintern(?:ship)?\b(?!s?\s+(?:program|co-?ordinator|manager|recruit|lead))", re.I)),
    ("temporary", re.compile(r"\b(?:temporary|seasonal)\b(?!\s+works)|[(\[,–-]\s*temp\s*(?:[)\],–-]|$)", re.I)),
)
_LABEL = _over_lines(
    r"""^[\s•*·-]*(?:(?:employment|job|contract|position|work|role)\s+(?:type|status|terms?)
    |type of (?:employment|contract|position)|employment|commitment|time type|working hours|hours|schedule)
    \s*[:–-]\s*(?P<said>.{2,80})$"""
)
_WHAT = r"(?P<what>role|position|job|opportunity|contract|assignment|internship|placement|vacancy)\b"
_STARTS = r"""(?:\b(?:this|the|it)(?:\s(?:role|position|job|opportunity|vacancy))?\s(?:is|will\sbe)\s(?:for\s)?
    |\bwe(?:'re|\sare)\s(?:looking\sfor|hiring|seeking|offering|recruiting)\s|\bas\s|\b(?:we\soffer|offering)\s
    |^[\s•*·-]*)(?:an?\s|our\s)?(?:(?:paid|remote|hybrid|on-?site|new|exciting|initial|permanent)[,\s]+){0,4}"""
# "a full-time senior engineering role", "as a part-time nurse"; but "a contract role", since "a contract management
# role" is another thing.
_SAID = (
    _over_lines(rf"{_STARTS}(?P<said>{_FULL}|{_PART}(?:\s(?:and|or)\s{_FULL})?)(?:[,\s]+[\w-]+){{0,4}}?[,\s]+{_WHAT}"),
    _over_lines(
        rf"""{_STARTS}(?:(?:{_FULL}|{_PART})[,\s]+)?(?P<said>{_TERM}|temporary|seasonal|contract|freelance|internship)
        (?:[,\s]+(?:{_FULL}|{_PART}|{_TERM}|remote|paid)){{0,3}}[,\s]+{_WHAT}"""
    ),
    _over_lines(rf"\bas\sa\s(?P<said>{_PART}|{_FULL})\s(?P<what>)"),
    _over_lines(
        rf"""(?:^[\s•*·-]*|\bis\s(?:for\s)?(?:an?\s)?|\b(?:on|for)\san?\s|[(,]\s?)
        (?:{_TERM})[\s-]+(?P<said>)(?P<what>contract|assignment|internship)\b"""
    ),
)
_MAYBE = _over_lines(
    r"""\b(?:lead(?:s|ing)? to|convert\w*|transition\w*|become|becoming|potential|possib\w+|chance|could|might|extend\w*
    |not|no|never|previous\w*|prior|worked|experience|benefits?|eligible|all|other|some|employees)\b|n't\b"""
)


def _kinds(field: str, title: str, sentences: list[str]) -> frozenset[Kind]:
    """What the source's own field says stands; the title adds to it, the text only where both are silent."""
    found = _of_field(field)
    named: frozenset[Kind] = frozenset(kind for kind, pattern in _TITLE if pattern.search(title))
    return found | named if found or named else frozenset(kind for one in sentences for kind in _of_sentence(one))


def _of_field(text: str) -> frozenset[Kind]:
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", text)
    found = frozenset(kind for kinds, pattern in _FIELD if pattern.search(plain) for kind in kinds)
    return found or (HOURS if _LASTING.search(plain) else frozenset())


def _of_sentence(sentence: str) -> frozenset[Kind]:
    label = _LABEL.match(sentence)
    if label is not None:
        return _of_field(label["said"])
    found = (match for pattern in _SAID if (match := pattern.search(sentence)))
    told = [match for match in found if not _MAYBE.search(sentence[: match.end()])]
    return frozenset(kind for match in told for kind in _of_field(f"{match['said']} {match['what']}"))


# Permission to work

_VISA = "(?:visas?|immigration|work permits?|h-?1b|(?:work|employment) authori[sz]ation)"
_REFUSES = _over_lines(
    rf"""\b(?:no|without(?: the need for| requiring| needing)?(?: any)?)\s+(?:\w+\s+){{0,2}}
    (?:{_VISA}\s+)?sponsorships?\b
    |(?:\b(?:not|cannot|unable|never)|n't)\b[^.;]{{0,40}}\b(?:sponsor\b[^.;]{{0,40}}(?:{_VISA}|applicants?|candidates?)
    |{_VISA}\s+sponsorship|sponsorship\s+(?:for\s+)?(?:\w+\s+)?{_VISA})
    |\bsponsorship\b[^.;]{{0,30}}(?:\b(?:is|are|be)\s+(?:not|un)|n't|\bunavailable)
    |\b{_VISA}\s+sponsorship\s*[:–-]\s*(?:no|not|none)\b"""
)
_OFFERS = _over_lines(
    rf"""\b(?:we|can|will|do|may|also|happy to|able to)\s+(?:(?:can|will|do|happily|are able to|are happy to)\s+)?
    sponsor\b[^.;]{{0,30}}{_VISA}
    |\b{_VISA}\s+sponsorship(?:\s+and\s+\w+(?:\s\w+)?)?\s+(?:(?:is|are|may be|can be)\s+)?
    (?:available|provided|offered|possible)
    |\b(?:offer|provide|providing|offering)s?\s+(?:\w+\s+){{0,2}}{_VISA}\s+(?:sponsorship|support)
    |\b{_VISA}\s+sponsorship\s*[:–-]\s*(?:yes|available|we do)"""
)
_PERMITTED = _over_lines(
    r"""\b(?:(?:authori[sz]ed|eligible|permitted|entitled|legally (?:able|allowed)|eligibility|authori[sz]ation
    |permission|right|permit)(?:\s+and\s+\w+)?\s+to\s+(?:live and |legally |lawfully )?work\b
    |work(?:ing)?\s+(?:authori[sz]ation|permit|rights)|right[\s-]to[\s-]work|legally\s+work)\s*
    (?P<where>(?:[^.;:!?]|(?<=U)\.(?=[SK])|(?<=U\.[SK])\.){0,120})"""
)
_DEMANDS = _over_lines(
    r"""\b(?:must|need(?:s|ed)?|require[sd]?|requirements?|mandatory|essential|should|have to|has to|only|you have
    |you are|you're|necessary|proof|currently|candidates|applicants)\b
    |^[\s•*·\d.-]*(?:\w+\s+){0,3}?(?:authori[sz]|eligib|right|work|legal|permi)"""
)
_SAYS_LITTLE = _over_lines(
    r"""\b(?:regardless|irrespective|whether or not|not required|isn't required|no need|(?:not|n't) (?:need|have) to
    |plus|preferred|nice to have|advantage|we can help|help you|e-?verify|i-9|ideal(?:ly)?|remotely|from home|overtime
    |shifts?|weekends?|under pressure|independently|flexib\w+)\b"""
)
_HERE = re.compile(r"\b(?:the|this|that)\s+(?:country|location|region)\b|\bwhere (?:the|this)\b|\blocal(?:ly)?\b", re.I)


def _permission(sentences: list[str]) -> tuple[bool | None, frozenset[str], bool]:
    """A posting that says both yes and no says nothing."""
    told = [one for one in sentences if not one.endswith("?")]
    refuses = any(_REFUSES.search(one) for one in told)
    offers = any(_OFFERS.search(one) and not _REFUSES.search(one) for one in told)
    found = [where for one in told if (where := _wanted(one)) is not None]
    countries = frozenset(code for where in found for code in where)
    if refuses and offers:
        return None, frozenset(), False
    local = not countries and (refuses or bool(found))
    return (False if refuses else True if offers else None), countries, local


def _wanted(sentence: str) -> frozenset[str] | None:
    """The countries of a demand, none where it is that of the position; None where it demands nothing."""
    found = _PERMITTED.search(sentence)
    if found is None or _SAYS_LITTLE.search(sentence) or not _DEMANDS.search(sentence):
        return None
    countries = found_in(found["where"])
    if countries:
        return countries
    return frozenset() if _HERE.search(found["where"]) or "right" in found[0].lower() else None
