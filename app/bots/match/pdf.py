"""A PDF's bytes → its text in reading order, and the text that nobody sees. Runs in the resume process."""

from __future__ import annotations

import ctypes
import io
import math
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import msgspec

from app.bots.match import layout
from app.bots.match.layout import Page, Piece
from app.bots.match.unreadable import Unreadable

MAX_PAGES = 30
MAX_CHARS = 200_000
_GAP = 2.0  # in widths of an em: wider white than this parts two pieces of a line
_WORD_GAP = 0.14  # in ems: so much wider than the usual gap of the piece's letters is the gap between two words
_HYPHEN_AT_END = "\ufffe"  # what lines.normalise puts together again


class Text(msgspec.Struct, frozen=True):
    """What a file says: `text` as a person reads it, and `hidden`: what the file holds out of sight."""

    text: str
    hidden: str = ""


@contextmanager
def or_damaged() -> Iterator[None]:
    """The libraries answer broken files with any error there is, their own and Python's."""
    try:
        yield
    except (Unreadable, MemoryError):
        raise
    except Exception as why:
        raise Unreadable("damaged") from why


def pdf_text(data: bytes) -> Text:
    """Text of all pages: pypdfium2 first, pypdf where it fails. Raises Unreadable."""
    try:
        return _pdfium(data)
    except Unreadable as why:
        if why.code != "damaged":
            raise
    return Text(_pypdf(data))


def _pdfium(data: bytes) -> Text:
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(data)
        if len(document) > MAX_PAGES:
            raise Unreadable("too_many_pages")
        pages, hidden, room = [], "", MAX_CHARS
        for page in document:
            reader = _PageReader(page, room)
            pages.append(reader.page)
            room = max(0, room - reader.count)
            hidden += reader.hidden
    except pdfium.PdfiumError as why:
        raise Unreadable("encrypted" if "assword" in str(why) else "damaged") from why
    text = layout.text_of(pages)
    return Text(_not_a_scan(text, hidden, any_pages=bool(pages)), " ".join(hidden.split()))


def _pypdf(data: bytes) -> str:
    import pypdf

    with or_damaged():
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("encrypted")
        if len(reader.pages) > MAX_PAGES:
            raise Unreadable("too_many_pages")
        pages = [page.extract_text() for page in reader.pages]
    return _not_a_scan("\n".join(pages), "", any_pages=bool(pages))


def _not_a_scan(text: str, hidden: str, *, any_pages: bool) -> str:
    if not any_pages:
        raise Unreadable("damaged")
    if not any(char.isalnum() for char in text):
        raise Unreadable("all_hidden" if any(char.isalnum() for char in hidden) else "scan")
    return text


