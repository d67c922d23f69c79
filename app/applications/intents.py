"""Submit once: the intent is unique per seeker and vacancy, and says how far the one attempt came.

    prepared ──▶ armed ──▶ confirmed | unknown | proved_not_sent
       │  └────▶ cancelled, rehearsed          unknown ──▶ confirmed | proved_not_sent   (by a person)

A crash while `prepared` may be tried again: nothing has left. `armed` is committed before the request leaves, so a
crash while armed is `unknown`, and no machine tries it again. Every write names the state it starts from and the
epoch it was made in; whoever lost that race gets `Fenced` and must stop.
"""

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from sqlalchemy import func

from app.applications import incidents
from app.applications import intent_store as rows
from app.applications.lifecycle import load
from app.applications.types import Application, Attempt, Fenced, Intent, IntentHeld
from app.platform.db import Tx
from app.words import gettext as _

_TRACKING = re.compile(r"^(utm_.*|gh_src|lever-(source|origin).*|ref|referrer|source|src|fbclid|gclid|trk)$", re.I)


def link_key(url: str | None) -> str | None:
    """The canonical form of an apply link: no scheme, no `www.`, no tracking parameters, no final slash."""
    if not url:
        return None
    parts = urlsplit(url.strip())
    kept = sorted((k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k))
    host = (parts.hostname or "").removeprefix("www.") + (f":{parts.port}" if parts.port else "")
    return f"{host}{parts.path.rstrip('/')}" + (f"?{urlencode(kept)}" if kept else "")


def title_key(company: str, title: str) -> str:
    """Employer and title with case, punctuation and spaces taken out of the comparison."""
    return "|".join(" ".join(re.findall(r"\w+", part.casefold())) for part in (company, title))


async def prepare(tx: Tx, app: Application, attempt: Attempt, answers: list[dict[str, Any]]) -> Intent:
    """Claim the vacancy for this run, or take over what an earlier run of the same application left `prepared`.

    Raises IntentHeld where an intent stands that this run may not touch: armed, unknown or confirmed, or prepared
    for another posting of the same vacancy.
    """
    await rows.lock_seeker(tx, app.seeker_id)
    standing = await rows.live(tx, app.seeker_id, app.vacancy_key)
    if standing is None:
        return await rows.create(tx, _fresh(app, attempt, answers))
    if standing.state == "prepared" and standing.application_id == app.id and _may_take_over(standing, attempt):
        taken = {"task_id": attempt.task_id, "epoch": attempt.epoch, "answers": answers}
        return await _write(tx, standing, "prepared", taken | {"prepared_at": func.clock_timestamp()})
    raise IntentHeld(intent=str(standing.id), state=standing.state, application=str(standing.application_id))


def _fresh(app: Application, attempt: Attempt, answers: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "seeker_id": app.seeker_id,
        "vacancy_key": app.vacancy_key,
        "application_id": app.id,
        "state": "prepared",
        "task_id": attempt.task_id,
        "epoch": attempt.epoch,
        "link_key": link_key(app.apply_url),
        "title_key": title_key(app.company, app.title),
        "answers": answers,
    }


def _may_take_over(standing: Intent, attempt: Attempt) -> bool:
    return standing.task_id != attempt.task_id or standing.epoch <= attempt.epoch


async def _write(tx: Tx, intent: Intent, state: str, values: dict[str, Any]) -> Intent:
    """Write where the row is still as we read it; Fenced when somebody was faster."""
    written = await rows.change(tx, intent, values | {"state": state})
    if written is None:
        raise Fenced(intent=str(intent.id), state=intent.state)
    return written


async def _locked(tx: Tx, intent_id: UUID, state: str) -> Intent:
    """The intent in `state`, locked after its application: everybody locks in this order. Fenced in another state."""
    seen = await rows.by_id(tx, intent_id)
    if seen is not None:
        await load(tx, seen.application_id, lock=True)
    intent = await rows.by_id(tx, intent_id, lock=True)
    if intent is None or intent.state != state:
        raise Fenced(intent=str(intent_id), state=intent.state if intent else "gone")
    return intent


async def _mine(tx: Tx, intent_id: UUID, attempt: Attempt, state: str) -> Intent:
    intent = await _locked(tx, intent_id, state)
    if (intent.task_id, intent.epoch) != (attempt.task_id, attempt.epoch):
        raise Fenced(intent=str(intent_id), state=intent.state)
    return intent


