"""One socket's outgoing side: a bounded backlog, and state frames of which the last one wins."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NoReturn

import msgspec

from app.accounts.sessions import Principal
from app.web.live.frames import ALWAYS, RESTRICTED

BACKLOG = 256
STATE_SECONDS = 0.25


class Frame(msgspec.Struct, frozen=True):
    """A frame as text, with what decides who gets it. `number` orders the durable frames of a stream."""

    type: str
    text: str
    stream: str = ""
    number: int = 0


class Closing(msgspec.Struct, frozen=True):
    code: int
    reason: str


class Client:
    """What the hub knows of a socket. Its methods never wait: one slow reader delays nobody."""

    __slots__ = (
        "_changed", "_held", "_later", "_queue", "_sending", "_states", "_states_at", "backlog", "closing", "events",
        "name", "principal",
    )  # fmt: skip

    def __init__(self, name: str, principal: Principal, *, backlog: int = BACKLOG) -> None:
        self.name = name
        self.principal = principal
        self.backlog = backlog
        self.events: frozenset[str] = frozenset()
        self.closing: asyncio.Future[Closing] = asyncio.get_running_loop().create_future()
        self._queue: deque[str] = deque()
        self._sending = False
        self._states: dict[tuple[str, str], str] = {}
        self._states_at = 0.0
        self._later: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._held: list[Frame] | None = None

    @property
    def hears_pools(self) -> bool:
        return self.principal.role == "supervisor"

    def wants(self, type: str) -> bool:
        """Whether this socket chose the event and may have it."""
        if self.principal.restricted and type not in RESTRICTED:
            return False
        return type in ALWAYS or "*" in self.events or type in self.events

    def durable(self, frame: Frame) -> None:
        """A frame with a cursor; kept back while older ones are being replayed."""
        if self._held is not None:
            self._held.append(frame)
        elif self.wants(frame.type):
            self.tell(frame.text)

    def tell(self, text: str) -> None:
        """Queue a frame; a full backlog ends the socket with 1013."""
        if len(self._queue) >= self.backlog:
            self.close(1013, "too slow")
        else:
            self._queue.append(text)
            self._changed.set()

    def state(self, key: str, frame: Frame) -> None:
        """A frame without a cursor: the last one of a key wins."""
        if self.wants(frame.type):
            self._states[(frame.type, key)] = frame.text
            self._changed.set()

    def close(self, code: int, reason: str) -> None:
        """Ask the handler to close; the first reason stands."""
        if not self.closing.done():
            self.closing.set_result(Closing(code, reason))

    def hold(self) -> None:
        """Keep durable frames back from now on."""
        self._held = self._held if self._held is not None else []

    def release(self, replayed: list[Frame]) -> None:
        """Send what was replayed, then what came meanwhile and wasn't among it."""
        held, self._held = self._held or [], None
        told = {(frame.stream, frame.number) for frame in replayed}
        for frame in [*replayed, *(frame for frame in held if (frame.stream, frame.number) not in told)]:
            self.durable(frame)

    async def write(self, send: Callable[[str], Awaitable[None]]) -> NoReturn:
        """Send what is queued, for as long as the socket lives; states at most four times a second."""
        while True:
            self._changed.clear()
            while self._queue:
                self._sending = True
                await send(self._queue.popleft())
            self._sending = False
            for text in self._due_states():
                await send(text)
            if not self._queue:
                await self._changed.wait()

    def _due_states(self) -> list[str]:
        """The states, where it is time for them; they wait outside the backlog and never fill it."""
        now = asyncio.get_running_loop().time()
        if not self._states:
            return []
        if now < self._states_at:
            if self._later is None:
                self._later = asyncio.get_running_loop().call_at(self._states_at, self._ring)
            return []
        self._states_at = now + STATE_SECONDS
        due, self._states = list(self._states.values()), {}
        return due

    def _ring(self) -> None:
        self._later = None
        self._changed.set()

    async def emptied(self) -> None:
        """Wait until everything queued has been sent."""
        while self._queue or self._sending:  # noqa: ASYNC110 - once in a socket's life, for a second at most
            await asyncio.sleep(0.01)
