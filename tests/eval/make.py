"""Resume files out of their sources in own_resumes/: HTML and typst to PDF, JSON blocks to DOCX, the rest as it is."""

from __future__ import annotations

import functools
import io
import json
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import typst

from app.bots.match.resume_process import read
from app.platform.chromium import find
from app.seekers.sniff import sniff

SOURCES = Path(__file__).parent / "own_resumes"
_SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="h1" Type="header" Target="header1.xml"/>'
    '<Relationship Id="f1" Type="footer" Target="footer1.xml"/></Relationships>'
)


@functools.cache
def resume(name: str) -> bytes:
    """The file that a source makes, by the source's name."""
    source = SOURCES / name
    if source.suffix == ".html":
        return printed(source.read_text(encoding="utf-8"))
    if source.suffix == ".typ":
        return typeset(source.read_text(encoding="utf-8"))
    if source.name.endswith(".docx.json"):
        return docx(**json.loads(source.read_text(encoding="utf-8")))
    return source.read_bytes()


@functools.cache
def texts() -> list[str]:
    """The text of those of the resumes that need no browser."""
    names = [path.name for path in sorted(SOURCES.iterdir()) if path.suffix != ".html"]
    return [read(data := resume(name), sniff(data).media_type).text for name in names]


def printed(html: str) -> bytes:
    """HTML → PDF as Chromium prints it. Raises RuntimeError where there is no Chromium."""
    chromium = find(None)
    if chromium is None:
        raise RuntimeError("No Chromium was found")
    with tempfile.TemporaryDirectory() as folder:
        page, out = Path(folder, "page.html"), Path(folder, "page.pdf")
        page.write_text(html, encoding="utf-8")
        flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
        flags += ["--no-pdf-header-footer", f"--print-to-pdf={out}", page.as_uri()]
        subprocess.run([str(chromium), *flags], check=True, capture_output=True, timeout=60)
        return out.read_bytes()


def typeset(source: str) -> bytes:
    """Typst → PDF."""
    with tempfile.TemporaryDirectory() as folder:
        made = typst.compile(source.encode(), root=folder, ignore_system_fonts=True, format="pdf")  # type: ignore[call-overload]
    return bytes(made)


def docx(body: list[Any], header: list[Any] = [], footer: list[Any] = [], styles: str = "") -> bytes:  # noqa: B006
    """Blocks → DOCX. A block is a paragraph's text (tabs are kept), or one of {"bullet": text}, {"box": blocks},
    {"table": rows of cells of blocks, "fill": hex}, {"runs": [[text, run properties as XML]]}."""
    marks = '<w:sectPr><w:headerReference w:type="default" r:id="h1"/><w:footerReference w:type="default" r:id="f1"/>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        document = f"<w:body>{_blocks(body)}{marks}</w:sectPr></w:body>"
        archive.writestr("word/document.xml", f"<w:document {_SPACES}>{document}</w:document>")
        archive.writestr("word/header1.xml", f"<w:hdr {_SPACES}>{_blocks(header)}</w:hdr>")
        archive.writestr("word/footer1.xml", f"<w:ftr {_SPACES}>{_blocks(footer)}</w:ftr>")
        archive.writestr("word/styles.xml", f"<w:styles {_SPACES}>{styles}</w:styles>")
        archive.writestr("word/_rels/document.xml.rels", _RELS)
    return out.getvalue()


def _blocks(blocks: list[Any]) -> str:
    return "".join(_block(block) for block in blocks)


def _block(block: Any) -> str:
    if isinstance(block, str):
        return f"<w:p>{_run(block)}</w:p>"
    if "bullet" in block:
        return f"<w:p><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr>{_run(block['bullet'])}</w:p>"
    if "runs" in block:
        return f"<w:p>{''.join(_run(text, properties) for text, properties in block['runs'])}</w:p>"
    if "box" in block:
        return f"<w:p><w:r>{_box(_blocks(block['box']))}</w:r></w:p>"
    fill = f"<w:tcPr><w:shd w:fill='{block['fill']}'/></w:tcPr>" if block.get("fill") else ""
    rows = ("".join(f"<w:tc>{fill}{_blocks(cell)}</w:tc>" for cell in row) for row in block["table"])
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def _run(text: str, properties: str = "") -> str:
    words = "<w:tab/>".join(f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in text.split("\t"))
    return f"<w:r><w:rPr>{properties}</w:rPr>{words}</w:r>"


def _box(inside: str) -> str:
    """A text box the way Word writes it: once for itself, once for older readers."""
    content = f"<w:txbxContent>{inside}</w:txbxContent>"
    shape = f"<w:drawing><wps:wsp><wps:txbx>{content}</wps:txbx></wps:wsp></w:drawing>"
    new = f'<mc:Choice Requires="wps">{shape}</mc:Choice>'
    old = f"<mc:Fallback><w:pict><v:textbox>{content}</v:textbox></w:pict></mc:Fallback>"
    return f"<mc:AlternateContent>{new}{old}</mc:AlternateContent>"
