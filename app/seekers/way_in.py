"""How far a seeker is on the way in, and what they have read. The steps can be left and taken up again at any time."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from app.platform.db import Tx
from app.seekers import service
from app.seekers.models import seeker_portal

Step = Literal["resume", "check", "wants", "forms", "consent"]
STEPS: Final[tuple[Step, ...]] = ("resume", "check", "wants", "forms", "consent")


class WayIn(msgspec.Struct, frozen=True):
    """`steps` by name: done, or later where the seeker went on without it."""

    steps: dict[str, str]
    news_seen_at: datetime | None

    @property
    def over(self) -> bool:
        """The last word is the consent: who gave it, or chose to be asked, is in."""
        return self.steps.get("consent") == "done"


async def load(tx: Tx, seeker_id: UUID) -> WayIn | None:
    """None: they were here before there was a way in."""
    columns = (seeker_portal.c.steps, seeker_portal.c.news_seen_at)
    row = (await tx.conn.execute(select(*columns).where(seeker_portal.c.seeker_id == seeker_id))).first()
    return None if row is None else WayIn(dict(row.steps), row.news_seen_at)


async def begin(tx: Tx, seeker_id: UUID) -> None:
    """A second call changes nothing. Raises NotFound, as the others do where there is no such seeker."""
    await service.get(tx, seeker_id)
    await tx.conn.execute(insert(seeker_portal).values(seeker_id=seeker_id).on_conflict_do_nothing())


async def mark(tx: Tx, seeker_id: UUID, step: Step, how: Literal["done", "later"] = "done") -> None:
    """A step was taken, or put off; what was done stays done."""
    before = await load(tx, seeker_id)
    if how == "later" and before is not None and before.steps.get(step) == "done":
        return
    said = literal({step: how}, JSONB)
    await _write(tx, seeker_id, {"steps": said}, {"steps": seeker_portal.c.steps.op("||")(said)})


async def news_read(tx: Tx, seeker_id: UUID, until: datetime) -> None:
    """All that happened up to `until` has been shown; an earlier moment takes nothing back."""
    later = func.greatest(seeker_portal.c.news_seen_at, until)
    await _write(tx, seeker_id, {"news_seen_at": until}, {"news_seen_at": later})


async def _write(tx: Tx, seeker_id: UUID, fresh: dict[str, Any], changed: dict[str, Any]) -> None:
    await service.get(tx, seeker_id)
    statement = insert(seeker_portal).values(seeker_id=seeker_id, **fresh)
    await tx.conn.execute(statement.on_conflict_do_update(index_elements=["seeker_id"], set_=changed))
