"""What is promised of reading resumes: nine values in ten, on our own files and on the samples where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.eval.resumes import PROMISED, Row, accuracy, evaluate, f1, labels, table


def _holds(rows: list[Row]) -> None:
    for field in PROMISED:
        kept = [row for row in rows if row.field == field]
        assert kept, field
        assert accuracy(kept) >= 0.9, f"{field}\n{table(rows)}"
        assert f1(kept) >= 0.9, f"{field}\n{table(rows)}"


def test_our_own_resumes() -> None:
    assert len(labels("own")) >= 8
    _holds(evaluate("own"))


def test_the_samples(shared_data: Path) -> None:
    folder = shared_data / "resumes"
    assert {path.name for path in folder.iterdir()} == labels("samples").keys()
    _holds(evaluate("samples", folder))


def test_what_is_found_beyond_the_labels_counts_against() -> None:
    assert f1([Row("a", "titles", 2, 2, 4)]) == pytest.approx(2 / 3)
    assert accuracy([Row("a", "titles", 2, 2, 4)]) == 1.0
