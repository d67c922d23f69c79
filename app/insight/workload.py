"""What the machines have to do: for each kind of background work how much waits, and for how long."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import func, select

from app.platform.db import Tx
from app.platform.queue import task


class Work(Struct, frozen=True, kw_only=True):
    """One kind. `due` should run now, since `oldest_at` at the latest; `later` is put off; `dead` was given up."""

    kind: str
    due: int
    running: int
    later: int
    dead: int
    oldest_at: datetime | None
    lag_seconds: float


async def workload(tx: Tx) -> list[Work]:
    """Every kind that has something open or dead, the one that lags most first."""
    now = func.clock_timestamp()
    due = (task.c.state == "queued") & (task.c.run_at <= now)
    oldest = func.min(task.c.run_at).filter(due)
    count = func.count()
    query = (
        select(task.c.kind, count.filter(due), count.filter(task.c.state == "running"))
        .add_columns(count.filter(task.c.state == "queued", task.c.run_at > now))
        .add_columns(count.filter(task.c.state == "dead"), oldest, func.extract("epoch", now - oldest))
        .where(task.c.state.in_(("queued", "running", "dead")))
        .group_by(task.c.kind)
        .order_by(oldest.nulls_last(), task.c.kind)
    )
    return [
        Work(
            kind=row[0],
            due=row[1],
            running=row[2],
            later=row[3],
            dead=row[4],
            oldest_at=row[5],
            lag_seconds=round(float(row[6] or 0), 3),
        )
        for row in await tx.conn.execute(query)
    ]
