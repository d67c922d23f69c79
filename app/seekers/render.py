"""A resume's text as a PDF. The text goes in as data: nothing in it is ever read as typst's markup or code."""

from __future__ import annotations

import asyncio
import json
import tempfile

import typst

from app.errors import Invalid
from app.words import gettext as _

MAX_CHARS = 100_000
_BULLETS = "•-*–▪●◦·"

# `json(bytes(...))` turns the input into plain strings; `#block.text` prints a string, it evaluates nothing.
_TEMPLATE = rb"""
#let blocks = json(bytes(sys.inputs.blocks))
#set document(title: sys.inputs.title, date: none)
#set page(paper: "a4", margin: (x: 2cm, y: 1.8cm))
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), size: 10.5pt, lang: "en")
#set par(leading: 0.55em, spacing: 0.7em)
#for block in blocks {
  if block.kind == "name" { text(size: 18pt, weight: "bold", block.text); parbreak() }
  else if block.kind == "heading" {
    v(5pt); text(size: 11.5pt, weight: "bold", block.text); parbreak()
    v(-7pt); line(length: 100%, stroke: 0.5pt + luma(140)); v(-3pt)
  }
  else if block.kind == "bullet" { list(tight: true, block.text) }
  else if block.kind == "gap" { v(3pt) }
  else { par(block.text) }
}
"""


def blocks_of(text: str) -> list[dict[str, str]]:
    """Lines of a resume → blocks {"kind": name|heading|bullet|gap|text, "text"}; blank lines together are one gap."""
    blocks: list[dict[str, str]] = []
    for line in (raw.strip() for raw in text.splitlines()):
        kind = _kind(line, first=not blocks)
        if kind == "gap" and (not blocks or blocks[-1]["kind"] == "gap"):
            continue
        blocks.append({"kind": kind, "text": line.lstrip(_BULLETS).strip() if kind == "bullet" else line})
    return blocks


def _kind(line: str, *, first: bool) -> str:
    if not line:
        return "gap"
    if first and len(line) <= 60:
        return "name"
    if line[0] in _BULLETS and len(line) > 2 and (line[1] == " " or line[0] == "•"):
        return "bullet"
    return "heading" if line.isupper() and len(line) <= 40 and len(line.split()) <= 5 else "text"


def _clean(text: str) -> str:
    return "".join(char for char in text if char in "\n\t" or ord(char) >= 32)[:MAX_CHARS]


def render(text: str, title: str = "Resume") -> bytes:
    """A4 PDF of a resume's text. Raises Invalid on a text without letters."""
    body = _clean(text.replace("\r\n", "\n"))
    if not any(char.isalnum() for char in body):
        raise Invalid(_("The resume has no text. Write at least your name and your work."))
    inputs: dict[str, str] = {"blocks": json.dumps(blocks_of(body)), "title": title}
    with tempfile.TemporaryDirectory(prefix="cabrank-typst-") as empty:
        made = typst.compile(  # type: ignore[call-overload]  # the stub wants root in the input's type, the library a str
            _TEMPLATE, root=empty, sys_inputs=inputs, ignore_system_fonts=True, format="pdf"
        )
    return bytes(made)


async def render_pdf(text: str, title: str = "Resume") -> bytes:
    """`render` off the event loop (about 12 ms)."""
    return await asyncio.to_thread(render, text, title)
