"""`/ws/realtime/`: the handshake, what a client says, and how its socket ends (contracts.md §4)."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import WebSocket, websocket
from litestar.connection import ASGIConnection
from litestar.exceptions import WebSocketDisconnect
from litestar.handlers import BaseRouteHandler

from app.accounts import sessions
from app.accounts.sessions import Principal
from app.dispatch import service as dispatch
from app.errors import AppError, Forbidden
from app.platform.clock import monotonic
from app.platform.ids import new_id
from app.platform.telemetry import bind, get_logger
from app.web import authenticate, resources
from app.web.guards import public
from app.web.live import frames
from app.web.live.client import Client, Closing
from app.web.live.frames import Ack, Availability, Heartbeat, Incoming, Seen, Subscribe
from app.web.live.hub import Hub
from app.web.live.roll import REFUSED, SIGNED_OUT, refuse
from app.web.origins import own_origins
from app.web.resources import Resources
from app.words import gettext as _

log = get_logger(__name__)
Socket = WebSocket[Any, Any, Any]
SILENCE_SECONDS = 90.0
FRAMES_A_SECOND, BURST = 20.0, 60.0
_GOODBYE_SECONDS = 5.0
# What the protocol itself refuses, by the code that it closes with.
_BROKEN = {1002: "protocol", 1007: "not-text", 1008: "too-many-frames", 1009: "frame-too-large"}


async def own_origin(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """A page of another site never opens a socket with our cookie. Refuses at the handshake, as 403."""
    # A coroutine though nothing is awaited: a guard that is none is handed to a thread, at every handshake.
    origin = connection.headers.get("origin")
    if origin is None:
        if authenticate.bearer_token(connection) or "ticket" in connection.query_params:
            return
        raise Forbidden("Send an Origin, a bearer token or a ticket.")
    if origin.lower() not in own_origins(resources.of(connection).settings):
        raise Forbidden("This origin may not open sockets here.")


@websocket("/ws/realtime", guards=[public, own_origin])
async def realtime(socket: Socket) -> None:
    """One live stream a user."""
    principal = await _who(socket)
    await socket.accept()
    if principal is None:
        await socket.close(SIGNED_OUT, "sign in first")
        return
    bind(user=str(principal.user_id))
    await Session(socket, principal).run()


async def _who(socket: Socket) -> Principal | None:
    ticket = socket.query_params.get("ticket")
    if ticket:
        async with resources.of(socket).db.transaction() as tx:
            return await sessions.load(tx, ticket, "ticket")
    return await authenticate.who(socket)


class Session:
    """An accepted socket: what it hears, what it says, and one way to end."""

    def __init__(self, socket: Socket, principal: Principal) -> None:
        self.socket = socket
        self.principal = principal
        self.resources: Resources = resources.of(socket)
        self.hub: Hub = self.resources.hub
        self.client = Client(str(new_id()), principal)
        self._allowance, self._heard_at = BURST, monotonic()

    @property
    def works(self) -> bool:
        """An employee who may take reviews."""
        return self.principal.role == "employee" and not self.principal.restricted

    async def run(self) -> None:
        """Until either side ends it."""
        if self.hub.add(self.client):
            self._touch()
        try:
            closing = await self._race()
        finally:
            self.resources.presence.closed(self.client.name)
            self.hub.remove(self.client)
        if closing is not None:
            await self._goodbye(closing)

    def _touch(self) -> None:
        if self.works:
            self.resources.presence.touch(self.client.name, self.principal.user_id)

    async def _race(self) -> Closing | None:
        reading = asyncio.create_task(self._read())
        writing = asyncio.create_task(self.client.write(self.socket.send_text))
        try:
            ends: set[asyncio.Future[Any]] = {reading, writing, self.client.closing}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            # a broken socket and a reason to close it may come in the same moment: the reason is told
            if self.client.closing.done():
                return await self._last_words(self.client.closing.result())
            return reading.result() if reading.done() and not reading.exception() else None
        finally:
            reading.cancel()
            writing.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)

    async def _last_words(self, closing: Closing) -> Closing:
        if closing.code == 1012:  # what was promised before the restart still goes out
            try:
                async with asyncio.timeout(1):
                    await self.client.emptied()
            except TimeoutError:
                pass
        return closing

    async def _goodbye(self, closing: Closing) -> None:
        try:
            async with asyncio.timeout(_GOODBYE_SECONDS):  # a reader who stopped reading doesn't hear it
                await self.socket.close(closing.code, closing.reason)
        except (TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
            log.info("socket_gone", code=closing.code)

    async def _read(self) -> Closing | None:
        while True:
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    text = await self.socket.receive_text()
            except TimeoutError:
                return Closing(1001, "no heartbeat")
            except WebSocketDisconnect as gone:
                if gone.code in _BROKEN:
                    REFUSED.labels(_BROKEN[gone.code]).inc()
                return None
            if (refusal := self._too_much(text)) is not None:
                REFUSED.labels(_BROKEN[refusal.code]).inc()
                return refusal
            await self._hear(text)

    def _too_much(self, text: str) -> Closing | None:
        now = monotonic()
        self._allowance = min(BURST, self._allowance + (now - self._heard_at) * FRAMES_A_SECOND) - 1
        self._heard_at = now
        if self._allowance < 0:
            return Closing(1008, "too many frames")
        return Closing(1009, "frame too large") if len(text.encode()) > frames.MAX_BYTES else None

    async def _hear(self, text: str) -> None:
        try:
            await self._obey(frames.read(text))
        except ValueError as why:
            refuse(self.client, f"This frame can't be read: {why}")
        except AppError as why:
            refuse(self.client, why.detail, why.kind)
        except Exception:  # the edge of the socket: a failed act is told, and the socket lives on
            log.exception("frame_failed")
            refuse(self.client, _("That did not work; try again in a moment."), "internal")

    async def _obey(self, frame: Incoming) -> None:
        match frame:
            case Heartbeat():
                self._heartbeat()
            case Subscribe():
                await self._subscribe(frame)
            case _ if not self.works:
                raise Forbidden(_("Only employees take reviews."))
            case Availability() | Ack() | Seen():
                await self._work(frame)

    def _heartbeat(self) -> None:
        self.resources.roll.beat(self.client)
        self._touch()
        now = self.resources.roll.now()
        self.client.tell(frames.write("heartbeat_ack", {"server_time": now}, at=now))

    async def _subscribe(self, frame: Subscribe) -> None:
        chosen = frame.events[:100]
        if others := frames.foreign(chosen, self.principal.role):
            refuse(self.client, f"Not yours to hear: {', '.join(others)[:200]}.", "forbidden")
        self.client.events = frozenset(chosen) - set(others)
        pools = []
        if self.client.hears_pools and frame.cursors:
            async with self.resources.db.transaction() as tx:
                pools = [pool.id for pool in await dispatch.list_pools(tx)]
        await self.hub.follow(self.client, frame.cursors, pools)

    async def _work(self, frame: Availability | Ack | Seen) -> None:
        if isinstance(frame, Availability):
            async with self.resources.db.transaction() as tx:
                await dispatch.set_availability(tx, self.principal.user_id, frame.state, frame.reason)
        else:
            self.resources.acks.add(self.client, frame.assignment, seen=isinstance(frame, Seen))
