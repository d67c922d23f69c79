"""A sentence that the page shows in passing, and changes nothing else."""

from __future__ import annotations

import msgspec
from litestar import Response


def toast(words: str) -> Response[None]:
    """204 with the words for page.js. The header is ASCII: JSON escapes the rest."""
    told = msgspec.json.encode({"cabrank:toast": words}).decode()
    ascii_only = "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in told if ord(c) < 0x10000)
    return Response(None, status_code=204, headers={"HX-Trigger": ascii_only})
