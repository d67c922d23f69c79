"""A sentence that the page shows in passing: alone, or with an answer that changes the page too."""

from __future__ import annotations

import msgspec
from litestar import Response


def told(words: str) -> dict[str, str]:
    """The header with the words for page.js. It is ASCII: JSON escapes the rest."""
    said = msgspec.json.encode({"cabrank:toast": words}).decode()
    return {"HX-Trigger": "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in said if ord(c) < 0x10000)}


def toast(words: str) -> Response[None]:
    """204 with the words, and nothing else."""
    return Response(None, status_code=204, headers=told(words))
