"""A database, a Valkey and a transaction for commands that do one thing and end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.errors import Unavailable
from app.platform.db import Database
from app.process import open_database, open_redis, settings_of

T = TypeVar("T")
NO_ENGINE = "No database answers. With the embedded engines, `cabrank up` must be running under the same CABRANK_HOME."


async def _run(settings: Settings, act: Callable[[Database], Awaitable[T]]) -> T:
    redis = open_redis(settings)
    db = open_database(settings, "command", redis, pool=2)
    try:
        return await act(db)
    except (OSError, SQLAlchemyError) as why:
        raise Unavailable(f"{NO_ENGINE} ({type(why).__name__})") from why
    finally:
        await db.dispose()
        await redis.aclose()


def once(environ: Mapping[str, str], act: Callable[[Database], Awaitable[T]]) -> T:
    """Run `act` on an open database; hints leave if Valkey is there. Raises Unavailable in one line when it isn't."""
    return asyncio.run(_run(settings_of(environ), act))
