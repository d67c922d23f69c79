"""The lines over a job → title, employer, place. Pure; a part that can't be told stays empty.

Every value is a stretch of one line as it is written there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from app.bots.match.titles import has_title_word


class Header(msgspec.Struct, frozen=True):
    """`apart`: title and employer stand in parts of their own. `marked`: the employer carries a word that firms and
    institutions carry. `spare`: parts that fit nowhere."""

    title: str = ""
    employer: str = ""
    location: str = ""
    apart: bool = False
    marked: bool = False
    spare: int = 0

    @property
    def titled(self) -> bool:
        return has_title_word(self.title)


_FIRM = r"Inc|Corp|LLC|LLP|Ltd|Limited|GmbH|Co|Company|AG|plc|PLC|Pvt|Pty|S\.A|B\.V|Oy|AB|SpA|SARL"
_COMPANY = re.compile(
    rf"^(.+?\b(?:{_FIRM})\b(?!-)\.?"
    r"(?:,? (?:Inc|Ltd|LLC)\b\.?)?(?: \([^)]*\))?)[\s,]*(.*)$"
)
_PLACE_OF_WORK = re.compile(
    rf"\b(?:{_FIRM}|Group|Hospital|Clinic|School|College|University|Institute|Academy|Bank|Hotel|Restaurant|Inn|Systems"
    r"|Solutions|Technologies|Labs?|Studios?|Services|Partners|Associates|Agency|Council|Department|Ministry|Foundation"
    r"|Society|Church|Army|Navy|Air Force|Stores?|Centre|Center|Research|Insurance|Network|Industries|Holdings)\b"
)
_PARTING = re.compile(r"\s*(?:\t|\s[|•·–—@-]\s|\s+at\s+(?=[A-Z]))\s*")
_REGION = r"(?:[A-Z]{2,3}|[A-Z][\w.'’-]+(?: [A-Z&][\w.'’-]*){0,3})"
PLACE = re.compile(rf"^[^\W\d][\w .'’-]{{1,30}}(?:, ?{_REGION}){{1,3}}$")
_LABEL = re.compile(
    r"^(?:(?P<employer>employer|company|organi[sz]ation|firm)|(?P<title>position|job title|title|role)"
    r"|(?P<location>location|place|city)|dates?|period|duration)\s*:\s*(?P<value>.*)$",
    re.I,
)
_REMOTE = re.compile(r"^(?:remote|hybrid|on-?site|full-?time|part-?time|contract|freelance|internship)$", re.I)


def is_place(text: str) -> bool:
    """ "Town, Region"; neither an occupation nor a firm ("Carer, Moor Edge", "ABC Company, Inc.")."""
    return bool(PLACE.match(text)) and not has_title_word(text) and not _PLACE_OF_WORK.search(text)


def read_header(lines: Sequence[str]) -> Header:
    """Header lines → their parts. The title is the part that names an occupation."""
    labelled = _labelled(lines)
    if labelled is not None:
        return labelled
    pieces = [(number, piece) for number, line in enumerate(lines) for piece in _pieces(line)]
    title, employer, location, spare = _told_apart(pieces)
    return Header(
        title=title,
        employer=employer,
        location=location,
        apart=bool(title and employer),
        marked=bool(_PLACE_OF_WORK.search(employer)),
        spare=spare,
    )


def _labelled(lines: Sequence[str]) -> Header | None:
    """ "Employer: …", "Position: …": the resume says itself what is what."""
    found: dict[str, str] = {}
    for line in lines:
        label = _LABEL.match(line.strip())
        for name in ("employer", "title", "location"):
            if label and label[name]:
                found[name] = label["value"].strip(" ,;")
    if not found:
        return None
    employer, title, location = (found.get(name, "") for name in ("employer", "title", "location"))
    return Header(title, employer, location, apart=len(found) > 1, marked=bool(employer))


def _told_apart(pieces: list[tuple[int, str]]) -> tuple[str, str, str, int]:
    parts = [(line, part, piece) for line, piece in pieces for part in _parts(piece, pieces, line)]
    at = next((n for n, (_, part, _) in enumerate(parts) if has_title_word(part)), None)
    title = ""
    if at is not None:
        line, title, piece = parts.pop(at)
        firm = next((one for number, one in pieces if number == line and one != piece and one.count(",") == 2), "")
        if firm and piece.startswith(title) and "," in piece:
            # "Engineer, Payments | Fernbank Pay, London, United Kingdom": three parts are a firm and its place.
            employer, _, location = firm.partition(",")
            return piece, employer.strip(), location.strip(), 0
        others = [part for number, part, _ in parts if number != line and not is_place(part)]
        if others and has_title_word(piece) and not _REMOTE.match(others[0]):
            # The employer has a line of its own, so that what follows a comma here says more of the title.
            title, parts = piece, [other for other in parts if other[2] != piece]
    parts = [other for other in parts if not _REMOTE.match(other[1])]
    employer_at = next((n for n, (_, part, _) in enumerate(parts) if not is_place(part)), None)
    if employer_at is None and parts:
        # "Lantern Maps, Warsaw" looks like a place; where nothing else can be the employer, its first half is, or the
        # whole of it where a second place follows.
        line, part, piece = parts[0]
        halves = [(line, half, piece) for half in _commas(part)] if len(parts) == 1 else parts[:1]
        parts, employer_at = [*halves, *parts[1:]], 0
    employer, rest = "", parts
    if employer_at is not None:
        employer = parts[employer_at][1]
        rest = [*parts[:employer_at], *parts[employer_at + 1 :]]
    location, spare = _location(rest)
    return title, employer, location, spare


def _location(rest: list[tuple[int, str, str]]) -> tuple[str, int]:
    """The last parts of one piece, as they are written there."""
    if not rest:
        return "", 0
    line, _, piece = next((part for part in rest if is_place(part[1]) or is_place(part[2])), rest[0])
    mine = [part for number, part, whole in rest if (number, whole) == (line, piece)]
    start = piece.find(mine[0])
    tail = piece[start:].strip(" ,;–-")
    whole = re.sub(r"[\s,]", "", tail) == re.sub(r"[\s,]", "", "".join(mine))
    return (tail if whole else mine[0]), len(rest) - len(mine)


def _pieces(line: str) -> list[str]:
    return [piece.strip(" ,;–-") for piece in _PARTING.split(line) if piece.strip(" ,;–-")]


def _parts(piece: str, pieces: list[tuple[int, str]], line: int) -> list[str]:
    """A piece at its commas; but beside a place of its own a name is whole ("Cyber Command, MND", tab, "Seoul")."""
    if is_place(piece):
        return [piece] if len(pieces) > 1 else _commas(piece)
    placed = any(number == line and other != piece and is_place(other) for number, other in pieces)
    if placed and not has_title_word(piece):
        return [piece]
    company = _COMPANY.match(piece)
    if company and not has_title_word(company[1]):
        return _clean([company[1], *company[2].split(",")])
    return _commas(piece)


def parts_of(line: str) -> list[str]:
    """A line at its tabs, bars and commas; "ABC Company, Inc." stays one."""
    parts: list[str] = []
    for piece in _PARTING.split(line):
        company = _COMPANY.match(piece)
        if company and not has_title_word(company[1]):
            parts += _clean([company[1], *company[2].split(",")])
        else:
            parts += _commas(piece)
    return parts


def _commas(piece: str) -> list[str]:
    """Split at commas outside of brackets, but "ABC Company, Inc." stays one."""
    return _clean(re.split(r",(?!\s*(?:Inc|LLC|Ltd|GmbH|Corp)\b)(?![^(]*\))", piece))


def _clean(parts: list[str]) -> list[str]:
    return [part.strip(" ,;–-") for part in parts if part.strip(" ,;–-")]
