"""What a file is, told from its bytes: names and declared types lie. Pure."""

from __future__ import annotations

import io
import zipfile

import msgspec

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT = "text/plain"
JSON = "application/json"  # a JSON Resume, see jsonresume.org
UNKNOWN = "application/octet-stream"

_ADVICE = "Upload a PDF, a DOCX, a plain text file or a JSON Resume (.json)."
_KNOWN_BAD: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "This is a Windows program, not a document."),
    (b"\x7fELF", "This is a program, not a document."),
    (b"\xd0\xcf\x11\xe0", "This is an old Word file (.doc). Save it as PDF or DOCX and upload that."),
    (b"{\\rtf", "This is a rich text file (.rtf). Save it as PDF or DOCX and upload that."),
    (b"\x89PNG", "This is a picture. Upload the document itself, not a photo of it."),
    (b"\xff\xd8\xff", "This is a picture. Upload the document itself, not a photo of it."),
    (b"GIF8", "This is a picture. Upload the document itself, not a photo of it."),
)


class _JsonResume(msgspec.Struct):
    """The sections that tell a JSON Resume from other JSON; their insides are skimmed, nothing is built of them."""

    basics: msgspec.Raw = msgspec.Raw()
    work: msgspec.Raw = msgspec.Raw()
    education: msgspec.Raw = msgspec.Raw()
    skills: msgspec.Raw = msgspec.Raw()

    @property
    def is_one(self) -> bool:
        """Basics is an object; without basics two lists are needed."""
        lists = sum(bytes(part)[:1] == b"[" for part in (self.work, self.education, self.skills))
        return bytes(self.basics)[:1] == b"{" or (not bytes(self.basics) and lists >= 2)


class Sniffed(msgspec.Struct, frozen=True):
    """`media_type` is one we read, or UNKNOWN with an error code and a text for the person."""

    media_type: str
    code: str = ""
    text: str = ""


def sniff(data: bytes) -> Sniffed:
    """Tell PDF, DOCX, text and JSON Resume from everything else by content alone."""
    if not data.strip():
        return Sniffed(UNKNOWN, "empty", "This file is empty. Choose the file with your resume in it.")
    if b"%PDF-" in data[:1024]:
        return Sniffed(PDF)
    for magic, why in _KNOWN_BAD:
        if data.startswith(magic):
            return Sniffed(UNKNOWN, "unsupported", f"{why} {_ADVICE}" if "upload that" not in why else why)
    if data.startswith(b"PK"):
        return _zip(data)
    text = decode(data)
    if text is not None:
        return _json(text) if text.lstrip()[:1] == "{" else Sniffed(TEXT)
    return Sniffed(UNKNOWN, "unsupported", f"This kind of file can't be read. {_ADVICE}")


def _json(text: str) -> Sniffed:
    try:
        found = msgspec.json.decode(text, type=_JsonResume)
    except (msgspec.DecodeError, RecursionError):  # a text that happens to begin with a brace
        return Sniffed(TEXT)
    if found.is_one:
        return Sniffed(JSON)
    return Sniffed(UNKNOWN, "unsupported", f"This is JSON, but no JSON Resume. {_ADVICE}")


def _zip(data: bytes) -> Sniffed:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if "word/document.xml" in archive.namelist():
                return Sniffed(DOCX)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return Sniffed(
            UNKNOWN, "damaged", f"This file is damaged or cut off. Save it again and upload it anew. {_ADVICE}"
        )
    return Sniffed(UNKNOWN, "unsupported", f"This is an archive, not a resume. {_ADVICE}")


def decode(data: bytes) -> str | None:
    """Plain text in UTF-8, UTF-16 (with its mark) or Latin-1; None when the bytes aren't text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _try(data, "utf-16")
    if b"\x00" in data:
        return None
    text = _try(data, "utf-8-sig")
    if text is None:
        text = _try(data, "cp1252") or data.decode("latin-1")
    odd = sum(1 for char in text if ord(char) < 32 and char not in "\t\n\r\f\v")
    return text if odd * 100 <= len(text) else None


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
