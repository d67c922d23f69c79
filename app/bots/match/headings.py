"""The parts of a posting, by its headings and by the words that sentences open with. Pure."""

from __future__ import annotations

import re
from typing import Final

from app.bots.match.lines import is_bullet

_HEADS: dict[str, str] = {
    "nice": r"""nice[-\ ]to[-\ ]have helpful useful welcome appreciated von\ vorteil wünschenswert
        atouts? deseable mile\ widziane
        preferred (?<!/\ )bonus \bplus\b pluses desirable desired extra\ credit even\ better ideally
        advantage may\ also\ have""",
    "duty": r"""about\ the\ (?:role|job|position|team)
        what\ (?:you|the\ candidate)(?:'|’)?(?:ll|\ will)?\ (?:do|be\ doing|work)
        responsibilit the\ role your\ role the\ job duties day[-\ ]to[-\ ]day in\ this\ role your\ mission
        the\ opportunity your\ tasks key\ tasks you\ will you(?:'|’)ll\ do the\ work job\ description
        position\ summary overview impact aufgaben tätigkeit missions? vos\ responsabilit funciones obowiązki
        responsabilidades taken""",
    "skip": r"""about\ us ^about\ (?!you\b) benefit what\ we\ offer we\ offer perk equal compensation \bpay\b salary
        our\ values why\ (?:join|us|work) life\ at how\ to\ apply privacy interview our\ process diversity
        accommodat location company\ description hiring\ process what(?:'|’)s\ in\ it our\ culture legal disclaimer
        the\ offer next\ steps contact ^logistics how\ we(?:'|’)re wir\ bieten angebot nous\ offrons ofrecemos oferujemy
        bewerbung""",
    "required": r"""requirement qualification must[-\ ]have what\ you(?:'|’)?(?:ll)?\ (?:bring|need) you\ have
        candidate\ will\ need
        you(?:'|’)ll\ need looking\ for who\ you\ are about\ you your\ profile skills experience you\ bring
        you\ need minimum basic ideal\ candidate competenc we\ expect knowledge education certification licen[cs]e
        expertise you\ may\ be good\ fit""",
}
_HEAD_RES = {kind: re.compile("|".join(re.split(r"(?<!\\)\s+", listed)), re.I) for kind, listed in _HEADS.items()}
INLINE_NICE = re.compile(
    r"\b(?:is|are|would be) (?:a |an )?(?:big |strong |real )?(?:plus|bonus|advantage)\b|nice to have|"
    r"\b(?:is|are) (?:useful|helpful|welcome|handy|appreciated)\b|\ban advantage\b|"
    r"\bpreferred\b|\bdesirable\b|\bideally\b|\ba plus\b",
    re.I,
)
# A sentence that opens with such words says of what kind it is, whatever heading it stands under.
_LEADS: Final[dict[str, re.Pattern[str]]] = {
    "required": re.compile(
        r"^(?:we(?:'|’)?(?:re| are)? (?:ask for|asking for|need|require|expect"
        r"|look(?:ing)? for (?:someone|somebody|a person))"
        r"|must (?:have|hold|be|possess)|(?!.*\b(?:no|not)\b).*\b(?:(?:is|are) (?:required|mandatory|essential|a must)"
        r"|required)\.?$"
        r"|you(?:'|’)?(?:ll| will)? (?:have|bring|need|must|should have|know|hold|are (?:able|used|fluent|comfortable))"
        r"|(?:the|our) (?:successful|ideal|right) (?:candidate|person) (?:has|will have|is|brings|must)"
        r"|(?:essential|required|requirements?|must[- ]haves?|qualifications?|you have|what you bring|needed)\s*:)",
        re.I,
    ),
    "nice": re.compile(
        r"^(?:it (?:helps|would help|is a plus|would be nice) if|would (?:please|help|delight) us"
        r"|(?:desirable|nice|nice[- ]to[- ]haves?|preferred|bonus|plus|a plus|ideally|advantageous|appreciated"
        r"|helpful|useful|(?:also )?welcome)"
        r"\s*[:,]|(?:welcome|ideal|helpful|useful) (?:but|though) not)",
        re.I,
    ),
    "skip": re.compile(
        r"^(?:salary|pay (?:is|of|from|starts)|we offer|we pay|benefits?\s*:|perks?\s*:|not (?:needed|required)\s*:"
        r"|(?:gbp|usd|eur|chf)\b|[$€£]|you(?:'|’)?(?:d| would|ll| will)? (?:get|receive|enjoy)\b"
        r"|wir bieten|nous offrons|ofrecemos)",
        re.I,
    ),
}
NOT_A_WISH = re.compile(
    r"^(?:pay|salary|compensation|location|employment type|job type|department|posted|reference|start date)\b"
    r"[^.]{0,40}[:–-]|equal opportunity|regardless of (?:race|gender|age)|reasonable accommodation|"
    r"accommodations? (?:may|is|are|can|please)\b|request an accommodation|\bbase (?:salary|pay) range|bonus program|"
    r"equity award|eligible (?:for|to participate in) (?:various|our|the company|\w+['’]s) (?:benefits|bonus)|"
    r"(?:speak|talk) (?:with|to) your recruiter|(?:mission|purpose) is to\b|"
    r"\$\s?\d[\d,]+\s*(?:-|–|to)\s*\$",
    re.I,
)


_NUMBERED = re.compile(r"^\(?(?:\d{1,2}|[a-z])(?:\\?\.|\))\s")


def is_item(line: str) -> bool:
    """A line of a list, by its bullet or number."""
    return is_bullet(line) or bool(_NUMBERED.match(line))


def head(line: str) -> str | None:
    """The kind of section a heading opens; "duty" for one we don't know, None for a line that is no heading."""
    bare = line.strip(" :*#_-–—\\")
    framed = line.startswith("#") or line.rstrip().endswith(("-", "–", "—", "*"))  # "---- Requirements ----"
    if not bare or len(bare) > 70 or (is_item(line) and not framed) or line.rstrip().endswith((".", ";", ",", "!")):
        return None
    words = len(bare.split())
    heading = words <= 6 or framed or line.rstrip().endswith(":") or bare.isupper()
    for kind, pattern in _HEAD_RES.items():
        if heading and pattern.search(bare):
            return kind
    if words <= 4 and (opened := lead(bare)):  # "We need", with a list below
        return opened
    return "duty" if bare.isupper() and 1 < words <= 6 else None


def inline(sentence: str) -> tuple[str, str]:
    """(kind, rest) of a sentence that brings its own heading, "Duties: first and second fix"; else ("", sentence)."""
    before, colon, after = sentence.partition(":")
    if not colon or len(before.split()) > 4 or not after.strip():
        return "", sentence
    kind = next((kind for kind, pattern in _HEAD_RES.items() if pattern.search(before)), "")
    return (kind, after.strip()) if kind else ("", sentence)


def lead(sentence: str) -> str:
    """The kind of what a sentence says by the words that it opens with; "" where they don't tell."""
    return next((kind for kind, pattern in _LEADS.items() if pattern.search(sentence)), "")
