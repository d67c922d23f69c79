"""A seeker's news and weeks, out of rows. No database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from app.insight.news import told
from app.insight.own_weeks import Week, reckoned
from app.web.pages import news_views

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
APP, OTHER = UUID(int=1), UUID(int=2)


def row(to: str, minutes: int, app: UUID = APP, **more: Any) -> dict[str, Any]:
    known = {"number": 7, "title": "Engineer", "company": "Contoso", "source": "bot", "note": "", "confirmation": None}
    known |= {"id": UUID(int=minutes), "status": to, "attention": None, "data": {}}
    return known | {"application_id": app, "to_status": to, "at": NOW - timedelta(minutes=minutes)} | more


def test_what_is_quiet_is_said_once_and_never_counts_as_unread() -> None:
    rows = [row("in_review", 1), row("applying", 2), row("interview", 3, OTHER), row("applying", 4, OTHER)]
    found = told(rows, NOW - timedelta(hours=1))
    assert [(one.to_status, one.loud) for one in found] == [("in_review", False), ("interview", True)]
    assert [news_views.line(one).unread for one in found] == [False, True]


def test_what_was_seen_is_read() -> None:
    found = told([row("offer", 1), row("applied", 90)], NOW - timedelta(hours=1))
    assert [one.unread for one in found] == [True, False]
    assert all(one.unread for one in told([row("applied", 90)], None)), "who never looked has read nothing"


def test_a_question_asks_only_until_it_is_answered() -> None:
    asked = {"status": "needs_attention", "attention": {"kind": "ask_seeker"}, "source": "reviewer"}
    (one,) = told([row("needs_attention", 1, **asked)], None)
    assert (one.asks, news_views.line(one).says) == (True, "A reviewer asks you")
    later = told([row("in_review", 1), row("needs_attention", 2, status="in_review", source="reviewer")], None)
    assert [one.asks for one in later] == [False, False]


def sent(days_ago: float, answered_after: float | None = None, invited: bool = False) -> Any:
    at = NOW - timedelta(days=days_ago)
    back = None if answered_after is None else at + timedelta(days=answered_after)
    return SimpleNamespace(applied_at=at, answered_at=back, invited=invited)


def test_weeks_in_sentences() -> None:
    first = date(2026, 10, 5)
    found = reckoned([sent(0.1), sent(15, 2), sent(15, 4, True), sent(16, 6), sent(20, 8)], first)
    assert [week.applied for week in found.weeks] == [0, 0, 0, 0, 1, 3, 0, 1]
    assert news_views.sentences(found) == [
        "5 applications in the last eight weeks, 1 of them this week.",
        "4 employers answered (80 %), half of them within 5 days.",
        "1 interview so far.",
    ]
    assert news_views.sentences(reckoned([], first)) == ["Nothing has gone out in the last eight weeks."]
    alone = news_views.sentences(reckoned([sent(9)], first))
    assert alone[1].startswith("No employer has answered yet.")


def test_bars_stay_within_the_chart() -> None:
    bars = news_views.chart([Week(date(2026, 11, 2), 0, 0), Week(date(2026, 11, 9), 12, 3), Week(NOW.date(), 4, 9)])
    assert max(bar.height for bar in bars) == news_views.HEIGHT - 2 * news_views.FOOT
    assert all(bar.y >= news_views.FOOT and bar.x + bar.width <= news_views.WIDTH for bar in bars)
    assert bars[0].height == 0
    assert news_views.chart([Week(NOW.date(), 0, 0)])[0].height == 0


def test_a_moment_names_its_zone() -> None:
    assert news_views.moment(NOW.isoformat()) == NOW
    assert [news_views.moment(text) for text in ("", "yesterday", "2026-11-26T09:00:00")] == [None, None, None]
