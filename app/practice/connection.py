"""The wire under the board: real keep-alive, and a connection that can be cut in the middle of a request."""

import asyncio
from typing import Any

from litestar.connection import Request
from litestar.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

KEY = "practice.connection"


class BoardProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which also tells the application on which connection a request came."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answered = 0
        self.gone = asyncio.Event()
        inner: ASGIApp = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope["extensions"] = {KEY: Wire(self, self.answered > 0)}  # type: ignore[dict-item]  # typed for plain data; ours is an object
            await inner(scope, receive, send)

        self.app = app

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.gone.set()

    def on_response_complete(self) -> None:
        self.answered += 1
        super().on_response_complete()


class Wire:
    """One request's TCP connection; `reused` when an earlier request was answered on it."""

    def __init__(self, protocol: BoardProtocol, reused: bool) -> None:
        self.reused = reused
        self._protocol = protocol

    async def cut(self) -> None:
        """Close the connection with no answer, and return once it is gone."""
        self._protocol.transport.abort()
        await self._protocol.gone.wait()


def wire_of(request: Request[Any, Any, Any]) -> Wire | None:
    """None under a server that doesn't run BoardProtocol."""
    found = (request.scope.get("extensions") or {}).get(KEY)
    return found if isinstance(found, Wire) else None
