"""A resume as scoring sees it. Pure.

A skill that work shows counts whole, one that is only listed less; what one hopes to learn doesn't count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from app.bots.match import asks, dates, lines
from app.bots.match.copies import shingles
from app.bots.match.entries import Job, jobs_of
from app.bots.match.lines import Section
from app.bots.match.quotes import Quotes, quotes
from app.bots.match.skills import Taxonomy, default
from app.bots.match.studies import Study, is_study, studies_of
from app.bots.match.titles import has_title_word
from app.bots.match.written_in import language_of

_CHUNKS = 80
_CROWDED = 8  # skills in one line: a list, whatever section it stands in
_LEADING_YEARS = 6.0
# After a language: it is named, but not yet of use.
_BEGINNER = re.compile(r"[\s(:,–-]{0,4}(?:A1|A2|basics?|beginner|elementary|school|some)\b", re.I)


class Held(msgspec.Struct, frozen=True):
    """One position: its title, the years in it that no later position covers, and how many years `ago` it ended."""

    title: str
    years: float
    ago: float = 0.0


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """`shown`: skills in described work, with the years they were used in; `listed`: named only.

    `chunks`: sentences of experience, `quotes` what of them is quoted; `titles`: the headline and the positions, newest
    first; `held`: the dated ones; `years` of experience in all; `level` and `degree` as asks has them; `language` of
    the text; `gist`: what to embed for the whole; `shingles`: its runs of words, hashed; `jobs` and `studies` as they
    were read; `hides`: the file holds skills that nobody who reads it sees.
    """

    shown: dict[str, float]
    listed: frozenset[str]
    chunks: list[str]
    quotes: Quotes
    titles: list[str]
    held: list[Held]
    years: float
    level: int
    degree: asks.Degree
    language: str
    gist: str
    shingles: frozenset[int]
    jobs: list[Job] = []
    studies: list[Study] = []
    hides: bool = False


def person(text: str, today: date, taxonomy: Taxonomy | None = None) -> Person:
    """A resume's text as scoring sees it."""
    taxonomy = taxonomy or default()
    sections = lines.sections(lines.normalise(text))
    told = [part for part in sections if part.kind not in ("skills", "head", "summary")] or sections[:1]
    jobs = _jobs(sections)
    years = dates.years_covered([(job.start, job.end) for job in jobs], today)
    headline = _headline(sections[0].lines)
    held = held_in([(job.title, job.start, job.end) for job in jobs], "".join(headline), today)
    titles = list(dict.fromkeys([*headline, *(job.title for job in jobs[:5] if job.title)]))
    shown, listed = _skills(sections, told, jobs, today, taxonomy)
    chunks = _sentences(told)[:_CHUNKS]
    return Person(
        shown=shown,
        listed=frozenset(listed - shown.keys()),
        chunks=chunks,
        quotes=quotes(chunks, [shown.keys() & known_in([chunk], taxonomy, crowded=True) for chunk in chunks], taxonomy),
        titles=titles,
        held=held,
        years=years,
        level=level_of(titles, years),
        degree=asks.highest_degree("\n".join(_of(sections, "education"))),
        language=language_of(text),
        gist=_gist(sections, titles),
        shingles=shingles("\n".join(line for part in sections for line in part.lines)),
        jobs=jobs,
        studies=studies_of(_of(sections, "education")),
    )


_NO_JOBS = ("skills", "languages", "contact")


def _jobs(sections: Sequence[Section]) -> list[Job]:
    """Positions of the parts on experience; where these have none with dates, of all parts that may have some.

    People head their work in words of their own: "Where I have worked", "Currently", "Before that".
    """
    found = [job for part in sections if part.kind == "experience" for job in jobs_of(part.lines)]
    if any(job.start for job in found):
        return found
    rest = [line for part in sections if part.kind not in _NO_JOBS for line in part.lines]
    dated = [job for job in jobs_of(rest) if job.start and job.end]
    return [job for job in dated if not is_study(f"{job.title} {job.employer}")] or found


