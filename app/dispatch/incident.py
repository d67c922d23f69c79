"""Incident mode, one act: submissions stop, clocks stand still, and on leaving the deadlines move.

The clocks stand still as a lasting outage of the component `incident` in every group's ledger. Each group's row is
locked before its ledger is written, as its dispatcher's whole wake does, so that no wake decides in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import select

from app.accounts import audit
from app.accounts import service as accounts
from app.applications import incidents
from app.applications.incidents import Incident
from app.dispatch.models import employee, pool, pool_group
from app.dispatch.policy.types import Rules
from app.dispatch.reckon import give_back
from app.dispatch.store import defaults, ledger, strikes
from app.dispatch.tell import Telling
from app.errors import Conflict, FieldError, Invalid
from app.platform.db import Tx
from app.words import gettext as _

COMPONENT: Final = "incident"
STOPPED: Final = "Submissions are stopped: the bots send nothing."
FROZEN: Final = "All clocks stand still: no warning, no end and no strike until it is over."


class Over(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that has ended, and how many strikes of its time still count: they may be voided."""

    incident: Incident
    start: datetime
    end: datetime
    strikes: int


async def begin_incident(
    tx: Tx, *, actor: UUID, reason: str, stop_submissions: bool = True, freeze_clocks: bool = True
) -> Incident:
    """Raises Invalid, and Conflict while another lasts."""
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid(errors=[FieldError("reason", _("Say why; it is kept, and everybody sees it."))])
    if not (stop_submissions or freeze_clocks):
        raise Invalid(errors=[FieldError("stop_submissions", _("Stop submissions, freeze clocks, or both."))])
    groups = await _locked_groups(tx)
    stops = {"stop_submissions": stop_submissions, "freeze_clocks": freeze_clocks}
    begun = await incidents.begin(tx, by=actor, reason=reason, **stops)
    if begun is None:
        raise Conflict(_("An incident lasts already; end it first."))
    await _freeze(tx, begun, groups)
    await _record(tx, actor, "incident.begin", begun, reason)
    await _tell(tx, actor, f"Incident: {reason}. {words(begun)}")
    return begun


def words(incident: Incident) -> str:
    """What it means while it lasts."""
    told = [STOPPED] if incident.stop_submissions else []
    return " ".join([*told, FROZEN] if incident.freeze_clocks else told)


async def end_incident(tx: Tx, *, actor: UUID, rules: Rules) -> Over:
    """Leave it: deadlines move by its time. Raises Conflict where none lasts."""
    groups = await _locked_groups(tx)
    ended = await incidents.end(tx, by=actor)
    if ended is None or ended.ended_at is None:
        raise Conflict(_("No incident lasts."))
    for group in groups if ended.freeze_clocks else ():
        await ledger.end(tx, group, [COMPONENT], ended.ended_at)
        await give_back(tx, group, rules.delivery_grace_seconds)
    await _record(tx, actor, "incident.end", ended, None)
    moved = " Deadlines have moved by its time." if ended.freeze_clocks else ""
    await _tell(tx, actor, f"The incident is over.{moved}")
    return await _over(tx, ended, ended.ended_at)


async def current_incident(tx: Tx) -> Incident | None:
    """The incident that lasts."""
    return await incidents.current(tx)


async def last_incident(tx: Tx) -> Over | None:
    """The incident of the last day that ended last, with what there is to void."""
    found = await incidents.last(tx)
    return await _over(tx, found, found.ended_at) if found is not None and found.ended_at is not None else None


async def _over(tx: Tx, ended: Incident, end: datetime) -> Over:
    counting = await strikes.between(tx, ended.started_at, end)
    return Over(incident=ended, start=ended.started_at, end=end, strikes=len(counting))


async def freeze_new_groups(tx: Tx) -> None:
    """A group that is made during an incident stands still like the others.

    The locks let nobody begin or end one meanwhile: what is frozen after the end would stand still for ever.
    """
    await _locked_groups(tx)
    lasting = await incidents.current(tx)
    if lasting is not None:
        await _freeze(tx, lasting, await defaults.groups(tx))


async def _freeze(tx: Tx, incident: Incident, groups: Sequence[UUID]) -> None:
    for group in groups if incident.freeze_clocks else ():
        await ledger.begin(tx, group, COMPONENT, incident.started_at)


async def _locked_groups(tx: Tx) -> list[UUID]:
    """Asked again after the wait: a group may have been made by whoever held them."""
    await defaults.general_pool(tx)
    await tx.conn.execute(select(pool_group.c.id).order_by(pool_group.c.id).with_for_update(key_share=True))
    return await defaults.groups(tx)


async def _record(tx: Tx, actor: UUID, action: str, incident: Incident, reason: str | None) -> None:
    data: dict[str, Any] = {"stop_submissions": incident.stop_submissions, "freeze_clocks": incident.freeze_clocks}
    await audit.record(
        tx, actor=actor, action=action, subject_type="incident", subject_id=incident.id, data=data, reason=reason
    )


async def _tell(tx: Tx, actor: UUID, text: str) -> None:
    """Everybody at work sees it at once; the boards of all pools draw it anew."""
    told = Telling()
    by = (await accounts.get_user(tx, actor)).name
    for row in await tx.conn.execute(select(employee.c.user_id)):
        told.person(row[0], "system_notification", {"text": text, "from": by})
    for row in await tx.conn.execute(select(pool.c.id)):
        told.pool(row[0], "incident_changed", {"text": text})
    await told.send(tx)
