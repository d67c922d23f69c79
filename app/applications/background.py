"""The sweep: what a dead run left behind is put in front of a person."""

from collections.abc import Awaitable
from uuid import UUID

import structlog

from app.applications import intents, lifecycle, outcomes, store, verdicts
from app.applications.types import Application, Fenced, Intent
from app.errors import AppError
from app.platform.db import Database, Tx

log = structlog.get_logger(__name__)
STUCK_SECONDS = 30.0
STUCK_TITLE = "The bot could not finish this application"
STOPPED = "The bot stopped after it had started to send."


async def tick(db: Database) -> int:
    """Armed intents whose run is gone become `unknown`, applications whose task died go to a person; how many.

    The lists only narrow: each item is locked and looked at again in a transaction of its own.
    """
    async with db.transaction() as tx:
        left = await intents.expired(tx)
        stuck = await store.without_task(tx, verdicts.TASK, STUCK_SECONDS)
    done = [await _alone(_unknown(db, intent)) for intent in left]
    done += [await _alone(_stuck(db, app_id)) for app_id in stuck]
    return sum(done)


async def _alone(item: Awaitable[bool]) -> bool:
    """One item, which holds no other up."""
    try:
        return await item
    except Fenced:
        return False
    except AppError as why:
        log.error("left_by_the_sweep", why=why.detail, **why.extra)
        return False


async def _unknown(db: Database, intent: Intent) -> bool:
    async with db.transaction() as tx:
        marked = await intents.mark_unknown(tx, intent.id)
        await outcomes.unknown(tx, marked, STOPPED)
    log.warning("intent_unknown", intent=str(intent.id), application=str(intent.application_id))
    return True


async def _stuck(db: Database, application_id: UUID) -> bool:
    """The bot gave up without a word: give the application to a person, with the last error."""
    async with db.transaction() as tx:
        app = await lifecycle.load(tx, application_id, lock=True)
        if not await store.without_task(tx, verdicts.TASK, STUCK_SECONDS, only=app.id):
            return False
        standing = await intents.live(tx, app.seeker_id, app.vacancy_key)
        mine = standing if standing is not None and standing.application_id == app.id else None
        if mine is not None and mine.state == "armed":
            return False  # the other half of the sweep has it
        if mine is not None and mine.state == "unknown":
            await outcomes.unknown(tx, mine, STOPPED)
        else:
            await _by_hand(tx, app)
    return True


async def _by_hand(tx: Tx, app: Application) -> None:
    await intents.give_up(tx, app)
    payload = {"url": app.apply_url, "why": await store.last_error(tx, verdicts.TASK, app.id)}
    await lifecycle.needs_person(tx, app.id, kind="handover", title=STUCK_TITLE, payload=payload, source="system")
