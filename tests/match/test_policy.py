"""Hard filters, limits and decisions, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from app.bots.match.policy import Facts, Filter, decide, filters, limits, yearly_pay
from app.postings.terms import Terms
from app.seekers.types import Preferences, Thresholds


def _facts(**given: Any) -> Facts:
    basis: dict[str, Any] = {"company": "Acme Ltd", "location": "London, UK", "places": [], "remote": None, "pay": None}
    return Facts(**{**basis, **given})


@pytest.mark.parametrize(
    ("wanted", "facts", "names"),
    [
        ({}, {}, []),
        ({"excluded_employers": ["acme"]}, {}, ["employer"]),
        ({"excluded_employers": ["Acme GmbH"]}, {}, ["employer"]),
        ({"excluded_employers": ["Ac"]}, {}, []),
        ({"excluded_employers": [""]}, {}, []),
        ({"remote": "only"}, {"remote": False}, ["remote"]),
        ({"remote": "only"}, {"remote": None}, []),
        ({"remote": "never"}, {"remote": True}, ["remote"]),
        ({"places": ["London"]}, {}, []),
        ({"places": ["Leeds"]}, {}, ["place"]),
        ({"places": ["Leeds"]}, {"places": ["Leeds, UK", "London, UK"]}, []),
        ({"places": ["Leeds"]}, {"location": ""}, []),
        ({"places": ["US"]}, {"location": "Brussels, Belgium"}, ["place"]),
        ({"places": ["York"]}, {"location": "Yorkshire Dales"}, ["place"]),
        ({"places": ["US"]}, {"location": "Austin, TX"}, []),
        ({"places": ["United States"]}, {"location": "San Francisco, CA | Seattle, WA"}, []),
        ({"places": ["United Kingdom"]}, {"location": "London"}, []),
        ({"places": ["Bay Area"]}, {"location": "San Francisco Bay Area"}, []),
        ({"places": ["Leeds"]}, {"remote": True}, []),
        ({"pay_floor": 90000}, {"pay": "USD 60,000 – 80,000 a year"}, ["pay"]),
        ({"pay_floor": 70000}, {"pay": "USD 60,000 – 80,000 a year"}, []),
        ({"pay_floor": 90000}, {"pay": "EUR 60,000 – 80,000 a year"}, []),
        ({"pay_floor": 90000}, {"pay": "Competitive"}, []),
        ({"pay_floor": 90000}, {"pay": None}, []),
    ],
)
def test_filters(wanted: dict[str, Any], facts: dict[str, Any], names: list[str]) -> None:
    assert [found.name for found in filters(Preferences(**wanted), _facts(**facts))] == names


US, NO_VISA = Terms(permission=frozenset({"us"})), Terms(sponsors=False, local=True)


@pytest.mark.parametrize(
    ("wanted", "kinds", "text"),
    [
        ({}, ["part_time"], None),
        ({"employment_types": ["full_time"]}, [], None),
        ({"employment_types": ["full_time"]}, ["full_time", "part_time"], None),
        ({"employment_types": ["full_time"]}, ["part_time"], "This is part-time work; you want full-time work."),
        ({"employment_types": ["contract"]}, ["contract", "full_time"], None),
        (
            {"employment_types": ["full_time", "part_time"]},
            ["full_time", "internship"],
            "This is an internship; you want full-time work or part-time work.",
        ),
        ({"employment_types": ["internship"]}, ["full_time", "internship"], None),
        ({"employment_types": ["contract"]}, ["full_time"], "This is full-time work; you want a contract for a time."),
    ],
)
def test_employment(wanted: dict[str, Any], kinds: list[Any], text: str | None) -> None:
    found = filters(Preferences(**wanted), _facts(terms=Terms(kinds=frozenset(kinds))))
    assert [(one.name, one.text) for one in found] == ([("employment", text)] if text else [])


@pytest.mark.parametrize(
    ("wanted", "terms", "location", "text"),
    [
        ({}, US, "Austin, TX", None),
        ({"work_countries": ["United States"]}, US, "Austin, TX", None),
        ({"work_countries": ["Germany"]}, Terms(), "Austin, TX", None),
        (
            {"work_countries": ["Germany"]},
            US,
            "Remote",
            "You must be allowed to work in United States; you may work in Germany.",
        ),
        ({"work_countries": ["Germany"]}, Terms(sponsors=True, permission=frozenset({"us"})), "Austin, TX", None),
        ({"work_countries": ["European Union"]}, Terms(permission=frozenset({"de", "us"})), "Berlin", None),
        ({"work_countries": ["Germany"]}, Terms(permission=frozenset({"eu"})), "Berlin", None),
        ({"work_countries": ["Germany"], "needs_sponsor": True}, NO_VISA, "Berlin, Germany", None),
        (
            {"work_countries": ["Germany"]},
            NO_VISA,
            "London",
            "You must be allowed to work in United Kingdom; you may work in Germany.",
        ),
        ({"work_countries": ["Germany"]}, NO_VISA, "Somewhere", None),
        ({"needs_sponsor": True}, NO_VISA, "London", "It sponsors no visa; you need a sponsor."),
        ({"needs_sponsor": True}, Terms(), "London", None),
        ({"needs_sponsor": True}, US, "Austin, TX", None),
        ({"needs_sponsor": True}, Terms(sponsors=True), "London", None),
    ],
)
def test_permission(wanted: dict[str, Any], terms: Terms, location: str, text: str | None) -> None:
    found = filters(Preferences(**wanted), _facts(terms=terms, location=location))
    assert [(one.name, one.text) for one in found] == ([("permission", text)] if text else [])


@pytest.mark.parametrize(
    ("pay", "expected"),
    [
        ("$151K – $231K", (231000, "USD")),
        ("EUR 80,000 – 95,000 a year", (95000, "EUR")),
        ("GBP 12 – 13 an hour", (13 * 2080, "GBP")),
        ("£3,000 a month", (36000, "GBP")),
        ("a lot", None),
    ],
)
def test_yearly_pay(pay: str, expected: tuple[float, str] | None) -> None:
    assert yearly_pay(pay) == expected


@pytest.mark.parametrize(
    ("score", "hard", "decision"),
    [
        (90.0, [], "auto"),
        (89.99, [], "review"),
        (60.0, [], "review"),
        (59.99, [], "below"),
        (99.0, [Filter("pay", "")], "filtered"),
        (100.0, [Filter("employment", "")], "filtered"),
        (100.0, [Filter("permission", "")], "filtered"),
    ],
)
def test_decide(score: float, hard: list[Filter], decision: str) -> None:
    assert decide(score, hard, 90, 60) == decision


def test_a_seekers_own_limits() -> None:
    assert limits(Thresholds(), 90, 60) == (90, 60)
    assert limits(Thresholds(auto=95), 90, 60) == (95, 60)
    assert limits(Thresholds(auto=50), 90, 60) == (50, 50)
