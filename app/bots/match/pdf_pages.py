"""A PDF's page → a picture, in a process of its own with the resume process's limits.

Run as `python -m app.bots.match.pdf_pages PAGE`: a PDF on stdin; the page (from 1) on stdout as PNG, or for page 0
how many there are, in digits. A file that can't be shown gets no answer.
"""

from __future__ import annotations

import struct
import sys
import zlib

from app.bots.match.pdf import MAX_PAGES
from app.bots.match.resume_process import MAX_BYTES, limit

WIDTH = 1200  # pixels: sharp at 800 on a fine screen
_TALLEST = 4  # of its width; what is taller is no page of a resume


def png(width: int, height: int, rows: list[bytes]) -> bytes:
    """Rows of RGB as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 6)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def answer(data: bytes, page: int) -> bytes:
    """The picture, or the number of pages. Raises what pdfium raises, and ValueError for a page that isn't there."""
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(data)
    count = min(len(document), MAX_PAGES)
    if page == 0:
        return str(count).encode()
    if not 1 <= page <= count:
        raise ValueError(page)
    shown = document[page - 1]
    width, height = shown.get_size()
    if not 0 < height <= _TALLEST * width:
        raise ValueError(page)
    bitmap = shown.render(scale=WIDTH / width, rev_byteorder=True, prefer_bgrx=False, maybe_alpha=False)
    pixels = bytes(bitmap.buffer)
    line = bitmap.width * 3
    rows = [pixels[at : at + line] for at in range(0, bitmap.height * bitmap.stride, bitmap.stride)]
    return png(bitmap.width, bitmap.height, rows)


def main(page: int) -> None:
    """The process: stdin to stdout."""
    limit()
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read(MAX_BYTES + 1), page))


if __name__ == "__main__":
    main(int(sys.argv[1]))
