"""A POST repeated with its Idempotency-Key gets the first answer again and does nothing twice.

The key's row is taken first, in the transaction of the effect: a second request waits on it until the first commits,
and where the first rolled back, nothing was taken.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import idempotency
from app.errors import FieldError, Invalid
from app.platform.db import Tx
from app.words import gettext as _
from app.words import later

KEPT = timedelta(days=1)
_KEY = (idempotency.c.caller_id, idempotency.c.key)


class FirstAnswer(msgspec.Struct, frozen=True):
    """What the first request was answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class KeyReused(Invalid):
    title = later("This Idempotency-Key was used for another request")


async def claim(tx: Tx, caller: UUID, key: str, request_hash: bytes) -> FirstAnswer | None:
    """Take the key for this transaction, or the first answer. Raises KeyReused."""
    old = idempotency.c.at < func.clock_timestamp() - KEPT
    await tx.conn.execute(delete(idempotency).where(_KEY[0] == caller, _KEY[1] == key, old))
    wanted = insert(idempotency).values(caller_id=caller, key=key, request_hash=request_hash)
    taken = await tx.conn.execute(wanted.on_conflict_do_nothing().returning(idempotency.c.key))
    return None if taken.first() else await _first(tx, caller, key, request_hash)


async def _first(tx: Tx, caller: UUID, key: str, request_hash: bytes) -> FirstAnswer:
    columns = (idempotency.c.request_hash, idempotency.c.status, idempotency.c.headers, idempotency.c.body)
    row: Any = (await tx.conn.execute(select(*columns).where(_KEY[0] == caller, _KEY[1] == key))).one()
    if row.request_hash != request_hash:
        raise KeyReused(errors=[FieldError("Idempotency-Key", _("Use a new key for each new request."))])
    return FirstAnswer(row.status, [(name, value) for name, value in row.headers], row.body)


async def keep(tx: Tx, caller: UUID, key: str, answer: FirstAnswer) -> None:
    """The answer of this transaction, for whoever asks again."""
    values = {"status": answer.status, "headers": [list(pair) for pair in answer.headers], "body": answer.body}
    await tx.conn.execute(update(idempotency).where(_KEY[0] == caller, _KEY[1] == key).values(values))


async def purge(tx: Tx) -> int:
    """Forget the answers of before yesterday; how many."""
    gone = await tx.conn.execute(delete(idempotency).where(idempotency.c.at < func.clock_timestamp() - KEPT))
    return gone.rowcount
