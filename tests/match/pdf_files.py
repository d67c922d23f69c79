"""PDF files written by hand: pages from content streams, and broken ones that no library would write."""

from __future__ import annotations

from collections.abc import Sequence

_FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def shown(text: str, x: float, y: float, *, size: float = 11, more: str = "") -> str:
    """Operators that show a text; `more`: what is set before (colour, render mode)."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"q BT {more} /F1 {size} Tf 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET Q\n"


def column(lines: Sequence[str], x: float, top: float, *, more: str = "") -> list[str]:
    """One line under the other, 14 points apart."""
    return [shown(line, x, top - 14 * number, more=more) for number, line in enumerate(lines)]


def pdf(*pages: str, picture: bool = False) -> bytes:
    """A file of content streams, 600 by 800 points; `picture`: pages may draw /Im1, a grey pixel."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", _FONT, _picture()]
    kids = []
    for content in pages:
        number = len(objects) + 1
        kids.append(f"{number} 0 R")
        images = "/XObject << /Im1 4 0 R >>" if picture else ""
        resources = f"<< /Font << /F1 3 0 R >> {images} >>"
        page = f"/Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources {resources} /Contents {number + 1} 0 R"
        objects += [f"<< {page} >>", _stream("", content)]
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    return file_of(objects)


def _picture() -> str:
    return _stream("/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", "z")


def _stream(entries: str, content: str) -> str:
    return f"<< {entries} /Length {len(content.encode('cp1252'))} >>\nstream\n{content}\nendstream"


def file_of(objects: Sequence[str], trailer: str = "") -> bytes:
    """Numbered objects with a table of where they are; the first is the catalog."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start, size = len(out), len(objects) + 1
    out += f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\n".encode()
    return out + f"startxref\n{start}\n%%EOF\n".encode()


def circle_of_pages() -> bytes:
    """The tree of pages holds itself."""
    catalog = "<< /Type /Catalog /Pages 2 0 R >>"
    return file_of([catalog, "<< /Type /Pages /Kids [3 0 R] /Count 9 >>", "<< /Type /Pages /Kids [2 0 R] /Count 9 >>"])


def circle_of_tables() -> bytes:
    """The table of objects names itself as the one before."""
    whole = pdf(shown("Jane Roe", 50, 700))
    start = whole.rindex(b"xref\n0 ")
    return whole.replace(b"/Root 1 0 R ", f"/Root 1 0 R /Prev {start}".encode())


def circle_of_streams() -> bytes:
    """A form that draws itself."""
    form = _stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /Fm 4 0 R >> >>", "/Fm Do"
    )
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 5 0 R "
        "/Resources << /XObject << /Fm 4 0 R >> >> >>"
    )
    kids = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return file_of(["<< /Type /Catalog /Pages 2 0 R >>", kids, page, form, _stream("", "/Fm Do")])
