"""uvicorn's socket protocol, with an end to those who don't read: a closed socket isn't kept for their sake."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_LINGER_SECONDS = 15.0


class LiveProtocol(WebSocketsSansIOProtocol):
    """Aborts the connection some seconds after its handler ended, where the backlog never drained."""

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        self.loop.call_later(_LINGER_SECONDS, self.transport.abort)
