"""A resume's bytes → text and parts, in a process of its own with hard limits.

Run as `python -m app.bots.match.resume_process MEDIA_TYPE YYYY-MM-DD`: bytes on stdin, one JSON object on stdout:
{"text", "parsed", "hidden"} or {"error": {"code", "text"}}, with "fault" where it was ours. A hostile file costs this
process and nothing else.
"""

from __future__ import annotations

import json
import resource
import sys
import traceback
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from app.bots.match.pdf import MAX_CHARS, Text, pdf_text
from app.bots.match.unreadable import TEXTS, Unreadable

if TYPE_CHECKING:
    from app.bots.match.parse import Parsed

MAX_BYTES = 10 * 1024 * 1024
MAX_HIDDEN = 2000
_MEMORY = 768 * 1024 * 1024
_CPU_SECONDS = 15


def limit() -> None:
    """Hard limits for this process: memory, seconds of CPU, no file written, no core dump."""
    for what, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, _CPU_SECONDS)):
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _docx(data: bytes) -> Text:
    from app.bots.match.docx import docx_text

    return docx_text(data)


def _plain(data: bytes) -> Text:
    from app.seekers.sniff import decode

    text = decode(data)
    if text is None:
        raise Unreadable("unsupported")
    return Text(text)


def read(data: bytes, media_type: str) -> Text:
    """Raises Unreadable; never returns a text without letters."""
    from app.seekers import sniff

    readers: dict[str, Callable[[bytes], Text]] = {
        sniff.PDF: pdf_text,
        sniff.DOCX: _docx,
        sniff.TEXT: _plain,
        sniff.JSON: _plain,
    }
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large")
    if media_type not in readers:
        raise Unreadable("unsupported")
    found = readers[media_type](data)
    text = found.text if media_type == sniff.JSON else found.text[:MAX_CHARS]
    text = text.replace("\x00", "")
    if not any(char.isalnum() for char in text):
        raise Unreadable("empty")
    return Text(text, found.hidden.replace("\x00", "")[:MAX_HIDDEN])


def understand(found: Text, media_type: str, today: date) -> tuple[str, Parsed]:
    """The text to keep, and what it says. Raises Unreadable."""
    import msgspec

    from app.bots.match import jsonresume
    from app.bots.match.parse import parse
    from app.seekers import sniff

    if media_type == sniff.JSON:
        return jsonresume.read(found.text, today)
    return found.text, msgspec.structs.replace(parse(found.text, today), hidden=found.hidden)


def answer(data: bytes, media_type: str, today: str) -> dict[str, Any]:
    """What the process says of a file, whatever it is."""
    import msgspec

    try:
        found = read(data, media_type)
        text, parsed = understand(found, media_type, date.fromisoformat(today))
        return {"text": text, "parsed": msgspec.to_builtins(parsed), "hidden": found.hidden}
    except Unreadable as why:
        return {"error": {"code": why.code, "text": TEXTS[why.code]}}
    except Exception as why:  # noqa: BLE001 - the process's edge: the reader logs what is said here
        ours = not isinstance(why, MemoryError | RecursionError)
        return {"error": {"code": "too_complex", "text": TEXTS["too_complex"]}, "fault": _place(why) if ours else ""}


def main(media_type: str, today: str) -> None:
    """The process: stdin to stdout."""
    limit()
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    sys.stdout.write(json.dumps(answer(data, media_type, today), ensure_ascii=True))


def _place(why: Exception) -> str:
    """Kind and place of an error; not its words, which may be the resume's."""
    last = traceback.extract_tb(why.__traceback__)[-1]
    return f"{type(why).__name__} in {last.name}, line {last.lineno}"


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
