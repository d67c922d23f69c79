"""A meter is right on first paint."""

from datetime import UTC, datetime, timedelta

import pytest

from app.web.pages.clocks import clock, digits, waited

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "text", "state"),
    [(1200, "20:00", ""), (300, "05:00", "warn"), (59, "00:59", "risk"), (-5, "00:00", "risk")],
)
def test_states(left: int, text: str, state: str) -> None:
    end = NOON + timedelta(seconds=left)
    found = clock(end - timedelta(minutes=20), end - timedelta(minutes=5), end, NOON)
    assert (found.text, found.state) == (text, state)
    assert 0 <= found.percent <= 100


def test_words() -> None:
    assert digits(61.9) == "01:01"
    assert waited(NOON - timedelta(seconds=130), NOON) == "2:10"
    assert waited(NOON - timedelta(hours=3, minutes=5), NOON) == "3 h 05 min"
    assert waited(NOON - timedelta(days=3), NOON) == "3 days"
