"""The board's panel of fairness from what insight tells. Pure."""

from __future__ import annotations

import msgspec

from app.dispatch.policy.fairness import Spread
from app.insight.fairness import Fairness, Share
from app.web.pages.desk_views import first_name

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
        _words(found.spread, when or f"the last {hours} hours"),
        _measures(found.spread),
        [_rate(one) for one in people],
    )


def _words(spread: Spread, when: str) -> str:
    if spread.least is None or spread.most is None or spread.median is None:
        return f"Nobody was available for half an hour in {when}."
    ends = f"{spread.least:.1f} to {spread.most:.1f}, median {spread.median:.1f}"
    people = f"{spread.people} {'person' if spread.people == 1 else 'people'}"
    return f"Reviews an available hour, {when.removeprefix('the ')}: {ends} over {people}."


def _measures(spread: Spread) -> str:
    if spread.gini is None or spread.jain is None or spread.people < 2:
        return ""
    ratio = f"most to least {spread.ratio:.2f} · " if spread.ratio is not None else ""
    return f"{ratio}Gini {spread.gini:.2f} (0 is even) · Jain {spread.jain:.2f} (1 is even)"


def _rate(one: Share) -> Rate:
    rate = "–" if one.per_hour is None else f"{one.per_hour:.1f}"
    return Rate(first_name(one.name), rate, f"{one.assignments} in {one.available_hours:.1f} h")
