"""Resume text as clean lines and sections. Pure."""

from __future__ import annotations

import re
import unicodedata

import msgspec

BULLETS = "•‣▪●◦·–-*➢✓■□"
_JOINED_HYPHEN = re.compile("[-\u00ad\u2010\u2011]+")
# pdfium marks a word that was broken at the end of a line with U+FFFE.
_BROKEN_WORD = re.compile("\ufffe\\s*")
_COLUMN_GAP = re.compile(r"[^\S\n]{3,}|\t+")
_WIDE_GAP = re.compile(r"[^\S\n]{5,}")
_LETTER_SPACED = re.compile(r"(?:[^\W\d_] ){3,}[^\W\d_]")
_PAGE_MARK = re.compile(
    r"^(?:.{0,40}(?:\s|^))?(?:page )?\d{1,2}\s*(?:/|of)\s*\d{1,2}$|^.{0,50}· R[ée]sum[ée]\s+\d+$", re.I
)
_HEAD_LINES = 6  # of the head that stay above what stands under "Contact"

_HEADINGS: dict[str, str] = {
    "summary": """
        summary; profile; objective; about; about me; professional summary; career summary; career objective;
        executive summary; overview; career overview; professional overview; personal statement; professional profile;
        executive profile; summary of qualifications
    """,
    "experience": """
        experience; work experience; professional experience; employment; employment history; work history; career
        history; relevant experience; professional background; career; clinical experience; teaching experience;
        volunteer experience; volunteering; internships; internship; other experience; additional experience; on
        campus involvement; leadership experience; research experience; practical experience
    """,
    "education": """
        education; education and training; academic background; studies; academic history; qualifications; education
        & training; academic qualifications; education and certifications; schooling; training
    """,
    "skills": """
        skills; technical skills; core skills; key skills; competencies; core competencies; technologies; areas of
        expertise; expertise; highlights; skill highlights; tools; languages and tools; core qualifications; skills
        and tools; technical proficiencies; computer skills; professional skills; clinical skills; soft skills
    """,
    "projects": """
        projects; personal projects; selected projects; open source; side projects
    """,
    "certifications": """
        certifications; certificates; licenses; licences; licenses and certifications; licensure; courses;
        certifications and licenses; licences and certificates
    """,
    "other": """
        awards; honors; honours; honors & awards; honors/awards; honors and awards; accomplishments; publications;
        patents; interests; hobbies; references; community; affiliations; memberships; invited talks;
        talks; selected honors; activities; presentation; additional information; organizations; achievements;
        professional affiliations; professional development; extracurricular activities; writing
    """,
    "languages": """
        languages; language; language skills; spoken languages; foreign languages
    """,
    "contact": """
        contact; contact me; contacts; contact details; contact info; contact information; personal details; personal
        information; get in touch
    """,
}
_KIND = {heading.strip(): kind for kind, listed in _HEADINGS.items() for heading in " ".join(listed.split()).split(";")}
_TIGHT_KIND = {heading.replace(" ", ""): kind for heading, kind in _KIND.items() if len(heading) > 8}


class Section(msgspec.Struct, frozen=True):
    """A run of lines under one heading; the first section is always the head of the page."""

    kind: str
    heading: str
    lines: list[str]


def normalise(text: str) -> str:
    """One kind of line end, hyphen and space; icons from private fonts and control characters go."""
    # A return right after a tab is part of a gap between words, as one PDF writer puts it.
    text = text.replace("\r\n", "\n").replace("\t\r", "\t").replace("\r", "\n").replace("\f", "\n")
    text = _BROKEN_WORD.sub("", text)
    text = _JOINED_HYPHEN.sub("-", text)
    text = "".join(_char(char) for char in text)
    # A wide gap is kept as one tab: it parts employer from date. Some writers put tabs for every space.
    gap = _WIDE_GAP if text.count("\t") * 3 > text.count(" ") else _COLUMN_GAP
    return "\n".join(_spaced(row, gap) for row in text.split("\n"))


def _spaced(row: str, gap: re.Pattern[str]) -> str:
    columns = (" ".join(column.split()) for column in gap.split(row.strip()))
    return "\t".join(_tight(column) for column in columns if column)


def _tight(column: str) -> str:
    """Letter-spaced print ("S K I L L S") as the word that it is."""
    return column.replace(" ", "") if _LETTER_SPACED.fullmatch(column) else column


def without_page_marks(text: str) -> str:
    """Normalised text without lines such as "Page 2 of 3", which cut through what runs over two pages."""
    return "\n".join(row for row in text.split("\n") if len(row) > 60 or not _PAGE_MARK.search(row))


def _char(char: str) -> str:
    if char in "\n\t":
        return char
    if unicodedata.category(char) in ("Cc", "Cf", "Co", "Cn", "Cs"):
        return " "
    return " " if char.isspace() else char


def is_bullet(line: str) -> bool:
    """A line that starts as a list item."""
    return len(line) > 1 and line[0] in BULLETS and (line[1] in " \t" or line[0] not in "-–*·")


def debullet(line: str) -> str:
    return line.lstrip(BULLETS).strip() if is_bullet(line) else line


def heading_kind(line: str) -> str | None:
    """The section a line opens, or None when it is no heading."""
    words = re.sub(r"[^a-z&/ ]+", " ", line.casefold()).strip()
    words = re.sub(r"\s+", " ", words)
    if len(line) > 45 or not words or is_bullet(line) or any(char.isdigit() for char in line):
        return None
    kind = _KIND.get(words) or _TIGHT_KIND.get(words.replace(" ", ""))  # some PDFs keep no space between words
    if kind is not None:
        return kind
    return _loud_heading(line, words)


def _loud_heading(line: str, words: str) -> str | None:
    """An unlisted heading in capitals, or one that ends in a word we know ("Retail Experience")."""
    parts = words.split()
    if len(parts) > 4 or line.endswith((".", ",", ";")):
        return None
    last = _KIND.get(parts[-1])
    if (
        last in ("experience", "education", "skills", "projects", "certifications")
        and line[:1].isupper()
        and "," not in line
    ):
        return last
    return None


def sections(text: str) -> list[Section]:
    """Split at headings. Empty lines are dropped; text before the first heading is the section "head".

    What stands under "Contact", wherever that is, belongs to the head.
    """
    found = [Section("head", "", [])]
    contact = Section("contact", "", [])
    for line in text.split("\n"):
        if not line.strip():
            continue
        kind = heading_kind(line)
        if kind == "contact":
            found.append(contact)
        elif kind is not None and (len(found) > 1 or found[0].lines):
            found.append(Section(kind, line, []))
        else:
            found[-1].lines.append(line)
    found[0].lines[_HEAD_LINES:_HEAD_LINES] = contact.lines
    return [section for section in found if section is not contact]
