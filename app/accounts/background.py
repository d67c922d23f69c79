"""What accounts forget by themselves: sessions that ended long ago, and first answers of the day before."""

from __future__ import annotations

from app.accounts import idempotency, sessions
from app.platform.db import Database


async def tick(db: Database) -> int:
    """One round; how many rows went."""
    async with db.transaction() as tx:
        return await sessions.purge(tx) + await idempotency.purge(tx)
