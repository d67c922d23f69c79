"""What a posting asks for, line by line. Pure."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from app.bots.match.lines import debullet, is_bullet, normalise
from app.bots.match.skills import Taxonomy, default

Kind = Literal["required", "nice", "duty"]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a posting. `any_of`: one of its skills is enough ("Kafka or another log")."""

    text: str
    kind: Kind
    skills: tuple[str, ...]
    any_of: bool


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """A posting as its wishes. `years` of experience asked for; `thin`: too little text to judge by."""

    title: str
    wishes: list[Wish]
    years: int | None
    thin: bool

    def skills(self, kind: Kind) -> list[str]:
        """Skills named in the lines of one kind, each once, in order."""
        return list(dict.fromkeys(skill for wish in self.wishes if wish.kind == kind for skill in wish.skills))


_LIMITS: dict[str, int] = {"required": 40, "nice": 16, "duty": 12}
_HEADS: dict[str, str] = {
    "nice": r"""nice[-\ ]to[-\ ]have
        preferred bonus \bplus\b pluses desirable desired extra\ credit even\ better ideally
        advantage may\ also\ have""",
    "duty": r"""about\ the\ (?:role|job|position|team) what\ you(?:'|’)?(?:ll|\ will)?\ (?:do|be\ doing|work)
        responsibilit the\ role your\ role the\ job duties day[-\ ]to[-\ ]day in\ this\ role your\ mission
        the\ opportunity your\ tasks key\ tasks you\ will you(?:'|’)ll\ do the\ work job\ description
        position\ summary overview impact""",
    "skip": r"""about\ us ^about\ (?!you\b) benefit what\ we\ offer we\ offer perk equal compensation \bpay\b salary
        our\ values why\ (?:join|us|work) life\ at how\ to\ apply privacy interview our\ process diversity
        accommodat location company\ description hiring\ process what(?:'|’)s\ in\ it our\ culture legal disclaimer
        next\ steps contact ^logistics how\ we(?:'|’)re""",
    "required": r"""requirement qualification must[-\ ]have what\ you(?:'|’)?(?:ll)?\ (?:bring|need) you\ have
        you(?:'|’)ll\ need looking\ for who\ you\ are about\ you your\ profile skills experience you\ bring
        you\ need minimum basic ideal\ candidate competenc we\ expect knowledge education certification licen[cs]e
        expertise you\ may\ be good\ fit""",
}
_HEAD_RES = {kind: re.compile("|".join(re.split(r"(?<!\\)\s+", listed)), re.I) for kind, listed in _HEADS.items()}
_INLINE_NICE = re.compile(
    r"\b(?:is|are|would be) (?:a |an )?(?:big |strong |real )?(?:plus|bonus|advantage)\b|nice to have|"
    r"\bpreferred\b|\bdesirable\b|\bideally\b|\ba plus\b",
    re.I,
)
_NOT_A_WISH = re.compile(
    r"^(?:pay|salary|compensation|location|employment type|job type|department|posted|reference|start date)\b"
    r"[^.]{0,40}[:–-]|equal opportunity|regardless of (?:race|gender|age)|reasonable accommodation|"
    r"\$\s?\d[\d,]+\s*(?:-|–|to)\s*\$",
    re.I,
)
_YEARS = re.compile(
    r"\b(\d{1,2})\s*(?:\+|plus|or more)?\s*(?:(?:-|–|to)\s*\d{1,2}\s*\+?\s*)?"
    r"(?:years?|yrs)\b(?! (?:old|of age|ago|after))",
    re.I,
)
_ANY_OF = re.compile(r"\b(?:or|either|one of|such as|e\.g\.|like)\b|\w/\w", re.I)
_SENTENCE = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)\s+(?=[A-Z])")


def analyse(title: str, description: str, taxonomy: Taxonomy | None = None) -> Needs:
    """Split a posting's plain text into wishes; benefits, the employer's praise and legal text are left out."""
    taxonomy = taxonomy or default()
    found: list[Wish] = []
    kind = "duty"
    for line in normalise(description[:60_000]).split("\n"):
        head = _head(line)
        if head is not None:
            kind = head
        elif kind != "skip":
            found += [_wish(text, kind, taxonomy) for text in _pieces(line)]
    wishes = _bounded(_with_required(found))
    return Needs(title=title, wishes=wishes, years=_years(wishes), thin=_thin(wishes))


def _head(line: str) -> str | None:
    """The kind of section a heading opens; "duty" for one we don't know, None for a line that is no heading."""
    bare = line.strip(" :*#_-–—")
    if not bare or len(bare) > 70 or is_bullet(line) or line.rstrip().endswith((".", ";", ",", "!")):
        return None
    words = len(bare.split())
    heading = words <= 6 or line.rstrip().endswith(":") or bare.isupper()
    for kind, pattern in _HEAD_RES.items():
        if heading and pattern.search(bare):
            return kind
    return "duty" if bare.isupper() and 1 < words <= 6 else None


def _pieces(line: str) -> list[str]:
    text = debullet(line)
    if _NOT_A_WISH.search(text) or sum(char.isalpha() for char in text) < 2:
        return []
    return [part[:400] for part in (_SENTENCE.split(text) if len(text) > 180 else [text])]


def _wish(text: str, kind: str, taxonomy: Taxonomy) -> Wish:
    skills = tuple(dict.fromkeys(hit.skill for hit in taxonomy.hits(text)))
    if kind == "required" and _INLINE_NICE.search(text):
        kind = "nice"
    known: Kind = "required" if kind == "required" else "nice" if kind == "nice" else "duty"
    return Wish(text=text, kind=known, skills=skills, any_of=len(skills) > 1 and bool(_ANY_OF.search(text)))


def _with_required(found: list[Wish]) -> list[Wish]:
    """A posting without a list of requirements asks for what its lines name."""
    if any(wish.kind == "required" for wish in found):
        return found
    return [msgspec.structs.replace(wish, kind="required") if _asks(wish) else wish for wish in found]


def _asks(wish: Wish) -> bool:
    return wish.kind == "duty" and (bool(wish.skills) or _YEARS.search(wish.text) is not None)


def _bounded(found: list[Wish]) -> list[Wish]:
    kept: list[Wish] = []
    counts = dict.fromkeys(_LIMITS, 0)
    for wish in found:
        counts[wish.kind] += 1
        if counts[wish.kind] <= _LIMITS[wish.kind]:
            kept.append(wish)
    return kept


def _years(wishes: list[Wish]) -> int | None:
    asked = [int(number) for wish in wishes if wish.kind == "required" for number in _YEARS.findall(wish.text)]
    likely = [years for years in asked if 0 < years <= 20]
    return max(likely) if likely else None


def _thin(wishes: list[Wish]) -> bool:
    required = [wish for wish in wishes if wish.kind == "required"]
    return len(required) < 3 or len(wishes) < 4 or sum(len(wish.text) for wish in wishes) < 200
