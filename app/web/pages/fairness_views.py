"""The board's panel of fairness from what insight tells. Pure."""

from __future__ import annotations

import msgspec

from app.dispatch.policy.fairness import Spread
from app.insight.fairness import Fairness, Share
from app.web.pages.desk_views import first_name
from app.words import gettext as _
from app.words import ngettext as _n

MOST = 12


class Rate(msgspec.Struct, frozen=True):
    """A person's line: assignments an available hour, and what they are reckoned from."""

    name: str
    rate: str
    note: str


class Panel(msgspec.Struct, frozen=True):
    """`hours`: how far it looks back."""

    hours: int
    words: str
    measures: str
    people: list[Rate]


def panel(found: Fairness, when: str = "") -> Panel:
    """The most and the least of it: where there are many, the two ends of the list. `when`: in words, not hours."""
    hours = round((found.end - found.start).total_seconds() / 3600)
    people = found.people if len(found.people) <= MOST else found.people[: MOST // 2] + found.people[-MOST // 2 :]
    return Panel(
        hours,
        _words(found.spread, when or _n("the last hour", "the last %(n)s hours", hours)),
        _measures(found.spread),
        [_rate(one) for one in people],
    )


def _words(spread: Spread, when: str) -> str:
    if spread.least is None or spread.most is None or spread.median is None:
        return _("Nobody was available for half an hour in %(when)s.", when=when)
    return _n(
        "Reviews an available hour, %(when)s: %(least)s to %(most)s, median %(median)s over %(n)s person.",
        "Reviews an available hour, %(when)s: %(least)s to %(most)s, median %(median)s over %(n)s people.",
        spread.people,
        when=when.removeprefix("the "),
        least=f"{spread.least:.1f}",
        most=f"{spread.most:.1f}",
        median=f"{spread.median:.1f}",
    )


def _measures(spread: Spread) -> str:
    if spread.gini is None or spread.jain is None or spread.people < 2:
        return ""
    said = [_("most to least %(ratio)s", ratio=f"{spread.ratio:.2f}")] if spread.ratio is not None else []
    said.append(_("Gini %(gini)s (0 is even)", gini=f"{spread.gini:.2f}"))
    said.append(_("Jain %(jain)s (1 is even)", jain=f"{spread.jain:.2f}"))
    return " · ".join(said)


def _rate(one: Share) -> Rate:
    rate = "–" if one.per_hour is None else f"{one.per_hour:.1f}"
    return Rate(
        first_name(one.name),
        rate,
        _("%(count)s in %(hours)s h", count=one.assignments, hours=f"{one.available_hours:.1f}"),
    )