async def arm(
    tx: Tx,
    intent_id: UUID,
    attempt: Attempt,
    *,
    request: dict[str, Any],
    answers: list[dict[str, Any]],
    sent: bool = False,
) -> Intent:
    """Last moment before the request leaves; commit this first. Raises Fenced, IntentHeld or OnHold: then nothing may.

    `sent`: it is seen to have left already, so that it has to be noted whatever is stopped.
    Holds the application's row, so that a withdrawal is either before (and we stop) or after (and it was sent).
    """
    if not sent:
        await incidents.check(tx)
    intent = await rows.by_id(tx, intent_id)
    if intent is None:
        raise Fenced(intent=str(intent_id), state="gone")
    app = await load(tx, intent.application_id, lock=True)
    if app.status != "applying":
        raise Fenced(_("The application is %(state)s now.", state=app.status.replace("_", " ")), intent=str(intent_id))
    await rows.lock_seeker(tx, intent.seeker_id)
    intent = await _mine(tx, intent_id, attempt, "prepared")
    twin = await rows.twin(tx, intent)
    if twin is not None:
        raise IntentHeld(intent=str(twin.id), state=twin.state, application=str(twin.application_id))
    armed = {"armed_at": func.clock_timestamp(), "request": request, "answers": answers}
    return await _write(tx, intent, "armed", armed)


async def confirm(
    tx: Tx,
    intent_id: UUID,
    attempt: Attempt,
    *,
    confirmation: str | None,
    response: dict[str, Any],
    screenshot_key: str | None,
) -> Intent:
    """The employer's page said yes. Only from `armed` and only by the run that armed it."""
    intent = await _mine(tx, intent_id, attempt, "armed")
    proof = {"confirmation": confirmation, "response": response, "screenshot_key": screenshot_key}
    return await _write(tx, intent, "confirmed", proof | {"ended_at": func.clock_timestamp()})


async def mark_unknown(
    tx: Tx,
    intent_id: UUID,
    attempt: Attempt | None = None,
    *,
    response: dict[str, Any] | None = None,
    screenshot_key: str | None = None,
) -> Intent:
    """Armed, and nobody knows what came of it. `attempt` None: the sweep, after the run's lease ran out."""
    intent = await (_locked(tx, intent_id, "armed") if attempt is None else _mine(tx, intent_id, attempt, "armed"))
    evidence: dict[str, Any] = {"response": response} if response else {}
    evidence |= {"screenshot_key": screenshot_key} if screenshot_key else {}
    return await _write(tx, intent, "unknown", evidence)


async def prove_not_sent(
    tx: Tx,
    intent_id: UUID,
    *,
    by: UUID | None = None,
    attempt: Attempt | None = None,
    response: dict[str, Any] | None = None,
) -> Intent:
    """It certainly did not arrive: a person says so (`by`), or a known site's own refusal proves it (`attempt`)."""
    if (by is None) == (attempt is None):
        raise ValueError("either a person or the run that armed it")
    intent = await (_locked(tx, intent_id, "unknown") if attempt is None else _mine(tx, intent_id, attempt, "armed"))
    ended: dict[str, Any] = {"ended_at": func.clock_timestamp(), "decided_by": by}
    return await _write(tx, intent, "proved_not_sent", ended | ({"response": response} if response else {}))


async def rehearsed(
    tx: Tx, intent_id: UUID, attempt: Attempt, *, answers: list[dict[str, Any]], screenshot_key: str | None
) -> Intent:
    """Everything but the sending was done."""
    intent = await _mine(tx, intent_id, attempt, "prepared")
    kept = {"answers": answers, "screenshot_key": screenshot_key, "ended_at": func.clock_timestamp()}
    return await _write(tx, intent, "rehearsed", kept)


async def cancel(tx: Tx, intent_id: UUID, attempt: Attempt | None = None) -> Intent | None:
    """Give a prepared intent up; None when it had gone further already. `attempt` None: a person withdrew."""
    seen = await rows.by_id(tx, intent_id)
    if seen is None or seen.state != "prepared":
        return None
    intent = await (
        _locked(tx, intent_id, "prepared") if attempt is None else _mine(tx, intent_id, attempt, "prepared")
    )
    return await _write(tx, intent, "cancelled", {"ended_at": func.clock_timestamp()})


async def give_up(tx: Tx, app: Application) -> None:
    """Cancel what this application has prepared, if it has; what went further stands."""
    standing = await rows.live(tx, app.seeker_id, app.vacancy_key)
    if standing is not None and standing.application_id == app.id:
        await cancel(tx, standing.id)


async def confirm_by_person(tx: Tx, app: Application, *, confirmation: str | None, by: UUID) -> Intent:
    """A person sent it by hand, or found out that it was sent: the vacancy is spoken for from now on.

    An earlier proof stays as it is where the person brings no number of their own.
    """
    await rows.lock_seeker(tx, app.seeker_id)
    proof = {"confirmation": confirmation, "decided_by": by, "ended_at": func.clock_timestamp()}
    standing = await rows.live(tx, app.seeker_id, app.vacancy_key)
    if standing is None:
        attempt = Attempt(task_id=app.id, epoch=0)
        fresh = await rows.create(tx, _fresh(app, attempt, []))
        return await _write(tx, fresh, "confirmed", proof)
    if standing.state == "confirmed" and standing.application_id != app.id:
        raise IntentHeld(intent=str(standing.id), state=standing.state, application=str(standing.application_id))
    if standing.state == "confirmed" and confirmation is None:
        return standing
    return await _write(tx, standing, "confirmed", proof)


live = rows.live
of_application = rows.of_application
get = rows.by_id
expired = rows.expired
