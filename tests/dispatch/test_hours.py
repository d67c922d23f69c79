"""Weekly hours become moments: by table, across midnight, and through the changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dispatch.hours import DAYS, FAR, checked, span
from app.errors import Invalid

WEEK = {"mon": "09:00-12:30 13:30-17:00", "tue": "22:00-06:00", "wed": "06:00-08:00", "sun": "00:00-24:00"}
LONDON: dict[str, Any] = {"zone": "Europe/London", "week": WEEK}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ("2026-11-23T10:00", "2026-11-23T09:00", "2026-11-23T12:30"),  # a Monday
        ("2026-11-23T12:30", "2026-11-23T13:30", "2026-11-23T17:00"),
        ("2026-11-23T17:00", "2026-11-24T22:00", "2026-11-25T08:00"),  # over midnight, and joined to Wednesday's
        ("2026-11-25T05:59", "2026-11-24T22:00", "2026-11-25T08:00"),
        ("2026-11-25T09:00", "2026-11-29T00:00", "2026-11-30T00:00"),
        ("2026-06-15T08:30", "2026-06-15T08:00", "2026-06-15T11:30"),  # in summer an hour earlier by UTC
    ],
)
def test_the_open_time_that_is_on_or_comes(now: str, start: str, end: str) -> None:
    found = span(LONDON, at(now))
    assert found is not None
    assert (found.start, found.end) == (at(start), at(end))


def test_without_hours_it_is_always_open_and_without_days_never() -> None:
    assert span(None, at("2026-11-23T10:00")) is None
    never = span({"zone": "UTC", "week": {}}, at("2026-11-23T10:00"))
    assert never is not None
    assert never.start == FAR


def test_a_day_that_the_clocks_change_is_as_long_as_it_is() -> None:
    night = {"zone": "Europe/London", "week": {"sat": "22:00-06:00"}}
    spring, autumn = span(night, at("2026-03-28T23:00")), span(night, at("2026-10-24T23:00"))
    assert spring is not None
    assert autumn is not None
    assert (spring.end - spring.start, autumn.end - autumn.start) == (timedelta(hours=7), timedelta(hours=9))


def test_hours_that_the_change_of_the_clocks_leaves_out_are_no_whole_day() -> None:
    """In that night of March one o'clock is followed by two."""
    early = {"zone": "Europe/London", "week": {"sun": "01:30-02:00"}}
    found = span(early, at("2026-03-28T12:00"))
    assert found is not None
    assert found.end - found.start < timedelta(hours=1)
    assert found.end < at("2026-03-29T03:00")  # whose shift it is gets the next one after it


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(DAYS), st.sampled_from(["09:00-17:00", "22:00-06:00", "00:00-24:00"]), min_size=1),
    st.sampled_from(["UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]),
    st.integers(0, 60 * 24 * 400),
)
def test_a_span_ends_ahead_and_begins_after_a_gap(week: dict[str, str], zone: str, minute: int) -> None:
    hours = checked({"zone": zone, "week": week})
    now = at("2026-01-01T00:00") + timedelta(minutes=minute)
    found = span(hours, now)
    assert found is not None
    assert found.start < found.end
    assert found.end > now
    again = span(hours, found.end)
    assert again is not None
    assert again.start > found.end or len(week) == len(DAYS)


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({"zone": "localtime", "week": {"mon": "09:00-17:00"}}, {"hours.zone"}),
        ({"zone": "Mars/Olympus", "week": {"mon": "09:00-17:00"}}, {"hours.zone"}),
        ({"zone": "UTC", "week": {"mon": "9 to 5", "tue": "25:00-26:00"}}, {"hours.week.mon", "hours.week.tue"}),
        ({"zone": "UTC", "week": {"monday": "09:00-17:00"}}, {"hours.week.monday"}),
        ({"zone": "UTC", "week": {"mon": 9}}, {"hours.week"}),
        ({"zone": "UTC", "week": []}, set()),
    ],
)
def test_what_is_refused_is_named(given: dict[str, Any], paths: set[str]) -> None:
    if not paths:
        assert checked(given) is None
        return
    with pytest.raises(Invalid) as refused:
        checked(given)
    assert {error.path for error in refused.value.errors} == paths
