"""The board's lines: what needs somebody comes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.dispatch.policy.types import Outage
from app.dispatch.types import Assignment, Board, OpenReview, Review
from app.web.pages.board_views import lines, outages

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _open(title: str, risk: int, *, queued: int = 0, left: int | None = None, **more: Any) -> OpenReview:
    queued_at = NOON - timedelta(minutes=queued)
    review = Review(
        id=uuid4(), number=1, pool_id=UUID(int=0), pool="general", kind="resume", size="large", title=title,
        application_id=None, seeker_id=None, priority=0, queued_at=queued_at, misses=0, snoozed_until=None, payload={},
        outcome=None, version=1, created_at=queued_at, ended_at=None,
        **({"state": "queued", "stranded": None} | more),
    )  # fmt: skip
    held = None
    if left is not None:
        end = NOON + timedelta(minutes=left)
        held = Assignment(
            id=uuid4(), review_id=review.id, employee_id=uuid4(), state="open", assigned_at=NOON, deadline_at=end,
            warn_at=end - timedelta(minutes=5), delivered_at=None, seen_at=None, warned_at=None, closed_at=None,
            closed_reason=None,
        )  # fmt: skip
    return OpenReview(review=review, assignment=held, employee_id=None, employee=None, why=None, risk=risk)


def test_what_nobody_can_take_comes_before_clocks_and_clocks_before_the_queue() -> None:
    given = [
        _open("waits for the seeker", 4, queued=90),
        _open("queued", 3, queued=60),
        _open("runs, much time", 2, left=15),
        _open("warned", 1, left=3),
        _open("runs, less time", 2, left=10),
        _open("stranded, younger", 0, queued=5, stranded="away"),
        _open("escalated, older", 0, queued=30, state="escalated"),
    ]
    board = Board(now=NOON, reviews=given, people=[], pools=[], strikes=[], locked=[], appeals=[])
    assert [line.title for line in lines(board)] == [
        "escalated, older",
        "stranded, younger",
        "warned",
        "runs, less time",
        "runs, much time",
        "queued",
        "waits for the seeker",
    ]


def test_an_outage_that_two_groups_saw_is_told_once_and_one_that_lasts_as_such() -> None:
    at = [NOON + timedelta(seconds=seconds) for seconds in (-300, -298, -240, -239, -20)]
    seen = [
        Outage(component="dispatcher", start=at[0], end=at[2]),
        Outage(component="dispatcher", start=at[1], end=at[3]),
        Outage(component="web", start=at[4]),
    ]
    board = Board(now=NOON, reviews=[], people=[], pools=[], strikes=[], locked=[], appeals=[], outages=seen)
    assert outages(board) == [
        "The dispatcher was silent from 11:55:00 to 11:56:01 UTC: the clocks were set back.",
        "The web processes were silent since 11:59:40 UTC: nothing runs out.",
    ]
