"""A score in one sentence: good English for any mixture of met, half met and missing."""

from __future__ import annotations

from typing import Any

import pytest

from app.bots.match.explanation import Component, Evidence
from app.web.pages import verdict


def line(text: str = "Python in production", met: float = 100.0, kind: str = "required", **more: Any) -> dict[str, Any]:
    return {"text": text, "kind": kind, "met": met, "evidence": "", "matched": [], "missing": []} | more


def lines(*met: float, kind: str = "required") -> list[dict[str, Any]]:
    return [line(f"Line number {at} of it", value, kind) for at, value in enumerate(met)]


def part(name: str, score: float, asked: str = "", told: str = "", raised: str = "") -> Component:
    evidence = [Evidence(asked, told)] if asked or told else []
    return Component(name=name, label=name.title(), score=score, weight=10, evidence=evidence, would_raise=raised)


@pytest.mark.parametrize(
    ("met", "said"),
    [
        ([100, 100, 100], "all three points asked for are met"),
        ([100, 100], "both points asked for are met"),
        ([100, 80, 10], "two of three points are met"),
        ([100, 60, 50, 10], "one of four points is met and two in part"),
        ([10, 20, 30], "none of three points is met"),
        ([10, 50, 30], "none of three points is met, one in part"),
        ([10, 20], "neither of two points is met"),
        ([50, 50, 50], "all three points asked for are met in part"),
        ([100], "the one point asked for is met"),
        ([60], "the one point asked for is met in part"),
        ([0], "the one point asked for is not met"),
        ([100] * 11 + [0] * 2, "eleven of thirteen points are met"),
        ([100] * 21 + [0] * 2, "21 of 23 points are met"),
    ],
)
def test_points_are_counted_in_words(met: list[float], said: str) -> None:
    assert verdict.sentence(71.9, [], {"lines": lines(*met)}) == f"71: {said}."


def test_what_asks_for_nothing_is_no_point() -> None:
    idle = [
        "Please speak with your recruiter to better understand in-office expectations for this role.",
        "For Seattle, WA-based roles: The base salary range for this role is USD$167,000 per year.",
        "Uber's mission is to reimagine the way the world moves for the better.",
        "What the Candidate Will Do",
        "1. ",
    ]
    told = {"lines": [*lines(100, 0), *(line(text, 0) for text in idle)]}
    assert verdict.sentence(60, [], told) == "60: one of two points is met."


def test_points_that_are_only_nice_count_where_none_is_required() -> None:
    assert (
        verdict.sentence(60, [], {"lines": [*lines(100, 0), *lines(0, 0, kind="nice")]})
        == "60: one of two points is met."
    )
    assert verdict.sentence(60, [], {"lines": lines(0, 0, 100, kind="nice")}) == "60: one of three points is met."


def gains(*skills: str) -> list[dict[str, Any]]:
    return [{"skill": skill, "points": 9.0 - at} for at, skill in enumerate(skills)]


@pytest.mark.parametrize(
    ("skills", "said"),
    [
        (["Kafka"], "Kafka is missing"),
        (["Kafka", "Data analysis"], "Kafka and data analysis are missing"),
        (["Kafka", "Go", "Teamwork"], "Kafka, Go and teamwork are missing"),
        (["Kafka", "Go", "Teamwork", "C++"], "Kafka, Go and teamwork are missing, among others"),
    ],
)
def test_missing_skills_are_named(skills: list[str], said: str) -> None:
    told = {"lines": [line(), line("All of these", 0, missing=skills)], "would_raise": gains(*skills)}
    assert verdict.sentence(80, [], told) == f"80: one of two points is met; {said}."


def test_of_skills_of_which_one_is_enough_all_are_missing_or_none() -> None:
    some = line("Java, Go or C++", 0, missing=["Java", "Go", "C++"], any_of=True)
    two = line("React or Angular", 0, missing=["React", "Angular"], any_of=True)
    told = {"lines": [some], "would_raise": gains("Java", "Go", "C++")}
    assert (
        verdict.sentence(50, [], told) == "50: the one point asked for is not met; none of Java, Go and C++ is shown."
    )
    told = {"lines": [two], "would_raise": gains("React", "Angular")}
    assert verdict.sentence(50, [], told).endswith("; neither React nor Angular is shown.")
    half = some | {"met": 55.0, "matched": ["Python"]}
    assert verdict.sentence(50, [], {"lines": [half], "would_raise": gains("Java", "Go", "C++")}).endswith(
        "met in part."
    )


def test_a_skill_of_a_line_that_is_met_without_it_is_not_called_missing() -> None:
    told = {"lines": [line("Python or Go", 94, missing=["Go"], any_of=True)], "missing": ["Go"]}
    assert verdict.sentence(91, [], told) == "91: the one point asked for is met."


def test_what_would_only_add_is_not_called_missing() -> None:
    told = {"lines": [line(), line("Go", 0, "nice", missing=["Go"])], "would_raise": gains("Go")}
    assert verdict.sentence(88, [], told) == "88: the one point asked for is met; Go would add to it."


