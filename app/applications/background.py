"""The sweep: what a dead run left behind is put in front of a person."""

import structlog

from app.applications import intents, lifecycle, store, verdicts
from app.applications.types import Fenced, Intent
from app.platform import queue
from app.platform.db import Database

log = structlog.get_logger(__name__)
STUCK_SECONDS = 30.0
UNKNOWN_TITLE = "Find out whether this application arrived"


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
            await report_unknown(tx, marked, "The bot stopped after it had started to send.")
    except Fenced:
        return False
    log.warning("intent_unknown", intent=str(intent.id), application=str(intent.application_id))
    return True


async def report_unknown(tx: "queue.Tx", intent: Intent, why: str) -> None:
    """File the unknown outcome with all the evidence there is."""
    app = await lifecycle.load(tx, intent.application_id)
    payload = {
        "intent": str(intent.id),
        "why": why,
        "url": app.apply_url,
        "request": intent.request,
        "response": intent.response,
        "screenshot_key": intent.screenshot_key,
        "answers": intent.answers,
    }
    await lifecycle.needs_person(tx, app.id, kind="unknown_outcome", title=UNKNOWN_TITLE, payload=payload)


async def _stuck(db: Database, app_id: object) -> bool:
    return False
