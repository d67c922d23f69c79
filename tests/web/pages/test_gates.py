"""Scores are shown by the gates of the settings, or by the seeker's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import Settings
from app.seekers.types import Thresholds
from app.web.pages.gates import Gates, gates, ring
from app.web.pages.profile_form import patch
from app.web.pages.scorecard import scorecard

SETTINGS = Settings(home=Path(), auto_apply_score=95, review_floor=50)


@pytest.mark.parametrize(
    ("own", "found"),
    [
        (Thresholds(), Gates(95, 50)),
        (Thresholds(auto=80), Gates(80, 50)),
        (Thresholds(auto=82.5, floor=70), Gates(82.5, 70)),
        (Thresholds(auto=40), Gates(40, 40)),
    ],
)
def test_the_seekers_own_come_before_the_settings(own: Thresholds, found: Gates) -> None:
    assert gates(own, SETTINGS) == found


@pytest.mark.parametrize(
    ("score", "shown", "tone"), [(90, 90, ""), (89.96, 89, "warn"), (60, 60, "warn"), (59.9, 59, "low")]
)
def test_a_score_is_never_rounded_up_through_a_gate(score: float, shown: int, tone: str) -> None:
    found = ring(score, Gates(90, 60))
    assert (found.shown, found.tone) == (shown, tone)


def test_what_is_short_is_at_least_a_point() -> None:
    assert scorecard(89.96, None, 90, [], {}, []).short == 1
    assert scorecard(90, None, 90, [], {}, []).short == 0


def test_the_form_sets_and_clears_the_seekers_own() -> None:
    assert patch({"thresholds.auto": "80", "thresholds.floor": ""}, {})["thresholds"] == {"auto": "80", "floor": None}
