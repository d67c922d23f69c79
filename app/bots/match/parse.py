"""A resume's text → contact, jobs, studies, languages, skills. Pure, and nothing is invented.

The way in is `parse(text, today)`; the result is plain JSON (see `Parsed`). Every value is a stretch of the text, white
space, hyphens and page numbers apart, or a date of the text in one form; what isn't found stays empty. Skills are the
taxonomy's names of what the text holds.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TypeVar

import msgspec

from app.bots.match import confidence, dates, lines, skills
from app.bots.match.contact import Contact, contact_of
from app.bots.match.entries import Job, jobs_of
from app.bots.match.languages import Language, languages_of
from app.bots.match.lines import Section
from app.bots.match.studies import Study, studies_of


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """What a resume says. `years` counts the months covered by jobs; `claimed_years` is what the text itself says.

    `confidence`: 0 to 1 by section (summary, experience, education, languages, skills), for those that aren't empty;
    contact, jobs and studies have their own by field. `hidden`: text that the file holds out of sight, which is no part
    of anything else here, at most 2,000 characters.
    """

    contact: Contact
    summary: str
    jobs: list[Job]
    education: list[Study]
    skills: list[str]
    years: float
    claimed_years: int | None
    sections: list[str]
    languages: list[Language] = []
    confidence: dict[str, float] = {}
    hidden: str = ""


_CLAIM = re.compile(r"\b(\d{1,2})\s*\+?\s*years?\b[^.\n]{0,40}\bexperience", re.I)


def parse(text: str, today: date) -> Parsed:
    """`today` closes the jobs that are still running."""
    clean = lines.without_page_marks(lines.normalise(text))
    sections = lines.sections(clean)
    seen = _Grounds(clean)
    jobs = [seen.job(job) for part in sections if part.kind == "experience" for job in jobs_of(part.lines)]
    studies = [seen.study(study) for part in sections if part.kind == "education" for study in studies_of(part.lines)]
    claim = _CLAIM.search(clean)
    found = Parsed(
        contact=seen.contact(contact_of(sections[0].lines, clean)),
        summary=_summary(sections),
        jobs=[job for job in jobs if job.employer or job.title or job.start],
        education=[study for study in studies if study.institution or study.degree],
        skills=sorted(skills.default().find(clean)),
        years=dates.years_covered([(job.start, job.end) for job in jobs], today),
        claimed_years=int(claim[1]) if claim else None,
        sections=[section.kind for section in sections if section.kind != "head"],
        languages=languages_of(sections),
    )
    return msgspec.structs.replace(found, confidence=_confidence(found))


def _summary(sections: list[Section]) -> str:
    """Of the first section of that kind."""
    return next((" ".join(part.lines)[:2000] for part in sections if part.kind == "summary" and part.lines), "")


def _confidence(found: Parsed) -> dict[str, float]:
    """An entry without a title, an employer or a beginning pulls its section down."""
    whole = [{"title": 0.0, "employer": 0.0, "start": 0.0} | job.confidence for job in found.jobs]
    rated = {
        "summary": confidence.SURE if found.summary else 0.0,
        "experience": confidence.average(whole),
        "education": confidence.average(study.confidence for study in found.education),
        "languages": confidence.LIKELY if found.languages else 0.0,
        "skills": (confidence.SURE if "skills" in found.sections else confidence.WEAK) if found.skills else 0.0,
    }
    return {name: value for name, value in rated.items() if value}


Entry = TypeVar("Entry", Contact, Job, Study)


class _Grounds:
    """Holds what was put together against the text: a value that isn't there, letter for letter, is left out."""

    def __init__(self, text: str) -> None:
        self._text = _tight(text)

    def contact(self, contact: Contact) -> Contact:
        return self._of(contact, ("name", "email", "phone", "location"))

    def job(self, job: Job) -> Job:
        bullets = [bullet for bullet in job.bullets if self.holds(bullet)]
        return msgspec.structs.replace(self._of(job, ("title", "employer", "location")), bullets=bullets)

    def study(self, study: Study) -> Study:
        return self._of(study, ("institution", "degree", "subject"))

    def holds(self, value: str) -> bool:
        return _tight(value) in self._text

    def _of(self, entry: Entry, fields: tuple[str, ...]) -> Entry:
        lost = [name for name in fields if not self.holds(getattr(entry, name))]
        sure = {name: value for name, value in entry.confidence.items() if name not in lost}
        return msgspec.structs.replace(entry, **dict.fromkeys(lost, ""), confidence=sure)


def _tight(text: str) -> str:
    return "".join(text.split())
