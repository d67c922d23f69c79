"""The practice board's boards as sources, at the address where the board runs now."""

from __future__ import annotations

from app.platform.db import Tx
from app.postings import service as postings
from app.practice import catalogue

INTERVAL_SECONDS = 300
_LOOPBACK = ("http://127.", "http://localhost:", "http://[::1]:")


async def watch(tx: Tx, origin: str) -> None:
    """Watch every board of the practice site at `origin` (http://host:port); let go of it at an earlier address."""
    for source in await postings.list_sources(tx):
        moved = source.base_url.startswith(_LOOPBACK) and not source.base_url.startswith(f"{origin}/")
        if source.enabled and moved:
            await postings.change_source(tx, source.id, enabled=False)
            await postings.close_missing(tx, source.id, [])
    for ats, token, employer in catalogue.load().boards():
        source, made = await postings.add_source(
            tx, kind=ats, token=token, name=employer.name, base_url=f"{origin}/{ats}", interval_seconds=INTERVAL_SECONDS
        )
        if not made and not source.enabled:  # the board is back where it was before
            await postings.change_source(tx, source.id, enabled=True)
            await postings.run_source(tx, source.id)
