"""The rows of the SLA board, and what its side panel tells of one review. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zlib import crc32

import msgspec

from app.dispatch.sla_board import Window
from app.dispatch.types import HistoryLine, OpenReview, Work
from app.web import zones
from app.web.pages import stored
from app.web.pages.board_views import ROOFS
from app.web.pages.clocks import Clock, clock, waited
from app.web.pages.desk_views import KINDS, first_name
from app.web.pages.gates import whole
from app.web.states import stated
from app.words import gettext as _
from app.words import later, ordinal

_STRANDED = {
    "nobody": later("nobody is in this pool"),
    "no_skill": later("nobody here has the skills it asks for"),
    "all_excluded": later("everybody here has had it"),
    "all_away": later("everybody is away"),
    "pool_paused": later("the pool is paused"),
    "pool_closed": later("the pool is closed"),
}
_ELSEWHERE = {
    "queued": (later("waiting"), ""),
    "snoozed": (later("snoozed"), ""),
    "waiting": (later("waits for the seeker"), "info"),
    "escalated": (later("escalated: yours"), "warn"),
}
_HAPPENED = {
    "filed": later("Filed"),
    "assigned": later("Given to %(employee)s"),
    "warned": later("Warned: five minutes are left"),
    "missed": later("Missed by %(employee)s; back in the queue"),
    "undelivered": later("Did not reach %(employee)s; back in the queue"),
    "disconnected": later("%(employee)s was disconnected; back in the queue"),
    "declined": later("Declined by %(employee)s"),
    "released": later("Handed back by %(employee)s"),
    "supervisor": later("Taken from %(employee)s"),
    "locked": later("Taken from %(employee)s, who was locked"),
    "shift_ended": later("Taken from %(employee)s, whose shift ended"),
    "reason": later("Reason: %(text)s"),
    "priority": later("Priority %(priority)s. %(text)s"),
    "requeued": later("Back in the queue. %(text)s"),
    "stranded": later("Nobody can take it: %(reason)s"),
    "not_stranded": later("Somebody can take it again"),
    "late": later("Late: waits longer than its pool's target"),
    "escalated": later("Escalated. %(why)s"),
    "exclusions_lapsed": later("Everybody had declined; they may be asked again"),
    "deadline_changed": later("The clock was set back: %(deadline_at)s"),
    "answered": later("The seeker answered"),
    "refreshed": later("Changed by its application"),
    "draft_orphaned": later("A draft came too late; it is kept aside"),
    "cancelled": later("Cancelled. %(reason)s"),
    "snooze": later("Put aside. %(text)s"),
    "complete": later("Done: %(verdict)s. %(notes)s"),
    "ask_seeker": later("Asked the seeker: %(notes)s"),
    "escalate": later("Escalated. %(text)s"),
}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An open review. `clock` runs down while it is with a person, `since` counts up while it waits.

    `mark` is the same as long as nothing that the row shows has changed, its running clock apart.
    """

    id: UUID
    number: int
    assignment: str
    clock: Clock | None
    since: str
    waited: str
    title: str
    kind: str
    tries: str
    priority: int
    pool: str
    person: str
    roof: str
    score: str
    state: str
    tone: str
    why: str
    index: int = 0
    mark: str = ""


class Happened(msgspec.Struct, frozen=True):
    """A line of a review's history; `who` acted, empty for the dispatcher."""

    at: datetime
    words: str
    who: str


def marked(line: Any) -> Any:
    """The line with its mark: of all that it shows but what runs by itself and where it stands."""
    still = msgspec.structs.asdict(line)
    for runs in ("waited", "index", "mark"):
        still.pop(runs, None)
    if (clock := still.get("clock")) is not None:
        still["clock"] = (clock.start, clock.warn, clock.deadline)
    return msgspec.structs.replace(line, mark=f"{crc32(repr(still).encode()):x}")


