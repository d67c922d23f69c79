"""The sweep: what a dead run left behind is put in front of a person."""

from uuid import UUID

import structlog

from app.applications import intents, lifecycle, outcomes, store, verdicts
from app.applications.types import Fenced, Intent
from app.platform.db import Database

log = structlog.get_logger(__name__)
STUCK_SECONDS = 30.0
STUCK_TITLE = "The bot could not finish this application"


async def tick(db: Database) -> int:
    """Armed intents whose run is gone become `unknown`, applications whose task died go to a person; how many.

    The lists only narrow: each item is locked and looked at again in a transaction of its own.
    """
    async with db.transaction() as tx:
        left = await intents.expired(tx)
        stuck = await store.without_task(tx, verdicts.TASK, STUCK_SECONDS, 100)
    done = [await _unknown(db, intent) for intent in left]
    done += [await _stuck(db, app_id) for app_id in stuck]
    return sum(done)


async def _unknown(db: Database, intent: Intent) -> bool:
    try:
        async with db.transaction() as tx:
            marked = await intents.mark_unknown(tx, intent.id)
            await outcomes.unknown(tx, marked, "The bot stopped after it had started to send.")
    except Fenced:
        return False
    log.warning("intent_unknown", intent=str(intent.id), application=str(intent.application_id))
    return True


async def _stuck(db: Database, application_id: UUID) -> bool:
    """The bot gave up without a word: give the application to a person, with the last error."""
    async with db.transaction() as tx:
        app = await lifecycle.load(tx, application_id, lock=True)
        if app.id not in await store.without_task(tx, verdicts.TASK, STUCK_SECONDS, 10_000):
            return False
        standing = await intents.live(tx, app.seeker_id, app.vacancy_key)
        if standing is not None and standing.application_id == app.id and standing.state == "armed":
            return False  # the other half of the sweep has it
        if standing is not None and standing.application_id == app.id:
            await intents.cancel(tx, standing.id)
        payload = {"url": app.apply_url, "why": await store.last_error(tx, verdicts.TASK, app.id)}
        await lifecycle.needs_person(tx, app.id, kind="handover", title=STUCK_TITLE, payload=payload, source="system")
    return True
