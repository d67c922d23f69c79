"""Postings and resumes made to cost time: read within it, and nothing they hold does harm."""

from __future__ import annotations

import time
from datetime import date

import pytest

from app.bots.match import requirements, skills
from app.bots.match.person import person
from app.postings.text import describe

HOSTILE = {
    "parentheses": "(" * 59_000 + " is a plus",
    "points": ";" * 59_000 + " is a plus",
    "half-open asides": "is a plus (" * 5_000,
    "denials": "no " * 19_000 + "Java",
    "white space": " " * 59_000 + "Java",
    "digits": "1" * 59_000 + " years",
    "years": "5 to " * 12_000 + " years",
    "one word": "a" * 59_000,
    "an ambiguous word": "Go " * 19_000,
    "a language": "German " * 8_000,
    "lines": "- Java\n" * 8_000,
    "right to left": "مهندس برمجيات Python ־ מהנדס " * 2_000,
    "Chinese": "我们正在寻找一位有五年经验的Python工程师。" * 2_500,
    "a megabyte": "Build payment services in Python on PostgreSQL. " * 22_000,
}


@pytest.fixture(scope="module", autouse=True)
def known() -> None:
    skills.default()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_read_in_seconds(text: str) -> None:
    began = time.monotonic()
    needs = requirements.analyse("Engineer", f"Requirements\n{text}")
    who = person(f"EXPERIENCE\n{text[:400_000]}", date(2026, 11, 25))
    assert time.monotonic() - began < 15  # of what grows with the square it would be minutes
    assert len(needs.wishes) <= 68
    assert all(len(wish.text) <= 400 for wish in needs.wishes)
    assert len(who.chunks) <= 80


@pytest.mark.parametrize(
    "html",
    [
        "<h3>What you bring<ul><li>Python<li>Kafka</h3><p><b>PostgreSQL",
        "<script>alert(1)</script><style>i{}</style><h3>What you bring</h3><li>Python<li>Kafka<li>PostgreSQL",
        "<div " * 3_000 + "><p>What you bring:</p><p>Python</p><p>Kafka</p><p>PostgreSQL</p>" + "</div>" * 3_000,
        "<![CDATA[<h3>What you bring</h3>]]><ul><li>Python</li><li>Kafka</li><li>PostgreSQL</ul><!-- <li>Java</li>",
    ],
)
def test_broken_markup_is_read_as_far_as_it_goes(html: str) -> None:
    needs = requirements.analyse("Engineer", describe(html)[1])
    named = {skill for wish in needs.wishes for skill in wish.skills}
    assert {"Python", "Kafka", "PostgreSQL"} <= named
    assert "Java" not in named
    assert not any("alert" in wish.text for wish in needs.wishes)
