"""Strikes, appeals and locked accounts, as supervisors see them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from app.dispatch.sla_board import Attendance
from app.dispatch.types import StrikeView
from app.web.pages import stored
from app.web.pages.desk_views import evidence, first_name
from app.words import gettext as _
from app.words import ngettext as _n
from app.words import ordinal


class Struck(msgspec.Struct, frozen=True, kw_only=True):
    """A strike. `standing`: whether it counts; `may_void`: nobody has voided it; `appeal`: one that waits."""

    id: UUID
    employee: UUID
    name: str
    ordinal: str
    at: datetime
    evidence: str
    appeal: str
    opened: datetime | None
    standing: str
    tone: str
    may_void: bool


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is locked or warned."""

    id: UUID
    name: str
    locked: bool
    words: str
    since: datetime | None


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """The appeal to decide now, how many there are, and this person's other strikes that are known."""

    one: Struck | None
    at: int
    total: int
    others: list[Struck]


def struck(strike: StrikeView) -> Struck:
    """One strike."""
    waits = strike.appeal is not None and strike.appeal.decided_at is None
    standing, tone = _standing(strike)
    return Struck(
        id=strike.id,
        employee=strike.employee_id,
        name=first_name(strike.employee),
        ordinal=ordinal(strike.count),
        at=strike.at,
        evidence=evidence(strike),
        appeal=strike.appeal.statement if strike.appeal and waits else "",
        opened=strike.appeal.opened_at if strike.appeal and waits else None,
        standing=standing,
        tone=tone,
        may_void=strike.voided_at is None,
    )


def _standing(strike: StrikeView) -> tuple[str, str]:
    if strike.voided_at is not None:
        return _("voided: %(why)s", why=stored.voided(strike.void_reason or "") or _("by a supervisor")), "ok"
    if not strike.counts:
        return _("no longer counts"), ""
    if strike.appeal is not None and strike.appeal.decision == "uphold":
        return _("upheld: %(why)s", why=stored.voided(strike.appeal.note or "") or _("by a supervisor")), "risk"
    return _("counts"), "risk"


def counting(strikes: Sequence[StrikeView]) -> list[Struck]:
    """Appeals first, then the strikes that count, the newest first."""
    shown = [struck(one) for one in strikes if one.counts or _waits(one)]
    return sorted(shown, key=lambda one: not one.appeal)


def _waits(strike: StrikeView) -> bool:
    return strike.appeal is not None and strike.appeal.decided_at is None


def inbox(strikes: Sequence[StrikeView], after: UUID | None = None, show: UUID | None = None) -> Inbox:
    """The appeal that has waited longest; or `show` while it waits; or the one behind `after` in that order."""
    waiting = [one for one in strikes if one.appeal is not None and one.appeal.decided_at is None]
    waiting.sort(key=lambda one: (one.appeal.opened_at, one.id) if one.appeal else ())
    places = {one.id: at for at, one in enumerate(waiting)}
    at = (places[after] + 1) % len(waiting) if after in places else places.get(show, 0) if show else 0
    chosen = waiting[at] if waiting else None
    others = [struck(one) for one in strikes if chosen and one.employee_id == chosen.employee_id and one is not chosen]
    return Inbox(one=struck(chosen) if chosen else None, at=at + 1, total=len(waiting), others=others)


def watched(people: Sequence[Attendance], warns: int, locks: int) -> list[Watched]:
    """Locked ones and warned ones, in words."""
    return [_watched(one, warns, locks) for one in people]


def _watched(one: Attendance, warns: int, locks: int) -> Watched:
    locked = one.seat.state == "Locked"
    count = _n("%(n)s strike counts.", "%(n)s strikes count.", one.seat.strikes)
    left = locks - one.seat.strikes
    more = _n("%(n)s more locks the account.", "%(n)s more lock the account.", left)
    words = f"{count} {more}" if left > 0 and not locked else count
    return Watched(id=one.seat.employee_id, name=one.seat.name, locked=locked, words=words, since=one.since)
