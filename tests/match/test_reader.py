"""Files through the limited process: what is read, and what each bad one is told."""

from __future__ import annotations

import asyncio
import io
import random
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pypdf
import pytest

from app.bots.match.docx import docx_text
from app.bots.match.pdf import _pypdf, pdf_text
from app.bots.match.reader import read_resume
from app.bots.match.unreadable import TEXTS, Unreadable
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


def _spoiled_docx() -> bytes:
    """The entry's own bytes are no longer what its compression says."""
    data = bytearray(_docx([RESUME] * 40))
    start = data.index(b"word/document.xml") + len("word/document.xml")
    data[start : start + 12] = b"\xff" * 12
    return bytes(data)


def _locked_docx() -> bytes:
    """The flag that says an entry is encrypted, in both of its headers."""
    data = bytearray(_docx([RESUME]))
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


BAD = {
    "spoiled docx": (_spoiled_docx(), DOCX, "damaged"),
    "locked docx": (_locked_docx(), DOCX, "damaged"),
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


READERS: dict[str, tuple[bytes, Callable[[bytes], str]]] = {
    "docx": (_docx(RESUME.split("\n")), lambda data: docx_text(data).text),
    "pypdf": (render(RESUME), _pypdf),
    "pdf": (render(RESUME), lambda data: pdf_text(data).text),
}


@pytest.mark.parametrize("kind", READERS)
def test_whatever_is_wrong_with_a_file_it_is_called_damaged(kind: str) -> None:
    whole, reader = READERS[kind]
    chance = random.Random(7)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        with suppress(Unreadable):  # and nothing else
            assert isinstance(reader(bytes(data)), str)


async def test_a_fault_of_ours_is_logged_without_the_resume(
    capsys: pytest.CaptureFixture[str],
) -> None:
    today = SimpleNamespace(isoformat=lambda: "not a day")
    found = await read_resume(RESUME.encode(), TEXT, today)  # type: ignore[arg-type]  # what makes the process fail
    assert found.error is not None
    said = "".join(capsys.readouterr())
    assert "resume_process_failed" in said
    assert "ValueError" in said
    assert "Jane" not in said


# As a person reads them: name, mail, (title, employer) of the latest job, institution of one study.
NINE = {
    "alfred_pennyworth_pm": (
        "Alfred Pennyworth", "alfred.pennyworth@email.com", ("Product Manager", "Google"), "Stanford University",
    ),
    "awesomecv_resume": ("Byungjin Park", "posquit0.bj@gmail.com", ("DevOps Engineer", "Dunamu Inc."), "POSTECH"),
    "barry_allen_fe": (
        "Barry Allen", "allthe.stars@google.com", ("Software Engineer (Front-End)", "Google"), "Indian Institute",
    ),
    "bruce_wayne_fullstack": ("Bruce Wayne", "bwayne@email.com", ("MERN Stack Developer", "OpenAI"), "CalTech"),
    "harvey_dent_mle": ("Harvey Dent", "hdent@email.com", ("Machine Learning Engineer", "OpenAI"), "MIT"),
    "john_doe": (
        "JOHN DOE", "john.doe@email.com", ("Full Stack Java Developer", "ABC Company, Inc."), "State University",
    ),
    "openresume_laverne": ("Leo Leopard", "lleopard@laverne.edu", ("Member", "Enactus"), "University of La Verne"),
    "rendercv_John_Doe_ClassicTheme_CV": (
        "John Doe", "john.doe@email.com", ("Co-Founder & CTO", "Nexus AI"), "Princeton University",
    ),
    "rendercv_John_Doe_ModerncvTheme_CV": (
        "John Doe", "john.doe@email.com", ("Co-Founder & CTO", "Nexus AI"), "Princeton University",
    ),
}  # fmt: skip


async def test_the_nine_resumes(shared_data: Path) -> None:
    files = {path.stem: path for path in sorted((shared_data / "resumes").glob("*.pdf"))}
    assert files.keys() == NINE.keys()
    for stem, (name, mail, latest, school) in NINE.items():
        found = await read_resume(files[stem].read_bytes(), PDF, TODAY)
        assert found.error is None, stem
        contact, jobs = found.parsed["contact"], found.parsed["jobs"]
        assert (contact["name"], contact["email"]) == (name, mail)
        assert (jobs[0]["title"], jobs[0]["employer"]) == latest
        assert any(school in study["institution"] for study in found.parsed["education"]), stem
        assert all(job["title"] or job["employer"] for job in jobs), stem
        assert all(job["start"] for job in jobs), stem
