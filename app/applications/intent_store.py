"""SQL of intents."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, exists, func, insert, or_, select, text, update

from app.applications.models import INTENT_LIVE, intent
from app.applications.types import Intent
from app.platform.db import Tx
from app.platform.ids import new_id
from app.platform.queue import task


def _to_intent(row: Row[Any]) -> Intent:
    return Intent(**row._mapping)


async def lock_seeker(tx: Tx, seeker_id: UUID) -> None:
    """One at a time per seeker until the commit: two arms of one vacancy under two postings must see each other."""
    await tx.conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"intent:{seeker_id}", 0))))


async def by_id(tx: Tx, intent_id: UUID, *, lock: bool = False) -> Intent | None:
    query = select(intent).where(intent.c.id == intent_id)
    row = (await tx.conn.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _to_intent(row)


async def live(tx: Tx, seeker_id: UUID, vacancy_key: str) -> Intent | None:
    """The one intent that stands for this seeker and vacancy, locked."""
    query = select(intent).where(intent.c.seeker_id == seeker_id, intent.c.vacancy_key == vacancy_key)
    row = (await tx.conn.execute(query.where(text(INTENT_LIVE)).with_for_update())).one_or_none()
    return None if row is None else _to_intent(row)


async def of_application(tx: Tx, application_id: UUID) -> list[Intent]:
    """Every attempt, the latest first."""
    query = select(intent).where(intent.c.application_id == application_id).order_by(intent.c.id.desc())
    return [_to_intent(row) for row in await tx.conn.execute(query)]


async def create(tx: Tx, values: dict[str, Any]) -> Intent:
    query = insert(intent).values(id=new_id(), **values).returning(intent)
    return _to_intent((await tx.conn.execute(query)).one())


async def change(tx: Tx, known: Intent, values: dict[str, Any]) -> Intent | None:
    """Write if state and epoch are still those of `known`; None when they are not."""
    same = and_(intent.c.id == known.id, intent.c.state == known.state, intent.c.epoch == known.epoch)
    row = (await tx.conn.execute(update(intent).where(same).values(**values).returning(intent))).one_or_none()
    return None if row is None else _to_intent(row)


async def twin(tx: Tx, known: Intent) -> Intent | None:
    """Another intent of this seeker with the same apply link, or employer and title, that may have been sent."""
    same_link = and_(intent.c.link_key.is_not(None), intent.c.link_key == known.link_key)
    query = select(intent).where(
        intent.c.seeker_id == known.seeker_id,
        intent.c.id != known.id,
        intent.c.state.in_(("armed", "unknown", "confirmed")),
        or_(same_link, intent.c.title_key == known.title_key),
    )
    row = (await tx.conn.execute(query.limit(1))).one_or_none()
    return None if row is None else _to_intent(row)


async def expired(tx: Tx, limit: int = 100) -> list[Intent]:
    """Armed intents whose run no longer holds its task. Candidates only: look again under the lock."""
    held = exists().where(
        task.c.id == intent.c.task_id,
        task.c.epoch == intent.c.epoch,
        task.c.state == "running",
        task.c.lease_until > func.clock_timestamp(),
    )
    query = select(intent).where(intent.c.state == "armed", ~held).order_by(intent.c.armed_at).limit(limit)
    return [_to_intent(row) for row in await tx.conn.execute(query)]
