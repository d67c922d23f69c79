"""uvicorn's socket protocol, with an end to those who don't read, and to those who send what no handler ever hears."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_LINGER_SECONDS = 15.0
MOST_BETWEEN = 100  # pings, pongs and parts between two whole messages; a page sends a heartbeat every ten seconds


class LiveProtocol(WebSocketsSansIOProtocol):
    """Aborts the connection some seconds after its handler ended, where the backlog never drained."""

    _between = 0

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        self.loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def handle_ping(self) -> None:
        if self._bears_one_more():
            super().handle_ping()

    def handle_pong(self, event: Any) -> None:
        if self._bears_one_more():
            super().handle_pong(event)

    def handle_cont(self, event: Any) -> None:
        if self._bears_one_more():
            super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        self._between = 0
        if self.curr_msg_data_type == "text" and not _is_text(self.frames):
            self.frames = []
            self._refuse(1007, "not UTF-8")  # uvicorn would log a traceback for it
        else:
            super().send_receive_event_to_app()

    def _bears_one_more(self) -> bool:
        """What never becomes a message never reaches the handler's own limit."""
        self._between += 1
        if self._between > MOST_BETWEEN:
            self._refuse(1008, "too many frames")
        return self._between <= MOST_BETWEEN

    def _refuse(self, code: int, reason: str) -> None:
        if not self.close_sent:
            self.conn.fail(code, reason)
            self.handle_parser_exception()


def _is_text(parts: list[bytes]) -> bool:
    try:
        b"".join(parts).decode()
    except UnicodeDecodeError:
        return False
    return True
