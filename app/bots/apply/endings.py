"""What an outcome means for intent and application: the writes, each in the caller's transaction."""

from typing import Any, Final
from uuid import UUID

import msgspec

from app.applications import intents, outcomes
from app.applications import service as applications
from app.applications.fitting import BEYOND_WORDS
from app.applications.types import Application, Attempt, Fenced, Intent, IntentHeld
from app.bots.apply import walk
from app.bots.apply.form import Field
from app.bots.apply.plan import Missing
from app.bots.apply.sites import Look
from app.platform import crashpoints
from app.platform.db import Tx
from app.words import later

TEXT_KEPT: Final = 4000


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt with what it leaves: the answers filled in, and the key of the last picture."""

    app: Application
    intent: Intent
    attempt: Attempt
    answers: list[dict[str, Any]]
    picture: str | None


def crash_before_end(outcome: walk.Outcome) -> None:
    """A place where a test kills the process: the site has confirmed and we have not written it down."""
    if isinstance(outcome, walk.Confirmed):
        crashpoints.here("apply.before_confirm")


async def settle_standing(tx: Tx, app: Application) -> bool:
    """Deal with an intent that an earlier run left; True where this application is settled by it."""
    standing = await intents.live(tx, app.seeker_id, app.vacancy_key)
    if standing is None or (standing.state == "prepared" and standing.application_id == app.id):
        return False
    if standing.application_id != app.id:
        await _already(tx, app, standing.state, standing.application_id)
    elif standing.state == "armed":
        await outcomes.unknown(tx, await intents.mark_unknown(tx, standing.id), INTERRUPTED)
    elif standing.state == "unknown":
        await outcomes.unknown(tx, standing, INTERRUPTED)
    else:
        note = "It was sent before"
        await applications.transition(tx, app.id, "applied", source="bot", note=note)
    return True


INTERRUPTED: Final = "The bot was interrupted after it had started to send."


async def _already(tx: Tx, app: Application, state: str, other: UUID) -> None:
    payload = {"url": app.apply_url, "why": "duplicate", "state": state, "other_application": str(other)}
    title = later("Another application for this vacancy exists")
    await applications.needs_person(tx, app.id, kind="handover", title=title, payload=payload)


async def write(tx: Tx, case: Case, outcome: walk.Outcome) -> None:
    """Write what came of an attempt."""
    match outcome:
        case walk.Confirmed():
            await _confirmed(tx, case, outcome)
        case walk.Unknown():
            await _unknown(tx, case, outcome)
        case walk.Refused():
            await _refused(tx, case, outcome)
        case walk.Questions():
            await _give_up(tx, case)
            await _ask(tx, case, outcome.missing, outcome.url, outcome.page)
        case walk.Handover():
            await _give_up(tx, case)
            await _hand_over(tx, case, outcome.what, outcome.why, outcome.url)
        case walk.Rehearsed():
            await _rehearsed(tx, case, outcome)


async def _give_up(tx: Tx, case: Case) -> None:
    """Free the vacancy again. Fenced where a withdrawal or another run was first: then nothing is written here."""
    if await intents.cancel(tx, case.intent.id, case.attempt) is None:
        raise Fenced(intent=str(case.intent.id))


def _response(look: Look | None, status: int | None) -> dict[str, Any]:
    if look is None:
        return {"url": None, "status": status, "title": "", "text": ""}
    return {"url": look.url, "status": status, "title": look.title, "text": look.text[:TEXT_KEPT]}


async def _confirmed(tx: Tx, case: Case, outcome: walk.Confirmed) -> None:
    await outcomes.submitted(
        tx,
        case.intent.id,
        case.attempt,
        confirmation=outcome.confirmation,
        response=_response(outcome.look, outcome.status),
        screenshot_key=case.picture,
    )


async def _unknown(tx: Tx, case: Case, outcome: walk.Unknown) -> None:
    response = _response(outcome.look, outcome.status)
    marked = await intents.mark_unknown(
        tx, case.intent.id, case.attempt, response=response, screenshot_key=case.picture
    )
    await outcomes.unknown(tx, marked, outcome.why)


async def _refused(tx: Tx, case: Case, outcome: walk.Refused) -> None:
    """The site itself says that it took nothing; what it disliked is asked for."""
    response = {"status": outcome.status, "problems": list(outcome.problems)}
    await intents.prove_not_sent(tx, case.intent.id, attempt=case.attempt, response=response)
    url = case.app.apply_url or ""
    if outcome.missing:
        await _ask(tx, case, outcome.missing, url, None)
    else:
        await _hand_over(tx, case, "refused", "; ".join(outcome.problems), url)


async def _ask(tx: Tx, case: Case, missing: tuple[Missing, ...], url: str, page: int | None) -> None:
    """A review of kind question: the fields that need an answer, with their options. By hand where words are none."""
    beyond = [one for one in missing if one.field.kind in BEYOND_WORDS]
    if beyond:
        why = "; ".join(f"“{one.field.label}”: {one.why}" for one in beyond)
        await _hand_over(tx, case, beyond[0].field.kind, f"The form wants what a bot has not got. {why}", url)
        return
    many = "an answer" if len(missing) == 1 else f"{len(missing)} answers"
    title = f"The form asks for {many}"
    payload = {
        "url": url,
        "page": page,
        "fields": [_question(one.field, one.why) for one in missing],
        "answers": case.answers,
        "screenshot_key": case.picture,
    }
    await applications.needs_person(tx, case.app.id, kind="question", title=title, payload=payload)


def _question(field: Field, why: str) -> dict[str, Any]:
    """Whatever is asked about needs an answer, the form's optional questions too: the bot would only ask again."""
    return {
        "key": field.name,
        "question": field.label,
        "kind": field.kind,
        "options": [option.label for option in field.options if option.value != ""],
        "required": True,
        "max_length": field.max_length,
        "why": why,
    }


