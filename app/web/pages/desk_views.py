"""The desk's pieces from what dispatch tells. Pure, but for the reader's time zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.dispatch.types import Employee, Figures, Line, ReviewView, StrikeView, Work
from app.web import zones
from app.web.pages import stored
from app.web.pages.clocks import Clock, clock, took
from app.web.pages.line import Place, next_break
from app.web.pages.links import safe_link
from app.words import gettext as _
from app.words import later

KINDS = {
    "resume": later("Resume review"),
    "question": later("A question of the form"),
    "handover": later("Hand-over from the bot"),
    "unknown_outcome": later("Unknown outcome"),
    "mail_match": later("Which application is this mail for?"),
}
FEW = 5
_STOPPED = later("The bot could not go on by itself.")
_PAUSED = {
    "": "",
    "undelivered": later("Two reviews in a row did not reach your page, so we paused you: check your connection."),
    "drained": later("A supervisor has asked that nothing new comes to you."),
    "shift_ended": later("Your shift has ended."),
    "locked": "",
}


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """The bar on top and the waiting page. `state`: available, busy, paused, locked.

    `reason` tells why it is paused, `said` the person's own words for that; `ahead`: who is before you; `position` 0
    isn't known; `pause`: the next break or the shift's end, "" where no shift is on; `novice`: has done only a few yet.
    """

    state: str
    available: bool
    reason: str
    said: str
    done_today: int
    novice: bool
    in_time: str | None
    median: str | None
    pause: str
    strikes: int
    strike_lock: int
    large_minutes: str
    small_minutes: str
    away_minutes: str
    clock: Clock | None
    assignment: str
    warned_at: datetime | None
    deadline_at: datetime | None
    position: int
    ahead: list[str]
    queue_depth: int


class Limits(msgspec.Struct, frozen=True):
    """From the settings: how many strikes lock; the minutes of large and small reviews, and of staying connected to
    nothing before a review goes to somebody else."""

    lock: int
    large: str
    small: str
    away: str


def first_name(name: str) -> str:
    """Ada K. of Ada King: enough to know a colleague by."""
    first, __, last = name.strip().partition(" ")
    return f"{first} {last.strip()[:1]}." if last.strip() else first


def desk(
    me: Employee | None,
    place: Place,
    line: Line,
    work: Work | None,
    figures: Figures,
    limits: Limits,
    *,
    locked: bool,
) -> Desk:
    """What the person at the desk sees of themselves and of the line."""
    reason = me.availability_reason if me else ""
    available = me is not None and me.availability == "available" and not locked
    held = work.assignment if work else None
    percent, median = figures.in_time_today_percent, figures.median_today_seconds
    return Desk(
        state="locked" if locked else "busy" if work else "available" if available else "paused",
        available=available,
        reason=_(_PAUSED[reason]) if reason in _PAUSED else _("You said: %(reason)s.", reason=reason),
        said="" if reason in _PAUSED else reason,
        done_today=figures.done_today,
        novice=figures.done < FEW,
        in_time=f"{percent:.0f}" if percent is not None else None,
        median=took(median) if median is not None else None,
        pause=next_break(me.shift, line.now) if me else "",
        strikes=me.strikes if me else 0,
        strike_lock=limits.lock,
        large_minutes=limits.large,
        small_minutes=limits.small,
        away_minutes=limits.away,
        clock=clock(held.assigned_at, held.warn_at, held.deadline_at, work.now) if work and held else None,
        assignment=str(held.id) if held else "",
        warned_at=held.warned_at if held else None,
        deadline_at=held.deadline_at if held else None,
        position=place.position,
        ahead=[first_name(seat.name) for seat in place.ahead],
        queue_depth=sum(pool.queued for pool in line.pools if me is None or not me.pools or pool.pool in me.pools),
    )


class Waiting(msgspec.Struct, frozen=True):
    """One of the person's open reviews, with the clock that it has of its own."""

    id: UUID
    number: int
    title: str
    assignment: str
    deadline_at: datetime
    clock: Clock


def waiting(work: Work) -> Waiting:
    """The tab of an open review."""
    review, held = work.review, work.assignment
    runs = clock(held.assigned_at, held.warn_at, held.deadline_at, work.now)
    return Waiting(review.id, review.number, stored.noted(review.title), str(held.id), held.deadline_at, runs)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question of a form that only a person can answer."""

    key: str
    label: str
    kind: str
    required: bool
    options: list[str]
    most: int | None
    multiple: bool
    long: bool
    input: str
    why: str


class Filled(msgspec.Struct, frozen=True):
    """One answer, ready to copy."""

    label: str
    value: str


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """The review on the desk."""

    id: UUID
    number: int
    kind: str
    kind_words: str
    title: str
    facts: list[str]
    why: str
    assignment: str
    link: str
    warned: bool
    words: str
    questions: list[Question]
    filled: list[Filled]
    shot: str
    response: dict[str, Any] | None
    document: str = ""
    document_words: str = ""


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value if value is not None else "")


def _list(value: Any) -> list[Any]:
    """A payload is whatever somebody filed: what should be a list and isn't is an empty one."""
    return value if isinstance(value, list) else []


