"""What a line asks for beyond skills: negation, years, degrees, languages of people, the level of a title. Pure."""

from __future__ import annotations

import re
from typing import Final, Literal

Degree = Literal["", "school", "bachelor", "master", "doctor"]
DEGREES: Final[tuple[Degree, ...]] = ("", "school", "bachelor", "master", "doctor")

# Before a skill: "no Java needed", "instead of PHP", "rather than R", "not a C++ role", "you don't need to know Go".
_NOT = r"""(?:\b(?:no|not(?! (?:only|just|necessarily|to mention))|without|instead of|rather than|other than|except
    |neither|nor|never|away from|moving off|lack(?:s|ing)?)
    |n['’]t(?: \w+){0,2} (?:need|require|use|want|expect|know)(?: to know)?
    |\bnot (?:need|require|use|expect)\w*
    |\bno (?:prior |previous |formal |hands-on )?(?:experience|knowledge|background|exposure)
     (?: \w+){0,2} (?:with|in|of|to))"""
_FILLERS = r"""(?:\s+(?:a|an|any|the|been|prior|previous|even|with|in|of|for|on|do|need|needs|about|another|looking|yet
    |used|worked|know|to|or|and)){0,4}\s+(?:[\w+#.-]+(?:,| or| and|/)\s*){0,3}$"""
# After it: "Java is not needed", "Kubernetes experience isn't required".
_AFTER = r"""^(?:\s+(?:experience|knowledge|skills?|background|licen[cs]e|degree|expertise))?\s*(?:is|are|was)?\s*
    (?:n['’]t|not|never|un)\s*(?:be |strictly |really |yet )?
    (?:needed|required|necessary|used|expected|a must|wanted|touched)\b"""
# In a resume: what one would like to learn is not known yet.
_WISHES = r"""\b(?:eager|keen|want(?:s|ing)?|hop(?:e|es|ing)|plan(?:s|ning)?|looking|willing|excited|like|interested
    |aim(?:s|ing)?|wish(?:es)?)\b[^.;]{0,24}\b(?:to )?
    (?:learn|start|get into|try|move into|pick up|train|study|become|in learning|explore|deepen)\w*\b
    |\b(?:currently )?(?:learning|studying|self-studying|beginner in|new to)\b|\bno(?:t)? yet\b"""


def _broken(pattern: str) -> re.Pattern[str]:
    """A pattern over several lines; its line ends and indents mean nothing, its spaces do."""
    return re.compile(re.sub(r"\n\s*", "", pattern), re.I)


_NOT_BEFORE, _NOT_AFTER, _WISHED = _broken(_NOT + _FILLERS), _broken(_AFTER), _broken(_WISHES)
_YEARS = re.compile(
    r"\b(\d{1,2})\s*\)?\s*(?:\+|plus|or more)?\s*\)?\s*(?:(?:-|–|to)\s*\d{1,2}\s*\+?\s*)?-?\s*"
    r"(?:years?|yrs)\b(?! (?:old|of age|ago|after|warranty))",
    re.I,
)
_COUNTED = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_NUMBERS: Final = {word: number for number, word in enumerate(_COUNTED.split(), start=1)} | {"twenty": 20}
_WORDS_YEARS = re.compile(
    rf"\b({'|'.join(_NUMBERS)})(?:[- ](?:plus|to|or) (?!more)\w+)?[- ](?:plus )?(?:or more )?years?['’]?\b", re.I
)
_DEGREE: Final[tuple[tuple[Degree, re.Pattern[str]], ...]] = (
    ("doctor", _broken(r"\bph\.?\s?d\b|\bdoctora(?:te|l)\b|\bd\.?phil\b")),
    ("master", _broken(r"\bmaster(?:['’]?s)?(?: degree| of | in )|\bm\.?sc\b|\bmba\b|\bm\.?eng\b|\bMS in\b|\bmsn\b")),
    (
        "bachelor",
        _broken(
            r"""\bbachelor\w*|\bb\.?sc\b|\bb\.?eng\b|\bb\.?tech\b|\bB\.?[AS]\b\.? in|\bBS/|\bbsn\b
            |\bundergraduate degree\b|\b(?:four|4)[- ]year degree\b|\bBA\b"""
        ),
    ),
    ("school", _broken(r"\bhigh[- ]school\b|\bGED\b|\bA-levels?\b|\bsecondary school\b|\babitur\b")),
)
_ANY_DEGREE = _broken(r"\b(?:university|college|relevant) degree\b|\bdegree (?:in|or|from)\b")
_OR_LIKE = _broken(
    r"\bor (?:equivalent|similar|comparable|relevant|related)\b|\bequivalent (?:practical )?experience\b"
)