def _state(one: OpenReview, theirs: str) -> tuple[str, str]:
    if one.assignment is None:
        if one.review.stranded:
            return _("stranded: %(reason)s", reason=_stranded(one.review.stranded)), "warn"
        if one.review.late_at:
            return _("late: waits longer than its pool's target"), "risk"
        words, tone = _ELSEWHERE.get(one.review.state, (one.review.state, ""))
        return _(words), tone
    if theirs == "Offline":
        return _("disconnected"), "risk"
    if one.assignment.seen_at:
        return _("seen"), ""
    return (_("delivered"), "") if one.assignment.delivered_at else (_("on its way"), "info")


def _stranded(reason: str) -> str:
    return _(_STRANDED.get(reason, reason.replace("_", " ")))


def line(one: OpenReview, window: Window, closed: str = "", index: int = 0) -> Line:
    """One row of the table. `closed` says until when its pool is."""
    review, held = one.review, one.assignment
    now = held.stands_at(window.now, window.frozen) if held else window.now
    theirs = window.states.get(one.employee_id, "") if one.employee_id else ""
    state, tone = (closed, "") if closed and review.state == "queued" else _state(one, theirs)
    return Line(
        id=review.id,
        number=review.number,
        assignment=str(held.id) if held else "",
        clock=clock(held.assigned_at, held.warn_at, held.deadline_at, now) if held else None,
        since=review.queued_at.isoformat(),
        waited=waited(review.queued_at, window.now),
        title=stored.noted(review.title),
        kind=_(KINDS.get(review.kind, review.kind)),
        tries=_("%(nth)s try", nth=ordinal(review.misses + 1)) if review.misses else "",
        priority=review.priority,
        pool=review.pool,
        person=first_name(one.employee or ""),
        roof=ROOFS.get(theirs, ""),
        score=str(whole(review.score)) if isinstance(review.score, int | float) else "–",
        state=state,
        tone=tone,
        why=(one.why or "").removeprefix(f"{one.employee}: "),
        index=index,
    )


def rows(window: Window, closed: Mapping[UUID, str]) -> list[Line]:
    """The rows of a window, in its order. `closed`: until when pools are, in words."""
    return [
        marked(line(one, window, closed.get(one.review.pool_id, ""), index))
        for index, one in enumerate(window.reviews, window.start + 1)
    ]


def until(opens: datetime | None) -> str:
    """Until when a pool is closed."""
    if opens is None:
        return _("closed, and no hours to come")
    return _("closed until %(when)s", when=zones.told(opens, "%a %d %b, %H:%M"))


class _Told(dict[str, str]):
    """A part that a message names and the line hasn't is empty."""

    def __missing__(self, key: str) -> str:
        return ""


def history(lines: Sequence[HistoryLine], names: Mapping[str, str]) -> list[Happened]:
    """What happened, the latest first. `names`: of the people that the lines speak of, by id."""
    return [_happened(one, names) for one in reversed(lines)]


def _happened(one: HistoryLine, names: Mapping[str, str]) -> Happened:
    told = _Told({key: str(value) for key, value in one.data.items() if value is not None})
    told["employee"] = names.get(told["employee"], _("an employee"))
    told["reason"] = _(_STRANDED.get(told["reason"], told["reason"]))
    told["deadline_at"] = told["deadline_at"][11:16]
    told["verdict"] = stated(told["verdict"])
    pattern = _HAPPENED.get(one.kind)
    words = " ".join((_(pattern) % told if pattern else one.kind.replace("_", " ").capitalize()).split())
    return Happened(one.at, words.removesuffix(":").strip(), one.actor or "")


class Held(msgspec.Struct, frozen=True):
    """A review that somebody has."""

    id: UUID
    assignment: str
    title: str
    clock: Clock


def held(work: Work) -> Held:
    """From a person's open assignment."""
    mine = work.assignment
    times = clock(mine.assigned_at, mine.warn_at, mine.deadline_at, work.now)
    return Held(work.review.id, str(mine.id), work.review.title, times)
