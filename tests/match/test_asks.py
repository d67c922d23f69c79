"""What lines ask for beyond skills, and what they don't."""

import pytest

from app.bots.match import asks


@pytest.mark.parametrize(
    ("line", "skill", "expected"),
    [
        ("No Java needed here", "Java", True),
        ("This is not a C++ role", "C++", True),
        ("We use Python instead of Java", "Java", True),
        ("We use Python, not PHP", "PHP", True),
        ("Java is not required", "Java", True),
        ("Kubernetes experience isn't required", "Kubernetes", True),
        ("You don't need to know Go", "Go", True),
        ("no experience with Kubernetes yet", "Kubernetes", True),
        ("without Java or C++ experience", "C++", True),
        ("We do not use Ruby", "Ruby", True),
        ("We are moving off Jenkins to GitHub Actions", "Jenkins", True),
        ("We are moving off Jenkins to GitHub Actions", "GitHub Actions", False),
        ("Python and Java", "Java", False),
        ("Not only Python", "Python", False),
        ("You have not just used Python", "Python", False),
        ("There is no limit: Java, Go", "Go", False),
        ("5 years of Java, not less", "Java", False),
        ("Migrations without downtime on PostgreSQL", "PostgreSQL", False),
        ("No. 1 in Python", "Python", False),
    ],
)
def test_negation(line: str, skill: str, expected: bool) -> None:
    start = line.index(skill)
    assert asks.negated(line, start, start + len(skill)) is expected


@pytest.mark.parametrize(
    ("line", "skill", "expected"),
    [
        ("Eager to learn Kubernetes", "Kubernetes", True),
        ("Currently learning Rust", "Rust", True),
        ("Built with Rust. Eager to learn", "Rust", False),
        ("Taught Rust to new colleagues", "Rust", False),
        ("Interested in learning more about Terraform", "Terraform", True),
    ],
)
def test_what_is_only_hoped_for(line: str, skill: str, expected: bool) -> None:
    assert asks.only_wished(line, line.index(skill)) is expected


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Intern, Data", 0),
        ("Associate Software Engineer", 1),
        ("Junior Accountant", 1),
        ("Sales Associate", 2),
        ("Staff Nurse", 2),
        ("Product Manager", 2),
        ("Integration Engineer, Partner APIs", 2),
        ("Senior Product Manager", 3),
        ("Staff Engineer", 4),
        ("Engineering Manager", 4),
        ("Lead Welder", 4),
        ("Head of Sales", 5),
        ("Director of Nursing", 5),
    ],
)
def test_the_level_of_a_title(title: str, level: int) -> None:
    assert asks.level_of(title) == level


@pytest.mark.parametrize(
    ("text", "years"),
    [("5+ years of Python", [5]), ("3-5 years", [3]), ("at least two years", [2]), ("18 years of age", []), ("", [])],
)
def test_years(text: str, years: list[int]) -> None:
    assert asks.years_in(text) == years


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        ("BSc or MSc in physics", "bachelor"),
        ("A master's degree in law", "master"),
        ("PhD required", "doctor"),
        ("High school diploma", "school"),
        ("Scrum master", ""),
        ("", ""),
    ],
)
def test_degrees(text: str, degree: str) -> None:
    assert asks.degree_in(text) == degree