async def _hand_over(tx: Tx, case: Case, what: str, why: str, url: str) -> None:
    """A link and copyable answers: a person sends it and says "sent, number …"."""
    payload = {
        "url": url,
        "obstacle": what,
        "why": why,
        "answers": case.answers,
        "resume_version": str(case.app.resume_version_id) if case.app.resume_version_id else None,
        "screenshot_key": case.picture,
    }
    await applications.needs_person(tx, case.app.id, kind="handover", title="Send it by hand", payload=payload)


async def _rehearsed(tx: Tx, case: Case, outcome: walk.Rehearsed) -> None:
    await intents.rehearsed(tx, case.intent.id, case.attempt, answers=case.answers, screenshot_key=case.picture)
    why = "This was a rehearsal: everything was filled in and read back, and nothing was sent."
    if outcome.more_pages:
        why += " The form has further pages, which a rehearsal doesn't reach."
    await _hand_over(tx, case, "rehearsal", why, case.app.apply_url or outcome.url)


async def write_lost(tx: Tx, app: Application, intent_id: UUID, attempt: Attempt, why: str, *, last: bool) -> bool:
    """The browser failed. Armed: unknown. Else, after the last try, a person. False: try again."""
    intent = await intents.get(tx, intent_id)
    if (
        intent is not None
        and intent.state == "armed"
        and (intent.task_id, intent.epoch) == (attempt.task_id, attempt.epoch)
    ):
        await outcomes.unknown(tx, await intents.mark_unknown(tx, intent_id, attempt), f"The browser was lost: {why}.")
        return True
    if not last:
        return False
    if intent is not None and await intents.cancel(tx, intent_id, attempt) is not None:
        case = Case(app=app, intent=intent, attempt=attempt, answers=[], picture=None)
        await _hand_over(tx, case, "unreachable", f"The bot can't work this page: {why}", app.apply_url or "")
    return True


async def write_overtaken(
    tx: Tx, app: Application, intent_id: UUID, attempt: Attempt, why: Fenced | IntentHeld
) -> None:
    """Nothing left from this run. A twin goes to a person; where another run or a person was first, that stands."""
    now = await applications.get(tx, app.id, lock=True)
    if isinstance(why, IntentHeld) and now.status == "applying":
        try:
            await intents.cancel(tx, intent_id, attempt)
        except Fenced:
            return
        await _already(tx, now, str(why.extra.get("state")), UUID(str(why.extra["application"])))