_LEVELS: Final = (
    (5, _broken(r"\b(?:director|vp|vice president|chief|c[etofm]o|cio|ciso|[es]vp|head of|managing partner)\b")),
    (
        4,
        _broken(
            r"""\b(?:principal|staff (?=(?:\w+ ){0,2}\w*(?:engineer|developer|scientist|designer))|distinguished|lead
            |manager|team leader|supervisor|superintendent|head)\b"""
        ),
    ),
    (3, _broken(r"\b(?:senior|sr\.?|experienced|iii|iv)(?!\w)")),
    (0, _broken(r"\b(?:intern|internship|trainee|apprentice|working student|student)\b")),
    (
        1,
        _broken(
            r"""\b(?:junior|jr\.?|entry[- ]level|graduate|newly qualified|assistant(?= (?:manager|engineer))
            |associate(?= (?:engineer|developer|software|data|product|designer|consultant)))(?!\w)"""
        ),
    ),
)
# A title with such a word whose holder leads nobody.
_OWN_WORK = _broken(
    r"""\b(?:account|product|project|program|programme|case|community|category|brand|office|property|social media
    |marketing|content|relationship|customer success|store|shift)\s+manager\b"""
)


def negated(line: str, start: int, end: int) -> bool:
    """Whether what stands at [start, end) is said not to be needed, or not to be there."""
    return _NOT_BEFORE.search(line[max(0, start - 90) : start]) is not None or (
        _NOT_AFTER.match(line[end : end + 50]) is not None
    )


# Two denials that ask: "Applications without a licence will not be considered".
_STILL_ASKS = _broken(
    r"""\bnot be (?:considered|accepted|hired|invited)|\b(?:do not|don['’]t|please don['’]t) apply\b|\bdeal[- ]?breaker
    |\bcan(?:not|['’]t| not) (?:hire|consider|accept|employ)|\bno (?:candidates?|applicants?|applications?)\b
    |\bnothing other than\b|\b(?:rejected|excluded|ineligible)\b"""
)


def not_asked(line: str, start: int, end: int) -> bool:
    """Whether a posting's line says that what stands at [start, end) isn't needed."""
    return negated(line, start, end) and _STILL_ASKS.search(line) is None


def only_wished(line: str, start: int) -> bool:
    """Whether a resume's line only hopes for what stands at `start`: "eager to learn Kubernetes"."""
    clause = re.split(r"[.;]", line[max(0, start - 80) : start])[-1]
    return _WISHED.search(clause) is not None


def years_in(text: str) -> list[int]:
    """Numbers of years that a text asks for, 1-20; more than 20 count as 20."""
    said = [int(number) for number in _YEARS.findall(text)]
    said += [_NUMBERS[word.lower()] for word in _WORDS_YEARS.findall(text)]
    return [min(number, 20) for number in said if 0 < number <= 40]


def degree_in(text: str) -> Degree:
    """The lowest degree that a text names, bachelor where it only says "a degree"; "" where it names none."""
    named = [degree for degree, pattern in _DEGREE if pattern.search(text)]
    if not named:
        return "bachelor" if _ANY_DEGREE.search(text) else ""
    return min(named, key=DEGREES.index)


def highest_degree(text: str) -> Degree:
    """The highest degree that a text names."""
    named = [degree for degree, pattern in _DEGREE if pattern.search(text)]
    return max(named, key=DEGREES.index) if named else ""


def open_to_experience(text: str) -> bool:
    """Whether a degree may be made up for: "or equivalent experience"."""
    return _OR_LIKE.search(text) is not None


def level_of(title: str) -> int:
    """0 trainee, 1 junior, 2 nothing said, 3 senior, 4 lead or manager, 5 director and above."""
    own = _OWN_WORK.search(title) is not None
    for level, pattern in _LEVELS:
        found = pattern.search(title)
        if found is not None and not (own and found[0].lower() == "manager"):
            return level
    return 2


_LEVEL_WORDS = _broken(
    r"""\b(?:senior|sr|junior|jr|lead|principal|staff(?= \w*\s?(?:engineer|developer|software|machine|data))|experienced
    |entry[- ]level|graduate|newly qualified|trainee|intern|internship|chief|deputy
    |associate(?= \w+ (?:engineer|developer))
    |band \d|grade \d|i{1,3}|iv|m/w/d|w/m/d|m/f/d|f/m/x|h/f)\b\.?"""
)


def bare_title(title: str) -> str:
    """A title without its level: "Senior Backend Engineer (m/w/d)" is work like "Backend Engineer"."""
    bare = " ".join(re.sub(r"\(\s*\)", " ", _LEVEL_WORDS.sub(" ", title)).split()).strip(" ,-–/")
    return bare or title
