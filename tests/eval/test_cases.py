"""The shape of the cases that the score is judged by."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"
KINDS = {
    "stuffing", "negation", "homonym", "seniority", "language",
    "empty", "boilerplate", "same_words_other_job", "licence", "plain",
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
