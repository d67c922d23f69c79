"""The running board: its parts in one place, handed to every route."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime

import msgspec
from litestar.connection import Request
from litestar.datastructures import State
from litestar.di import NamedDependency

from app.errors import NotFound
from app.practice.behaviour import Behaviour, Switchboard
from app.practice.catalogue import Catalogue
from app.practice.model import Posting
from app.practice.recorded import Recordings
from app.practice.store import Store

AnyRequest = Request[object, object, State]


class Board(msgspec.Struct, frozen=True):
    """`clock` gives Unix time."""

    catalogue: Catalogue
    recordings: Recordings
    switches: Switchboard
    store: Store
    clock: Callable[[], float]

    @property
    def behaviour(self) -> Behaviour:
        return self.switches.now

    def now(self) -> str:
        return datetime.fromtimestamp(self.clock(), UTC).isoformat(timespec="milliseconds")

    def today(self) -> date:
        return datetime.fromtimestamp(self.clock(), UTC).date()

    def posting(self, ats: str, token: str, posting_id: str) -> Posting:
        """Raises NotFound where it is not, or no longer, open."""
        found = self.catalogue.find(ats, token, posting_id, self.behaviour)
        if found is None:
            raise NotFound("This job is no longer open.")
        return found


TheBoard = NamedDependency[Board]


def origin_of(request: AnyRequest) -> str:
    """`http://127.0.0.1:8099` as the caller spelled it, so that links lead back the same way."""
    return str(request.base_url).rstrip("/")


def ats_of(request: AnyRequest) -> str:
    return request.scope["path"].split("/", 2)[1]


async def slow_down(request: AnyRequest) -> None:
    board: Board = request.app.state["board"]
    if board.behaviour.delay_seconds:
        await asyncio.sleep(board.behaviour.delay_seconds)