def _of(sections: Sequence[Section], kind: str) -> list[str]:
    return [line for part in sections if part.kind == kind for line in part.lines]


def held_in(jobs: Sequence[tuple[str, str, str]], headline: str, today: date) -> list[Held]:
    """Positions (title, start, end) with the months that are theirs alone, so that jobs held side by side count once.

    One without a title is what the resume's headline says.
    """
    found: list[Held] = []
    spans: list[tuple[str, str]] = []
    before = 0.0
    for title, start, end in jobs:
        spans.append((start, end))
        now = dates.years_covered(spans, today)
        if (title or headline) and now > before:
            found.append(Held(title or headline, round(now - before, 1), dates.years_since(end, today)))
        before = now
    return found


def level_of(titles: Sequence[str], years: float) -> int:
    """By the headline or the newest title that says one; where none does, by the years."""
    told = [asks.level_of(title) for title in titles[:2]]
    said = next((level for level in told if level != 2), 2)
    if said != 2:
        return said
    if years < 1:
        return 1
    return 3 if years >= _LEADING_YEARS else 2


def _skills(
    sections: Sequence[Section], told: Sequence[Section], jobs: Sequence[Job], today: date, taxonomy: Taxonomy
) -> tuple[dict[str, float], set[str]]:
    """(shown with years, listed), each with what it implies."""
    shown: dict[str, list[tuple[str, str]]] = {}
    for job in jobs:
        _note(shown, known_in([job.title, *job.bullets], taxonomy), [(job.start, job.end)])
    _note(shown, known_in((line for part in told for line in part.lines), taxonomy), [])
    listed = known_in((line for part in sections for line in part.lines), taxonomy, crowded=True)
    years = {skill: dates.years_covered(spans, today) for skill, spans in shown.items()}
    closed: dict[str, float] = {}
    for skill, worked in years.items():
        for other in taxonomy.closure([skill]):
            closed[other] = max(worked, closed.get(other, 0.0))
    return closed, taxonomy.closure(listed)


def _note(shown: dict[str, list[tuple[str, str]]], found: Iterable[str], spans: list[tuple[str, str]]) -> None:
    for skill in found:
        shown.setdefault(skill, []).extend(spans)


def known_in(texts: Iterable[str], taxonomy: Taxonomy, *, crowded: bool = False) -> set[str]:
    """Skills that lines claim; lines that are mere lists only where `crowded` ones count too."""
    found: set[str] = set()
    for line in texts:
        hits = [
            hit
            for hit in taxonomy.hits(line)
            if not asks.negated(line, hit.start, hit.end)
            and not asks.only_wished(line, hit.start)
            and not (taxonomy.skills[hit.skill].kind == "language" and _BEGINNER.match(line[hit.end : hit.end + 30]))
        ]
        if crowded or len(hits) < _CROWDED:
            found.update(hit.skill for hit in hits)
    return found


def _sentences(told: Sequence[Section]) -> list[str]:
    """Bullets and paragraphs, a wrapped line joined to the one above."""
    found: list[str] = []
    for part in told:
        for number, line in enumerate(part.lines):
            above = part.lines[number - 1] if number else ""
            goes_on = bool(above) and not lines.is_bullet(line) and (line[:1].islower() or len(above) >= 90)
            if goes_on and found:
                found[-1] = f"{found[-1]} {line}"
            elif len(line) > 3:
                found.append(lines.debullet(line))
    return [sentence[:600] for sentence in found]


def _headline(head: Sequence[str]) -> list[str]:
    return [line for line in head[:4] if has_title_word(line) and len(line) <= 80][:1]


def _gist(sections: Sequence[Section], titles: Sequence[str]) -> str:
    """The resume in about 200 words: titles, what it says of itself, skills, the newest work."""
    told = [*titles[:3], *_of(sections, "summary")[:4], *_of(sections, "skills")[:6], *_of(sections, "experience")[:8]]
    told = told if len(told) > 4 else [line for part in sections for line in part.lines][:20]
    return "\n".join(told)[:1200]
