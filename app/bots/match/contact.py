"""Who a resume is from, out of its first lines. Pure."""

from __future__ import annotations

import re

import msgspec

from app.bots.match.lines import heading_kind
from app.bots.match.titles import has_title_word


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """As written in the resume; empty where it doesn't say."""

    name: str = ""
    email: str = ""
    phone: str = ""
    location: str = ""
    links: list[str] = []


_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w/])(\(?\+?\(?\d[\d\s().-]{7,18}\d)(?!\w)")
_YEARS = re.compile(r"^(?:19|20)\d\d\s*[-–]?\s*(?:(?:19|20)\d\d)?$")
_LINK = re.compile(
    r"(?:https?://\S+|www\.\S+|(?:linkedin|github|gitlab)\.com/\S+"
    r"|(?<![@\w.])[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|me|info|co\.uk|de|ca)(?:/\S*)?(?![\w@.]))",
    re.I,
)
_SURE_LINK = re.compile(r"(?:https?://\S+|(?:www\.)?(?:linkedin|github|gitlab)\.com/\S+)", re.I)
_NOT_A_NAME = {"resume", "résumé", "curriculum vitae", "cv", "company name", "page", "confidential"}
_NAME_WORD = re.compile(r"^[^\W\d_][^\W\d_.'’-]*(?:['’.-][^\W\d_]*)*\.?,?$")
_SMALL = {"van", "von", "de", "der", "den", "da", "di", "la", "le", "bin", "al", "del", "dos", "y"}
_PLACE = re.compile(r"^[^\W_][\w .'’-]*(?:,\s*[\w .'’-]+){1,4}$")


def contact_of(head: list[str], text: str) -> Contact:
    """`head`: the lines above the first heading; mail and sure links may stand anywhere in `text`."""
    top = "\n".join(head[:14])
    mail = _MAIL.search(top) or _MAIL.search(text)
    return Contact(
        name=_name(head),
        email=mail[0].rstrip(".").removeprefix("mailto:") if mail else "",
        phone=_phone(top) or _phone("\n".join(text.split("\n")[-5:])),
        location=_location(head),
        links=_links(top, text),
    )


def _name(head: list[str]) -> str:
    for line in head[:6]:
        for piece in re.split(r"\s*[\t|•·]\s*", line):
            name = re.sub(r"^name:\s*", "", piece.strip(" ,-–"), flags=re.I)
            if _is_name(name):
                return name
    return ""


def _is_name(line: str) -> bool:
    words = line.split()
    if not 2 <= len(words) <= 5 or line.casefold() in _NOT_A_NAME or heading_kind(line) or has_title_word(line):
        return False
    proper = [word for word in words if word.casefold() not in _SMALL]
    return len(proper) >= 2 and all(_NAME_WORD.match(word) and word[0].isupper() for word in proper)


def _phone(text: str) -> str:
    for found in _PHONE.finditer(text.replace("\t", " ")):
        number = " ".join(found[1].split())
        if 9 <= sum(char.isdigit() for char in number) <= 15 and not _YEARS.match(number) and "\n" not in found[1]:
            return number if number.count("(") == number.count(")") else number.replace("(", "").replace(")", "")
    return ""


def _links(top: str, text: str) -> list[str]:
    spans = _MAIL.sub(" ", top)
    found = [link[0] for link in _LINK.finditer(spans)] + [link[0] for link in _SURE_LINK.finditer(text)]
    clean = [link.rstrip(".,;:)|") for link in found]
    return list(dict.fromkeys(clean))[:10]


def _location(head: list[str]) -> str:
    for line in head[:10]:
        for piece in re.split(r"\s*(?:[\t|•·]|\s—\s|—)\s*|(?=\s[\w.+-]+@)", line):
            place = _MAIL.sub("", piece).strip(" ,-–")
            if _is_place(place):
                return place
    return ""


def _is_place(piece: str) -> bool:
    if len(piece) > 80 or not _PLACE.match(piece) or _PHONE.search(piece) or _LINK.search(piece):
        return False
    parts = [part.strip() for part in piece.split(",")]
    short = all(len(part.split()) <= 4 for part in parts)
    return short and not has_title_word(piece) and piece.rstrip()[-1] != "." and parts[-1][:1].isupper()
