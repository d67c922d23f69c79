"""What a strike stands on, one by one; own figures beside the team's."""

from __future__ import annotations

from app.dispatch.types import Figures, TeamFigures
from app.web.pages.desk_views import facts_of
from app.web.pages.history_views import compared


def test_what_is_not_known_of_a_strike_says_so() -> None:
    known = {"delivered_at": "2026-11-25T10:00:00+00:00", "deadline_at": "2026-11-25T10:20:00+00:00"}
    told = {fact.words: fact.value for fact in facts_of(known | {"presence": "online"})}
    assert told["Delivered"] == "10:00:00 UTC"
    assert told["Seen"] == "not recorded"
    assert told["Connection"] == "Connected at its end"
    assert told["Our outages"] == "None while it ran."


def test_figures_stand_beside_the_teams() -> None:
    mine = Figures(done_today=1, done=12, missed=1, in_time_percent=92.3, median_seconds=552)
    team = TeamFigures(people=5, done=10, in_time_percent=97.0, median_seconds=600)
    found = {one.words: (one.mine, one.team, one.tone) for one in compared(mine, team)}
    assert found == {
        "done": ("12", "10", ""),
        "in time": ("92 %", "97 %", "warn"),
        "usual time": ("9:12", "10:00", ""),
    }


def test_a_team_of_one_has_nobody_to_compare_with() -> None:
    mine = Figures(done_today=0, done=1, missed=0, in_time_percent=100, median_seconds=9)
    alone = TeamFigures(people=1, done=1, in_time_percent=100, median_seconds=9)
    assert {one.team for one in compared(mine, alone)} == {"–"}
