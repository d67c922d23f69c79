"""SQL of seekers, both ways: rows in, msgspec structs out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Integer, Uuid, any_, bindparam, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.platform.db import Transaction, Tx
from app.platform.ids import new_id
from app.seekers.corrections import Corrections
from app.seekers.models import answer, resume_version, seeker
from app.seekers.types import PARTS, Answer, Profile, ResumeVersion, Seeker


def _seeker(row: Any) -> Seeker:
    parts: dict[str, Any] = {name: msgspec.convert(row[name], part) for name, part in PARTS.items()}
    own = msgspec.convert(row["corrections"], Corrections)
    facts = {name: row[name] for name in ("user_id", "matching_active", "version")}
    return Seeker(**facts, corrections=own, **parts)


def _row(struct: type[msgspec.Struct], row: Any) -> Any:
    return struct(**{name: row[name] for name in struct.__struct_fields__})


async def insert_seeker(tx: Tx, user_id: UUID, profile: Profile, *, matching: bool = True) -> None:
    """A second call for the same user changes nothing."""
    values = {"user_id": user_id, "profile": msgspec.to_builtins(profile), "matching_active": matching}
    await tx.conn.execute(insert(seeker).values(values).on_conflict_do_nothing())


_MINE = bindparam("seeker", type_=Uuid)
_LOAD = select(seeker).where(seeker.c.user_id == _MINE)
_LOCK = _LOAD.with_for_update(key_share=True)


async def load(tx: Transaction, user_id: UUID, *, lock: bool = False) -> Seeker | None:
    """One seeker; with `lock` the row is held until the transaction ends, but others may refer to it."""
    rows = await tx.fetch(_LOCK if lock else _LOAD, seeker=user_id)
    return _seeker(rows[0]) if rows else None


async def load_many(tx: Tx, ids: Sequence[UUID]) -> list[Seeker]:
    """Those of them that exist, in no order."""
    statement = select(seeker).where(seeker.c.user_id == any_(cast(list(ids), ARRAY(Uuid))))
    return [_seeker(row) for row in (await tx.conn.execute(statement)).mappings()]


async def save(tx: Tx, changed: Seeker) -> None:
    """Write all parts and count the version up."""
    parts: dict[str, Any] = {name: msgspec.to_builtins(getattr(changed, name)) for name in PARTS}
    values = {**parts, "matching_active": changed.matching_active, "version": seeker.c.version + 1}
    await tx.conn.execute(update(seeker).where(seeker.c.user_id == changed.user_id).values(values))


async def save_corrections(tx: Tx, user_id: UUID, own: Corrections, profile: Profile) -> None:
    """Write the corrections with the profile that follows them, and count the version up."""
    values: dict[str, Any] = {"corrections": msgspec.to_builtins(own), "profile": msgspec.to_builtins(profile)}
    values["version"] = seeker.c.version + 1
    await tx.conn.execute(update(seeker).where(seeker.c.user_id == user_id).values(values))


_ANSWERS = select(answer).where(answer.c.seeker_id == _MINE).order_by(answer.c.updated_at.desc())


async def answers(tx: Transaction, seeker_id: UUID) -> list[Answer]:
    """The answer bank, newest first."""
    return [_row(Answer, row) for row in await tx.fetch(_ANSWERS, seeker=seeker_id)]


async def upsert_answer(tx: Tx, values: dict[str, Any]) -> Answer:
    """One answer per question key; the later one stands."""
    changed = {name: values[name] for name in ("question", "answer", "source")}
    changed["updated_at"] = func.clock_timestamp()
    statement = insert(answer).values(id=new_id(), **values)
    statement = statement.on_conflict_do_update(index_elements=["seeker_id", "question_key"], set_=changed)
    row = (await tx.conn.execute(statement.returning(answer))).mappings().one()
    found: Answer = _row(Answer, row)
    return found


async def delete_answer(tx: Tx, seeker_id: UUID, answer_id: UUID) -> bool:
    statement = answer.delete().where(answer.c.id == answer_id, answer.c.seeker_id == seeker_id)
    return bool((await tx.conn.execute(statement)).rowcount)


async def insert_resume(tx: Tx, values: dict[str, Any]) -> ResumeVersion:
    """Takes the next number of its seeker; the seeker's row must be locked by the caller."""
    number = select(func.coalesce(func.max(resume_version.c.number), 0) + 1)
    number = number.where(resume_version.c.seeker_id == values["seeker_id"])
    statement = resume_version.insert().values(number=number.scalar_subquery(), **values).returning(resume_version)
    return _version((await tx.conn.execute(statement)).mappings().one())


async def update_resume(tx: Tx, version_id: UUID, values: dict[str, Any]) -> ResumeVersion | None:
    """Set columns of one version."""
    statement = update(resume_version).where(resume_version.c.id == version_id).values(values).returning(resume_version)
    row = (await tx.conn.execute(statement)).mappings().first()
    return _version(row) if row is not None else None


_RESUME = select(resume_version).where(resume_version.c.id == bindparam("version", type_=Uuid))
_RESUMES = select(resume_version).where(resume_version.c.seeker_id == _MINE).order_by(resume_version.c.number.desc())
_PARSED = _RESUMES.where(resume_version.c.state == "parsed", resume_version.c.application_id.is_(None)).limit(1)
_RESUMES = _RESUMES.limit(bindparam("count", type_=Integer))


async def resume(tx: Transaction, version_id: UUID) -> ResumeVersion | None:
    rows = await tx.fetch(_RESUME, version=version_id)
    return _version(rows[0]) if rows else None


async def resumes(tx: Transaction, seeker_id: UUID, limit: int) -> list[ResumeVersion]:
    """Newest first."""
    return [_version(row) for row in await tx.fetch(_RESUMES, seeker=seeker_id, count=limit)]


async def latest_parsed(tx: Transaction, seeker_id: UUID) -> ResumeVersion | None:
    """The newest readable version that isn't made for one application."""
    rows = await tx.fetch(_PARSED, seeker=seeker_id)
    return _version(rows[0]) if rows else None


def _version(row: Any) -> ResumeVersion:
    found: ResumeVersion = _row(ResumeVersion, row)
    return found
