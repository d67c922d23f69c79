"""Which dispatcher process leads how many groups."""

from __future__ import annotations

from typing import Final

from app.platform.db import Transaction

# A process that beats and leads nothing is a standby; a holder's name begins with its process's.
_SHARES: Final = """
SELECT b.instance, count(l.name) FROM process_beat b
LEFT JOIN lease l ON l.name LIKE 'dispatcher:%' AND starts_with(l.holder, b.instance || ':')
  AND l.beat_at > clock_timestamp() - interval '3 seconds'
WHERE b.component = 'dispatcher' AND b.beat_at > clock_timestamp() - interval '3 seconds'
GROUP BY b.instance
"""


async def shares(tx: Transaction) -> dict[str, int]:
    """The live processes by name, with the number of leases that each holds."""
    rows = await (await tx.driver()).fetch(_SHARES)
    return {row[0]: row[1] for row in rows}
