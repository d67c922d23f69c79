"""`cabrank migrate`, and the migration step of `cabrank up`."""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.config import ConfigError
from app.platform.db import Database
from app.process import ROOT, pool_size, settings_of

OTHERS = 8  # commands, a backup, a person who looks
_NAMED = re.compile(r"^(revision|down_revision)\b[^=]*= *[\"']([^\"']+)[\"']", re.M)


def heads(folder: Path = ROOT / "migrations" / "versions") -> set[str]:
    """The newest revisions, read from the files' text: Alembic itself takes a second to say so."""
    found = [_NAMED.findall(path.read_text()) for path in folder.glob("*.py")]
    made = {name for pairs in found for what, name in pairs if what == "revision"}
    return made - {name for pairs in found for what, name in pairs if what == "down_revision"}


async def at_head(db: Database) -> bool:
    """Whether the database needs no migration."""
    try:
        async with db.transaction() as tx:
            rows = await tx.conn.execute(text("SELECT version_num FROM alembic_version"))
            return set(rows.scalars()) == heads()
    except SQLAlchemyError:
        return False


async def check_connections(db: Database, components: Iterable[str]) -> None:
    """Raises ConfigError when the server allows fewer connections than these components may hold together."""
    need = sum(pool_size(name) for name in components) + OTHERS
    async with db.transaction() as tx:
        allowed = int((await tx.conn.execute(text("SHOW max_connections"))).scalar_one())
    if allowed < need:
        raise ConfigError(f"DATABASE_URL: got a server with max_connections {allowed}, takes at least {need}")


async def bring_up(db: Database, url: str) -> None:
    """Migrate where it is needed."""
    if not await at_head(db):
        from app.platform.migrate import upgrade

        await asyncio.to_thread(upgrade, url)


def migrate(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    settings = settings_of(environ)
    from app.platform.migrate import upgrade

    upgrade(str(settings.database_url))
    print("the database is at this version")
    return 0
