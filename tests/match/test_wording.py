"""What is quoted of postings and resumes, and how skills stand within a sentence."""

from __future__ import annotations

from datetime import date

import pytest

from app.bots.match import wording
from app.bots.match.person import Person, person

TODAY = date(2026, 11, 23)
RESUME = """Barry Allen
Front-End Developer
Central City, CA, USA
EXPERIENCE
June 2022 –
Present
Software Engineer (Front-End), Google, Mountain View, CA, USA
Developing user interfaces using React and Redux. Working closely with UX designers.
2019 – 2022 Developer, Apple, Cupertino, CA, USA
• Wrote payment services in Python and ran them on Kubernetes
EDUCATION
2014 – 2018 B.Tech, Computer Science and Engineering, Indian Institute of Technology,
Delhi, New Delhi, India
SKILLS
Kafka, Terraform
"""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2. Two years of Python ", "Two years of Python"),
        ("1\\. Engineering Degree", "Engineering Degree"),
        ("**Learn** the ropes", "Learn the ropes"),
        ("- Python", "Python"),
        ("01. Bachelor’s degree", "Bachelor’s degree"),
        ("See [the team](https://a.example/b) first", "See the team first"),
        ("3+ years of Go", "3+ years of Go"),
        ("C++", "C++"),
        ("1. ", ""),
        ("word " * 60, " ".join(["word"] * 40) + "…"),
    ],
)
def test_a_line_is_quoted_without_its_marks(line: str, said: str) -> None:
    assert wording.quoted(line) == said


@pytest.mark.parametrize(
    "line",
    [
        "Please speak with your recruiter to better understand in-office expectations.",
        "The base salary range for this role is USD$167,000 per year - USD$185,500 per year.",
        "More details at [careers](https://jobs.example/benefits).",
        "To request an accommodation, please reach out to people@jobs.example.",
        "What the Candidate Will Do",
        "**Internships**",
        "What we need:",
        "7.",
    ],
)
def test_lines_that_ask_for_nothing(line: str) -> None:
    assert wording.general(line)


@pytest.mark.parametrize(
    "line", ["Python", "Who can lift 20 kg", "You speak Dutch and English", "Knowledge of salary tax"]
)
def test_lines_that_ask_for_something(line: str) -> None:
    assert not wording.general(line)


def test_a_duty_is_something_one_does() -> None:
    assert wording.a_duty("Debug complex production issues across services")
    assert wording.a_duty("You will lead a team of four engineers")
    for line in (
        "We are passionate about food and people",
        "The team’s mission is quality",
        "Ever ordered food at night?",
    ):
        assert not wording.a_duty(line)


def test_skills_within_a_sentence() -> None:
    plain = {"Data analysis": "data analysis", "Teamwork": "teamwork", "Front-end development": "front-end development"}
    names = [
        "Kafka",
        "Spring Boot",
        "REST APIs",
        "Python linters",
        "Go",
        "C++",
        "A/B testing",
        "iOS development",
        "Unity",
    ]
    assert {skill: wording.in_a_sentence(skill) for skill in [*plain, *names]} == plain | {name: name for name in names}


def test_lists_and_numbers() -> None:
    assert wording.listed(["a"]) == "a"
    assert wording.listed(["a", "b"], "or") == "a or b"
    assert wording.listed(["a", "b", "c", "d"]) == "a, b, c and d"
    assert wording.listed(["a", "b", "c", "d", "e"], "or") == "a, b, c and two more"
    assert (wording.years(1), wording.years(4.46), wording.years(0)) == ("1 year", "4.5 years", "no time")
    assert (wording.degree("doctor"), wording.degree("")) == ("a doctorate", "no degree")


def said(who: Person, at: int) -> str:
    return who.quotes.said(who.chunks, at)


def test_places_and_dates_are_no_evidence_and_heads_come_with_their_work() -> None:
    who = person(RESUME, TODAY)
    told = [said(who, at) for at in range(len(who.chunks))]
    assert not {"Present", "Delhi, New Delhi, India", "June 2022"} & set(told)
    assert any(text.startswith("Software Engineer (Front-End), Google") and "using React" in text for text in told)


def test_each_skill_is_shown_where_work_shows_it() -> None:
    who = person(RESUME, TODAY)
    assert "Python" in said(who, who.quotes.places["Python"])
    assert "React" in said(who, who.quotes.places["React"])
    assert "Kafka" not in who.quotes.places
    assert who.quotes.places["JavaScript"] == who.quotes.places["React"]  # which implies it
    (study,) = who.quotes.studies
    assert said(who, study).endswith("Indian Institute of Technology")
