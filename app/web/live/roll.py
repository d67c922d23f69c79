"""What sockets say and many say at once: beats and acknowledgements, each second's or moment's in one statement."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from prometheus_client import Counter

from app.accounts import sessions
from app.dispatch import service as dispatch
from app.dispatch.service import Stamp
from app.platform.clock import monotonic, utcnow
from app.platform.db import TROUBLES, Database
from app.platform.telemetry import get_logger
from app.web.live import frames
from app.web.live.client import Client

log = get_logger(__name__)
SIGNED_OUT = 4401
CALL_SECONDS = 1.0
AGAIN_SECONDS = 0.25
REFUSED = Counter("cabrank_frames_refused_total", "Frames of clients that were refused", ["why"])
NOT_YOURS = "This assignment isn't yours, or isn't open any more."


def refuse(client: Client, text: str, kind: str = "invalid") -> None:
    """Tell the client why a frame of theirs does nothing, and count it."""
    REFUSED.labels(kind).inc()
    client.tell(frames.write("system_notification", {"level": "error", "kind": kind, "text": text}))


class Roll:
    """Calls the sessions of the sockets that beat, and keeps the database's time for those who look at a countdown."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._beaten: dict[str, Client] = {}
        self._ahead = timedelta(0)  # of the database before this machine's monotonic clock, once it is known
        self._known = False

    def beat(self, client: Client) -> None:
        """The socket was heard of; its session is looked at within a second."""
        self._beaten[client.name] = client

    def now(self) -> datetime:
        """The database's time; this machine's until the first look."""
        return _EPOCH + timedelta(seconds=monotonic()) + self._ahead if self._known else utcnow()

    async def call(self) -> None:
        """End the sockets whose session ended, whatever hint of it was lost."""
        beaten, self._beaten = self._beaten, {}
        try:
            async with self.db.direct() as tx:
                now = await dispatch.database_time(tx)
                self._ahead, self._known = now - _EPOCH - timedelta(seconds=monotonic()), True
                alive = await sessions.alive(tx, {client.principal.session_id for client in beaten.values()})
        except TROUBLES:
            self._beaten = beaten | self._beaten
            raise
        for client in beaten.values():
            if client.principal.session_id not in alive:
                REFUSED.labels("signed-out").inc()
                client.close(SIGNED_OUT, "signed out")

    async def run(self, stop: asyncio.Event) -> None:
        """Each second, until `stop`."""
        while not stop.is_set():
            try:
                await self.call()
            except TROUBLES as why:
                log.warning("roll_not_called", why=type(why).__name__)
            try:
                await asyncio.wait_for(stop.wait(), CALL_SECONDS)
            except TimeoutError:
                continue


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Acks:
    """Stamps what reached the pages: whatever comes while one statement runs goes into the next."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._waiting: dict[tuple[UUID, UUID], tuple[Stamp, Client]] = {}
        self._some = asyncio.Event()

    def add(self, client: Client, assignment: UUID, *, seen: bool) -> None:
        """The assignment reached the person's page; `seen`: and was opened."""
        key = (client.principal.user_id, assignment)
        before = self._waiting.get(key)
        self._waiting[key] = (Stamp(*key, seen or (before is not None and before[0].seen)), client)
        self._some.set()

    async def flush(self) -> None:
        """Everything that waits, in one statement; who stamped what isn't theirs is told so."""
        given, self._waiting = self._waiting, {}
        self._some.clear()
        try:
            async with self.db.direct() as tx:
                done = await dispatch.stamp(tx, [stamp for stamp, _ in given.values()])
        except TROUBLES:
            self._waiting = given | self._waiting
            raise
        for (_, assignment), (_, client) in given.items():
            if assignment not in done:
                refuse(client, NOT_YOURS, "assignment-lost")

    async def run(self, stop: asyncio.Event) -> None:
        """Whenever something waits, until `stop`."""
        stopping = asyncio.create_task(stop.wait())
        while not stop.is_set():
            some = asyncio.create_task(self._some.wait())
            await asyncio.wait({some, stopping}, return_when=asyncio.FIRST_COMPLETED)
            some.cancel()
            try:
                if self._waiting:
                    await self.flush()
            except TROUBLES as why:
                log.warning("acks_not_stamped", why=type(why).__name__)
                self._some.set()
                await asyncio.sleep(AGAIN_SECONDS)
        stopping.cancel()
