"""The shape of the cases that the score is judged by."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from app.practice.behaviour import Behaviour
from app.practice.catalogue import load

CASES = Path(__file__).parent / "cases"
KINDS = {
    "stuffing", "negation", "homonym", "seniority", "language",
    "empty", "boilerplate", "same_words_other_job", "licence", "plain",
}  # fmt: skip
LEVELS = {"junior", "mid", "senior", "lead"}
SPLITS = {"dev", "held_out"}
BOARD = {  # the occupations that the practice board has most postings of
    "backend_engineer", "data_engineer", "product_manager", "nurse",
    "secondary_teacher", "electrician", "accountant", "logistics",
}  # fmt: skip
LARGEST = 250_000


def rows(name: str) -> list[dict[str, Any]]:
    """One list of cases, put together from its files."""
    return [row for path in sorted(CASES.glob(f"{name}*.json")) for row in json.loads(path.read_text("utf-8"))]


def words(lines: list[str]) -> int:
    return len(" ".join(lines).split())


def assert_lines(lines: object) -> None:
    assert isinstance(lines, list)
    assert all(isinstance(line, str) and "\n" not in line for line in lines)


def assert_unique(values: list[str]) -> None:
    assert [value for value, count in Counter(values).items() if count > 1] == []


def test_no_file_is_too_long_to_read() -> None:
    assert {path.name for path in CASES.glob("*.json") if path.stat().st_size > LARGEST} == set()


def test_adversarial_cases_have_their_shape() -> None:
    cases = rows("adversarial")
    for case in cases:
        assert set(case) == {"id", "kind", "posting", "resume", "expect", "why"}, case["id"]
        assert set(case["posting"]) == {"title", "description"}, case["id"]
        assert case["kind"] in KINDS, case["id"]
        assert case["expect"] in {"below", "at_least_review", "auto"}, case["id"]
        assert case["why"].strip(), case["id"]
        assert_lines(case["posting"]["description"])
        assert_lines(case["resume"])
    assert_unique([case["id"] for case in cases])
    assert len(cases) >= 80
    assert set(Counter(case["kind"] for case in cases)) == KINDS
    assert min(Counter(case["kind"] for case in cases).values()) >= 6


def test_adversarial_texts_are_as_long_as_real_ones() -> None:
    for case in rows("adversarial"):
        if case["kind"] != "empty":
            assert words(case["resume"]) >= 120, case["id"]
        if case["kind"] not in {"empty", "boilerplate"}:
            assert words(case["posting"]["description"]) >= 120, case["id"]


def test_only_plain_cases_are_expected_to_apply() -> None:
    assert {case["kind"] for case in rows("adversarial") if case["expect"] == "auto"} == {"plain"}


def test_resumes_have_their_shape() -> None:
    resumes = rows("resumes")
    for resume in resumes:
        assert set(resume) == {"id", "occupation", "level", "split", "text"}, resume["id"]
        assert resume["level"] in LEVELS, resume["id"]
        assert_lines(resume["text"])
        assert 150 <= words(resume["text"]) <= 600, resume["id"]
        assert "@example.test" in "\n".join(resume["text"]), resume["id"]
    assert_unique([resume["id"] for resume in resumes])
    assert len(resumes) >= 40


def test_postings_have_their_shape() -> None:
    postings = rows("postings")
    for posting in postings:
        expected = {"id", "occupation", "level", "split", "title", "company", "description"}
        assert set(posting) == expected, posting["id"]
        assert posting["level"] in LEVELS, posting["id"]
        assert_lines(posting["description"])
        assert words(posting["description"]) >= 100, posting["id"]
    assert_unique([posting["id"] for posting in postings])
    assert len(postings) >= 40


def test_practice_postings_are_all_named_and_split_by_vacancy() -> None:
    named = rows("practice")
    for row in named:
        assert set(row) == {"id", "ats", "token", "slug", "title", "occupation", "level", "split"}, row["id"]
        assert row["level"] in LEVELS, row["id"]
    assert_unique([row["id"] for row in named])
    board = {(posting.id, posting.title) for posting in load().every(Behaviour())}
    assert {(row["id"], row["title"]) for row in named} == board
    assert_unique([slug for slug, _ in {(row["slug"], row["split"]) for row in named}])


def test_both_splits_hold_every_occupation() -> None:
    for name in ("resumes", "postings"):
        occupations: dict[str, set[str]] = {}
        for row in rows(name):
            occupations.setdefault(row["split"], set()).add(row["occupation"])
        assert set(occupations) == SPLITS
        assert occupations["dev"] == occupations["held_out"], name
        counts = Counter(row["split"] for row in rows(name))
        assert min(counts.values()) >= 0.45 * sum(counts.values()), name


def test_each_occupation_of_the_board_has_resumes_of_several_levels() -> None:
    levels: dict[str, set[str]] = {}
    for resume in rows("resumes"):
        levels.setdefault(resume["occupation"], set()).add(resume["level"])
    assert {name for name in BOARD if len(levels[name]) < 3} == set()


def test_labels_pair_what_exists_within_one_split() -> None:
    labels = rows("labels")
    resumes = {row["id"]: row["split"] for row in rows("resumes")}
    postings = {row["id"]: row["split"] for name in ("postings", "practice") for row in rows(name)}
    for label in labels:
        pair = (label["resume"], label["posting"])
        assert set(label) == {"resume", "posting", "split", "good", "why"}, pair
        assert isinstance(label["good"], bool), pair
        assert label["why"].strip(), pair
        assert label["split"] == resumes[label["resume"]] == postings[label["posting"]], pair
    assert_unique([f"{label['resume']} {label['posting']}" for label in labels])
    assert {label["resume"] for label in labels} == set(resumes)


def test_labels_are_many_and_a_good_third_of_them_good() -> None:
    labels = rows("labels")
    assert len(labels) >= 300
    for split in SPLITS:
        good = [label["good"] for label in labels if label["split"] == split]
        assert len(good) >= 140, split
        assert 0.33 <= sum(good) / len(good) <= 0.42, split
