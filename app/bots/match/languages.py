"""Human languages that a resume names, with the level where it says one. Pure.

A language is only taken from where a resume speaks of languages: a section of that name, or a line that begins with
"Language(s):". A country's bread or a literature degree is no claim to speak anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from app.bots.match.lines import Section, debullet


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """As written; `level` is empty where it isn't said."""

    name: str
    level: str = ""


_LISTED = """
    Afrikaans Albanian Amharic Arabic Armenian Assamese Azerbaijani Basque Belarusian Bengali Bosnian Bulgarian Burmese
    Cantonese Catalan Cebuano Chinese Croatian Czech Danish Dari Dutch English Estonian Farsi Filipino Finnish Flemish
    French Galician Georgian German Greek Gujarati Hausa Hebrew Hindi Hungarian Icelandic Igbo Indonesian Irish Italian
    Japanese Javanese Kannada Kazakh Khmer Korean Kurdish Kyrgyz Lao Latin Latvian Lithuanian Luxembourgish Macedonian
    Malay Malayalam Maltese Mandarin Māori Maori Marathi Mongolian Nepali Norwegian Odia Oriya Pashto Persian Polish
    Portuguese Punjabi Quechua Romanian Russian Scots Serbian Sindhi Sinhala Slovak Slovene Slovenian Somali Spanish
    Swahili Swedish Tagalog Tajik Tamil Tatar Telugu Thai Tibetan Tigrinya Turkish Turkmen Twi Ukrainian Urdu Uzbek
    Vietnamese Welsh Wolof Xhosa Yiddish Yoruba Zulu Esperanto ASL BSL
"""
_NAMES = "|".join(sorted(_LISTED.split(), key=len, reverse=True))
_NAME = re.compile(rf"\b(?:{_NAMES}|(?:American|British) Sign Language)\b", re.I)
_LEVEL = re.compile(
    r"\b(?:native(?: speaker| language| proficiency)?|mother tongue|first language|bilingual(?: proficiency)?|fluent"
    r"|full professional(?: proficiency)?|professional working(?: proficiency)?|limited working(?: proficiency)?"
    r"|professional(?: proficiency)?|conversational|proficient|advanced|upper intermediate|intermediate|elementary"
    r"|working knowledge|beginner|basics?|good|very good|excellent|[ABC][12])\b\+?",
    re.I,
)
_LABEL = re.compile(r"^\s*(?:foreign |spoken |human )?languages?\s*(?:skills)?\s*[:–-]\s*", re.I)
_MOST = 20


def languages_of(sections: Iterable[Section]) -> list[Language]:
    """Each language once, in the order of the text."""
    found: dict[str, Language] = {}
    for line in _lines(sections):
        for language in _in_line(line):
            found.setdefault(language.name.casefold(), language)
    return list(found.values())[:_MOST]


def _lines(sections: Iterable[Section]) -> Iterator[str]:
    for section in sections:
        spoken = section.kind == "languages"
        for line in section.lines:
            label = _LABEL.match(debullet(line))
            if spoken or label:
                yield debullet(line)[label.end() :] if label else debullet(line)


def _in_line(line: str) -> list[Language]:
    """A level belongs to the language before it, or, as in "fluent in Spanish", to those after it."""
    names = list(_NAME.finditer(line))
    found = []
    for at, name in enumerate(names):
        stop = names[at + 1].start() if at + 1 < len(names) else len(line)
        start = names[at - 1].end() if at else 0
        after, before = _LEVEL.search(line, name.end(), stop), _LEVEL.search(line, start, name.start())
        level = (before if before and re.search(r"\bin\s*$", line[: name.start()]) else None) or after
        found.append(Language(name=name[0], level=level[0] if level else ""))
    return found
