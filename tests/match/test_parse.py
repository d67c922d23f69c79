"""A resume's text → parts, over layouts; nothing is invented."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bots.match import dates
from app.bots.match.parse import parse

TODAY = date(2026, 11, 23)
HEAD = (
    "Ana María Núñez\nRegistered Nurse\n"
    "Leeds, United Kingdom | ana@example.org | +44 113 496 0123\nlinkedin.com/in/ana\n"
)


def test_contact() -> None:
    contact = parse(HEAD + "SUMMARY\nCalm.", TODAY).contact
    assert contact.name == "Ana María Núñez"
    assert contact.email == "ana@example.org"
    assert contact.phone == "+44 113 496 0123"
    assert contact.location == "Leeds, United Kingdom"
    assert contact.links == ["linkedin.com/in/ana"]


LAYOUTS = {  # heading, header and dates in the orders that resumes have
    "dates at the end": "Experience\nStaff Nurse, Moor Edge Hospital, June 2018 - Present\n• Cared for patients\n",
    "dates in front": "Experience\nJune 2018 – present Staff Nurse, Moor Edge Hospital – Leeds\n• Cared for patients\n",
    "dates alone": "EXPERIENCE\nJune 2018 –\nPresent\nStaff Nurse, Moor Edge Hospital, Leeds\nCared for patients\n",
    "employer above": "Work Experience\nMoor Edge Hospital\nStaff Nurse\tJun. 2018 - Present\n• Cared for patients\n",
    "title below": "Employment\nMoor Edge Hospital, Leeds\t\t06/2018 to current\nStaff Nurse\n• Cared for patients\n",
    "dates below": "Experience\nStaff Nurse\nMoor Edge Hospital\nJune 2018 – Present\n• Cared for patients\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_jobs(layout: str) -> None:
    found = parse(HEAD + LAYOUTS[layout], TODAY)
    assert len(found.jobs) == 1
    job = found.jobs[0]
    assert (job.title, job.employer) == ("Staff Nurse", "Moor Edge Hospital")
    assert (job.start, job.end) == ("2018-06", "present")
    assert job.bullets == ["Cared for patients"]
    assert found.years == pytest.approx(8.4, abs=0.1)


def test_studies() -> None:
    found = parse(HEAD + "EDUCATION\nBSc in Nursing, University of Leeds, 2014 – 2017\nGPA: 3.9\n", TODAY)
    assert [(study.degree, study.institution, study.end) for study in found.education] == [
        ("BSc in Nursing", "University of Leeds", "2017")
    ]


def test_a_subject_is_not_taken_for_a_school() -> None:
    found = parse(HEAD + "EDUCATION\nBachelor of Arts, Business Administration\n", TODAY)
    assert [study.institution for study in found.education] == [""]


def test_what_isnt_there_stays_empty() -> None:
    found = parse("I like long walks and quiet mornings.", TODAY)
    assert found.contact.name == found.contact.email == found.contact.phone == ""
    assert (found.jobs, found.education, found.years) == ([], [], 0.0)


def test_years_side_by_side_count_once() -> None:
    assert dates.years_covered([("2018", "2020"), ("2019", "2021")], TODAY) == 3.0


@given(st.text(max_size=400))
def test_any_text_parses_and_nothing_is_invented(text: str) -> None:
    found = parse(text, TODAY)
    for value in (found.contact.name, found.contact.email):
        assert all(word in text for word in value.split())
