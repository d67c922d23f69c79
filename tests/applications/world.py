"""What tests of applications and of the bot stand on."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from app.accounts import service as accounts
from app.applications import service
from app.applications.types import Application
from app.platform import queue
from app.platform.db import Database
from app.platform.objects import Objects
from app.platform.outbox import outbox
from app.platform.queue import Claim
from app.postings import service as postings
from app.postings.types import NewPosting, Posting
from app.seekers import service as seekers

PASSWORD = "a long enough password"


class World(msgspec.Struct):
    """One seeker; helpers to look at what was written."""

    db: Database
    objects: Objects
    seeker_id: UUID
    email: str
    resume_id: UUID
    count: int = 0

    async def posting(self, **more: Any) -> Posting:
        """A new posting; `apply_url` None makes it internal."""
        self.count += 1
        values = {
            "external_id": f"x{self.count}",
            "company": "Larkfield Robotics",
            "title": f"Engineer {self.count}",
            "location": "London",
            "description_html": "<p>Build robots.</p>",
            "apply_url": f"https://jobs.example.org/apply/{self.count}",
        }
        async with self.db.transaction() as tx:
            made = await postings.create_internal(tx, NewPosting(**(values | more)))
            return await postings.get(tx, made.id)

    async def approve(self, posting: Posting, **more: Any) -> Application:
        async with self.db.transaction() as tx:
            return await service.approve(
                tx,
                seeker_id=self.seeker_id,
                posting_id=posting.id,
                score=95,
                resume_version_id=self.resume_id,
                **more,
            )

    async def get(self, app: Application) -> Application:
        async with self.db.transaction() as tx:
            return await service.get(tx, app.id)

    async def claim(self, app: Application, seconds: float = 60) -> Claim:
        """Take the application's task, as a worker would."""
        query = select(queue.task.c.id).where(queue.task.c.key == str(app.id)).order_by(queue.task.c.id.desc())
        async with self.db.transaction() as tx:
            task_id = (await tx.conn.execute(query.limit(1))).scalar_one()
        claim = await queue.claim(self.db, task_id, seconds)
        assert claim is not None
        return claim

    async def task_state(self, app: Application) -> str:
        return str((await self._task(app)).state)

    async def task_error(self, app: Application) -> str | None:
        error: str | None = (await self._task(app)).last_error
        return error

    async def _task(self, app: Application) -> Any:
        columns = (queue.task.c.state, queue.task.c.last_error)
        query = select(*columns).where(queue.task.c.key == str(app.id)).order_by(queue.task.c.id.desc())
        async with self.db.transaction() as tx:
            return (await tx.conn.execute(query.limit(1))).one()

    async def told(self, app: Application) -> list[str]:
        """Types of frames and events about this application, in order."""
        query = select(outbox.c.type, outbox.c.data, outbox.c.aggregate_id).order_by(outbox.c.id)
        async with self.db.transaction() as tx:
            rows = (await tx.conn.execute(query)).all()
        return [row.type for row in rows if row.aggregate_id == app.id or row.data.get("application") == str(app.id)]

    async def statuses(self, app: Application) -> list[str]:
        async with self.db.transaction() as tx:
            return [entry.to_status for entry in await service.timeline(tx, app.id)]


async def make_world(db: Database, objects: Objects, email: str = "ada@example.org") -> World:
    async with db.transaction() as tx:
        user = await accounts.create_user(tx, email=email, name="Ada Byron", role="seeker", password=PASSWORD)
        await seekers.create(tx, user.id, name="Ada Byron", email=email)
        profile = {
            "phone": "+44 20 7946 0000",
            "location": "London",
            "authorized_to_work": "Yes",
            "needs_sponsorship": "No",
            "earliest_start": "2099-02-01",
        }
        await seekers.update(tx, user.id, {"profile": profile})
        version = await seekers.add_version(
            tx,
            objects,
            user.id,
            parent_id=None,
            text="Ada Byron\nEngineer\nPython, analysis\n",
            kind="review",
            created_by=user.id,
            application_id=None,
        )
    return World(db, objects, user.id, email, version.id)
