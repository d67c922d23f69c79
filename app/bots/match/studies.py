"""Degrees and courses out of an education section's lines. Pure; a part that can't be told stays empty."""

from __future__ import annotations

import re

import msgspec

from app.bots.match import confidence, dates
from app.bots.match.entries import joined
from app.bots.match.header import parts_of
from app.bots.match.lines import debullet, is_bullet
from app.bots.match.titles import has_title_word


class Study(msgspec.Struct, frozen=True, kw_only=True):
    """One degree or course as written; `subject` where it isn't part of the degree's own words.

    `confidence`: 0 to 1 by the name of the field, for those that aren't empty.
    """

    institution: str = ""
    degree: str = ""
    subject: str = ""
    start: str = ""
    end: str = ""
    confidence: dict[str, float] = {}


_INSTITUTION = re.compile(
    r"\b(?:universit\w*|college|institute|school|academy|polytechnic|faculty|conservatory|hochschule|MIT|UC|UCLA|"
    r"Cal ?Tech|ETH|EPFL|POSTECH|KAIST|CUNY|SUNY)\b",
    re.I,
)
_DEGREE = re.compile(
    r"\b(?:bachelor\w*|master(?:'?s)?|associate(?:'?s)?|doctor\w*|ph\.?\s?d|mba|b\.?\s?s(?:c|n)?|b\.?a|b\.?\s?tech|b\.?eng|"
    r"m\.?s(?:c|n)?|m\.?a|m\.?eng|m\.?tech|diploma|certificate|high school|ged|a-levels?|abitur|llb|llm|degree|pgce|"
    r"apprenticeship)\b(?!\w)",
    re.I,
)
_FOCUS = re.compile(r"speciali|major|minor|concentrat|focus", re.I)
_ASIDE = re.compile(r"^(?:gpa|overall|thesis|advisor|relevant|coursework|honou?rs|minor|activities|grade)\b", re.I)


def studies_of(lines: list[str]) -> list[Study]:
    """Each institution or degree starts a study; a line that has the other half completes it."""
    found: list[Study] = []
    for line in joined(lines):
        text = debullet(line)
        if _ASIDE.match(text) or (is_bullet(line) and not _DEGREE.search(text)) or len(text) > 200:
            continue
        _add(found, _study(text))
    return [_rated(study) for study in found if study.institution or study.degree]


def is_study(header: str) -> bool:
    """Whether the head of an entry tells of a degree and of no position."""
    return _DEGREE.search(header) is not None and not has_title_word(header)


def _study(line: str) -> Study:
    span = dates.find_range(line) or dates.find_single(line)
    if span is not None:
        line = f"{line[: span.at[0]]}\t{line[span.at[1] :]}"
    parts = [part for part in parts_of(line) if not re.fullmatch(r"(?i)expected.*|graduat\w+:?|gpa.*", part)]
    degree = next((part for part in parts if _DEGREE.search(part)), "")
    institution = _institution(line, [part for part in parts if part != degree])
    subject = ""
    if degree and not institution:
        degree, subject, institution = _untangled(degree, parts)
    single = span is not None and not span.end
    return Study(
        institution=institution,
        degree=degree,
        subject=subject,
        start=span.start if span and not single else "",
        end=(span.start if single else span.end) if span else "",
    )


def _institution(line: str, parts: list[str]) -> str:
    """The part that names a school; a campus goes with it ("University of California, Berkeley")."""
    at = next((n for n, part in enumerate(parts) if _INSTITUTION.search(part)), None)
    if at is None:
        return ""
    # Two of the same name in a row: the campus, and the town that it lies in.
    if at + 2 < len(parts) and parts[at + 1] == parts[at + 2] and f"{parts[at]}, {parts[at + 1]}" in line:
        return f"{parts[at]}, {parts[at + 1]}"
    return parts[at]


def _untangled(degree: str, parts: list[str]) -> tuple[str, str, str]:
    """Degree, subject, institution out of one part ("PhD Princeton University"), or the institution right after it."""
    word = _DEGREE.match(degree)
    if word is not None and _INSTITUTION.search(degree) and len(parts) > 1:
        return word[0], parts[1], degree[word.end() :].strip(" .,-")
    # Only a degree that names its subject ("BSc in Physics, MIT") is surely followed by the school, not by the subject.
    later = parts[parts.index(degree) + 1 :] if " in " in degree else []
    named = [part for part in later if part[:1].isupper() and not _FOCUS.match(part)]
    return degree, "", named[0] if named and not _INSTITUTION.search(degree) else ""


def _add(found: list[Study], new: Study) -> None:
    last = found[-1] if found else None
    fits = last is not None and not (last.institution and new.institution) and not (last.degree and new.degree)
    if last is not None and fits:
        found[-1] = Study(
            institution=last.institution or new.institution,
            degree=last.degree or new.degree,
            subject=last.subject or new.subject,
            start=last.start or new.start,
            end=last.end or new.end,
        )
    elif new.institution or new.degree:
        found.append(new)


def _rated(study: Study) -> Study:
    """A school is sure when it carries a school's word; a degree is when a school stands with it."""
    named = bool(_INSTITUTION.search(study.institution))
    sure = {
        "institution": confidence.SURE if named else confidence.GUESSED,
        "degree": confidence.SURE if study.institution else confidence.LIKELY,
        "subject": confidence.WEAK,
    }
    kept = {name: value for name, value in sure.items() if getattr(study, name)}
    return msgspec.structs.replace(study, confidence=kept | confidence.of_dates(study.start, study.end))
