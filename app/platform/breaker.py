"""Circuit breakers: after so many failures in a row nobody asks the other side for a while, then one tries again.

The state is a row, so all processes share it, it outlives every restart, and operators can read it. Times are the
database's. The pause doubles with each failed try, up to MAX_PAUSE_SECONDS.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from prometheus_client import Counter
from sqlalchemy import CheckConstraint, Column, Integer, String, Table, Text, case, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from app.platform.db import Tx, metadata, moment

FAILURES = 5
PAUSE_SECONDS = 60.0
MAX_PAUSE_SECONDS = 3_600.0
PROBE_SECONDS = 90.0
State = Literal["closed", "open", "half_open"]
_OPENED = Counter("cabrank_breaker_opened_total", "Circuit breakers opened", ["name"])

breaker = Table(
    "breaker",
    metadata,
    Column("name", String(160), primary_key=True),
    Column("state", String(10), nullable=False, server_default="closed"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("why", Text),
    moment("opened_at", nullable=True),
    moment("retry_at", nullable=True),
    moment("updated_at", now=True),
    CheckConstraint("state IN ('closed', 'open', 'half_open')", name="state"),
)


class Breaker(msgspec.Struct, frozen=True):
    """`retry_at`: when the next try is let through; in `half_open`, until when the running one is waited for."""

    name: str
    state: State
    failures: int
    why: str | None
    opened_at: datetime | None
    retry_at: datetime | None
    updated_at: datetime


_COLUMNS = tuple(breaker.c[name] for name in Breaker.__struct_fields__)


def _now() -> Any:
    return func.clock_timestamp()


async def allow(tx: Tx, name: str) -> float:
    """0 when the call may be made; else the seconds to wait. Of all who ask when the pause is over, one gets 0."""
    row = (await tx.conn.execute(select(breaker.c.state).where(breaker.c.name == name))).one_or_none()
    if row is None or row.state == "closed":
        return 0.0
    due = (breaker.c.name == name, breaker.c.state != "closed", breaker.c.retry_at <= _now())
    trying = {"state": "half_open", "retry_at": _now() + timedelta(seconds=PROBE_SECONDS), "updated_at": _now()}
    statement = update(breaker).where(*due).values(trying).returning(breaker.c.name)
    if (await tx.conn.execute(statement)).first() is not None:
        return 0.0
    left = func.extract("epoch", breaker.c.retry_at - _now())
    query = select(case((breaker.c.state == "closed", literal(0.0)), else_=left)).where(breaker.c.name == name)
    return max(0.0, float((await tx.conn.execute(query)).scalar_one()))


async def succeeded(tx: Tx, name: str) -> bool:
    """The call went well; True when this closed the breaker."""
    before = (
        await tx.conn.execute(select(breaker.c.state).where(breaker.c.name == name).with_for_update())
    ).one_or_none()
    if before is None:
        return False
    values = {"state": "closed", "failures": 0, "why": None, "opened_at": None, "retry_at": None, "updated_at": _now()}
    await tx.conn.execute(update(breaker).where(breaker.c.name == name).values(values))
    return bool(before.state != "closed")


async def failed(tx: Tx, name: str, why: str, *, after: int = FAILURES) -> bool:
    """The call failed by the other side's fault; True when this opened the breaker."""
    statement = insert(breaker).values(name=name, failures=1, why=why[:500])
    counted = statement.on_conflict_do_update(
        index_elements=["name"], set_={"failures": breaker.c.failures + 1, "why": why[:500], "updated_at": _now()}
    ).returning(breaker.c.failures, breaker.c.state)
    row = (await tx.conn.execute(counted)).one()
    if row.failures < after and row.state == "closed":
        return False
    pause = min(MAX_PAUSE_SECONDS, PAUSE_SECONDS * 2.0 ** min(10, max(0, row.failures - after)))
    opened = {"state": "open", "opened_at": func.coalesce(breaker.c.opened_at, _now())}
    opened |= {"retry_at": _now() + timedelta(seconds=pause), "updated_at": _now()}
    await tx.conn.execute(update(breaker).where(breaker.c.name == name).values(opened))
    if row.state == "closed":
        _OPENED.labels(name).inc()
    return bool(row.state == "closed")


async def every(tx: Tx) -> list[Breaker]:
    """All breakers, those that aren't closed first."""
    rows = await tx.conn.execute(select(*_COLUMNS).order_by(breaker.c.state == "closed", breaker.c.name))
    return [Breaker(*row) for row in rows]


async def reset(tx: Tx, name: str) -> bool:
    """A person closes it; True when it was not closed."""
    return await succeeded(tx, name)
