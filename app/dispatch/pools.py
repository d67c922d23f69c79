"""Verbs on pools: what they are for, whom they give to, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from app.accounts import audit
from app.dispatch import hours
from app.dispatch.incident import freeze_new_groups
from app.dispatch.models import GENERAL
from app.dispatch.store import alerts, defaults
from app.dispatch.store import pools as store
from app.dispatch.tell import Telling
from app.dispatch.types import PoolView
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.platform.db import Tx
from app.words import gettext as _
from app.words import later

STRATEGIES: Final = ("round_robin", "least_loaded")
DAY: Final = 86_400
_SECONDS: Final = {
    "sla_seconds": later("The clock of a large review"),
    "sla_small_seconds": later("The clock of a small review"),
    "target_seconds": later("The target for waiting"),
}


async def list_pools(tx: Tx) -> list[PoolView]:
    """Every pool, by name."""
    await defaults.general_pool(tx)
    return await store.list_pools(tx)


async def get_pool(tx: Tx, pool_id: UUID) -> PoolView:
    """Raises NotFound."""
    found = next((pool for pool in await store.list_pools(tx) if pool.id == pool_id), None)
    if found is None:
        raise NotFound(_("There is no such pool."), pool=str(pool_id))
    return found


async def add_pool(tx: Tx, *, actor: UUID | None, name: str, group: str | None = None, **given: Any) -> PoolView:
    """A new pool; its group is `general` where none is named. `given` as in `change_pool`. Raises Invalid, Conflict."""
    values = _checked({"name": name} | given)
    group = " ".join((group or GENERAL).split())
    if not 1 <= len(group) <= 60:
        raise Invalid(errors=[FieldError("group", _("A group's name has 1 to 60 characters."))])
    await defaults.general_pool(tx)
    added = await store.add_pool(tx, group, values)
    if added is None:
        raise Conflict(_("A pool of this name exists already."), name=values["name"])
    await freeze_new_groups(tx)
    await audit.record(tx, actor=actor, action="pool.add", subject_type="pool", subject_id=added, data=values)
    return await get_pool(tx, added)


async def change_pool(tx: Tx, pool_id: UUID, *, actor: UUID, **given: Any) -> PoolView:
    """Change what is given: name, region, category, strategy, by_skills, sla_seconds, sla_small_seconds,
    target_seconds, hours.

    None takes a region, a category or a clock away. Clocks that run already stay as they are.
    Raises Invalid, Conflict, NotFound.
    """
    before = await get_pool(tx, pool_id)
    values = _checked(given)
    if before.name == GENERAL != values.get("name", GENERAL):
        raise Invalid(
            errors=[FieldError("name", _("The pool general keeps its name: what has no other place goes there."))]
        )
    if values:
        if not await store.change_pool(tx, pool_id, values):
            raise Conflict(_("A pool of this name exists already."), name=values["name"])
        if values.get("target_seconds", before.target_seconds) != before.target_seconds:
            await alerts.afresh(tx, pool_id)
        await audit.record(tx, actor=actor, action="pool.change", subject_type="pool", subject_id=pool_id, data=values)
        await _told(tx, pool_id)
    return await get_pool(tx, pool_id)


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are kept. Raises Invalid with every field that is wrong."""
    values: dict[str, Any] = {
        key: " ".join(value.split()) if isinstance(value, str) else value for key, value in given.items()
    }
    values |= {key: values[key] or None for key in ("region", "category") if key in values}
    if "hours" in values:
        values["hours"] = hours.checked(values["hours"])
    wrong = [FieldError(key, why) for key, value in values.items() if (why := _wrong(key, value))]
    if wrong:
        raise Invalid(errors=wrong)
    return values


def _wrong(key: str, value: Any) -> str | None:
    if key == "name" and not 1 <= len(value) <= 60:
        return _("A pool's name has 1 to 60 characters.")
    if key in ("region", "category") and len(value or "") > 40:
        return (
            _("A region has at most 40 characters.") if key == "region" else _("A category has at most 40 characters.")
        )
    if key == "strategy" and value not in STRATEGIES:
        return _("Takes %(strategies)s.", strategies=" or ".join(STRATEGIES))
    if key in _SECONDS and value is not None and not 1 <= value <= DAY:
        return _(
            "%(clock)s is 1 to %(most)s seconds, or empty for the general setting.", clock=_(_SECONDS[key]), most=DAY
        )
    return None


async def pause_pool(tx: Tx, pool_id: UUID, *, actor: UUID, paused: bool, reason: str = "") -> None:
    """Stop giving reviews of this pool out, or go on. Raises NotFound."""
    await store.pause_pool(tx, pool_id, paused=paused)
    action = "pool.pause" if paused else "pool.resume"
    await audit.record(tx, actor=actor, action=action, subject_type="pool", subject_id=pool_id, reason=reason)
    await _told(tx, pool_id)


async def _told(tx: Tx, pool_id: UUID) -> None:
    told = Telling()
    told.pools.add(pool_id)
    await told.send(tx)
