"""One holder per name: a row with an epoch and a beat, by the database's clock.

A standby takes over when the beat is older than the time to live. Whoever writes under a lease locks its row first
(`hold`), so that a holder that was thought dead can't write beside its successor.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Column, Integer, String, Table, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.platform.db import Database, Tx, metadata, moment
from app.platform.queue import LeaseLost

lease = Table(
    "lease",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(120), nullable=False),
    Column("epoch", Integer, nullable=False),
    moment("beat_at", now=True),
)


async def acquire(db: Database, name: str, holder: str, ttl_seconds: float) -> int | None:
    """Take the lease when it is free or its beat is too old; the new epoch, or None."""
    now = func.clock_timestamp()
    stale = or_(lease.c.beat_at < now - timedelta(seconds=ttl_seconds), lease.c.holder == holder)
    statement = insert(lease).values(name=name, holder=holder, epoch=1, beat_at=now)
    taken = statement.on_conflict_do_update(
        index_elements=["name"], set_={"holder": holder, "epoch": lease.c.epoch + 1, "beat_at": now}, where=stale
    )
    async with db.transaction() as tx:
        epoch: int | None = (await tx.conn.execute(taken.returning(lease.c.epoch))).scalar_one_or_none()
    return epoch


def _mine(name: str, epoch: int) -> Any:
    return and_(lease.c.name == name, lease.c.epoch == epoch)


async def beat(db: Database, name: str, epoch: int) -> bool:
    """Say that the holder lives; False when somebody else has taken over."""
    statement = update(lease).where(_mine(name, epoch)).values(beat_at=func.clock_timestamp())
    async with db.transaction() as tx:
        return (await tx.conn.execute(statement)).rowcount == 1


async def hold(tx: Tx, name: str, epoch: int) -> None:
    """Lock the lease for this transaction. Raises LeaseLost."""
    locked = select(lease.c.epoch).where(_mine(name, epoch)).with_for_update(read=True)
    if (await tx.conn.execute(locked)).first() is None:
        raise LeaseLost(name)


async def release(db: Database, name: str, epoch: int) -> None:
    """Give the lease up at a clean stop, so that the next holder needn't wait."""
    statement = update(lease).where(_mine(name, epoch)).values(beat_at=func.clock_timestamp() - timedelta(days=1))
    async with db.transaction() as tx:
        await tx.conn.execute(statement)
