"""Who a resume is from, out of its first lines. Pure.

How sure: a name after "Name:", or one that the mail address repeats, is SURE; the first line that looks like a name
LIKELY; a later one, one in a script without capitals, or one in a resume with neither mail nor phone, WEAK. Mail and
phone are SURE in the head and WEAK elsewhere; a place is LIKELY where the head has it. Links are SURE with http:// or a
known site, WEAK as a bare domain.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

from app.bots.match.confidence import LIKELY, SURE, WEAK
from app.bots.match.lines import heading_kind
from app.bots.match.titles import has_title_word


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """As written in the resume; empty where it doesn't say. `confidence`: 0 to 1 by field, for those that say."""

    name: str = ""
    email: str = ""
    phone: str = ""
    location: str = ""
    links: list[str] = []
    confidence: dict[str, float] = {}


_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w/])(\(?\+?\(?\d[\d\s().-]{7,18}\d)(?!\w)")
_YEARS = re.compile(r"^(?:19|20)\d\d\s*[-–]?\s*(?:(?:19|20)\d\d)?$")
_LINK = re.compile(
    r"(?:https?://\S+|www\.\S+|(?:linkedin|github|gitlab)\.com/\S+"
    r"|(?<![@\w.])[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|me|info|co\.uk|de|ca)(?:/\S*)?(?![\w@.]))",
    re.I,
)
_SURE_LINK = re.compile(r"(?:https?://\S+|(?:www\.)?(?:linkedin|github|gitlab)\.com/\S+)", re.I)
_NOT_A_NAME = {
    *("resume", "résumé", "curriculum vitae", "cv", "company name", "page", "confidential", "personal details"),
    *("履歴書", "職務経歴書", "简历", "个人简历", "履歷表", "이력서", "السيرة الذاتية", "سيرة ذاتية", "קורות חיים"),
}
_NEVER_IN_NAMES = {
    *("and", "of", "for", "the", "in", "with", "sales", "business", "development", "services", "management", "support"),
    *("professional", "resume", "curriculum", "profile", "overview", "highly", "motivated", "experienced", "skilled"),
}
_LABEL = re.compile(r"^(?:full )?name\s*:\s*", re.I)
_PLACE_LABEL = re.compile(r"^(?:address|location|place|city|home)\s*:\s*", re.I)
_POST_NOMINAL = re.compile(r"(?:,\s*(?:[A-Z][A-Za-z]{0,2}\.?){1,4})+$")
_HAN = re.compile(r"[\u3400-\u9fff\uac00-\ud7af\u3040-\u30ff]{2,5}")
_NAME_WORD = re.compile(r"^[^\W\d_][^\W\d_.'’-]*(?:['’.-][^\W\d_]*)*\.?,?$")
_SMALL = {"van", "von", "de", "der", "den", "da", "di", "la", "le", "bin", "al", "del", "dos", "y"}
_PLACE = re.compile(r"^[^\W_][\w .'’-]*(?:,\s*[\w .'’-]+){1,4}$")


def contact_of(head: list[str], text: str) -> Contact:
    """`head`: the lines above the first heading; mail and sure links may stand anywhere in `text`."""
    top = "\n".join(head[:20])
    in_head = _MAIL.search(top)
    mail = in_head or _MAIL.search(text)
    email = mail[0].rstrip(".").removeprefix("mailto:") if mail else ""
    near, links = _phone(top), _links(top, text)
    name, sure = _name(head, email)
    found = {
        "name": name,
        "email": email,
        "phone": near or _phone("\n".join(text.split("\n")[-5:])),
        "location": _location(head),
    }
    if sure == LIKELY and not email and not found["phone"]:
        sure = WEAK
    rated = {"name": sure, "email": SURE if in_head else WEAK, "phone": SURE if near else WEAK, "location": LIKELY}
    confidence = {field: rated[field] for field, value in found.items() if value}
    if links:
        confidence["links"] = min(SURE if _SURE_LINK.match(link) else WEAK for link in links)
    return Contact(**found, links=links, confidence=confidence)


def _name(head: list[str], email: str) -> tuple[str, float]:
    """The first that looks like a name, but rather the one that the mail address repeats; and how sure that is."""
    found: list[tuple[str, float]] = []
    for number, line in enumerate(head[:6]):
        for piece in re.split(r"\s*[\t|•·]\s*|\s[–—-]\s", line):
            label = _LABEL.match(piece.strip())
            name = _POST_NOMINAL.sub("", _LABEL.sub("", piece.strip(" ,-–"))).strip()
            if _is_name(name):
                cased = any(char.isupper() for char in name)
                found.append((name, SURE if label else WEAK if number > 1 or not cased else LIKELY))
    account = re.sub(r"[^a-z]", "", _unaccented(email.partition("@")[0]))
    repeated = [name for name, _ in found if any(len(word) > 2 and word in account for word in _words(name))]
    if repeated:
        return repeated[0], SURE
    return max(found, key=lambda one: one[1] == SURE, default=("", 0.0))


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+", _unaccented(name))


def _unaccented(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))


def _is_name(line: str) -> bool:
    words = line.split()
    low = {word.casefold() for word in words}
    titled = has_title_word(line) or any(has_title_word(word.rstrip("sS")) for word in words)
    if line.casefold() in _NOT_A_NAME or low & _NEVER_IN_NAMES or heading_kind(line) or titled:
        return False
    if _HAN.fullmatch(line):
        return True
    if not 2 <= len(words) <= 5:
        return False
    proper = [word for word in words if word.casefold() not in _SMALL]
    return (
        len(proper) >= 2
        and max(map(len, proper)) > 1
        and all(_NAME_WORD.match(word) and not word[0].islower() for word in proper)
    )


def _phone(text: str) -> str:
    for found in _PHONE.finditer(text.replace("\t", " ")):
        number = " ".join(found[1].split())
        if 9 <= sum(char.isdigit() for char in number) <= 15 and not _YEARS.match(number) and "\n" not in found[1]:
            return number if number.count("(") == number.count(")") else number.strip("() ")
    return ""


def _links(top: str, text: str) -> list[str]:
    spans = _MAIL.sub(" ", top)
    found = [link[0] for link in _LINK.finditer(spans)] + [link[0] for link in _SURE_LINK.finditer(text)]
    clean = [link.rstrip(".,;:)|") for link in found]
    return list(dict.fromkeys(clean))[:10]


def _location(head: list[str]) -> str:
    for line in head[:10]:
        for piece in re.split(r"\s*(?:[\t|•·]|\s—\s|—)\s*|(?=\s[\w.+-]+@)", line):
            place = _PLACE_LABEL.sub("", _MAIL.sub("", piece).strip(" ,-–"))
            if _is_place(place):
                return place
    return ""


def _is_place(piece: str) -> bool:
    if len(piece) > 80 or not _PLACE.match(piece) or _PHONE.search(piece) or _LINK.search(piece):
        return False
    parts = [part.strip() for part in piece.split(",")]
    short = all(len(part.split()) <= 4 for part in parts)
    return short and not has_title_word(piece) and piece.rstrip()[-1] != "." and parts[-1][:1].isupper()
