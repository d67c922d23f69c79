"""What a posting asks for, line by line. Pure."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from app.bots.match import asks, headings
from app.bots.match.copies import shingles
from app.bots.match.lines import debullet, normalise
from app.bots.match.skills import Taxonomy, default
from app.bots.match.written_in import language_of

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


_MOST_PIECES, _MOST_WISHES = 60, 120
_LIMITS: dict[str, int] = {"required": 40, "nice": 16, "duty": 12}
_PLAIN = ("soft", "esco")  # kinds of skills that any prose names
_ANY_OF = re.compile(r"\b(?:or|either|one of|such as|e\.g\.|like)\b|\w/\w", re.I)
_CLAUSE = re.compile(
    r"\s*;\s*|\s*\((?=[^)]{0,80}(?:plus|nice|prefer|bonus|desirable|ideal|advantage))|\)\s*|,\s+(?=(?:ideally|preferably)\b)",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)\s+(?=[A-Z])")


def analyse(title: str, description: str, taxonomy: Taxonomy | None = None) -> Needs:
    """Split a posting's plain text into wishes; benefits, the employer's praise and legal text are left out."""
    taxonomy = taxonomy or default()
    found: list[Wish] = []
    kind, listed = "duty", False
    for line in normalise(description[:60_000]).split("\n"):
        head = headings.head(line)
        if head is not None and not _says_more(line, taxonomy):
            kind, listed = head, False
            continue
        if head not in (None, "skip"):  # "RN license required", on a line of its own
            kind = head or kind
        item = headings.is_item(line)
        listed = listed or item
        wishes = [wish for sentence in _sentences(line) for wish in _wishes(sentence, kind, taxonomy)]
        found += wishes if item or not listed else [wish for wish in wishes if _is_meant(wish, taxonomy)]
    wishes = _bounded(_with_required(found), taxonomy)
    asked = "\n".join(wish.text for wish in wishes if wish.kind == "required")
    return Needs(
        title=title,
        wishes=wishes,
        years=_years(wishes),
        thin=_thin(wishes),
        level=asks.level_of(title),
        degree=asks.degree_in(asked),
        degree_open=asks.open_to_experience(asked),
        language=language_of(description),
        gist=_gist(title, wishes),
        shingles=shingles("\n".join(wish.text for wish in wishes)),
    )


def _is_meant(wish: Wish, taxonomy: Taxonomy) -> bool:
    """Whether prose below a list belongs to it: what praises the employer or tells of the office asks for nothing."""
    hard = any(taxonomy.skills[skill].kind not in _PLAIN for skill in wish.skills)
    return wish.kind == "duty" or bool(hard or wish.years or asks.degree_in(wish.text) or headings.lead(wish.text))


def _says_more(line: str, taxonomy: Taxonomy) -> bool:
    """Whether a line that looks like a heading asks for something itself."""
    if line.rstrip(" *_").endswith(":"):
        return False
    return bool(asks.years_in(line)) or any(
        taxonomy.skills[hit.skill].kind not in _PLAIN and hit.end - hit.start < len(line.strip())
        for hit in taxonomy.hits(line)
    )


def _gist(title: str, wishes: list[Wish]) -> str:
    """The posting in about 200 words: its title, what is to be done, what is asked for."""
    duties = [wish.text for wish in wishes if wish.kind == "duty"]
    required = [wish.text for wish in wishes if wish.kind == "required"]
    return "\n".join([title, *duties[:4], *required[:12]])[:1200]


def _sentences(line: str) -> list[str]:
    text = debullet(line)
    if headings.NOT_A_WISH.search(text):
        return []
    parts = _SENTENCE.split(text) if len(text) > 180 or headings.INLINE_NICE.search(text) else [text]
    return [part for part in parts if sum(char.isalpha() for char in part) > 1]  # not the "3." of a numbered line


def _pieces(sentence: str) -> list[str]:
    """The points of a sentence that lists several: "essential: a degree; three years of care; a licence"."""
    points = [part.strip() for part in sentence.split(";")]
    listed = points if len(points) > 2 else [sentence]
    return [piece for point in listed for piece in _clauses(point)][:_MOST_PIECES]


def _clauses(text: str) -> list[str]:
    """A line of which only a part is a wish beyond what is needed: "Python; Go is a plus"."""
    if not headings.INLINE_NICE.search(text):
        return [text]
    parts = [part.strip(" ()") for part in _CLAUSE.split(text)]
    return [part for part in parts if part] if any(not headings.INLINE_NICE.search(part) for part in parts) else [text]


def _wishes(sentence: str, kind: str, taxonomy: Taxonomy) -> list[Wish]:
    """Skills are looked for in the whole, since its other parts tell what an ambiguous word means."""
    own, sentence = headings.inline(sentence)
    kind = headings.lead(sentence) or own or kind
    if kind == "skip":
        return []
    hits, found, start = taxonomy.hits(sentence), [], 0
    for piece in _pieces(sentence):
        start = max(0, sentence.find(piece, start))
        mine = [hit for hit in hits if start <= hit.start and hit.end <= start + len(piece)]
        wanted = [hit for hit in mine if not asks.not_asked(sentence, hit.start, hit.end)]
        if wanted or not mine:  # what only says that something isn't needed asks for nothing
            found.append(_wish(piece, kind, tuple(dict.fromkeys(hit.skill for hit in wanted))))
    return found


def _wish(text: str, kind: str, skills: tuple[str, ...]) -> Wish:
    if kind == "required" and headings.INLINE_NICE.search(text):
        kind = "nice"
    known: Kind = "required" if kind == "required" else "nice" if kind == "nice" else "duty"
    any_of = len(skills) > 1 and bool(_ANY_OF.search(text.replace("and/or", "and")))
    return Wish(text=text[:400], kind=known, skills=skills, any_of=any_of, years=max(asks.years_in(text), default=0))


def _with_required(found: list[Wish]) -> list[Wish]:
    """A posting without a list of requirements asks for what its lines name."""
    if any(wish.kind == "required" for wish in found):
        return found
    return [msgspec.structs.replace(wish, kind="required") if _asks(wish) else wish for wish in found]


def _asks(wish: Wish) -> bool:
    return wish.kind == "duty" and bool(wish.skills or wish.years)


def _bounded(found: list[Wish], taxonomy: Taxonomy) -> list[Wish]:
    """So many of each kind; what may hold a pair below ninety is never dropped."""
    kept: list[Wish] = []
    counts = dict.fromkeys(_LIMITS, 0)
    for wish in found:
        counts[wish.kind] += 1
        vital = wish.years or any(taxonomy.skills[skill].kind in ("credential", "language") for skill in wish.skills)
        if counts[wish.kind] <= _LIMITS[wish.kind] or (vital and len(kept) < _MOST_WISHES):
            kept.append(wish)
    return kept


def _years(wishes: list[Wish]) -> int | None:
    return max((wish.years for wish in wishes if wish.kind == "required"), default=0) or None


def _thin(wishes: list[Wish]) -> bool:
    """Whether too little is asked for to judge by: few points, few words, and hardly a skill among them."""
    asked = [wish for wish in wishes if wish.kind == "required"]
    skills = {skill for wish in asked for skill in wish.skills}
    return len(asked) + len(skills) < 4 or len(wishes) < 4 or sum(len(wish.text) for wish in wishes) < 200