class _PageReader:
    """One page's characters → lines of pieces, parted at wide gaps, in the order that pdfium reads them."""

    def __init__(self, page: Any, room: int) -> None:
        import pypdfium2.raw as raw

        from app.bots.match.pdf_ink import Box, Ink

        self._owner = page.get_textpage()  # the handle lives as long as its owner
        self._raw, self._text = raw, self._owner.raw
        bounds = Box(*page.get_bbox())
        self._ink = Ink(page.raw, bounds)
        self._objects: dict[int, tuple[float, bool]] = {}
        self._hidden: list[str] = []
        self._lines: list[list[Piece]] = [[]]
        self._open: Piece | None = None
        self._gaps: list[tuple[int, float]] = []
        self._from_right = False
        self.count = min(raw.FPDFText_CountChars(self._text), room)
        for index in range(self.count):
            self._take(index)
        self._end_line()
        straight = page.get_rotation() == 0
        self.page = Page([line for line in self._lines if line], bounds.right - bounds.left if straight else 0.0)

    @property
    def hidden(self) -> str:
        """Signs that nobody sees, without those too few to say anything."""
        text = "".join(self._hidden)
        return f"{text}\n" if sum(char.isalnum() for char in text) >= 3 else ""

    def _take(self, index: int) -> None:
        code = self._raw.FPDFText_GetUnicode(self._text, index)
        char = _HYPHEN_AT_END if code == 2 else chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        if char == "\n":  # pdfium ends lines with both; a return alone is part of a gap between words
            self._end_line()
        elif char.isspace():
            self._space()
        elif char:
            self._letter(index, char)

    def _letter(self, index: int, char: str) -> None:
        rect = self._raw.FS_RECTF()
        self._raw.FPDFText_GetLooseCharBox(self._text, index, ctypes.byref(rect))
        size, seen = self._style(index, rect)
        if not seen:
            self._hidden.append(char)
            return
        if self._hidden and not self._hidden[-1].isspace():
            self._hidden.append(" ")
        self._place(char, rect, size)

    def _place(self, char: str, rect: Any, size: float) -> None:
        """A seen letter goes on with the open piece, or begins the next."""
        # In a line with letters from right to left, pdfium's order and the places on the page part ways.
        self._from_right = self._from_right or unicodedata.bidirectional(char) in ("R", "AL")
        piece = self._open
        if piece is None or self._breaks(piece, rect, size):
            self._end_piece()
            self._open = Piece(char, rect.left, rect.bottom, rect.right, rect.top, size, rect.right)
            return
        if not piece.text.endswith(" ") and not self._from_right:
            self._gaps.append((len(piece.text), rect.left - piece.last_right))
        piece.grow(char, rect.left, rect.bottom, rect.right, rect.top)

    def _breaks(self, piece: Piece, rect: Any, size: float) -> bool:
        broken_word = piece.text.endswith(_HYPHEN_AT_END)
        return not broken_word and not self._from_right and _apart(piece, rect, size)

    def _style(self, index: int, rect: Any) -> tuple[float, bool]:
        """Size in points and whether it is seen, once for each text object."""
        item = self._raw.FPDFText_GetTextObject(self._text, index)
        if not item:
            return rect.top - rect.bottom, True
        address = ctypes.cast(item, ctypes.c_void_p).value or 0
        if address not in self._objects:
            size = self._size(index)
            middle = (rect.left + rect.right) / 2, (rect.bottom + rect.top) / 2
            self._objects[address] = size, self._ink.seen(item, *middle, size)
        return self._objects[address]

    def _size(self, index: int) -> float:
        """The font's size as it comes out on the page: what the font is set in, times the matrix."""
        found = self._raw.FS_MATRIX()
        size = float(self._raw.FPDFText_GetFontSize(self._text, index))
        if not self._raw.FPDFText_GetMatrix(self._text, index, ctypes.byref(found)):
            return size
        return size * math.hypot(found.c, found.d)

    def _space(self) -> None:
        """Of whatever kind, once; wide gaps are told by where the letters stand."""
        if self._hidden and not self._hidden[-1].isspace():
            self._hidden.append(" ")
        if self._open is not None and not self._open.text.endswith(" "):
            self._open.text += " "

    def _end_piece(self) -> None:
        piece, gaps = self._open, self._gaps
        if piece is not None and piece.text.strip():
            piece.text = _parted(piece.text, gaps, piece.size)
            self._lines[-1].append(piece)
        self._open, self._gaps = None, []

    def _end_line(self) -> None:
        self._space()
        self._end_piece()
        self._from_right = False
        if self._lines[-1]:
            self._lines.append([])


def _parted(text: str, gaps: list[tuple[int, float]], size: float) -> str:
    """With a space where two letters stand clearly farther apart than the piece's others, and pdfium put none."""
    if len(gaps) < 8:
        return text
    wide = median(gap for _, gap in gaps) + _WORD_GAP * size
    cuts = [at for at, gap in gaps if gap > wide and text[at - 1].isalnum() and text[at].isalnum()]
    return " ".join(text[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(text)], strict=True))


def _apart(piece: Piece, rect: Any, size: float) -> bool:
    """Whether a character stands so far off that it begins a piece of its own; to either side, for either script."""
    gap = max(rect.left - piece.right, piece.left - rect.right)
    return bool(gap > _GAP * max(size, 4.0))
