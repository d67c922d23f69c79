"""JSON Resume (jsonresume.org, schema 1.0.0) → the parsed form and a readable text. Runs in the resume process.

Whatever isn't of the kind that the schema says counts as missing; nothing is made up for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from app.bots.match import dates, skills
from app.bots.match.confidence import FROM_FIELD
from app.bots.match.contact import Contact
from app.bots.match.entries import Job
from app.bots.match.languages import Language
from app.bots.match.parse import Parsed
from app.bots.match.studies import Study
from app.bots.match.unreadable import Unreadable

_MOST_ENTRIES, _MOST_BULLETS, _LONGEST = 100, 60, 2000
_HONOURS = (("Certificates", "certificates", "name", "issuer"), ("Awards", "awards", "title", "awarder"))
_DAY = re.compile(r"((?:19|20)\d\d)(?:-(0[1-9]|1[0-2]))?(?:-\d\d)?$")


def read(text: str, today: date) -> tuple[str, Parsed]:
    """Readable text and what it says. Raises Unreadable when it is no JSON Resume or says nothing."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as why:
        raise Unreadable("damaged") from why
    resume = _Resume(found if isinstance(found, dict) else {})
    if not resume.text.strip():
        raise Unreadable("empty")
    return resume.text, resume.parsed(today)


def _said(holder: Any, *names: str) -> str:
    """The first of the fields that is a text."""
    if isinstance(holder, dict):
        for name in names:
            value = holder.get(name)
            if isinstance(value, str) and value.strip():
                return " ".join(value.split())[:_LONGEST]
    return ""


def _listed(holder: Any, name: str) -> list[Any]:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value[:_MOST_ENTRIES] if isinstance(value, list) else []


def _texts(holder: Any, name: str) -> list[str]:
    texts = (" ".join(text.split())[:_LONGEST] for text in _listed(holder, name) if isinstance(text, str))
    return [text for text in texts if text][:_MOST_BULLETS]


def _day(text: str) -> str:
    """ "2013-12-01" → "2013-12"."""
    found = _DAY.match(text)
    return "-".join(part for part in found.groups() if part) if found else ""


class _Resume:
    """The parts, and the text that is made of them."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.found = found
        self.basics = found.get("basics") if isinstance(found.get("basics"), dict) else {}
        self.place = ", ".join(filter(None, (_said(self._place(), name) for name in ("city", "region", "countryCode"))))
        self.jobs = [*map(_job, _listed(found, "work")), *map(_job, _listed(found, "volunteer"))]
        self.studies = [_study(entry) for entry in _listed(found, "education")]
        self.languages = [_language(entry) for entry in _listed(found, "languages") if _said(entry, "language")]
        self.text = "\n".join(self._lines())

    def _place(self) -> Any:
        return self.basics.get("location") if self.basics else None

    def parsed(self, today: date) -> Parsed:
        """As the parser's, but taken from fields that say what they are: all sure."""
        summary = _said(self.basics, "summary")
        jobs, studies = [job for job in self.jobs if job.employer or job.title], self.studies
        names = {"summary": summary, "experience": jobs, "education": studies, "languages": self.languages}
        sections = [name for name, value in names.items() if value]
        return Parsed(
            contact=self._contact(),
            summary=summary,
            jobs=jobs,
            education=studies,
            skills=sorted(skills.default().find(self.text)),
            years=dates.years_covered([(job.start, job.end) for job in jobs], today),
            claimed_years=None,
            sections=sections,
            languages=self.languages,
            confidence=dict.fromkeys(sections, FROM_FIELD),
        )

    def _contact(self) -> Contact:
        links = [_said(self.basics, "url"), *(_said(entry, "url") for entry in _listed(self.basics, "profiles"))]
        found = {
            "name": _said(self.basics, "name"),
            "email": _said(self.basics, "email"),
            "phone": _said(self.basics, "phone"),
            "location": self.place,
        }
        sure = {name: FROM_FIELD for name, value in found.items() if value}
        return Contact(**found, links=list(dict.fromkeys(filter(None, links)))[:10], confidence=sure)

    def _lines(self) -> Iterator[str]:
        contact = self._contact()
        reach = (contact.location, contact.email, contact.phone)
        yield from filter(None, (contact.name, _said(self.basics, "label"), " | ".join(filter(None, reach))))
        yield from contact.links
        yield from _section("Summary", filter(None, [_said(self.basics, "summary")]))
        yield from _section("Experience", (line for job in self.jobs for line in _job_lines(job)))
        yield from _section("Projects", (line for entry in _listed(self.found, "projects") for line in _project(entry)))
        yield from _section("Education", (line for study in self.studies for line in _study_lines(study)))
        yield from _section("Skills", (line for entry in _listed(self.found, "skills") for line in _skill(entry)))
        yield from _section("Languages", (_pair(said.name, said.level) for said in self.languages))
        for heading, kind, name, by in _HONOURS:
            honours = (_pair(_said(entry, name), _said(entry, by)) for entry in _listed(self.found, kind))
            yield from _section(heading, filter(None, honours))


def _section(heading: str, lines: Any) -> Iterator[str]:
    said = [line for line in lines if line.strip()]
    if said:
        yield from ("", heading, *said)


def _job(entry: Any) -> Job:
    start, end = _day(_said(entry, "startDate")), _day(_said(entry, "endDate"))
    employer, title = _said(entry, "name", "company", "organization"), _said(entry, "position")
    open_end = "present" if start and not (isinstance(entry, dict) and entry.get("endDate")) else ""
    summary = _said(entry, "summary")
    found = {"employer": employer, "title": title, "location": _said(entry, "location"), "start": start, "end": end}
    return Job(
        employer=employer,
        title=title,
        location=found["location"],
        start=start,
        end=end or open_end,
        bullets=[*([summary] if summary else []), *_texts(entry, "highlights")],
        confidence={name: FROM_FIELD for name, value in found.items() if value},
    )


def _study(entry: Any) -> Study:
    degree, area = _said(entry, "studyType"), _said(entry, "area")
    found = {
        "institution": _said(entry, "institution"),
        "degree": degree,
        "subject": area,
        "start": _day(_said(entry, "startDate")),
        "end": _day(_said(entry, "endDate")),
    }
    return Study(**found, confidence={name: FROM_FIELD for name, value in found.items() if value})


def _language(entry: Any) -> Language:
    return Language(name=_said(entry, "language"), level=_said(entry, "fluency"))


def _span(start: str, end: str) -> str:
    return " – ".join(filter(None, (start, end)))


def _pair(name: str, more: str) -> str:
    return f"{name} ({more})" if name and more else name


def _job_lines(job: Job) -> Iterator[str]:
    yield "\t".join(filter(None, (job.title, job.employer, job.location, _span(job.start, job.end))))
    yield from (f"• {bullet}" for bullet in job.bullets)


def _study_lines(study: Study) -> Iterator[str]:
    degree = " in ".join(filter(None, (study.degree, study.subject)))
    yield "\t".join(filter(None, (degree, study.institution, _span(study.start, study.end))))


def _project(entry: Any) -> Iterator[str]:
    yield from filter(None, (_said(entry, "name"), _said(entry, "description")))
    yield from (f"• {text}" for text in _texts(entry, "highlights"))
    if words := _texts(entry, "keywords"):
        yield ", ".join(words)


def _skill(entry: Any) -> Iterator[str]:
    words = ", ".join(_texts(entry, "keywords"))
    line = ": ".join(filter(None, (_said(entry, "name"), words)))
    if line:
        yield line
