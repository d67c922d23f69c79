"""The board's sentences: what is told of outages, of a review's past, and of a person's connection."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from app.dispatch.policy.types import Outage
from app.dispatch.sla_board import Attendance
from app.dispatch.types import HistoryLine, Seat
from app.web.pages.board_rows import history, marked
from app.web.pages.board_views import outages, place

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_an_outage_that_two_groups_saw_is_told_once_and_one_that_lasts_as_such() -> None:
    at = [NOON + timedelta(seconds=seconds) for seconds in (-300, -298, -240, -239, -20)]
    seen = [
        Outage(component="dispatcher", start=at[0], end=at[2]),
        Outage(component="dispatcher", start=at[1], end=at[3]),
        Outage(component="web", start=at[4]),
    ]
    assert outages(seen, NOON) == [
        "The dispatcher was silent from 11:55:00 to 11:56:01 UTC: the clocks were set back.",
        "The web processes were silent since 11:59:40 UTC: nothing runs out.",
    ]


def test_a_history_is_told_in_words_the_latest_first_and_an_unknown_kind_as_itself() -> None:
    ada = str(uuid4())
    told = [
        ("filed", {}),
        ("assigned", {"employee": ada}),
        ("reason", {"text": "{employee} asked"}),
        ("stranded", {"reason": "all_away"}),
        ("deadline_changed", {"deadline_at": "2026-11-23T12:15:00Z"}),
        ("something_new", {"x": 1}),
    ]
    lines = [
        HistoryLine(at=NOON, kind=kind, actor_id=None, actor=None, assignment_id=None, data=data) for kind, data in told
    ]
    assert [one.words for one in history(lines, {ada: "Ada King"})] == [
        "Something new",
        "The clock was set back: 12:15",
        "Nobody can take it: everybody is away",
        "Reason: {employee} asked",
        "Given to Ada King",
        "Filed",
    ]


def _attending(**more: object) -> Attendance:
    seat = Seat(
        employee_id=uuid4(), number=7, name="Ada King", state="Busy", reason="", active=1, capacity=2,
        last_assigned_at=NOON, strikes=0, pools=[],
    )  # fmt: skip
    given = {"presence": "assignable", "last_beat_at": NOON, "last_missed_at": None} | more
    return Attendance(seat=seat, place=0, since=NOON, **given)  # type: ignore[arg-type]  # a test's own


def test_a_connection_that_has_gone_quiet_is_told_with_its_age() -> None:
    later = NOON + timedelta(seconds=20)
    assert (place(_attending(), later).link, place(_attending(), later).tone) == ("connected", "")
    quiet = place(_attending(presence="online"), later)
    assert (quiet.link, quiet.tone) == ("quiet for 20 s", "warn")
    assert place(_attending(presence="offline"), later).tone == "risk", "who is away holds something"


def test_a_mark_stands_while_only_clocks_run_and_changes_with_what_is_shown() -> None:
    one = _attending()
    first, later = (marked(place(one, NOON + timedelta(seconds=s))) for s in (1, 9))
    assert first.waited != later.waited
    assert first.mark == later.mark
    assert marked(place(_attending(presence="offline"), NOON)).mark != first.mark
