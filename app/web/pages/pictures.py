"""Screenshots that bots keep, as an answer."""

from __future__ import annotations

from litestar import Response


def picture(content: bytes) -> Response[bytes]:
    """Never kept by the browser, never anything but a picture."""
    kind = "image/jpeg" if content.startswith(b"\xff\xd8") else "image/png"
    return Response(content, media_type=kind, headers={"cache-control": "no-store"})
