"""The supervisor's page of pools: what each queue is for, whom it gives to, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Template

from app.config import Settings
from app.dispatch import service as dispatch
from app.dispatch.types import PoolView
from app.errors import FieldError, Invalid
from app.platform.db import Tx
from app.postings import labels, places
from app.web.deps import PrincipalDep, ResourcesDep, TxDep
from app.web.guards import requires
from app.web.texts import Line, Words
from app.words import gettext as _
from app.words import later

DAYS = (
    ("mon", later("Monday")),
    ("tue", later("Tuesday")),
    ("wed", later("Wednesday")),
    ("thu", later("Thursday")),
    ("fri", later("Friday")),
    ("sat", later("Saturday")),
    ("sun", later("Sunday")),
)
MOST_PEOPLE = 20  # at once; the others are found by name
MOST_HOURS = 24 * 31


class WeekForm(msgspec.Struct):
    """Weekly hours, a text for each day; all empty: no hours."""

    zone: Line = ""
    mon: Line = ""
    tue: Line = ""
    wed: Line = ""
    thu: Line = ""
    fri: Line = ""
    sat: Line = ""
    sun: Line = ""


def _week(form: WeekForm) -> dict[str, Any] | None:
    week = {day: getattr(form, day) for day, name in DAYS if getattr(form, day).strip()}
    return {"zone": form.zone, "week": week} if week else None


class ShiftForm(WeekForm):
    """A person's hours. `q`: who is shown."""

    q: Line = ""


class PoolForm(WeekForm):
    """A pool as its form sends it: clocks in minutes, empty for none."""

    region: Line = ""
    category: Line = ""
    strategy: Line = "round_robin"
    by_skills: bool = False
    sla_minutes: Line = ""
    sla_small_minutes: Line = ""
    target_minutes: Line = ""
    name: Line | None = None


class NewPoolForm(PoolForm):
    group: Line = ""


class Loan(msgspec.Struct):
    """A person to another group's pool for so many hours; without a pool they come back. `q`: who is shown."""

    q: Line = ""
    pool: Line = ""
    hours: Line = ""
    reason: Words = ""


class Hold(msgspec.Struct):
    """Pausing says why; it is kept."""

    act: Literal["pause", "resume"]
    reason: Words = ""


def _seconds(minutes: str, path: str) -> int | None:
    """Minutes as people write them. Raises Invalid."""
    if not minutes.strip():
        return None
    try:
        return round(float(minutes.replace(",", ".")) * 60)
    except (ValueError, OverflowError):
        said = (
            _("Write a number of hours.")
            if path == "hours"
            else _("Write the clock in minutes, such as 15, or leave it empty.")
        )
        raise Invalid(errors=[FieldError(path, said)]) from None


def values(form: PoolForm) -> dict[str, Any]:
    """What the form says, as dispatch takes it. Raises Invalid."""
    return {
        "region": form.region,
        "category": form.category,
        "strategy": form.strategy,
        "by_skills": form.by_skills,
        "sla_seconds": _seconds(form.sla_minutes, "sla_minutes"),
        "sla_small_seconds": _seconds(form.sla_small_minutes, "sla_small_minutes"),
        "target_seconds": _seconds(form.target_minutes, "target_minutes"),
        "hours": _week(form),
    } | ({} if form.name is None else {"name": form.name})


def _shown(settings: Settings) -> dict[str, Any]:
    """What stands in every form: the words to choose from, and what holds where a clock is left empty."""
    return {
        "regions": places.REGIONS,
        "categories": labels.NAMES,
        "days": DAYS,
        "large": f"{settings.sla_seconds / 60:g}",
        "small": f"{settings.sla_small_seconds / 60:g}",
    }


def _one(pool: PoolView, settings: Settings, said: str = "") -> Template:
    return Template("board/_pool.html", context={"pool": pool, "said": said} | _shown(settings))


async def _all(tx: Tx, settings: Settings) -> dict[str, Any]:
    pools = await dispatch.list_pools(tx)
    groups = sorted({pool.group for pool in pools})
    shown = {"here": "/board/pools", "pools": pools, "groups": groups, "said": ""}
    return shown | await _people(tx) | _shown(settings)


