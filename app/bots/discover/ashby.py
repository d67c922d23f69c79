"""Ashby's posting API: one document with everything."""

from __future__ import annotations

from app.bots.discover.fetcher import Fetcher
from app.bots.discover.source import Board, Listing, entries


class Ashby:
    kind = "ashby"
    default_url = "https://api.ashbyhq.com"

    async def listing(self, board: Board, fetcher: Fetcher) -> Listing:
        url = f"{board.base_url}/posting-api/job-board/{board.quoted}?includeCompensation=true"
        items, _ = await entries(self.kind, board, fetcher, url)
        return Listing(items)
