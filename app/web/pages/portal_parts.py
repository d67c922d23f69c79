"""What the portal's pages share: the caller's gates, an application's card, whether there is a resume."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from litestar.di import NamedDependency

from app.applications import intents, undo
from app.applications import service as applications
from app.applications.types import Application, Intent
from app.platform.db import Tx
from app.seekers import service as seekers
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.pages import cards
from app.web.pages.cards import Card
from app.web.pages.gates import Gates
from app.web.pages.gates import gates as gates_of

GatesDep = NamedDependency[Gates]


async def provide_gates(tx: TxDep, principal: PrincipalDep, resources: ResourcesDep) -> Gates:
    """The caller's own."""
    return gates_of((await seekers.get(tx, principal.user_id)).thresholds, resources.settings)


async def attempt_of(tx: Tx, app: Application) -> Intent | None:
    """The attempt that has the proof: the latest one with a picture, else the latest."""
    tries = await intents.of_application(tx, app.id)
    return next((one for one in tries if one.screenshot_key), tries[0] if tries else None)


async def card_of(tx: Tx, app: Application, gates: Gates, *, whole: bool = False) -> Card:
    """A whole card has the timeline and the picture; the others have at most one more line."""
    wants_line = whole or app.status == "not_applied"
    timeline = await applications.timeline(tx, app.id) if wants_line else []
    attempt = await attempt_of(tx, app) if whole else None
    shot = bool(attempt and attempt.screenshot_key)
    return cards.card(app, gates, timeline, shot=shot, whole=whole, may_undo=await undo.may_undo(tx, app))


async def cards_of(tx: Tx, apps: Sequence[Application], gates: Gates) -> list[Card]:
    """What needs the seeker, or may be undone, comes first; the order stays otherwise."""
    found = [await card_of(tx, app, gates) for app in apps]
    return sorted(found, key=lambda card: not (card.asks or card.may_undo))


async def has_resume(tx: Tx, seeker_id: UUID) -> bool:
    return bool(await seekers.resumes(tx, seeker_id, limit=1))
