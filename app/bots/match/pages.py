"""Pages of a PDF as pictures: a browser's own viewer needs more than our content policy gives."""

from __future__ import annotations

import asyncio

from app.bots.match import confined
from app.platform.telemetry import get_logger

log = get_logger(__name__)
WALL_SECONDS = 20.0
_AT_ONCE = asyncio.Semaphore(2)  # of a web process: people's own requests come before pictures


async def page_count(data: bytes) -> int:
    """How many pages there are to show; 0 where the file can't be shown."""
    told = await _asked(data, 0)
    return int(told) if told.isdigit() else 0


async def page_picture(data: bytes, page: int) -> bytes | None:
    """The page (from 1) as PNG; None where it isn't there, or can't be shown."""
    found = await _asked(data, page)
    return found if found.startswith(b"\x89PNG") else None


async def _asked(data: bytes, page: int) -> bytes:
    async with _AT_ONCE:
        out, code = await confined.ask("app.bots.match.pdf_pages", str(page), data=data, seconds=WALL_SECONDS)
    if not out:
        log.warning("page_not_shown", page=page, code=code)
    return out
