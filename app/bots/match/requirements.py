"""What a posting asks for, line by line. Pure."""

from __future__ import annotations

import re
from typing import Final, Literal

import msgspec

from app.bots.match import asks
from app.bots.match.copies import shingles
from app.bots.match.lines import debullet, is_bullet, normalise
from app.bots.match.skills import Taxonomy, default

Kind = Literal["required", "nice", "duty"]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a posting. `any_of`: one of its skills is enough ("Kafka or another log").

    `years`: of experience with just these skills, where the line says so.
    """

    text: str
    kind: Kind
    skills: tuple[str, ...]
    any_of: bool
    years: int = 0


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """A posting as its wishes. `years` of experience asked for; `thin`: too little text to judge by.

    `level` as asks.level_of; `degree` the lowest asked for, `degree_open` where experience makes up for it;
    `language` the text is written in; `gist` what to embed for the whole; `shingles` its runs of words, hashed.
    """

    title: str
    wishes: list[Wish]
    years: int | None
    thin: bool
    level: int = 2
    degree: asks.Degree = ""
    degree_open: bool = False
    language: str = ""
    gist: str = ""
    shingles: frozenset[int] = frozenset()

    def skills(self, kind: Kind) -> list[str]:
        """Skills named in the lines of one kind, each once, in order."""
        return list(dict.fromkeys(skill for wish in self.wishes if wish.kind == kind for skill in wish.skills))


_LIMITS: dict[str, int] = {"required": 40, "nice": 16, "duty": 12}
_HEADS: dict[str, str] = {
    "nice": r"""nice[-\ ]to[-\ ]have von\ vorteil wünschenswert atouts? deseable mile\ widziane
        preferred bonus \bplus\b pluses desirable desired extra\ credit even\ better ideally
        advantage may\ also\ have""",
    "duty": r"""about\ the\ (?:role|job|position|team) what\ you(?:'|’)?(?:ll|\ will)?\ (?:do|be\ doing|work)
        responsibilit the\ role your\ role the\ job duties day[-\ ]to[-\ ]day in\ this\ role your\ mission
        the\ opportunity your\ tasks key\ tasks you\ will you(?:'|’)ll\ do the\ work job\ description
        position\ summary overview impact aufgaben tätigkeit missions? vos\ responsabilit funciones obowiązki
        responsabilidades taken""",
    "skip": r"""about\ us ^about\ (?!you\b) benefit what\ we\ offer we\ offer perk equal compensation \bpay\b salary
        our\ values why\ (?:join|us|work) life\ at how\ to\ apply privacy interview our\ process diversity
        accommodat location company\ description hiring\ process what(?:'|’)s\ in\ it our\ culture legal disclaimer
        next\ steps contact ^logistics how\ we(?:'|’)re wir\ bieten angebot nous\ offrons ofrecemos oferujemy
        bewerbung""",
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
# A sentence that opens with such words says of what kind it is, whatever heading it stands under.
_LEADS: Final[dict[str, re.Pattern[str]]] = {
    "required": re.compile(
        r"^(?:we(?:'|’)?(?:re| are)? (?:ask for|asking for|need|require|expect|look(?:ing)? for (?:someone|somebody|a person))"
        r"|you(?:'|’)?(?:ll| will)? (?:have|bring|need|must have|should have|know|are (?:able|used|fluent|comfortable))"
        r"|(?:the|our) (?:successful|ideal|right) (?:candidate|person) (?:has|will have|is|brings|must)"
        r"|(?:essential|required|requirements?|must[- ]haves?|qualifications?|you have|what you bring|needed)\s*:)",
        re.I,
    ),
    "nice": re.compile(
        r"^(?:it (?:helps|would help|is a plus|would be nice) if|(?:desirable|nice[- ]to[- ]haves?|preferred|bonus|a plus|"
        r"ideally|advantageous|welcome)\s*[:,]|(?:welcome|ideal|helpful|useful) (?:but|though) not)",
        re.I,
    ),
    "skip": re.compile(
        r"^(?:salary|we offer|we pay|benefits?\s*:|you(?:'|’)?(?:d| would|ll| will)? (?:get|receive|enjoy)\b|perks?\s*:"
        r"|wir bieten|nous offrons|ofrecemos)",
        re.I,
    ),
}
_NOT_A_WISH = re.compile(
    r"^(?:pay|salary|compensation|location|employment type|job type|department|posted|reference|start date)\b"
    r"[^.]{0,40}[:–-]|equal opportunity|regardless of (?:race|gender|age)|reasonable accommodation|"
    r"\$\s?\d[\d,]+\s*(?:-|–|to)\s*\$",
    re.I,
)
_ANY_OF = re.compile(r"\b(?:or|either|one of|such as|e\.g\.|like)\b|\w/\w", re.I)
_CLAUSE = re.compile(
    r"\s*;\s*|\s*\((?=[^)]*(?:plus|nice|prefer|bonus|desirable|ideal|advantage))|\)\s*|,\s+(?=(?:ideally|preferably)\b)",
    re.I,
)
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
        else:
            found += [wish for sentence in _sentences(line) for wish in _wishes(sentence, kind, taxonomy)]
    wishes = _bounded(_with_required(found))
    asked = "\n".join(wish.text for wish in wishes if wish.kind == "required")
    return Needs(
        title=title,
        wishes=wishes,
        years=_years(wishes),
        thin=_thin(wishes),
        level=asks.level_of(title),
        degree=asks.degree_in(asked),
        degree_open=asks.open_to_experience(asked),
        language=asks.language_of(description),
        gist=_gist(title, wishes),
        shingles=shingles("\n".join(wish.text for wish in wishes)),
    )


def _gist(title: str, wishes: list[Wish]) -> str:
    """The posting in about 200 words: its title, what is to be done, what is asked for."""
    duties = [wish.text for wish in wishes if wish.kind == "duty"]
    required = [wish.text for wish in wishes if wish.kind == "required"]
    return "\n".join([title, *duties[:4], *required[:12]])[:1200]


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


def _sentences(line: str) -> list[str]:
    text = debullet(line)
    if _NOT_A_WISH.search(text) or sum(char.isalpha() for char in text) < 2:
        return []
    return _SENTENCE.split(text) if len(text) > 180 or _INLINE_NICE.search(text) else [text]


def _kind(sentence: str, kind: str) -> str:
    return next((lead for lead, pattern in _LEADS.items() if pattern.search(sentence)), kind)


def _pieces(sentence: str) -> list[str]:
    """The points of a sentence that lists several: "essential: a degree; three years of care; a licence"."""
    points = [part.strip() for part in sentence.split(";")]
    listed = points if len(points) > 2 else [sentence]
    return [piece[:400] for point in listed for piece in _clauses(point)]


def _clauses(text: str) -> list[str]:
    """A line of which only a part is a wish beyond what is needed: "Python; Go is a plus"."""
    if not _INLINE_NICE.search(text):
        return [text]
    parts = [part.strip(" ()") for part in _CLAUSE.split(text)]
    return [part for part in parts if part] if any(not _INLINE_NICE.search(part) for part in parts) else [text]


def _wishes(sentence: str, kind: str, taxonomy: Taxonomy) -> list[Wish]:
    """Skills are looked for in the whole, since its other parts tell what an ambiguous word means."""
    kind = _kind(sentence, kind)
    if kind == "skip":
        return []
    hits, found = taxonomy.hits(sentence), []
    for piece in _pieces(sentence):
        start = sentence.find(piece)
        mine = [hit for hit in hits if start <= hit.start and hit.end <= start + len(piece)]
        wanted = [hit for hit in mine if not asks.negated(sentence, hit.start, hit.end)]
        if wanted or not mine:  # what only says that something isn't needed asks for nothing
            found.append(_wish(piece, kind, tuple(dict.fromkeys(hit.skill for hit in wanted))))
    return found


def _wish(text: str, kind: str, skills: tuple[str, ...]) -> Wish:
    if kind == "required" and _INLINE_NICE.search(text):
        kind = "nice"
    known: Kind = "required" if kind == "required" else "nice" if kind == "nice" else "duty"
    any_of = len(skills) > 1 and bool(_ANY_OF.search(text))
    return Wish(text=text, kind=known, skills=skills, any_of=any_of, years=max(asks.years_in(text), default=0))


def _with_required(found: list[Wish]) -> list[Wish]:
    """A posting without a list of requirements asks for what its lines name."""
    if any(wish.kind == "required" for wish in found):
        return found
    return [msgspec.structs.replace(wish, kind="required") if _asks(wish) else wish for wish in found]


def _asks(wish: Wish) -> bool:
    return wish.kind == "duty" and bool(wish.skills or wish.years)


def _bounded(found: list[Wish]) -> list[Wish]:
    kept: list[Wish] = []
    counts = dict.fromkeys(_LIMITS, 0)
    for wish in found:
        counts[wish.kind] += 1
        if counts[wish.kind] <= _LIMITS[wish.kind]:
            kept.append(wish)
    return kept


def _years(wishes: list[Wish]) -> int | None:
    return max((wish.years for wish in wishes if wish.kind == "required"), default=0) or None


def _thin(wishes: list[Wish]) -> bool:
    """Whether too little is asked for to judge by: few points, few words, and hardly a skill among them."""
    asked = [wish for wish in wishes if wish.kind == "required"]
    skills = {skill for wish in asked for skill in wish.skills}
    return max(len(asked), len(skills)) < 3 or len(wishes) < 4 or sum(len(wish.text) for wish in wishes) < 200
