"""Ashby's posting API: one document with everything."""

from __future__ import annotations

from app.bots.discover import parse
from app.bots.discover.fetcher import Fetcher
from app.bots.discover.source import Board, Listing, entries


class Ashby:
    kind = "ashby"
    default_url = "https://api.ashbyhq.com"

    async def listing(self, board: Board, fetcher: Fetcher) -> Listing:
        url = f"{board.base_url}/posting-api/job-board/{board.quoted}?includeCompensation=true"
        items, _ = await entries(self.kind, board, fetcher, url)
        listed = [item for item in items if not parse.is_unlisted(item)]
        left = len(items) - len(listed)
        were = "were" if left > 1 else "was"
        return Listing(listed, note=f"{left} that the employer doesn't list {were} left out." if left else None)
