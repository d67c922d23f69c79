"""Files through the limited process: what is read, and what each bad one is told."""

from __future__ import annotations

import asyncio
import io
import zipfile
from datetime import date
from pathlib import Path

import pypdf
import pytest

from app.bots.match.reader import read_resume
from app.bots.match.resume_process import TEXTS
from app.seekers.render import render
from app.seekers.sniff import DOCX, PDF, TEXT

TODAY = date(2026, 11, 23)
RESUME = (
    "Jane Roe\njane@example.org\n\nEXPERIENCE\nStaff Nurse, Moor Edge Hospital, June 2018 - Present\n• Wound care\n"
)


def _docx(paragraphs: list[str], padding: int = 0) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs) + " " * padding
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:document {space}><w:body>{body}</w:body></w:document>")
    return out.getvalue()


def _encrypted() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(render(RESUME)))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _blank(pages: int) -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "media"), [(render(RESUME), PDF), (_docx(RESUME.split("\n")), DOCX), (RESUME.encode(), TEXT)]
)
async def test_good_files(data: bytes, media: str) -> None:
    found = await read_resume(data, media, TODAY)
    assert found.error is None
    assert found.parsed["contact"]["name"] == "Jane Roe"
    assert found.parsed["contact"]["email"] == "jane@example.org"
    assert found.parsed["jobs"][0]["title"] == "Staff Nurse"
    assert "Wound care" in found.parsed["skills"]


BAD = {
    "empty text": (b"   \n ", TEXT, "empty"),
    "empty docx": (_docx([""]), DOCX, "empty"),
    "encrypted": (_encrypted(), PDF, "encrypted"),
    "scan": (_blank(2), PDF, "scan"),
    "too many pages": (_blank(31), PDF, "too_many_pages"),
    "half a pdf": (render(RESUME)[:700], PDF, "damaged"),
    "no pdf at all": (b"%PDF-1.7 nothing", PDF, "damaged"),
    "half a docx": (_docx(["x"])[:120], DOCX, "damaged"),
    "zip bomb": (_docx(["x"], padding=40_000_000), DOCX, "too_complex"),
    "too large": (b"a" * (10 * 1024 * 1024 + 1), TEXT, "too_large"),
    "a program": (b"MZ\x90\x00" + bytes(range(256)) * 20, "application/octet-stream", "unsupported"),
}


@pytest.mark.parametrize("name", BAD)
async def test_bad_files_say_what_to_do(name: str) -> None:
    data, media, code = BAD[name]
    found = await read_resume(data, media, TODAY)
    assert found.error == {"code": code, "text": TEXTS[code]}
    assert found.text == ""


async def test_a_file_that_hangs_is_ended() -> None:
    started = asyncio.get_running_loop().time()
    found = await read_resume(render(RESUME), PDF, TODAY, wall_seconds=0.01)
    assert found.error is not None
    assert found.error["code"] == "too_complex"
    assert asyncio.get_running_loop().time() - started < 5


async def test_the_nine_resumes(shared_data: Path) -> None:
    files = sorted((shared_data / "resumes").glob("*.pdf"))
    assert len(files) == 9
    for path in files:
        found = await read_resume(path.read_bytes(), PDF, TODAY)
        assert found.error is None, path.name
        assert len(found.parsed["contact"]["name"].split()) >= 2, path.name
        assert "@" in found.parsed["contact"]["email"], path.name
        assert found.parsed["jobs"] or found.parsed["education"], path.name
        assert all(job["title"] or job["employer"] for job in found.parsed["jobs"]), path.name
