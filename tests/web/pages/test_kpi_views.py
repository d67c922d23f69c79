"""Figures in words: units, differences, what is good, and what can't be compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import Invalid
from app.insight.kpis import Figures, Kpis, Point
from app.web.pages.kpi_views import count, difference, lasting, percent, sentence, shown
from app.web.pages.periods import Asked, period

NOW = datetime(2026, 3, 29, 9, 30, tzinfo=UTC)  # in Berlin the clock went forward this morning
NONE: dict[str, Any] = {
    name: None if name.endswith(("_rate", "_median", "_p90")) else 0 for name in Figures.__struct_fields__
} | {"by_status": {}, "reached": {"applied": 0, "interview": 0, "offer": 0}}


def figures(**given: Any) -> Figures:
    return Figures(**(NONE | given))


def told(now: Figures, before: Figures) -> Kpis:
    start = NOW - timedelta(days=1)
    series = [Point(start=start, end=NOW, figures=now)]
    return Kpis(
        start=start, end=NOW, zone="UTC", bucket="day", figures=now, before_start=start - timedelta(days=1),
        before=before, series=series,
    )  # fmt: skip


def test_numbers_as_people_read_them() -> None:
    assert [percent(value) for value in (None, 0, 0.5, 0.9862, 1)] == ["–", "0 %", "50 %", "98.6 %", "100 %"]
    assert [count(value) for value in (None, 0, 12345)] == ["–", "0", "12,345"]
    assert [lasting(value) for value in (None, 0, 59, 60, 450, 7200, 216000)] == [
        "–", "0 s", "59 s", "1 min", "7.5 min", "2 h", "2.5 days",
    ]  # fmt: skip


def test_a_difference_has_its_own_unit_and_none_where_one_is_missing() -> None:
    assert difference(0.62, 0.58, percent) == "▲ 4 points"
    assert difference(60, 90, lasting) == "▼ 30 s"
    assert difference(114, 100, count) == "▲ 14 (14 %)"
    assert difference(3, 0, count) == "▲ 3"
    assert difference(0.5, 0.5, percent) == "the same"
    assert difference(None, 0.5, percent) == difference(0.5, None, percent) == ""


def test_more_is_good_or_bad_or_neither() -> None:
    now = figures(sla_rate=0.9, handling_median=120, auto_rate=0.6, strikes=2)
    before = figures(sla_rate=0.8, handling_median=60, auto_rate=0.5, strikes=3)
    tones = {tile.name: tile.tone for tile in shown(told(now, before), "7 days").tiles}
    assert tones["Reviews in time"] == tones["Strikes"] == "good"
    assert (tones["Handling time, median"], tones["Applied by bots"]) == ("bad", "")


def test_nothing_is_a_dash_everywhere() -> None:
    view = shown(told(figures(), figures()), "7 days")
    assert view.nothing
    assert [tile.value for tile in view.tiles] == ["–"] * 5 + ["0", "0"]
    assert all(chart.empty for chart in view.charts)
    assert [stage.share for stage in view.funnel] == ["–"] * 4
    assert [cell.drawn for cell in view.rows[0].cells][2:9] == [""] * 7


def test_the_comparison_is_a_sentence() -> None:
    now = figures(submitted=12, sla_rate=0.96, handling_median=420)
    assert sentence(now, figures(submitted=10, sla_rate=0.94, handling_median=600), "7 days") == (
        "12 applications were sent, 2 more than in the 7 days before; 96 % of reviews were done in time (94 % before); "
        "half of them took at most 7 min, after 10 min."
    )
    assert sentence(figures(), figures(), "") == "0 applications were sent, as many as in as long a time before."


def test_what_is_drawn_is_what_stands_in_the_table() -> None:
    now = figures(auto=3, submitted=4, manual=1, auto_rate=0.75, handling_median=90, completed=1, sla_rate=1.0)
    view = shown(told(now, figures()), "7 days")
    names = [column.name for column in view.columns]
    by = dict(zip(names, view.rows[0].cells, strict=True))
    assert (by["Sent by bots"].drawn, by["Auto-apply rate"].drawn, by["Auto-apply rate"].words) == ("3", "75", "75 %")
    assert (by["Handling, median"].drawn, by["Handling, median"].words) == ("1.5", "1.5 min")
    for chart in view.charts:
        assert len(chart.columns) == len(chart.keys) == len(chart.tones)
        assert max(chart.columns) <= len(names)


def test_a_pick_is_whole_days_of_the_callers_zone_up_to_now() -> None:
    today = period(Asked(pick="today", zone="Europe/Berlin"), NOW)
    assert (today.start, today.end, today.bucket) == (datetime(2026, 3, 28, 23, tzinfo=UTC), NOW, "hour")
    assert len(today.edges) == 11
    week = period(Asked(zone="Europe/Berlin"), NOW)
    assert week.start == datetime(2026, 3, 22, 23, tzinfo=UTC)
    assert len(week.edges) == 7
    own = period(Asked(pick="own", start="2026-03-28", end="2026-03-29", zone="Europe/Berlin"), NOW + timedelta(days=9))
    assert own.end - own.start == timedelta(hours=47), "the second day has 23 hours"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("", ""),
        ("soon", "later"),
        ("2026-03-02", "2026-03-01"),
        ("2027-01-01", "2027-01-02"),
        ("0001-01-01", "2026-01-01"),
    ],
)
def test_days_that_make_no_range_are_refused(start: str, end: str) -> None:
    with pytest.raises(Invalid):
        period(Asked(pick="own", start=start, end=end), NOW)


def test_an_address_says_only_what_differs() -> None:
    asked = Asked(pick="30", zone="Asia/Kolkata")
    assert asked.query() == "range=30&zone=Asia%2FKolkata"
    assert asked.query(wall="1", zone="UTC") == "range=30&wall=1"
