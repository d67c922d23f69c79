"""A language that nobody speaks: every message in wide letters, so that what is still in plain ones was never marked.

It is put among the catalogues by a test and asked for by its tag; nothing that is served to people knows of it.
"""

from __future__ import annotations

import re
from gettext import NullTranslations
from html.parser import HTMLParser

import pytest
from babel.messages.pofile import read_po

from app import words

TAG = "x-wide"
CATALOGUE = words.LOCALE / "cabrank.pot"
# what a translator leaves alone: values, names of days and months, tags, references
_KEPT = re.compile(r"(%\(\w+\)\d*[.\d]*[a-z]|\{\w+\}|%[%a-zA-Z]|</?[a-z][^>]*>|&#?\w+;)")
_WIDE = {ord(plain): ord(plain) + 0xFEE0 for plain in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}
_TOLD = ("aria-label", "title", "placeholder", "alt", "data-command", "data-done", "hx-confirm")
_BRACES = re.compile(r"\{\w+\}")
_CODE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|…[0-9a-f]{8}")
_WORD = re.compile(r"[A-Za-z][A-Za-z.'_-]*[A-Za-z]")
_SILENT = {"script", "style", "kbd", "textarea"}


def wide(message: str) -> str:
    """The message in wide letters; a message of the catalogue's header stays empty."""
    parts = _KEPT.split(message)
    return "".join(part if at % 2 else part.translate(_WIDE) for at, part in enumerate(parts))


class Wide(NullTranslations):
    """Translates what stands in the committed catalogue, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        with CATALOGUE.open() as file:
            messages = [message.id for message in read_po(file) if message.id]
        self.known = {text for one in messages for text in (one if isinstance(one, tuple) else (one,))}

    def gettext(self, message: str) -> str:
        return wide(message) if message in self.known else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def speak(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, who asks for `TAG` is answered in it."""
    spoken = {TAG: Wide()}
    monkeypatch.setattr(words, "catalogues", lambda: spoken)


class Plain(HTMLParser):
    """What a page shows or reads out, each text and attribute for itself."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.links: list[str] = []
        self._silent: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        for name, value in attrs:
            if name in _TOLD or (("class", "said") in attrs and name.startswith("data-")):
                self.texts.append(value or "")
            if name in ("hx-get", "href"):
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(" ".join(data.split()))


def bare(page: str, data: list[str], same: frozenset[str]) -> list[str]:
    """What is left in plain letters of each text: `data` are cut out of it, of `same` are whole texts and words."""
    found = []
    for text in Plain(page).texts:
        left = _CODE.sub(" ", _BRACES.sub(" ", text))
        for known in data:
            left = left.replace(known, " ")
        left = " ".join(left.split())
        if left not in same and set(_WORD.findall(left)) - same:
            found.append(left)
    return found
