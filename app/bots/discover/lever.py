"""Lever's postings API: pages by `skip` and `limit`."""

from __future__ import annotations

from typing import Any

from app.bots.discover import parse
from app.bots.discover.fetcher import Fetcher
from app.bots.discover.problems import FetchError
from app.bots.discover.source import Board, Listing, entries

PAGE = 100
MAX_PAGES = 100


class Lever:
    kind = "lever"
    default_url = "https://api.lever.co"

    async def listing(self, board: Board, fetcher: Fetcher) -> Listing:
        found: dict[str, Any] = {}
        for page in range(MAX_PAGES):
            url = f"{board.base_url}/v0/postings/{board.quoted}?mode=json&skip={page * PAGE}&limit={PAGE}"
            try:
                items, _ = await entries(self.kind, board, fetcher, url)
            except FetchError as why:
                if not page:
                    raise
                return Listing(list(found.values()), complete=False, problem=why)
            before = len(found)
            found.update({parse.identify(item, "")[0]: item for item in items})
            # A short page is the last; one that is too long, or that repeats, is from a board that doesn't page.
            if len(items) != PAGE or len(found) == before:
                return Listing(list(found.values()))
        note = (
            f"The board lists more than {MAX_PAGES * PAGE:,} postings; the first were read, nothing taken for closed."
        )
        return Listing(list(found.values()), complete=False, note=note)
