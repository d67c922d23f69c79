"""A person with the seeker's corrections over what their resume's text says."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from app.bots.match.corrected import corrected
from app.bots.match.person import Person, person
from app.seekers.corrections import Corrections, Names, Row, Spoken, Wanted, learned, shown
from app.seekers.facts import Facts, Language, Position, Study

TODAY = date(2026, 11, 26)
RESUME = """Jane Roe
jane@example.org

EXPERIENCE
Software Engineer, Northgate Payments
2016 - 2019
• Built payment services in Django and PostgreSQL
• Ran Kubernetes clusters

Junior Developer, Beta Labs
2014 - 2016
• Wrote reports in SQL

EDUCATION
BSc in Physics, University of Leeds, 2013

SKILLS
Docker, Kafka
"""


@pytest.fixture
def jane() -> Person:
    return person(RESUME, TODAY)


def _own(jane: Person, **wanted: Any) -> Corrections:
    """What is learned when the seeker saves these lists, entries by their index in what was read."""
    read = Facts(
        positions=[Position(employer=j.employer, title=j.title, start=j.start, end=j.end) for j in jane.jobs],
        studies=[Study(institution=s.institution, degree=s.degree, start=s.start, end=s.end) for s in jane.studies],
    )
    stood = {
        field: [(one.id, one.now) for one in shown(getattr(read, field), [])] for field in ("positions", "studies")
    }
    given = {**stood, **wanted}
    facts = msgspec.structs.replace(read, **{field: [entry for _, entry in given[field]] for field in given})
    ids = {field: [name for name, _ in given[field]] for field in given}
    return learned(Corrections(), read, Wanted(facts=facts, **ids), "v1")


def test_without_corrections_nothing_changes(jane: Person) -> None:
    assert corrected(jane, Corrections(revision=3, checked="v1"), TODAY) is jane
    assert corrected(jane, _own(jane), TODAY) is jane


def test_added_skills_count_as_listed_and_removed_ones_do_not_count(jane: Person) -> None:
    own = Corrections(skills=Names(added=["Terraform", "pgsql"], removed=["Kafka", "Kubernetes", "Django"]))
    found = corrected(jane, own, TODAY)
    assert "Terraform" in found.listed
    assert {"Kafka", "Kubernetes", "Django"}.isdisjoint({*found.shown, *found.listed})
    assert found.shown["PostgreSQL"] == jane.shown["PostgreSQL"]
    assert found.shown["SQL"] == jane.shown["SQL"]  # named by itself, and implied by another skill


def test_what_only_a_removed_skill_implies_goes_with_it(jane: Person) -> None:
    assert "Python" in jane.shown  # by Django
    assert "Python" not in corrected(jane, Corrections(skills=Names(removed=["Django"])), TODAY).shown
    own = Corrections(skills=Names(removed=["Django"], added=["Python"]))
    assert "Python" in corrected(jane, own, TODAY).listed


def test_languages_count_as_said(jane: Person) -> None:
    own = Corrections(languages=Spoken(said=[Language(name="German", level="B2")]))
    assert "German" in corrected(jane, own, TODAY).listed
    speaks = person(RESUME + "\nLANGUAGES\nGerman, Polish\n", TODAY)
    left = corrected(speaks, Corrections(languages=Spoken(removed=["German"])), TODAY)
    assert "German" not in {*left.shown, *left.listed}
    assert "Polish" in {*left.shown, *left.listed}


def test_a_corrected_position_tells_title_years_and_level_anew(jane: Person) -> None:
    first, second = (Position(employer=j.employer, title=j.title, start=j.start, end=j.end) for j in jane.jobs)
    better = msgspec.structs.replace(first, title="Senior Data Engineer", end="2024")
    found = corrected(jane, _own(jane, positions=[("r0", better), ("r1", second)]), TODAY)
    assert found.titles == ["Senior Data Engineer", "Junior Developer"]
    assert (found.years, found.level) == (10.0, 3)
    assert [(held.title, held.years) for held in found.held] == [
        ("Senior Data Engineer", 8.0),
        ("Junior Developer", 2.0),
    ]


def test_a_removed_position_counts_no_more_and_an_added_one_does(jane: Person) -> None:
    first = Position(employer=jane.jobs[0].employer, title=jane.jobs[0].title, start="2016", end="2019")
    added = Position(employer="Ash Bank", title="Platform Engineer", start="2019", end="present")
    found = corrected(jane, _own(jane, positions=[("r0", first), ("", added)]), TODAY)
    assert found.titles == ["Platform Engineer", "Software Engineer"]
    assert found.years == pytest.approx(10.8, abs=0.1)


def test_the_seekers_years_are_spread_over_the_positions(jane: Person) -> None:
    found = corrected(jane, Corrections(years=10), TODAY)
    assert found.years == 10
    assert sum(held.years for held in found.held) == pytest.approx(10)
    bare = person("Jane Roe\nSoftware Engineer\n\nSKILLS\nPython\n", TODAY)
    assert [held.years for held in corrected(bare, Corrections(years=4), TODAY).held] == [4]


def test_a_corrected_study_tells_the_degree(jane: Person) -> None:
    assert jane.degree == "bachelor"
    (study,) = (Study(institution=s.institution, degree=s.degree, start=s.start, end=s.end) for s in jane.studies)
    better = msgspec.structs.replace(study, degree="MSc", subject="Physics")
    assert corrected(jane, _own(jane, studies=[("r0", better)]), TODAY).degree == "master"
    assert corrected(jane, _own(jane, studies=[]), TODAY).degree == ""
    more = [("r0", study), ("", Study(institution="University of York", degree="PhD"))]
    assert corrected(jane, _own(jane, studies=more), TODAY).degree == "doctor"


def test_rows_of_an_old_reading_find_their_place_in_a_new_text(jane: Person) -> None:
    row = Row(
        id=1,
        was=Position(employer="Northgate Payments Ltd", title="Software Engineer", start="2016-02", end="2019"),
        now=Position(employer="Northgate Payments Ltd", title="Lead Engineer", start="2016-02", end="2019"),
        fields=["title"],
    )
    found = corrected(jane, Corrections(positions=[row]), TODAY)
    assert found.titles == ["Lead Engineer", "Junior Developer"]
    assert found.years == jane.years
