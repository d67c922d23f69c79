"""Files that would keep a reader busy for ever: each ends soon, with a clear result."""

from __future__ import annotations

import io
import random
import time
import zipfile
import zlib
from datetime import date
from itertools import pairwise

import pypdfium2
import pytest

from app.bots.match.reader import Reading, read_resume
from app.bots.match.resume_process import MAX_CHARS
from app.seekers.sniff import DOCX, JSON, PDF, TEXT, sniff
from tests.eval import make
from tests.match.pdf_files import circle_of_pages, circle_of_streams, circle_of_tables, column, file_of, pdf, shown

TODAY = date(2026, 11, 23)
SOON = 25.0  # seconds; the process's own limits are 15 of CPU and 30 by the wall


async def _read(data: bytes, media: str) -> Reading:
    started = time.monotonic()
    found = await read_resume(data, media, TODAY)
    assert time.monotonic() - started < SOON
    assert found.error is not None or any(map(str.isalnum, found.text))
    assert found.fault == ""
    return found


def _archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def _lying_archive() -> bytes:
    """200 MB of spaces in an entry that says it has 1,000 bytes."""
    data = bytearray(_archive({"word/document.xml": b"<w>" + b" " * 200_000_000 + b"</w>"}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(mark) + offset
        data[at : at + 4] = (1000).to_bytes(4, "little")
    return bytes(data)


def _laughs() -> bytes:
    """Entities that unfold to gigabytes."""
    names = "abcdefghij"
    more = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    return f'<!DOCTYPE w [<!ENTITY a "ha">{more}]><w>&j;</w>'.encode()


def _deep(levels: int) -> bytes:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    opened, closed = "<w:tbl><w:tr><w:tc>" * levels, "</w:tc></w:tr></w:tbl>" * levels
    return f"<w:document {space}><w:body>{opened}<w:p/>{closed}</w:body></w:document>".encode()


DOCX_BOMBS = {
    "zip bomb": (_archive({"word/document.xml": b"<w>" + b" " * 200_000_000 + b"</w>"}), "too_complex"),
    "zip bomb in a header": (
        _archive({"word/document.xml": b"<w/>", "word/header1.xml": b" " * 50_000_000}),
        "too_complex",
    ),
    "lying about its size": (_lying_archive(), "damaged"),
    "entities that unfold": (_archive({"word/document.xml": _laughs()}), "damaged"),
    "tables in tables in tables": (_archive({"word/document.xml": _deep(20_000)}), "too_complex"),
    "a thousand parts and more": (_archive({f"word/{n}.xml": b"" for n in range(2500)}), "too_complex"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DOCX_BOMBS)
async def test_docx_bombs(kind: str) -> None:
    data, code = DOCX_BOMBS[kind]
    found = await _read(data, DOCX)
    assert found.error is not None
    assert found.error["code"] == code


async def test_a_circle_of_pages() -> None:
    found = await _read(circle_of_pages(), PDF)
    assert found.error is not None
    assert found.error["code"] == "damaged"


async def test_a_circle_of_tables_of_objects() -> None:
    found = await _read(circle_of_tables(), PDF)
    assert found.error is not None or found.text == "Jane Roe"


async def test_a_form_that_draws_itself() -> None:
    found = await _read(circle_of_streams(), PDF)
    assert found.error is not None
    assert found.error["code"] == "scan"


async def test_a_page_that_unfolds_to_300_megabytes() -> None:
    packed = zlib.compress(b"0 0 m\n" * 50_000_000, 9)
    whole = pdf("x" * len(packed))
    page = whole.replace(b"x" * len(packed), packed, 1).replace(b"<<  /Length", b"<< /Filter /FlateDecode /Length")
    found = await _read(page, PDF)
    assert found.error is not None


async def test_ten_thousand_pages() -> None:
    found = await _read(pdf(*[shown("Jane Roe", 50, 700)] * 10_000), PDF)
    assert found.error is not None
    assert found.error["code"] == "too_many_pages"


async def test_a_count_of_pages_that_lies() -> None:
    catalog, tree = "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 2000000000 >>"
    found = await _read(file_of([catalog, tree]), PDF)
    assert found.error is not None


async def test_a_page_of_a_hundred_thousand_scattered_words() -> None:
    chance = random.Random(3)
    words = (shown("ab", chance.randrange(580), chance.randrange(780), size=4) for _ in range(30_000))
    await _read(pdf("".join(words)), PDF)


async def test_a_page_of_many_painted_boxes() -> None:
    boxes = "".join(f"0.9 0.9 0.9 rg {n % 600} {n % 780} 90 9 re f\n" for n in range(50_000))
    found = await _read(pdf(boxes + shown("Jane Roe", 50, 700, more="1 1 1 rg") + shown("Nurse", 50, 600)), PDF)
    assert found.error is not None or "Nurse" in found.text


BITS = (
    "EXPERIENCE\n",
    "word ",
    "2018 - 2020 ",
    "a, ",
    "(",
    "@a.",
    "Nurse\tBank\n",
    "\n",
    "• x\n",
    "1 / 2\n",
    "http://a ",
    "English ",
)


@pytest.mark.parametrize("bit", BITS)
async def test_a_megabyte_of_text(bit: str) -> None:
    data = ("Jane Roe\nExperience\n" + bit * (1_000_000 // len(bit))).encode()
    found = await _read(data, TEXT)
    assert found.error is None, found.error
    assert len(found.text) <= MAX_CHARS


async def test_a_megabyte_of_a_resume_like_text() -> None:
    chance = random.Random(5)
    lines = [line for text in make.texts() for line in text.split("\n")]
    data = "\n".join(chance.choice(lines) for _ in range(25_000)).encode()[:1_000_000]
    found = await _read(data, TEXT)
    assert found.error is None
    assert found.parsed["jobs"]


async def test_ten_megabytes_of_json() -> None:
    data = b'{"basics": {"name": "Jane Roe"}, "work": [' + b",".join([b'{"position":"Nurse"}'] * 470_000) + b"]}"
    assert sniff(data).media_type == JSON
    found = await _read(data, JSON)
    assert found.error is not None or len(found.parsed["jobs"]) <= 100


ARABIC = ["محمد العربي", "مهندس برمجيات", "mohamed@example.eg", "الخبرة", "مهندس في شركة النيل 2018 - 2022"]
HEBREW = ["דוד לוי", "david@example.il", "ניסיון תעסוקתי", "מהנדס תוכנה, חברת הגליל 2019 - 2023"]
CHINESE = ["王小明", "xiaoming@example.cn", "工作经历", "软件工程师 2018 - 2022", "专业技能 Python"]


@pytest.mark.parametrize("lines", [ARABIC, HEBREW, CHINESE], ids=["arabic", "hebrew", "chinese"])
@pytest.mark.parametrize("kind", ["text", "docx"])
async def test_other_scripts(lines: list[str], kind: str) -> None:
    """Name and mail are found, and every letter comes through."""
    data = make.docx(list(lines)) if kind == "docx" else "\n".join(lines).encode()
    found = await _read(data, sniff(data).media_type)
    assert found.text.split("\n") == lines
    assert found.parsed["contact"]["name"] == lines[0]
    assert found.parsed["contact"]["email"] == next(line for line in lines if "@" in line)


@pytest.mark.parametrize("lines", [ARABIC, HEBREW, CHINESE], ids=["arabic", "hebrew", "chinese"])
async def test_other_scripts_in_a_pdf(lines: list[str]) -> None:
    """As pdfium reads them: of ours nothing comes between the letters."""
    data = make.printed("<meta charset=utf-8>" + "".join(f"<p dir=auto>{line}</p>" for line in lines))
    found = await _read(data, PDF)
    plain = pypdfium2.PdfDocument(data)[0].get_textpage().get_text_bounded()
    assert found.text.split("\n") == plain.split("\r\n")
    assert found.parsed["contact"]["email"] == next(line for line in lines if "@" in line)


async def test_columns_with_nothing_but_signs() -> None:
    await _read(pdf("".join(column(["·"] * 50, 40, 760) + column(["–"] * 50, 330, 760)) + shown("a", 5, 5)), PDF)
