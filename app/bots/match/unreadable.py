"""Why a file gives no text, and what its owner is told to do."""

from __future__ import annotations

from app.words import later

TEXTS = {
    "empty": later(
        "This file has no text in it. Choose the file with your resume, or save it as PDF again and upload that."
    ),
    "too_large": later("This file is larger than 10 MB. Save it smaller, without pictures, and upload it again."),
    "encrypted": later("This PDF is locked with a password. Save a copy without the password and upload that."),
    "scan": later(
        "This PDF holds only pictures of pages, so there is no text to read. Upload the document it was printed "
        "from, or a version made with text recognition."
    ),
    "all_hidden": later(
        "All text in this file is invisible: white on white, or too small to read. Upload a version in which "
        "the text can be seen."
    ),
    "too_many_pages": later("This file has more than 30 pages. Upload the resume alone."),
    "damaged": later("This file is damaged or cut off. Save it again and upload it anew."),
    "unsupported": later(
        "This kind of file can't be read. Upload a PDF, a DOCX, a plain text file or a JSON Resume (.json)."
    ),
    "too_complex": later(
        "This file takes too long or too much memory to read. Save it as a plain PDF and upload that."
    ),
}


class Unreadable(Exception):
    """Why a file gives no text; `code` is a key of TEXTS."""

    def __init__(self, code: str) -> None:
        super().__init__(TEXTS[code])
        self.code = code