async def _people(tx: Tx, words: str = "") -> dict[str, Any]:
    """Some of those whose name or #number is asked for, the lent ones first, with the pools they could be lent to."""
    pools = await dispatch.list_pools(tx)
    found, total, everyone = await dispatch.find_people(tx, words, MOST_PEOPLE)
    people = [
        {"who": who, "others": [pool.name for pool in pools if pool.group not in (who.group, who.lent_from)]}
        for who in found
    ]
    return {"people": people, "people_total": total, "everyone": everyone, "q": words, "days": DAYS}


async def _lend(tx: Tx, employee_id: UUID, actor: UUID, loan: Loan) -> None:
    if not loan.pool:
        return await dispatch.bring_home(tx, employee_id, actor=actor, reason=loan.reason)
    hours = _seconds(loan.hours, "hours")
    if not hours or not 0 < hours <= MOST_HOURS * 60:
        raise Invalid(
            errors=[FieldError("hours", _("Write for how many hours, up to %(most_hours)s.", most_hours=MOST_HOURS))]
        )
    until = await dispatch.database_time(tx) + timedelta(minutes=hours)
    return await dispatch.change_employee(tx, employee_id, actor=actor, pools=[loan.pool], until=until)


class PoolsPage(Controller):
    """`/board/pools` and its forms."""

    path = "/board/pools"
    include_in_schema = False
    guards = (requires("supervisor"),)

    @get("/")
    async def page(self, tx: TxDep, resources: ResourcesDep) -> Template:
        return Template("board/pools.html", context=await _all(tx, resources.settings))

    @post("/", status_code=200)
    async def add(
        self, tx: TxDep, principal: PrincipalDep, resources: ResourcesDep, data: URLEncodedBody[NewPoolForm]
    ) -> Template:
        given = values(data) | {"name": data.name or ""}
        await dispatch.add_pool(tx, actor=principal.user_id, group=data.group, **given)
        return Template("board/_pools.html", context=await _all(tx, resources.settings))

    @post("/{pool_id:uuid}", status_code=200)
    async def change(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        pool_id: FromPath[UUID],
        data: URLEncodedBody[PoolForm],
    ) -> Template:
        pool = await dispatch.change_pool(tx, pool_id, actor=principal.user_id, **values(data))
        return _one(pool, resources.settings, _("Saved."))

    @post("/{pool_id:uuid}/hold", status_code=200)
    async def hold(
        self,
        tx: TxDep,
        principal: PrincipalDep,
        resources: ResourcesDep,
        pool_id: FromPath[UUID],
        data: URLEncodedBody[Hold],
    ) -> Template:
        paused = data.act == "pause"
        await dispatch.pause_pool(tx, pool_id, actor=principal.user_id, paused=paused, reason=data.reason)
        pool = next(one for one in await dispatch.list_pools(tx) if one.id == pool_id)
        return _one(pool, resources.settings)

    @get("/people")
    async def people(self, tx: TxDep, q: FromQuery[Line] = "") -> Template:
        """Those who are looked for."""
        return Template("board/_people.html", context=await _people(tx, q.strip()))

    @post("/people/{employee_id:uuid}", status_code=200)
    async def lend(
        self, tx: TxDep, principal: PrincipalDep, employee_id: FromPath[UUID], data: URLEncodedBody[Loan]
    ) -> Template:
        """Lend a person to another group, or bring them back."""
        await _lend(tx, employee_id, principal.user_id, data)
        return Template("board/_people.html", context=await _people(tx, data.q.strip()))

    @post("/people/{employee_id:uuid}/shift", status_code=200)
    async def shift(
        self, tx: TxDep, principal: PrincipalDep, employee_id: FromPath[UUID], data: URLEncodedBody[ShiftForm]
    ) -> Template:
        """A person's own hours."""
        await dispatch.change_employee(tx, employee_id, actor=principal.user_id, shift=_week(data))
        return Template("board/_people.html", context=await _people(tx, data.q.strip()))
