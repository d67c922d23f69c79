"""All sockets of this process, and the one Valkey subscription that feeds them.

Durable frames are numbered per stream. The hub remembers the number it last gave out: a gap is read from the stream's
log, and where the log no longer has it the sockets are told `snapshot_required`. State frames are passed on as they
are. Nothing here waits for a socket.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from prometheus_client import Counter, Gauge

from app.accounts.sessions import CLOSED
from app.platform import listening, live_streams
from app.platform.clock import utcnow
from app.platform.listening import Deaf, Heard
from app.platform.live_streams import SnapshotRequired
from app.platform.telemetry import get_logger
from app.web.live import frames
from app.web.live.client import Client, Frame
from app.web.live.roll import SIGNED_OUT

log = get_logger(__name__)
_SOCKETS = Gauge("cabrank_sockets", "Open sockets", ["role"])
_DELIVERED = Counter("cabrank_frames_delivered_total", "Durable frames handed to sockets", ["type"])
CATCH_UP_AT_ONCE = 16
DRAINING_MS, CUT_OFF_MS = (500, 4000), (5000, 20000)
_LIVE, _STATE = "live:", "state:"


class Hub:
    """One per web process."""

    def __init__(self, redis: Any) -> None:
        self.redis = redis
        self.clients: dict[str, Client] = {}
        self.draining = self.cut_off = False
        self._empty = asyncio.Event()
        self._empty.set()
        self._by_user: dict[UUID, dict[str, Client]] = {}
        self._on_pools: dict[str, Client] = {}
        self._positions: dict[str, tuple[str, int]] = {}

    def add(self, client: Client) -> bool:
        """False: it is sent away at once."""
        self.clients[client.name] = client
        self._by_user.setdefault(client.principal.user_id, {})[client.name] = client
        if client.hears_pools:
            self._on_pools[client.name] = client
        self._empty.clear()
        _SOCKETS.labels(client.principal.role).inc()
        sent_away = self.draining or self.cut_off
        if sent_away:
            self._send_away(client)
        return not sent_away

    def remove(self, client: Client) -> None:
        del self.clients[client.name]
        self._on_pools.pop(client.name, None)
        mine = self._by_user[client.principal.user_id]
        del mine[client.name]
        if not mine:
            del self._by_user[client.principal.user_id]
            self._positions.pop(live_streams.user_stream(client.principal.user_id), None)
        _SOCKETS.labels(client.principal.role).dec()
        if not self.clients:
            self._empty.set()

    def listeners(self, stream: str) -> list[Client]:
        """Who hears a stream: a user's sockets their own, supervisors every pool."""
        kind, _, name = stream.partition(":")
        if kind == "user":
            return list(self._by_user.get(_uuid(name), {}).values())
        if kind in ("pool", "supervisors"):
            return list(self._on_pools.values())
        return list(self.clients.values()) if kind == "all" else []

    async def run(self, stop: asyncio.Event) -> None:
        """Hear until `stop`."""
        async for heard in listening.listen(self.redis, [f"{_LIVE}*", f"{_STATE}*", CLOSED], stop):
            try:
                await self._hear(heard)
            except Exception:  # the edge of the loop: one bad message must not deafen every socket
                log.exception("frame_not_delivered")

    async def _hear(self, heard: Heard | Deaf) -> None:
        if isinstance(heard, Deaf):
            await self._catch_up_all()
        elif heard.channel == CLOSED:
            self._end_sessions(heard.payload.decode())
        elif heard.channel.startswith(_LIVE):
            await self._hear_durable(heard.channel.removeprefix(_LIVE), heard.payload)
        else:
            self._hear_state(heard.channel.removeprefix(_STATE), heard.payload)

    def _hear_state(self, stream: str, payload: bytes) -> None:
        told = msgspec.json.decode(payload)
        text = frames.encode({"type": told["type"], "at": told.get("at", utcnow()), "data": told.get("data", {})})
        key = f"{stream} {told.get('key', '')}"
        for client in self.listeners(stream):
            client.state(key, Frame(told["type"], text))

    async def _hear_durable(self, stream: str, payload: bytes) -> None:
        if not self.listeners(stream):
            return
        frame = live_streams.decode(stream, payload)
        prefix, number = _split(frame["cursor"])
        known = self._positions.get(stream)
        if known is not None and known[0] == prefix and number <= known[1]:
            return
        if known is not None and (prefix, number) != (known[0], known[1] + 1):
            await self._catch_up(stream, frame)
        else:
            self._give(stream, [frame])

    def _give(self, stream: str, given: Iterable[dict[str, Any]]) -> None:
        for frame in given:
            hearing = self.listeners(stream)
            if not hearing:
                return  # and nothing is remembered for nobody
            self._positions[stream] = _split(frame["cursor"])
            ready = _ready(stream, frame)
            for client in hearing:
                client.durable(ready)
                _DELIVERED.labels(ready.type).inc()

    async def _catch_up(self, stream: str, newest: dict[str, Any] | None = None) -> None:
        position = self._positions.get(stream)
        if position is None:
            return  # its last listener has gone meanwhile
        try:
            self._give(stream, await self._after(stream, position, newest))
        except live_streams.TROUBLES:  # the position stands: the next frame, or the next deafness, tries again
            await self._lose(stream)

    async def _after(
        self, stream: str, position: tuple[str, int], newest: dict[str, Any] | None
    ) -> list[dict[str, Any]]:
        try:
            return await live_streams.read_since(self.redis, stream, f"{position[0]}-{position[1]}")
        except SnapshotRequired:
            await self._lose(stream)
            head = await live_streams.head(self.redis, stream)
            if self.listeners(stream):
                self._positions[stream] = _split(head)
            return [newest] if newest else []

    async def _lose(self, stream: str) -> None:
        for client in self.listeners(stream):
            client.tell(await self.snapshot(client))

    async def _catch_up_all(self) -> None:
        """Hints were missed. Of pools it isn't known which, so supervisors load their board afresh."""
        users = [name for name in self._positions if name.startswith("user:")]
        for at in range(0, len(users), CATCH_UP_AT_ONCE):  # while they wait, nobody here hears anything new
            some = users[at : at + CATCH_UP_AT_ONCE]
            for failed in await asyncio.gather(*map(self._catch_up, some), return_exceptions=True):
                if failed is not None:  # the others' frames are worth as much
                    log.error("stream_not_caught_up", exc_info=failed)
        for stream in [name for name in self._positions if name.startswith("pool:")]:
            del self._positions[stream]
        for client in self.listeners("pool:"):
            client.tell(await self.snapshot(client))

    async def snapshot(self, client: Client) -> str:
        """`snapshot_required`, with the cursor from which the client's own stream goes on."""
        head: str | None = None
        try:
            head = await live_streams.head(self.redis, live_streams.user_stream(client.principal.user_id))
        except live_streams.TROUBLES as why:
            log.warning("cursor_unknown", why=type(why).__name__)
        return frames.write("snapshot_required", {}, cursor=head)

    async def follow(self, client: Client, cursors: list[str], pools: Iterable[UUID]) -> None:
        """Start a subscription: replay what came after the cursors, or say that a snapshot is needed."""
        stream = live_streams.user_stream(client.principal.user_id)
        if not cursors:
            head = await self._head(stream)
            return client.tell(frames.write("connection_status", {"status": "subscribed"}, cursor=head))
        client.hold()  # before the head is read: what comes after it is told after what is replayed
        replayed: list[Frame] = []
        try:
            for name in [stream, *map(live_streams.pool_stream, pools)]:
                replayed += await self._missed(name, cursors)
                if len(replayed) > client.backlog // 2:  # or the replay itself would count as too slow a reader
                    raise SnapshotRequired(name)
        except SnapshotRequired:
            client.tell(await self.snapshot(client))
            replayed = []
        finally:
            client.release(replayed)
        return None

    async def _head(self, stream: str) -> str:
        head = await live_streams.head(self.redis, stream)
        if stream.startswith("user:"):
            self._positions.setdefault(stream, _split(head))
        return head

    async def _missed(self, stream: str, cursors: list[str]) -> list[Frame]:
        head = await self._head(stream)
        prefix, last = _split(head)
        mine = [cursor for cursor in cursors if _split(cursor)[0] == prefix]
        if mine:
            return [_ready(stream, frame) for frame in await live_streams.read_since(self.redis, stream, mine[0], head)]
        if last or stream.startswith("user:"):
            raise SnapshotRequired(stream)
        return []

    def _end_sessions(self, which: str) -> None:
        kind, _, name = which.partition(":")
        ended = [
            client
            for client in self.clients.values()
            if (kind == "user" and str(client.principal.user_id) == name) or str(client.principal.session_id) == which
        ]
        for client in ended:
            client.close(SIGNED_OUT, "signed out")

    def _send_away(self, client: Client) -> None:
        # apart from one another, or all come back in the same moment; who is cut off isn't back so soon
        after = random.randint(*(CUT_OFF_MS if self.cut_off else DRAINING_MS))  # noqa: S311 - spreading load, not secrecy
        client.tell(frames.write("connection_status", {"status": "draining", "reconnect_after_ms": after}))
        client.close(1012, "restarting")

    def reaches(self, reaches: bool) -> None:
        """Whether Valkey is reached. While it isn't, whoever is here hears nothing: another process may do better."""
        if self.cut_off == (not reaches):
            return
        log.warning("cut_off" if not reaches else "reached_again", sockets=len(self.clients))
        self.cut_off = not reaches
        for client in list(self.clients.values()) if self.cut_off else ():
            self._send_away(client)

    async def drain(self, seconds: float = 3.0) -> None:
        """Send every socket away and wait until they have gone."""
        self.draining = True
        for client in list(self.clients.values()):
            self._send_away(client)
        try:
            async with asyncio.timeout(seconds):
                await self._empty.wait()
        except TimeoutError:
            log.warning("sockets_not_drained", left=len(self.clients))


def _split(cursor: str) -> tuple[str, int]:
    prefix, _, number = cursor.rpartition("-")
    return prefix, int(number) if number.isdigit() else 0


def _uuid(name: str) -> UUID:
    return UUID(name) if len(name) == 36 else UUID(int=0)


def _ready(stream: str, frame: dict[str, Any]) -> Frame:
    return Frame(frame["type"], frames.encode(frame), stream, _split(frame["cursor"])[1])
