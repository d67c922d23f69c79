"""SQL of applications and their timeline."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, bindparam, cast, column, exists, func, insert, select, table, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.applications.models import application, application_event
from app.applications.types import Application, TimelineEntry
from app.platform.db import Transaction, Tx
from app.platform.ids import new_id
from app.platform.queue import task

# Only what a card shows; the table itself belongs to postings.
_posting = table(
    "posting", column("id"), column("number"), column("company"), column("title"), column("apply_url"), column("portal")
)
_joined = select(
    *application.c,
    _posting.c.number.label("posting_number"),
    _posting.c.company,
    _posting.c.title,
    _posting.c.apply_url,
    _posting.c.portal,
).join_from(application, _posting, _posting.c.id == application.c.posting_id)


def _to_application(row: Any) -> Application:
    values = dict(row)
    values["score"] = None if values["score"] is None else float(values["score"])
    return Application(**values)


async def _one(tx: Tx, query: Select[Any], *, lock: bool) -> Application | None:
    locked = query.with_for_update(of=application, key_share=True) if lock else query  # others may refer to it
    row = (await tx.conn.execute(locked)).mappings().one_or_none()
    return None if row is None else _to_application(row)


_GET = _joined.where(application.c.id == bindparam("id"))
_LOCK = _GET.with_for_update(of=application, key_share=True)  # others may refer to it


async def by_id(tx: Transaction, application_id: UUID, *, lock: bool = False) -> Application | None:
    rows = await tx.fetch(_LOCK if lock else _GET, id=application_id)
    return _to_application(rows[0]) if rows else None


async def by_number(tx: Tx, number: int, *, lock: bool = False) -> Application | None:
    return await _one(tx, _joined.where(application.c.number == number), lock=lock)


async def by_pair(tx: Tx, seeker_id: UUID, posting_id: UUID, *, lock: bool = False) -> Application | None:
    pair = (application.c.seeker_id == seeker_id, application.c.posting_id == posting_id)
    return await _one(tx, _joined.where(*pair), lock=lock)


async def create(tx: Tx, values: dict[str, Any]) -> bool:
    """Insert unless the seeker already has one for this posting; whether a row was made."""
    query = upsert(application).values(id=new_id(), **values).on_conflict_do_nothing().returning(application.c.id)
    return (await tx.conn.execute(query)).scalar_one_or_none() is not None


async def change(tx: Tx, application_id: UUID, values: dict[str, Any]) -> None:
    """Write columns and count the version up."""
    counted = {"version": application.c.version + 1, "updated_at": func.clock_timestamp()}
    await tx.conn.execute(update(application).where(application.c.id == application_id).values(**counted | values))


async def add_event(tx: Tx, values: dict[str, Any]) -> UUID:
    """A row of the timeline; its id."""
    entry = new_id()
    await tx.conn.execute(insert(application_event).values(id=entry, **values))
    return entry


async def timeline(tx: Tx, application_id: UUID) -> list[TimelineEntry]:
    columns = [c for c in application_event.c if c.name != "application_id"]
    query = select(*columns).where(application_event.c.application_id == application_id)
    rows = await tx.conn.execute(query.order_by(application_event.c.at, application_event.c.id))
    return [TimelineEntry(**row._mapping) for row in rows]


async def age_of_last_event(tx: Tx, application_id: UUID) -> float:
    """Seconds since the application last moved, by the database's clock; infinite where it never did."""
    newest = select(func.max(application_event.c.at)).where(application_event.c.application_id == application_id)
    query = select(func.extract("epoch", func.clock_timestamp() - newest.scalar_subquery()))
    age = (await tx.conn.execute(query)).scalar_one()
    return float("inf") if age is None else float(age)


async def of_seeker(
    tx: Tx, seeker_id: UUID, *, statuses: Sequence[str] | None, before: int | None, limit: int
) -> list[Application]:
    query = _joined.where(application.c.seeker_id == seeker_id)
    if statuses is not None:
        query = query.where(application.c.status.in_(statuses))
    if before is not None:
        query = query.where(application.c.number < before)
    rows = await tx.conn.execute(query.order_by(application.c.number.desc()).limit(limit))
    return [_to_application(row) for row in rows.mappings()]


async def withdrawn_since(tx: Tx, seeker_id: UUID, seconds: float) -> list[Application]:
    """The seeker's withdrawn applications that moved within the last `seconds`, by the database's clock."""
    since = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    mine = _joined.where(application.c.seeker_id == seeker_id, application.c.status == "withdrawn")
    rows = await tx.conn.execute(mine.where(application.c.updated_at > since).order_by(application.c.number.desc()))
    return [_to_application(row) for row in rows.mappings()]


async def by_postings(tx: Tx, seeker_id: UUID, posting_ids: Sequence[UUID]) -> list[Application]:
    query = _joined.where(application.c.seeker_id == seeker_id, application.c.posting_id.in_(posting_ids))
    return [_to_application(row) for row in (await tx.conn.execute(query)).mappings()]


async def approved_since(tx: Tx, seeker_id: UUID, hours: int) -> int:
    """How many of the seeker's applications went to a bot in the last `hours`."""
    since = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, hours)
    query = (
        select(func.count(func.distinct(application_event.c.application_id)))
        .join_from(application_event, application, application.c.id == application_event.c.application_id)
        .where(application.c.seeker_id == seeker_id, application_event.c.to_status == "applying")
        .where(application_event.c.at > since)
    )
    return int((await tx.conn.execute(query)).scalar_one())


async def without_task(
    tx: Tx, kind: str, older_than_seconds: float, *, limit: int = 100, only: UUID | None = None
) -> list[UUID]:
    """Applications that say `applying` although no open task of this kind works on them; `only`: whether this one."""
    before = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, older_than_seconds)
    at_work = exists().where(
        task.c.kind == kind, task.c.key == cast(application.c.id, Text), task.c.state.in_(("queued", "running"))
    )
    query = select(application.c.id).where(application.c.status == "applying", application.c.updated_at < before)
    query = query if only is None else query.where(application.c.id == only)
    return list((await tx.conn.execute(query.where(~at_work).limit(limit))).scalars())


async def last_error(tx: Tx, kind: str, application_id: UUID) -> str:
    """Why the last task of this application ended badly; empty when nobody knows."""
    query = select(task.c.last_error).where(task.c.kind == kind, task.c.key == str(application_id))
    found = (await tx.conn.execute(query.order_by(task.c.id.desc()).limit(1))).scalar_one_or_none()
    return str(found or "")
