"""The panel of fairness: words, and the two ends of a long list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.dispatch.policy.fairness import spread
from app.insight.fairness import Fairness, Share
from app.platform.ids import new_id
from app.web.pages.fairness_views import panel

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _told(rates: list[float | None]) -> Fairness:
    people = [
        Share(employee=new_id(), number=n, name=f"P{n}", assignments=n, available_hours=2.0, per_hour=rate)
        for n, rate in enumerate(rates, 1)
    ]
    start = NOON - timedelta(hours=24)
    return Fairness(start=start, end=NOON, spread=spread([rate for rate in rates if rate is not None]), people=people)


def test_the_spread_in_words() -> None:
    shown = panel(_told([3.0, 1.0]))
    assert shown.words == "Reviews an available hour, last 24 hours: 1.0 to 3.0, median 2.0 over 2 people."
    assert shown.measures == "most to least 3.00 · Gini 0.25 (0 is even) · Jain 0.80 (1 is even)"
    assert [(one.name, one.rate, one.note) for one in shown.people] == [
        ("P1", "3.0", "1 in 2.0 h"), ("P2", "1.0", "2 in 2.0 h"),
    ]  # fmt: skip


def test_one_is_no_spread_and_nobody_no_words_about_it() -> None:
    assert (panel(_told([2.0])).measures, panel(_told([2.0])).words[-14:]) == ("", "over 1 person.")
    assert panel(_told([None])).words == "Nobody was available for half an hour in the last 24 hours."
    assert panel(_told([None])).people[0].rate == "–"


def test_of_many_the_first_and_the_last_are_shown() -> None:
    assert [one.name for one in panel(_told([float(n) for n in range(30, 0, -1)])).people] == [
        *(f"P{n}" for n in range(1, 7)), *(f"P{n}" for n in range(25, 31)),
    ]  # fmt: skip