@pytest.mark.parametrize(
    ("asked", "told", "said"),
    [
        ("6 years", "5 years, all in related positions", "five of the six years asked for"),
        ("7 years", "4.4 years in related positions, 9 years in all", "4.4 of the 7 years asked for"),
        ("5 years", "0.8 years in related positions", "less than one of the five years asked for"),
        ("5 years", "None in related positions, 9 years in all", "none of the five years asked for in related work"),
        ("5 years", "No position has dates.", "none of the five years asked for in related work"),
        ("1 year", "0.5 years in related positions", "less than the year asked for"),
        ("1 year", "None in related positions, 9 years in all", "none of the year asked for in related work"),
    ],
)
def test_years_that_are_short_are_said(asked: str, told: str, said: str) -> None:
    years = part("years", 50, f"{asked} of experience", told)
    found = verdict.sentence(70, [years], {"lines": lines(100, 100)}, "seeker")
    assert found == f"70: both points asked for are met; you show {said}."


def test_years_that_suffice_are_not_said() -> None:
    enough = part("years", 100, "5 years of experience", "9 years, all in related positions")
    assert verdict.sentence(95, [enough], {"lines": lines(100, 100)}) == "95: both points asked for are met."


def test_it_all_in_one_sentence() -> None:
    told = {
        "lines": [*lines(*[100] * 11, 60), line("Kafka", 0, missing=["Kafka"])],
        "would_raise": gains("Kafka"),
    }
    years = part("years", 87, "6 years of experience", "5 years in related positions, 8 years in all")
    whole = "eleven of thirteen points are met and one in part; Kafka is missing"
    assert verdict.sentence(87.4, [years], told) == f"87: {whole}; the resume shows five of the six years asked for."
    assert verdict.sentence(87.4, [years], told, "seeker") == f"87: {whole}; you show five of the six years asked for."


def test_another_kind_of_work_is_named_by_the_nearest_position() -> None:
    far = part("title", 8, "Tax Analyst", "Cook")
    assert verdict.sentence(3, [far], {"lines": lines(0, 0)}, "seeker").endswith("; your nearest position is Cook.")
    assert verdict.sentence(3, [far], {"lines": lines(0, 0)}).endswith("; the nearest position held is Cook.")
    nobody = part("title", 0, "Tax Analyst", "No position is named.")
    assert verdict.sentence(3, [nobody], {"lines": lines(0, 0)}) == "3: neither of two points is met."
    above = part("title", 20, "Head of Tax", "Tax Analyst", "Show work that fits a director's position.")
    assert "its level is above that of the positions you held" in verdict.sentence(3, [above], {}, "seeker")
    noted = {"lines": lines(0, 0), "notes": ["The positions held are of another occupation."]}
    assert verdict.sentence(3, [far], noted) == "3: neither of two points is met."


def test_scores_of_earlier_versions_are_told_by_their_skills() -> None:
    old = [
        {"name": "years", "label": "Years", "score": 50.0, "weight": 10, "evidence": ["6 asked for, 3 in the resume"]}
    ]
    told = {"matched": ["SQL"], "missing": ["Go", "Kafka"]}
    assert verdict.sentence(71, old, told) == "71: one of three skills is shown; Go and Kafka are missing."
    assert verdict.sentence(71, old, {"matched": ["SQL", "Go", "C"]}) == "71: all three skills named are shown."


@pytest.mark.parametrize("told", [{}, None, {"lines": []}, {"lines": ["odd", 7]}, {"would_raise": ["odd"]}])
def test_without_reasons_the_number_stands_alone(told: Any) -> None:
    assert verdict.sentence(71.9, [], told) == "71."
    assert verdict.held(71.9, told) == ""


def test_a_score_is_never_rounded_up() -> None:
    assert verdict.sentence(89.99, [], {}) == "89."


OTHER, UNDATED = "The positions held are of another occupation.", "The resume names no position with its dates."


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        (["The posting says too little to be sure."], "the posting says too little to be sure."),
        (["German is required and the resume doesn't show it."], "German is required and your resume doesn't show it."),
        ([OTHER], "the positions you held are of another occupation."),
        ([UNDATED, OTHER], "your resume names no position with its dates and because the positions you held are of "
         "another occupation."),
        (["The resume repeats it; a person should look at it."], "your resume repeats it."),
    ],
)  # fmt: skip
def test_what_holds_a_score_is_a_sentence(notes: list[str], said: str) -> None:
    assert verdict.held(74, {"notes": notes}, "seeker") == f"Held below 90 because {said}"
    assert verdict.held(12, {"notes": notes}, "seeker") == f"It could not reach 90 in any case, because {said}"


def test_a_reviewer_reads_of_the_resume() -> None:
    told = {"notes": ["The resume lists skills but shows no work with them."]}
    assert verdict.held(60, told) == "Held below 90 because the resume lists skills but shows no work with them."


def test_advice_is_given_to_whom_it_concerns() -> None:
    advice = "Tell of work like “Cook”, if there was any."
    assert verdict.voiced(advice, "seeker") == "Tell of work like “Cook”, if you did any."
    assert verdict.voiced(advice, "reviewer") == advice
