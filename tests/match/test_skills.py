"""Skills in a line: whole words, longest form, ambiguous forms only where the line supports them."""

import pytest

from app.bots.match.skills import default


def test_the_list_is_large_and_sound() -> None:
    taxonomy = default()
    assert len(taxonomy.skills) >= 250
    assert len({skill.category for skill in taxonomy.skills.values()}) >= 84
    assert {other for skill in taxonomy.skills.values() for other in skill.implies} <= set(taxonomy.skills)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Go, Python and R", {"Go", "Python", "R"}),
        ("We go to market and R is a letter", set()),
        ("You excel at teamwork", {"Teamwork"}),
        ("We Excel at teamwork", {"Teamwork"}),
        ("Excel and PowerPoint", {"Microsoft Excel", "PowerPoint"}),
        ("C++ and C#", {"C++", "C#"}),
        ("A React Native app", {"React Native"}),
        ("Spring into action", set()),
        ("Java with Spring", {"Java", "Spring Boot"}),
        ("the rest of the team", set()),
        ("REST and gRPC APIs on PostgreSQL", {"REST APIs", "gRPC", "PostgreSQL"}),
        ("JavaScript", {"JavaScript"}),
        ("Registered nurse with BLS and wound care", {"Registered nurse", "BLS", "Wound care"}),
        ("Month-end close, journal entries, SAP", {"Month-end close", "General ledger", "SAP"}),
        ("Forklift licence and cycle counts", {"Forklift operation", "Inventory management"}),
        ("Conduit bending, PLCs and blueprints", {"Conduit bending", "PLC programming", "Blueprint reading"}),
        ("", set()),
    ],
)
def test_forms(line: str, expected: set[str]) -> None:
    assert default().find(line) == expected


def test_a_skill_brings_what_it_implies() -> None:
    assert {"Python", "SQL"} <= default().closure({"SQLAlchemy"})
    assert "Python" in default().closure({"Django"})
