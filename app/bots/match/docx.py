"""A DOCX's bytes → its text in the document's order, and the text that nobody sees. Runs in the resume process.

Headers come first and footers last, each once; a table is read row by row, and where its cells hold several lines,
cell by cell; a text box is read where it is anchored. Word writes each text box twice (mc:AlternateContent): only the
first writing that says something is read. Deleted and moved-away text isn't read at all. Against entities that unfold,
expat's own limit and the process's on memory hold.
"""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from app.bots.match import layout
from app.bots.match.docx_styles import ON, Look, Styles
from app.bots.match.pdf import Text, or_damaged
from app.bots.match.unreadable import Unreadable

MAX_XML = 20 * 1024 * 1024
_MAX_PARTS = 2000
_MAX_DEPTH = 60
_SKIPPED = {"del", "moveFrom", "instrText", "delText", "pPr", "rPr", "tblPr", "tcPr", "sdtPr", "Fallback"}
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}


def docx_text(data: bytes) -> Text:
    """Raises Unreadable."""
    with or_damaged(), zipfile.ZipFile(io.BytesIO(data)) as archive:
        return _Reader(archive).text()


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


class _Reader:
    """Walks the parts of one document."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        parts = [part for part in archive.infolist() if part.filename.startswith("word/") and _is_xml(part.filename)]
        if sum(part.file_size for part in parts) > MAX_XML or len(archive.infolist()) > _MAX_PARTS:
            raise Unreadable("too_complex")
        self._archive = archive
        self._names = {part.filename for part in parts}
        self._styles = Styles(self._parsed("word/styles.xml") if "word/styles.xml" in self._names else None)
        self._hidden: list[str] = []

    def text(self) -> Text:
        parts = [*self._like("header"), "word/document.xml", *self._like("footer")]
        texts = ("\n".join(self._lines(self._parsed(part), Look(), 0)) for part in parts)
        text = "\n".join(dict.fromkeys(text for text in texts if text.strip()))
        hidden = " ".join(" ".join(self._hidden).split())
        if not any(map(str.isalnum, text)) and any(map(str.isalnum, hidden)):
            raise Unreadable("all_hidden")
        return Text(text, hidden)

    def _like(self, kind: str) -> list[str]:
        return sorted(name for name in self._names if name.startswith(f"word/{kind}"))

    def _parsed(self, name: str) -> Element:
        with self._archive.open(name) as part:
            text = part.read(MAX_XML + 1)  # what the archive says of its sizes may be a lie
        if len(text) > MAX_XML:
            raise Unreadable("too_complex")
        return ElementTree.fromstring(text)  # noqa: S314 - as above

    def _lines(self, holder: Element, look: Look, depth: int) -> Iterator[str]:
        """Lines of whatever holds paragraphs and tables: body, cell, text box, content control, header."""
        if depth > _MAX_DEPTH:
            raise Unreadable("too_complex")
        for child in holder:
            kind = _local(child)
            if kind == "p":
                yield from self._paragraph(child, look, depth)
            elif kind == "tbl":
                yield from self._table(child, look, depth)
            elif kind not in _SKIPPED:
                yield from self._lines(child, look, depth + 1)

    def _table(self, table: Element, look: Look, depth: int) -> Iterator[str]:
        for row in _rows(table):
            cells = [list(self._lines(cell, look.over(cell.find(f"{ON}tcPr")), depth + 1)) for cell in _cells(row)]
            yield from _row([[line for line in cell if line.strip()] for cell in cells])

    def _paragraph(self, paragraph: Element, look: Look, depth: int) -> Iterator[str]:
        properties = paragraph.find(f"{ON}pPr")
        look = look.styled(self._styles.paragraph(properties)).over(properties)
        written: list[str] = []
        boxes: list[tuple[bool, list[str]]] = []
        self._runs(paragraph, look, depth, written, boxes)
        text = "".join(written)
        listed = bool(text.strip()) and self._styles.is_listed(properties)
        for late, lines in boxes:
            if not late:
                yield from lines
        yield from (f"• {text.strip()}" if listed else text).split("\n")
        for late, lines in boxes:
            if late:
                yield from lines

    def _runs(
        self, holder: Element, look: Look, depth: int, written: list[str], boxes: list[tuple[bool, list[str]]]
    ) -> None:
        if depth > _MAX_DEPTH:
            raise Unreadable("too_complex")
        for child in holder:
            kind = _local(child)
            if kind == "txbxContent":
                late = bool("".join(written).strip())
                boxes.append((late, list(self._lines(child, Look(), depth + 1))))
            elif kind == "AlternateContent":
                self._alternate(child, look, depth, written, boxes)
            elif kind == "t" or kind in _SIGNS:
                self._write(child, kind, look, written)
            elif kind not in _SKIPPED:
                inner = look.styled(self._styles.run(child)).over(child.find(f"{ON}rPr")) if kind == "r" else look
                inner = inner.filled(child)
                self._runs(child, inner, depth + 1, written, boxes)

    def _alternate(
        self, holder: Element, look: Look, depth: int, written: list[str], boxes: list[tuple[bool, list[str]]]
    ) -> None:
        """The first of the alternatives that says something."""
        for alternative in holder:
            before = len("".join(written)), len(boxes), len(self._hidden)
            self._runs(alternative, look, depth + 1, written, boxes)
            if before != (len("".join(written)), len(boxes), len(self._hidden)):
                return

    def _write(self, element: Element, kind: str, look: Look, written: list[str]) -> None:
        text = _SIGNS.get(kind) or element.text or ""
        if look.is_seen or not text.strip():
            written.append(text)
        else:
            self._hidden.append(text)


def _is_xml(name: str) -> bool:
    return name.endswith(".xml")


def _rows(holder: Element) -> Iterator[Element]:
    """A table's own rows, those in content controls too; rows of nested tables belong to their cell."""
    for child in holder:
        if _local(child) == "tr":
            yield child
        elif _local(child) in ("sdt", "sdtContent", "customXml"):
            yield from _rows(child)


def _cells(row: Element) -> Iterator[Element]:
    for child in row:
        if _local(child) == "tc":
            yield child
        elif _local(child) in ("sdt", "sdtContent", "customXml"):
            yield from _cells(child)


def _row(cells: list[list[str]]) -> list[str]:
    """Cells of one line each are one line; two columns are read column by column, what stands over headings first."""
    filled = [cell for cell in cells if cell]
    if all(len(cell) == 1 for cell in filled):
        return ["\t".join(cell[0] for cell in filled)] if filled else []
    if len(filled) == 2:
        first, second = layout.heads_first(filled[0], filled[1], right_first=False)
        return [*first[0], *second[0], *first[1], *second[1]]
    return [line for cell in filled for line in cell]
