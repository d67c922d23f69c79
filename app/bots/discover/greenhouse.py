"""Greenhouse's job board API: one document with everything."""

from __future__ import annotations

from app.bots.discover import parse
from app.bots.discover.fetcher import Fetcher
from app.bots.discover.source import Board, Listing, entries


class Greenhouse:
    kind = "greenhouse"
    default_url = "https://boards-api.greenhouse.io"

    async def listing(self, board: Board, fetcher: Fetcher) -> Listing:
        url = f"{board.base_url}/v1/boards/{board.quoted}/jobs?content=true"
        items, document = await entries(self.kind, board, fetcher, url)
        total = parse.announced(document)
        if total is None or total <= len(items):
            return Listing(items)
        note = f"The board says it has {total} postings and listed {len(items)}; nothing was taken for closed."
        return Listing(items, complete=False, note=note)
