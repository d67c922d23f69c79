"""A resume as scoring sees it, with what its seeker corrected over it. Pure.

Skills that were added count as listed; those that were removed don't count, nor what only they imply. Corrected
positions tell titles, years and level anew, corrected studies the degree.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from app.bots.match import asks, dates, person, studies
from app.bots.match.person import Held, Person
from app.bots.match.skills import Taxonomy, default
from app.seekers.corrections import Corrections, Row, shown
from app.seekers.facts import Position, Study

_TITLES = 5


def corrected(who: Person, own: Corrections, today: date, taxonomy: Taxonomy | None = None) -> Person:
    """The same person as they say they are; without corrections the very same struct."""
    if not own:
        return who
    who = _skills(who, own, taxonomy or default())
    who = _positions(who, own, today) if _says(own.positions) else who
    who = _studies(who, own) if _says(own.studies) else who
    return who if own.years is None else _years(who, own.years)


def _says(rows: Iterable[Row[Position]] | Iterable[Row[Study]]) -> bool:
    return any(row.stays or row.gone for row in rows)


def _skills(who: Person, own: Corrections, taxonomy: Taxonomy) -> Person:
    """Languages that people speak are skills of the taxonomy as well."""
    spoken = [one.name for one in own.languages.said]
    added = taxonomy.closure(_known([*own.skills.added, *spoken], taxonomy))
    lost = _lost(who, _known([*own.skills.removed, *own.languages.removed], taxonomy) - added, taxonomy)
    shown_skills = {skill: years for skill, years in who.shown.items() if skill not in lost}
    listed = (who.listed - lost) | (added - shown_skills.keys())
    return msgspec.structs.replace(who, shown=shown_skills, listed=listed)


def _known(names: Iterable[str], taxonomy: Taxonomy) -> set[str]:
    """By its name where it is one of the taxonomy's, else by what a line that says nothing else would mean."""
    found: set[str] = set()
    for name in names:
        found.update([name] if name in taxonomy.skills else [hit.skill for hit in taxonomy.hits(name)])
    return found


def _lost(who: Person, removed: set[str], taxonomy: Taxonomy) -> set[str]:
    """The removed ones, and what they alone imply: neither another skill does, nor does the text name it."""
    if not removed:
        return set()
    implied = taxonomy.closure(removed) - removed
    left = ({*who.shown, *who.listed}) - removed - implied
    named = taxonomy.find("\n".join([who.gist, *who.chunks])) if implied else set()
    return removed | (implied - taxonomy.closure(left | (named - removed)))


def _positions(who: Person, own: Corrections, today: date) -> Person:
    read = [Position(employer=job.employer, title=job.title, start=job.start, end=job.end) for job in who.jobs]
    jobs = [one.now for one in shown(read, own.positions)]
    years = dates.years_covered([(job.start, job.end) for job in jobs], today)
    headline = _headline(who)
    titles = list(dict.fromkeys([*headline, *[job.title for job in jobs if job.title][:_TITLES]]))
    held = person.held_in([(job.title, job.start, job.end) for job in jobs], "".join(headline), today)
    return msgspec.structs.replace(who, titles=titles, held=held, years=years, level=person.level_of(titles, years))


def _headline(who: Person) -> list[str]:
    """What stands above the positions' titles, if anything does."""
    was = {job.title for job in who.jobs}
    return [title for title in who.titles[:1] if title not in was]


def _studies(who: Person, own: Corrections) -> Person:
    read = [_study(one) for one in who.studies]
    before, now = _degree(read), _degree([one.now for one in shown(read, own.studies)])
    # a degree that the section tells of in words of its own, and no entry of it, is none that was corrected
    told = who.degree if asks.DEGREES.index(who.degree) > asks.DEGREES.index(before) else now
    return msgspec.structs.replace(who, degree=max(told, now, key=asks.DEGREES.index))


def _study(one: studies.Study) -> Study:
    return Study(institution=one.institution, degree=one.degree, subject=one.subject, start=one.start, end=one.end)


def _degree(found: Iterable[Study]) -> asks.Degree:
    return asks.highest_degree("\n".join(f"{one.degree} in {one.subject} {one.institution}" for one in found))


def _years(who: Person, years: float) -> Person:
    """The years that the seeker says, spread over the positions as they are dated."""
    covered = sum(held.years for held in who.held)
    held = [Held(one.title, round(one.years * years / covered, 2), one.ago) for one in who.held] if covered else []
    if not held and who.titles and years:
        held = [Held(who.titles[0], years)]
    return msgspec.structs.replace(who, held=held, years=years, level=person.level_of(who.titles, years))
