"""A person's own past: what they finished, their strikes, their figures beside the team's. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec

from app.dispatch.types import Decided, Figures, StrikeView, TeamFigures, Work
from app.web.pages import stored
from app.web.pages.clocks import took
from app.web.pages.desk_views import KINDS, Fact, facts_of
from app.words import gettext as _
from app.words import later

_OUTCOME = {
    "approve": (later("approved"), "ok"),
    "answered": (later("answered"), "ok"),
    "sent": (later("sent"), "ok"),
    "not_sent": (later("not sent"), ""),
    "cannot": (later("can't be sent"), ""),
    "cannot_tell": (later("can't tell"), ""),
    "reject": (later("rejected"), ""),
    "ask_seeker": (later("asked the seeker"), "info"),
    "missed": (later("missed"), "risk"),
    "undelivered": (later("not delivered"), ""),
    "released": (later("handed back"), ""),
    "declined": (later("declined"), ""),
    "snooze": (later("snoozed"), ""),
    "escalate": (later("escalated"), ""),
    "revoked": (later("taken back"), ""),
    "completed": (later("done"), "ok"),
}
_ASIDE = ("snooze", "escalate")
TIMES = [("yes", later("In time")), ("no", later("Late or missed"))]


def results() -> list[tuple[str, str]]:
    """What a review may have ended with, to choose from."""
    return [(key, _(words).capitalize()) for key, (words, _tone) in _OUTCOME.items() if key != "completed"]


class Past(msgspec.Struct, frozen=True):
    """A review that ended for this person. `late` "" where it neither was completed nor missed."""

    id: UUID
    number: int
    title: str
    kind: str
    at: datetime
    took: str
    words: str
    tone: str
    late: str


def past(work: Work) -> Past:
    """The line in the history."""
    done, review = work.assignment, work.review
    key = str(done.closed_reason) if done.state == "completed" or done.closed_reason in _ASIDE else done.state
    words, tone = _OUTCOME.get(key, (key.replace("_", " "), ""))
    ended = done.closed_at or done.deadline_at
    late = "" if done.state not in ("completed", "missed") else later("in time") if _in_time(work) else later("late")
    lasted = took((ended - done.assigned_at).total_seconds())
    return Past(
        id=done.id,
        number=review.number,
        title=stored.noted(review.title),
        kind=_(KINDS.get(review.kind, review.kind)),
        at=ended,
        took=lasted,
        words=_(words),
        tone=tone,
        late=late,
    )


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did with a review: `used` of `given`, m:ss; `said`: their own words; `changed`: how much of the
    resume, in a sentence ("" where there was none to change)."""

    past: Past
    moments: list[tuple[str, datetime | None]]
    used: str
    given: str
    said: list[str]
    confirmation: str
    changed: str


def decision(found: Decided, changed: str) -> Decision:
    """The page of one line of the history."""
    held = found.work.assignment
    return Decision(
        past=past(found.work),
        moments=[
            (_("Came"), held.assigned_at),
            (_("Seen"), held.seen_at),
            (_("Warned"), held.warned_at),
            (_("Left your desk"), held.closed_at),
            (_("Would have run out"), held.deadline_at),
        ],
        used=past(found.work).took,
        given=took((held.deadline_at - held.assigned_at).total_seconds()),
        said=found.said,
        confirmation=str(found.outcome.get("confirmation") or ""),
        changed=changed,
    )


def _in_time(work: Work) -> bool:
    done = work.assignment
    return done.state == "completed" and (done.closed_at or done.deadline_at) <= done.deadline_at


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """A strike in the person's own list; `state` of its appeal: "", open, upheld or voided, and the `note` on it."""

    id: UUID
    title: str
    at: datetime
    facts: list[Fact]
    words: str
    tone: str
    counts: bool
    appeal: str
    appealed_at: datetime | None
    state: str
    note: str


def own(strike: StrikeView) -> Own:
    """Counting, expired or voided, and why."""
    if strike.voided_at:
        words, tone = _("voided: %(why)s", why=stored.voided(strike.void_reason or "") or _("by a supervisor")), "ok"
    else:
        words, tone = (_("counts"), "risk") if strike.counts else (_("no longer counts"), "")
    appeal = strike.appeal
    return Own(
        id=strike.id,
        title=strike.review_title,
        at=strike.at,
        facts=facts_of(strike.evidence),
        words=words,
        tone=tone,
        counts=strike.counts,
        appeal=appeal.statement if appeal else "",
        appealed_at=appeal.opened_at if appeal else None,
        state={"void": "voided", "uphold": "upheld"}.get(appeal.decision or "", "open") if appeal else "",
        note=stored.voided(appeal.note or "") if appeal else "",
    )


class Compared(msgspec.Struct, frozen=True):
    """One figure of mine beside the team's median; `tone` ok or warn where mine is clearly better or worse."""

    words: str
    mine: str
    team: str
    tone: str


def compared(mine: Figures, team: TeamFigures) -> list[Compared]:
    """The last 30 days. A team of one has no median but the person's own."""
    alone = team.people < 2
    return [
        _compared(_("done"), mine.done, None if alone else team.done, lambda n: f"{n:.0f}", 0),
        _compared(
            _("in time"), mine.in_time_percent, None if alone else team.in_time_percent, lambda n: f"{n:.0f} %", 1
        ),
        _compared(_("usual time"), mine.median_seconds, None if alone else team.median_seconds, took, 0),
    ]


def _compared(
    words: str, mine: float | None, team: float | None, shown: Callable[[float], str], better: int
) -> Compared:
    """`better` 1: more of it is better; 0: neither way."""
    gap = (mine - team) * better if mine is not None and team is not None else 0.0
    tone = "ok" if gap > 2 else "warn" if gap < -2 else ""
    return Compared(words, "–" if mine is None else shown(mine), "–" if team is None else shown(team), tone)
