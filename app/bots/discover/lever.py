"""Lever's postings API: pages by `skip` and `limit`."""

from __future__ import annotations

from typing import Any

from app.bots.discover import parse
from app.bots.discover.fetcher import Fetcher
from app.bots.discover.problems import FetchError
from app.bots.discover.source import Board, Listing, entries

PAGE = 100
MAX_PAGES = 100
MOVED = "The list moved while it was read; nothing was taken for closed, and the next fetch reads it again."


class Lever:
    kind = "lever"
    default_url = "https://api.lever.co"

    async def listing(self, board: Board, fetcher: Fetcher) -> Listing:
        """Each page begins with the last entry of the one before: where it doesn't, the list has moved meanwhile."""
        found: dict[str, Any] = {}
        for page in range(MAX_PAGES):
            skip = page * (PAGE - 1)
            url = f"{board.base_url}/v0/postings/{board.quoted}?mode=json&skip={skip}&limit={PAGE}"
            try:
                items, _ = await entries(self.kind, board, fetcher, url)
            except FetchError as why:
                if not page:
                    raise
                return Listing(list(found.values()), complete=False, problem=why)
            ids = [parse.identify(item, "")[0] for item in items]
            last = next(reversed(found), None)
            before = len(found)
            found.update(zip(ids, items, strict=True))
            if page and last not in ids[:1] and (not ids or len(found) > before):
                return Listing(list(found.values()), complete=False, note=MOVED)
            # A short page is the last; one that is too long, or that repeats, is from a board that doesn't page.
            if len(items) != PAGE or len(found) == before:
                return Listing(list(found.values()))
        note = f"The board lists more than {len(found):,} postings; the first were read, nothing taken for closed."
        return Listing(list(found.values()), complete=False, note=note)
