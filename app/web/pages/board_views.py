"""The supervisor's board from what dispatch tells: figures, alerts, and who is on the rank. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from app.dispatch.policy import sla
from app.dispatch.policy.types import Outage
from app.dispatch.sla_board import Attendance, Roll, Standing
from app.dispatch.types import Depth, Seat
from app.web import zones
from app.web.pages.clocks import waited
from app.web.pages.desk_views import first_name
from app.words import gettext as _
from app.words import later, ordinal

ROOFS = {"Available": "lit", "Busy": "busy", "Paused": "paused", "Locked": "locked"}
WORDS = {
    "Available": later("available"),
    "Busy": later("on a review"),
    "Paused": later("paused"),
    "Locked": later("locked"),
    "Offline": later("away"),
    "Unknown": later("not known yet"),
}
_WHY_PAUSED = {
    "undelivered": later("not reached"),
    "drained": later("nothing new"),
    "shift_ended": later("end of shift"),
}
# What of ours is silent since a time, and what was.
_SILENT = {
    "dispatcher": (
        later("The dispatcher was silent since %(start)s: nothing runs out."),
        later("The dispatcher was silent from %(start)s to %(end)s: the clocks were set back."),
    ),
    "web": (
        later("The web processes were silent since %(start)s: nothing runs out."),
        later("The web processes were silent from %(start)s to %(end)s: the clocks were set back."),
    ),
    "": (
        later("%(part)s was silent since %(start)s: nothing runs out."),
        later("%(part)s was silent from %(start)s to %(end)s: the clocks were set back."),
    ),
}
_NAMES = {"valkey": "Valkey"}
_QUIET_SECONDS = 15


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A person on the wall. `since` (RFC 3339) counts up; `tone` of the connection's words."""

    id: UUID
    number: int
    name: str
    roof: str
    words: str
    since: str
    waited: str
    note: str
    load: str
    link: str
    tone: str
    missed: datetime | None
    strikes: int
    loan: str
    locked: bool
    index: int
    mark: str = ""


class Kpis(msgspec.Struct, frozen=True, kw_only=True):
    """The strip of figures. `oldest` is since when the oldest review waits, or empty."""

    open: int
    queued: int
    assigned: int
    at_risk: int
    oldest: str
    available: int
    busy: int
    paused: int
    offline: int
    locked: int
    stranded: int
    escalated: int
    strikes: int
    appeals: int
    late: int


def place(one: Attendance, now: datetime, index: int = 0) -> Place:
    """A person's line."""
    seat = one.seat
    link, tone = _link(one, now)
    return Place(
        id=seat.employee_id,
        number=seat.number,
        name=seat.name,
        roof=ROOFS.get(seat.state, ""),
        words=_doing(seat),
        since=one.since.isoformat() if one.since else "",
        waited=waited(one.since, now) if one.since else "",
        note=ordinal(one.place) if one.place else "",
        load=f"{seat.active}/{seat.capacity}",
        link=link,
        tone=tone,
        missed=one.last_missed_at,
        strikes=seat.strikes,
        loan=_loan(seat, now),
        locked=seat.state == "Locked",
        index=index,
    )


def wall(roll: Roll) -> list[Place]:
    """Those of this window, in the order that dispatch gives them."""
    return [place(one, roll.now, index) for index, one in enumerate(roll.people, roll.start + 1)]


def _doing(seat: Seat) -> str:
    if seat.state == "Paused":
        return _(_WHY_PAUSED.get(seat.reason, seat.reason) or WORDS["Paused"])
    return _(WORDS.get(seat.state, seat.state))


def _link(one: Attendance, now: datetime) -> tuple[str, str]:
    """How well the person is connected, and how bad that is."""
    if one.presence == "unknown":
        return _("connection not known yet"), ""
    if one.presence == "offline":
        return _("not connected"), "risk" if one.seat.active else ""
    if one.presence == "assignable" or one.last_beat_at is None:
        return _("connected"), ""
    quiet = int((now - one.last_beat_at).total_seconds())
    return _("quiet for %(seconds)s s", seconds=max(quiet, 0)), "warn" if quiet > _QUIET_SECONDS else ""


def _loan(seat: Seat, now: datetime) -> str:
    if seat.lent_from is None or seat.lent_until is None:
        return ""
    today = zones.local(seat.lent_until).date() == zones.local(now).date()
    until = zones.told(seat.lent_until, "%H:%M" if today else later("%d %b %H:%M"))
    return _("from %(group)s until %(when)s", group=seat.lent_from, when=until)


def next_up(roll: Roll) -> list[str]:
    """The next three in line."""
    return [first_name(name) for name in roll.next_up]


def kpis(standing: Standing) -> Kpis:
    """Counted at one moment."""
    pools, states = standing.pools, standing.states
    oldest = min((pool.oldest_at for pool in pools if pool.oldest_at), default=None)
    return Kpis(
        open=sum(pool.open for pool in pools),
        queued=sum(pool.queued for pool in pools),
        assigned=sum(pool.assigned for pool in pools),
        at_risk=standing.risk,
        oldest=oldest.isoformat() if oldest else "",
        available=states.get("Available", 0),
        busy=states.get("Busy", 0),
        paused=states.get("Paused", 0),
        offline=states.get("Offline", 0) + states.get("Unknown", 0),
        locked=states.get("Locked", 0),
        stranded=sum(pool.stranded for pool in pools),
        escalated=sum(pool.escalated for pool in pools),
        strikes=standing.strikes,
        appeals=standing.appeals,
        late=sum(pool.late for pool in pools),
    )


def alerts(pools: Sequence[Depth]) -> list[str]:
    """What the strip on top says: a sentence for each pool with something late or stranded."""
    return [f"{pool.pool}: {', '.join(_alert(pool))}." for pool in pools if pool.late or pool.stranded]


def outages(seen_by_all: Sequence[Outage], now: datetime) -> list[str]:
    """What of ours is or was down, a sentence each; what several groups saw of it is told once."""
    told = []
    for component in sorted({one.component for one in seen_by_all}):
        seen = [one for one in seen_by_all if one.component == component]
        told += [_outage(component, each, now, lasts=sla.lasting(seen)) for each in sla.union(seen, now)[-3:]]
    return told


def _outage(component: str, each: sla.Interval, now: datetime, *, lasts: bool) -> str:
    since, over = _SILENT.get(component, _SILENT[""])
    part = _NAMES.get(component, component)
    if lasts and each.end == now:
        return _(since, part=part, start=zones.told(each.start))
    return _(over, part=part, start=f"{zones.local(each.start):%H:%M:%S}", end=zones.told(each.end))


def _span(seconds: int) -> str:
    if seconds >= 60:
        return _("%(minutes)s min", minutes=f"{seconds / 60:.3g}")
    return _("%(seconds)s s", seconds=seconds)


def _alert(pool: Depth) -> list[str]:
    told = []
    if pool.late and pool.target_seconds:
        told.append(_("%(count)s late, waiting more than %(span)s", count=pool.late, span=_span(pool.target_seconds)))
    return [*told, _("%(count)s stranded", count=pool.stranded)] if pool.stranded else told
