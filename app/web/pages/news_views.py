"""News and weeks in words, and the weeks as bars. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from app.insight import news_words
from app.insight.news import News
from app.insight.own_weeks import OwnWeeks, Week
from app.web.pages import cards, stored
from app.words import gettext as _
from app.words import ngettext as _n

WIDTH, HEIGHT, FOOT = 320, 96, 16  # of the chart, in its own units


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of news as the page draws it."""

    number: int
    says: str
    about: str
    note: str
    source: str
    at: datetime
    asks: bool
    loud: bool
    unread: bool


class Bar(msgspec.Struct, frozen=True):
    """One week: two rectangles, that of the answers within that of what was sent. Numbers in the chart's units."""

    x: float
    width: float
    y: float
    height: float
    answered_y: float
    answered: float
    label: str
    count: int
    middle: float


def line(one: News) -> Line:
    return Line(
        number=one.number,
        says=news_words.says(one),
        about=news_words.about(one),
        note=stored.noted(news_words.note(one)),
        source=cards.source(one.source),
        at=one.at,
        asks=one.asks,
        loud=one.loud,
        unread=one.unread and one.loud,
    )


def moment(text: str) -> datetime | None:
    """A moment with its zone as the page was given it; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def sentences(found: OwnWeeks) -> list[str]:
    """What the figures say; nothing is said of what there is too little of."""
    if not found.applied:
        return [_("Nothing has gone out in the last eight weeks.")]
    now = found.weeks[-1].applied
    this = _("%(n)s of them this week", n=now) if now else _("none of them this week")
    said = [
        _n(
            "%(n)s application in the last eight weeks, %(this)s.",
            "%(n)s applications in the last eight weeks, %(this)s.",
            found.applied,
            this=this,
        )
    ]
    if not found.answered:
        return [*said, _("No employer has answered yet. Most take one to three weeks.")]
    return [*said, _answered(found), _invited(found.invited)]


def _answered(found: OwnWeeks) -> str:
    share, count = round(100 * found.answered / found.applied), found.answered
    if count >= 4 and found.days:
        return _n(
            "%(n)s employer answered (%(share)s %%), half of them within %(days)s days.",
            "%(n)s employers answered (%(share)s %%), half of them within %(days)s days.",
            count,
            share=share,
            days=f"{found.days:g}",
        )
    return _n("%(n)s employer answered (%(share)s %%).", "%(n)s employers answered (%(share)s %%).", count, share=share)


def _invited(count: int) -> str:
    return _n("%(n)s interview so far.", "%(n)s interviews so far.", count) if count else _("No interview so far.")


def chart(weeks: Sequence[Week]) -> list[Bar]:
    """Bars side by side, the highest as high as the chart."""
    most = max([1, *(max(week.applied, week.answered) for week in weeks)])
    slot, room = WIDTH / max(1, len(weeks)), HEIGHT - 2 * FOOT
    return [_bar(number, week, slot, room / most) for number, week in enumerate(weeks)]


def _bar(number: int, week: Week, slot: float, unit: float) -> Bar:
    floor, width = HEIGHT - FOOT, slot * 0.6
    high, back = round(week.applied * unit, 1), round(week.answered * unit, 1)
    x = round(number * slot + (slot - width) / 2, 1)
    return Bar(
        x=x,
        width=round(width, 1),
        y=round(floor - high, 1),
        height=high,
        answered_y=round(floor - back, 1),
        answered=back,
        label=f"{week.begins.day}.{week.begins.month}.",
        count=week.applied,
        middle=round(x + width / 2, 1),
    )
