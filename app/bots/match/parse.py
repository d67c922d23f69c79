"""A resume's text → contact, jobs, studies, skills. Pure, and nothing is invented: what isn't found stays empty.

The way in is `parse(text, today)`; the result is plain JSON (see `Parsed`).
"""

from __future__ import annotations

import re
from datetime import date

import msgspec

from app.bots.match import dates, lines, skills
from app.bots.match.contact import Contact, contact_of
from app.bots.match.entries import Job, Study, jobs_of, studies_of


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """What a resume says. `years` counts the months covered by jobs; `claimed_years` is what the text itself says."""

    contact: Contact
    summary: str
    jobs: list[Job]
    education: list[Study]
    skills: list[str]
    years: float
    claimed_years: int | None
    sections: list[str]


_CLAIM = re.compile(r"\b(\d{1,2})\s*\+?\s*years?\b[^.\n]{0,40}\bexperience", re.I)


def parse(text: str, today: date) -> Parsed:
    """`today` closes the jobs that are still running."""
    clean = lines.normalise(text)
    sections = lines.sections(clean)
    jobs = [job for section in sections if section.kind == "experience" for job in jobs_of(section.lines)]
    studies = [study for section in sections if section.kind == "education" for study in studies_of(section.lines)]
    claim = _CLAIM.search(clean)
    return Parsed(
        contact=contact_of(sections[0].lines, clean),
        summary=" ".join(line for section in sections if section.kind == "summary" for line in section.lines)[:2000],
        jobs=jobs,
        education=studies,
        skills=sorted(skills.default().find(clean)),
        years=dates.years_covered([(job.start, job.end) for job in jobs], today),
        claimed_years=int(claim[1]) if claim else None,
        sections=[section.kind for section in sections if section.kind != "head"],
    )
