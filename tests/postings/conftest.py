"""Sources with words put into their mouths."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from app.platform import outbox
from app.platform.db import Database
from app.platform.ids import new_id
from app.postings import service, source_store, store
from app.postings.text import describe
from app.postings.types import Accepted, Link, Posting, RawPosting, Recorded, Rejected, Seen

DUTIES = (
    "You will run the evening kitchen of a busy hotel with two commis chefs, plan the menu with the head chef every"
    " Monday, order from our farmers, keep the hygiene records, and train whoever is new to the line."
)


def raw(external_id: str, **change: Any) -> RawPosting:
    html, text, _ = describe(change.pop("about", f"<p>{DUTIES}</p>"))
    given: dict[str, Any] = {"company": "Harbour Hotel", "title": "Sous Chef", "location": "Leeds, UK"}
    given |= {"apply_url": f"https://harbour.example/jobs/{external_id}"} | change
    given.setdefault("places", [given["location"]])
    return RawPosting(external_id=external_id, description_html=html, description_text=text, **given)


def seen(word: RawPosting | Rejected) -> Seen:
    digest = hashlib.sha256(msgspec.json.encode(word)).hexdigest()
    return Seen(external_id=word.external_id, content_hash=digest, outcome=word)


class Desk:
    """Lists what a source says, takes in what was discovered, and looks at the outcome."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._read: set[UUID] = set()

    async def source(self, kind: str = "greenhouse", token: str = "harbour") -> UUID:
        async with self.db.transaction() as tx:
            values = {"kind": kind, "token": token, "base_url": "", "name": "Harbour Hotel"}
            return (await source_store.ensure(tx, values))[0]

    async def record(self, source_id: UUID, *words: RawPosting | Rejected, complete: bool = True) -> Recorded:
        async with self.db.transaction() as tx:
            known = await service.hashes(tx, source_id)
            every = [seen(word) for word in words]
            changed = [one for one in every if known.get(one.external_id) != one.content_hash]
            listed = [one.external_id for one in every]
            return await service.record(tx, source_id, changed=changed, listed=listed, complete=complete)

    async def discovered(self) -> list[UUID]:
        """Raw postings announced since the last look."""
        return [event.aggregate_id for event in await self.events("JobDiscovered")]

    async def accept(self) -> list[Accepted | None]:
        done = []
        for event in await self.events("JobDiscovered"):
            async with self.db.transaction() as tx:
                again = bool(event.data.get("again"))
                done.append(await service.accept_raw(tx, event.aggregate_id, again=again))
        return done

    async def lists(
        self, source_id: UUID, *words: RawPosting | Rejected, complete: bool = True
    ) -> list[Accepted | None]:
        await self.record(source_id, *words, complete=complete)
        return await self.accept()

    async def events(self, type: str) -> list[Any]:
        """Events of this type since the last look."""
        query = select(outbox.outbox).where(outbox.outbox.c.type == type).order_by(outbox.outbox.c.at)
        async with self.db.transaction() as tx:
            rows = [row for row in await tx.conn.execute(query) if row.id not in self._read]
        self._read |= {row.id for row in rows}
        return rows

    async def changes(self) -> list[tuple[str, int]]:
        """(change, version) of each JobAccepted since the last look."""
        return [(event.data["change"], event.version) for event in await self.events("JobAccepted")]

    async def postings(self) -> list[Posting]:
        async with self.db.transaction() as tx:
            return (await service.list_postings(tx, limit=1000))[::-1]

    async def links(self, posting_id: UUID) -> list[Link]:
        async with self.db.transaction() as tx:
            return await store.links(tx, posting_id)


@pytest.fixture
def desk(db: Database) -> Desk:
    return Desk(db)


@pytest.fixture
def nobody() -> UUID:
    return new_id()
