"""A worker of one task, to be killed: `python -m tests.apply.one_task DATABASE_URL PRACTICE_ORIGIN HOME TASK_ID`."""

import asyncio
import sys
from pathlib import Path
from uuid import UUID

from app.bots.apply.background import ApplyBot, tasks
from app.config import Settings
from app.platform import queue
from app.platform.db import Database
from app.platform.objects import Objects


async def main(database_url: str, origin: str, home: str, task_id: str) -> None:
    settings = Settings(home=Path(home), practice_origin=origin)
    db, objects = Database(database_url), Objects.of(settings)
    bot = ApplyBot(db, objects, settings)
    await queue.run(db, tasks(db, objects, settings, bot=bot), UUID(task_id), 30)
    await bot.close()
    await db.dispose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
