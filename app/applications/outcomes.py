"""How an attempt ends, written for the application: submitted, unknown, or proved not to have arrived."""

from typing import Any
from uuid import UUID

from app.applications import intents, lifecycle, verdicts
from app.applications.types import Application, Attempt, Intent
from app.platform.db import Tx

UNKNOWN_TITLE = "Find out whether this application arrived"


async def submitted(
    tx: Tx,
    intent_id: UUID,
    attempt: Attempt,
    *,
    confirmation: str | None,
    response: dict[str, Any],
    screenshot_key: str | None,
) -> Application:
    """The employer's page said yes: intent `confirmed`, application `applied`, the seeker and others are told."""
    intent = await intents.confirm(
        tx, intent_id, attempt, confirmation=confirmation, response=response, screenshot_key=screenshot_key
    )
    note = f"Confirmed: {confirmation}" if confirmation else "Confirmed by the employer's page"
    data = {"confirmation": confirmation, "intent": str(intent.id)}
    changes = {"confirmation": confirmation}
    app = await lifecycle.transition(
        tx, intent.application_id, "applied", source="bot", note=note, data=data, changes=changes
    )
    await verdicts.submitted(tx, app)
    return app


async def unknown(tx: Tx, intent: Intent, why: str, *, source: str = "bot") -> Application:
    """After intents.mark_unknown: put a person in front of it, with all the evidence there is."""
    app = await lifecycle.load(tx, intent.application_id, lock=True)
    payload = {
        "intent": str(intent.id),
        "why": why,
        "url": app.apply_url,
        "request": intent.request,
        "response": intent.response,
        "screenshot_key": intent.screenshot_key,
        "answers": intent.answers,
    }
    return await lifecycle.needs_person(
        tx, app.id, kind="unknown_outcome", title=UNKNOWN_TITLE, payload=payload, source=source
    )
