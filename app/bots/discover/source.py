"""What every source of postings offers, and how its answer looks."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import msgspec

from app.bots.discover import parse, problems
from app.bots.discover.fetcher import Fetcher


class Board(msgspec.Struct, frozen=True):
    """One employer's board: the API's address (no slash at its end) and the board's token there."""

    base_url: str
    token: str

    @property
    def portal(self) -> str:
        """Who answers: what breakers and rates are counted for."""
        return urlsplit(self.base_url).netloc.lower()

    @property
    def quoted(self) -> str:
        return quote(self.token, safe="")


class Listing(msgspec.Struct, frozen=True):
    """What a board listed. Not `complete`: there may be more, so nothing that is missing is taken for closed."""

    items: list[Any]
    complete: bool = True
    note: str | None = None
    problem: problems.FetchError | None = None


class Source(Protocol):
    """A kind of board. `default_url` is where its API usually stands."""

    kind: str
    default_url: str

    async def listing(self, board: Board, fetcher: Fetcher) -> Listing:
        """All that the board lists now. Raises FetchError when it brought nothing."""
        ...


async def entries(kind: str, board: Board, fetcher: Fetcher, url: str) -> tuple[list[Any], Any]:
    """The entries of one document, and the document. Raises FetchError."""
    document = await fetcher.document(board.portal, url)
    try:
        return parse.entries(kind, document), document
    except parse.Misshapen as why:
        raise problems.NotAList(f"At {url}, {why}. Check the kind and the address of this source.") from why
