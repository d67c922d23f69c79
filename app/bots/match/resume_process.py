"""A resume's bytes → text and parts, in a process of its own with hard limits.

Run as `python -m app.bots.match.resume_process MEDIA_TYPE YYYY-MM-DD`: bytes on stdin, one JSON object on stdout:
{"text", "parsed"} or {"error": {"code", "text"}}, with "fault" where it was ours. A hostile file costs this process
and nothing else.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import traceback
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

MAX_BYTES = 10 * 1024 * 1024
MAX_PAGES = 30
MAX_CHARS = 200_000
MAX_DOCX_TEXT = 20 * 1024 * 1024
_MEMORY = 768 * 1024 * 1024
_CPU_SECONDS = 15

TEXTS = {
    "empty": "This file has no text in it. Choose the file with your resume, or save it as PDF again and upload that.",
    "too_large": "This file is larger than 10 MB. Save it smaller, without pictures, and upload it again.",
    "encrypted": "This PDF is locked with a password. Save a copy without the password and upload that.",
    "scan": "This PDF holds only pictures of pages, so there is no text to read. Upload the document it was printed "
    "from, or a version made with text recognition.",
    "too_many_pages": f"This file has more than {MAX_PAGES} pages. Upload the resume alone.",
    "damaged": "This file is damaged or cut off. Save it again and upload it anew.",
    "unsupported": "This kind of file can't be read. Upload a PDF, a DOCX or a plain text file.",
    "too_complex": "This file takes too long or too much memory to read. Save it as a plain PDF and upload that.",
}


class Unreadable(Exception):
    """Why a file gives no text; `code` is a key of TEXTS."""

    def __init__(self, code: str) -> None:
        super().__init__(TEXTS[code])
        self.code = code


def limit() -> None:
    """Hard limits for this process: memory, seconds of CPU, no file written, no core dump."""
    for what, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, _CPU_SECONDS)):
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def _or_damaged() -> Iterator[None]:
    """The libraries answer broken files with any error there is, their own and Python's."""
    try:
        yield
    except (Unreadable, MemoryError):
        raise
    except Exception as why:
        raise Unreadable("damaged") from why


def pdf_text(data: bytes) -> str:
    """Text of all pages: pypdfium2 first, pypdf where it fails. Raises Unreadable."""
    try:
        return _pdfium(data)
    except Unreadable as why:
        if why.code != "damaged":
            raise
    return _pypdf(data)


def _pdfium(data: bytes) -> str:
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as why:
        raise Unreadable("encrypted" if "assword" in str(why) else "damaged") from why
    if len(document) > MAX_PAGES:
        raise Unreadable("too_many_pages")
    try:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    except pdfium.PdfiumError as why:
        raise Unreadable("damaged") from why
    return _not_a_scan(pages)


def _pypdf(data: bytes) -> str:
    import pypdf

    with _or_damaged():
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("encrypted")
        if len(reader.pages) > MAX_PAGES:
            raise Unreadable("too_many_pages")
        pages = [page.extract_text() for page in reader.pages]
    return _not_a_scan(pages)


def _not_a_scan(pages: list[str]) -> str:
    text = "\n".join(pages)
    if not pages:
        raise Unreadable("damaged")
    if not any(char.isalnum() for char in text):
        raise Unreadable("scan")
    return text


def docx_text(data: bytes) -> str:
    """Text of a DOCX, tables and headers included. Raises Unreadable.

    Against entities that unfold, expat's own limit and this process's on memory hold.
    """
    import docx2txt

    with _or_damaged():
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [
                info
                for info in archive.infolist()
                if info.filename.startswith("word/") and info.filename.endswith(".xml")
            ]
            if sum(info.file_size for info in parts) > MAX_DOCX_TEXT or len(archive.infolist()) > 2000:
                raise Unreadable("too_complex")
        return str(docx2txt.process(io.BytesIO(data)))


def plain_text(data: bytes) -> str:
    """Text as it is. Raises Unreadable when the bytes aren't text."""
    from app.seekers.sniff import decode

    text = decode(data)
    if text is None:
        raise Unreadable("unsupported")
    return text


def read(data: bytes, media_type: str) -> str:
    """Raises Unreadable; never returns a text without letters."""
    from app.seekers import sniff

    readers: dict[str, Callable[[bytes], str]] = {sniff.PDF: pdf_text, sniff.DOCX: docx_text, sniff.TEXT: plain_text}
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large")
    if media_type not in readers:
        raise Unreadable("unsupported")
    text = readers[media_type](data)[:MAX_CHARS].replace("\x00", "")
    if not any(char.isalnum() for char in text):
        raise Unreadable("empty")
    return text


def main(media_type: str, today: str) -> None:
    """The process: stdin to stdout."""
    limit()
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    import msgspec

    from app.bots.match.parse import parse

    try:
        text = read(data, media_type)
        answer = {"text": text, "parsed": msgspec.to_builtins(parse(text, date.fromisoformat(today)))}
    except Unreadable as why:
        answer = {"error": {"code": why.code, "text": TEXTS[why.code]}}
    except Exception as why:  # noqa: BLE001 - the process's edge: the reader logs what is said here
        ours = not isinstance(why, MemoryError | RecursionError)
        answer = {"error": {"code": "too_complex", "text": TEXTS["too_complex"]}, "fault": _place(why) if ours else ""}
    sys.stdout.write(json.dumps(answer, ensure_ascii=True))


def _place(why: Exception) -> str:
    """Kind and place of an error; not its words, which may be the resume's."""
    last = traceback.extract_tb(why.__traceback__)[-1]
    return f"{type(why).__name__} in {last.name}, line {last.lineno}"


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
