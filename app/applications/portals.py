"""Where an operator has allowed real submissions. Everything else is a rehearsal."""

from sqlalchemy import select

from app.applications.models import portal
from app.platform.db import Tx


async def is_live(tx: Tx, name: str | None) -> bool:
    """Whether submissions to this portal are switched on; an unknown portal is off."""
    found = (await tx.conn.execute(select(portal.c.live).where(portal.c.name == name))).scalar_one_or_none()
    return bool(found)
