"""What of a posting counts as a wish, and what is only around it."""

from __future__ import annotations

import pytest

from app.bots.match.requirements import analyse

POSTING = """## What the Candidate Will Do
- Build services that match riders with drivers
---- What the Candidate Will Need / Bonus Points ----
---- Basic Qualifications ----
1. 5+ years of work with distributed systems
2. Experience with Java
---- Preferred Qualifications ----
1. Experience with Kubernetes
Moving the world is what we do. Offices continue to be central to collaboration and our cultural identity.
For San Francisco, CA-based roles: The base salary range for this role is USD$190,000 per year - USD$211,000 per year.
Please speak with your recruiter to better understand what we expect in the office.
{last}
"""


def _wishes(last: str = "") -> list[tuple[str, str]]:
    return [(wish.kind, wish.text) for wish in analyse("Engineer", POSTING.format(last=last)).wishes]


def test_prose_below_a_list_asks_for_nothing() -> None:
    assert _wishes() == [
        ("duty", "Build services that match riders with drivers"),
        ("required", "1. 5+ years of work with distributed systems"),
        ("required", "2. Experience with Java"),
        ("nice", "1. Experience with Kubernetes"),
    ]


@pytest.mark.parametrize(
    ("last", "kind"),
    [
        ("A background in PostgreSQL rounds it off.", "nice"),
        ("At least three years of it should be recent.", "nice"),
        ("A degree in physics helps too.", "nice"),
        ("You must be able to travel.", "required"),
    ],
)
def test_but_what_asks_for_something_counts_wherever_it_stands(last: str, kind: str) -> None:
    assert _wishes(last)[-1] == (kind, last)


@pytest.mark.parametrize(
    "line",
    [
        "You will be eligible to participate in Uber's bonus program, and may be offered an equity award.",
        "Accommodations may be available based on religious and/or medical conditions.",
        "Acme's mission is to move the world.",
    ],
)
def test_lines_that_every_posting_of_a_firm_ends_with(line: str) -> None:
    assert analyse("Engineer", f"Requirements\n{line}\nPython").wishes[0].text == "Python"
