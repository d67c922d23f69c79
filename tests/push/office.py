"""A seeker, a courier and a push service on loopback, and verbs around them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from cryptography.fernet import Fernet
from sqlalchemy import func, select, update

from app.accounts import sessions
from app.applications import service as applications
from app.applications.types import Application
from app.config import Settings
from app.platform import bus, queue
from app.platform.db import Database
from app.platform.egress.guard import Guard
from app.platform.outbox import outbox
from app.platform.queue import task
from app.platform.security import Vault
from app.push import background, service
from app.push.background import Courier
from app.push.models import push_subscription
from app.push.service import Device
from tests.applications.world import World
from tests.push.browser import Browser, PushService

SECRET = "a-path-that-nobody-else-knows"


class Office:
    """A seeker, a courier and a push service, and verbs around them."""

    def __init__(self, db: Database, settings: Settings, world: World, outside: PushService) -> None:
        self.db, self.world, self.outside, self.me = db, world, outside, world.seeker_id
        self.vault = Vault([Fernet.generate_key().decode()])
        self.allowed = msgspec.structs.replace(settings, practice_origin=outside.origin)
        self.courier = Courier(db, self.allowed, self.vault)
        self.session = UUID(int=0)
        self.given: set[UUID] = set()

    async def sign_in(self) -> UUID:
        async with self.db.transaction() as tx:
            self.session = (await sessions.open_full(tx, self.me, "cookie")).session_id
        return self.session

    async def device(self, name: str = SECRET, browser: Browser | None = None, **more: Any) -> Browser:
        browser = browser or Browser()
        given = browser.subscription(f"{self.outside.origin}/push/{name}", **more)
        async with self.db.transaction() as tx:
            await service.subscribe(
                tx,
                self.vault,
                Guard(self.outside.origin),
                seeker_id=self.me,
                session_id=self.session,
                device=msgspec.convert(given, Device),
            )
        return browser

    async def applied(self, **more: Any) -> Application:
        """An application that the bot begins: no news yet."""
        return await self.world.approve(await self.world.posting(**more))

    async def moves(self, app: Application, to: str, *, source: str = "bot", note: str = "", **changes: Any) -> None:
        async with self.db.transaction() as tx:
            await applications.transition(tx, app.id, to, source=source, note=note, changes=changes)
        await self.hear()

    async def hear(self) -> None:
        """Give the consumer every event, each twice, as the bus may."""
        async with self.db.transaction() as tx:
            rows = (await tx.conn.execute(select(outbox).where(outbox.c.type == "ApplicationStatusChanged"))).all()
        names = ("id", "type", "topic", "at", "aggregate_id", "version", "data")
        for row in rows:
            event = bus.Event(**{name: getattr(row, name) for name in names})
            for _ in range(2):
                await bus.handle(self.db, background.consumers()[0], event)

    async def work(self) -> list[str]:
        """Try what is queued, whenever it is due; the states of all messages."""
        mine = task.c.kind == background.SEND
        async with self.db.transaction() as tx:
            past = func.clock_timestamp() - timedelta(seconds=1)
            found = (await tx.conn.execute(update(task).where(mine).values(run_at=past).returning(task.c.id))).scalars()
            ids = list(found)
        for one in ids:
            await queue.run(self.db, background.tasks(self.courier), one)
        async with self.db.transaction() as tx:
            return list((await tx.conn.execute(select(task.c.state).where(mine).order_by(task.c.id))).scalars())

    async def waits(self) -> int:
        """Seconds until the one queued try."""
        async with self.db.transaction() as tx:
            query = select(func.extract("epoch", task.c.run_at - func.clock_timestamp()))
            mine = (task.c.kind == background.SEND, task.c.state == "queued")
            return round((await tx.conn.execute(query.where(*mine))).scalar_one())

    async def devices(self) -> int:
        async with self.db.transaction() as tx:
            return int((await tx.conn.execute(select(func.count()).select_from(push_subscription))).scalar_one())

    async def column(self, name: str) -> Any:
        async with self.db.transaction() as tx:
            return (await tx.conn.execute(select(push_subscription.c[name]))).scalar_one()