def _options(field: dict[str, Any]) -> list[str]:
    listed = _list(field.get("options") or field.get("values"))
    return [str(o.get("label") or o.get("value") or "") if isinstance(o, dict) else str(o) for o in listed]


def question(field: dict[str, Any]) -> Question:
    """A form's field as the bot read it."""
    kind = str(field.get("kind") or field.get("type") or "text")
    label = str(field.get("label") or field.get("question") or field.get("name") or _("A question without words"))
    return Question(
        key=str(field.get("key") or field.get("name") or label),
        label=label,
        kind=kind,
        required=bool(field.get("required", True)),
        options=_options(field),
        most=most if isinstance(most := field.get("max_length"), int) else None,
        multiple=kind == "checkboxes",
        long=kind == "textarea",
        input={"date": "date", "number": "number", "email": "email", "url": "url", "tel": "tel"}.get(kind, "text"),
        why=str(field.get("why") or ""),
    )


def filled(answers: Any) -> list[Filled]:
    """What the bot had filled in."""
    return [
        Filled(str(a.get("label") or a.get("question") or a.get("name") or ""), _text(a.get("value", a.get("answer"))))
        for a in _list(answers)
        if isinstance(a, dict)
    ]


def details(view: ReviewView) -> dict[str, Any]:
    """What the bot left for the person: a review that an application asked for has it under `attention`."""
    payload = view.review.payload
    attention = payload.get("attention")
    return payload | attention if isinstance(attention, dict) else payload


def questions(view: ReviewView) -> list[Question]:
    """What a form asked that only a person can answer."""
    payload = details(view)
    fields = _list(payload.get("questions") or payload.get("fields"))
    return [question(one) for one in fields if isinstance(one, dict)]


def opened(
    view: ReviewView, title: str, facts: Sequence[str], link: str, shot: str, document: tuple[str, str]
) -> Opened:
    """`view.assignment` is the viewer's own open one; `document`: its address and what it is."""
    review, payload = view.review, details(view)
    response = payload.get("response")
    return Opened(
        id=review.id,
        number=review.number,
        kind=review.kind,
        kind_words=_(KINDS.get(review.kind, review.kind)),
        title=title or stored.noted(review.title),
        facts=list(facts),
        why=(view.why or "").removeprefix(f"{view.assignee}: "),
        assignment=str(view.assignment.id) if view.assignment else "",
        link=safe_link(link),
        warned=bool(view.assignment and view.assignment.warned_at),
        words=stored.stopped(str(payload.get("why") or payload.get("reason") or payload.get("text") or _(_STOPPED))),
        questions=questions(view),
        filled=filled(payload.get("answers") or payload.get("filled")),
        shot=shot,
        document=document[0],
        document_words=document[1],
        response={name: _text(response.get(name)) for name in ("url", "status", "text")}
        if isinstance(response, dict)
        else None,
    )


class Fact(msgspec.Struct, frozen=True):
    """One thing that a strike stands on."""

    words: str
    value: str
    at: str = ""  # the moment that it names, in RFC 3339


# Of each moment: its name, and how it stands in the sentence.
_MOMENTS = (
    ("delivered_at", later("Delivered"), later("Delivered %(time)s")),
    ("seen_at", later("Seen"), later("seen %(time)s")),
    ("warned_at", later("Warned"), later("warned %(time)s")),
    ("deadline_at", later("Ended"), later("ended %(time)s")),
)


def evidence(strike: StrikeView) -> str:
    """What the strike stands on, in one sentence."""
    facts = strike.evidence
    said = [_(words, time=zones.told(str(facts[name]))) for name, _name, words in _MOMENTS if facts.get(name)]
    told = [_("“%(title)s”. %(moments)s.", title=strike.review_title, moments=", ".join(said))] if said else []
    told = told or [_("“%(title)s”.", title=strike.review_title)]
    return " ".join(part for part in (*told, _connected(facts), _outages(facts.get("outages") or [])) if part)


def facts_of(facts: dict[str, Any]) -> list[Fact]:
    """The same, one by one; what isn't known says so, for that may be what an appeal is about."""
    known = [(_(words), str(facts.get(name) or "")) for name, words, _sentence in _MOMENTS]
    found = [Fact(words, zones.told(at) if at else _("not recorded"), at) for words, at in known]
    link = _connected(facts).rstrip(".")
    found.append(Fact(_("Connection"), link or _("not recorded")))
    down = _outages(facts.get("outages") or [])
    return [*found, Fact(_("Our outages"), down or _("None while it ran."))]


def _connected(facts: dict[str, Any]) -> str:
    if facts.get("presence") in ("assignable", "online"):
        return _("Connected at its end.")
    last = facts.get("last_beat_at")
    if not last or facts.get("presence") != "offline":
        return ""
    return _("Last connected %(time)s.", time=zones.told(str(last)))


def _outages(outages: list[dict[str, Any]]) -> str:
    known = [(zones.told(str(one["start"])), zones.told(str(one["end"]))) for one in outages if one.get("end")]
    spans = [_("%(start)s to %(end)s", start=start, end=end) for start, end in known]
    if not spans:
        return ""
    return _("We were down %(times)s; its clock was set back by that.", times=", ".join(spans))
