"""The score stays as good as it was promised to be, on our own cases; `make eval` has the figures."""

from __future__ import annotations

import pytest

from tests.eval import adversarial, labels, occupations
from tests.eval.engine import Engine

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(tmp_path_factory.mktemp("eval"))


def test_no_attack_reaches_ninety_and_plain_fits_stand_where_they_should(engine: Engine) -> None:
    done = adversarial.judged(engine)
    assert [case.id for case, score in done if case.expect == "below" and not case.right(score.score)] == []
    assert sum(case.right(score.score) for case, score in done) >= len(done) - 2


def test_nine_in_ten_at_ninety_are_good(engine: Engine) -> None:
    found = labels.figures(labels.judged(engine, "held_out"))
    assert found["of 90 and more"] >= 12
    assert found["good of these"] >= 0.95 * found["of 90 and more"]
    assert found["quality"]["auc"] >= 0.95


def test_occupations_are_told_apart(engine: Engine) -> None:
    found = occupations.figures(occupations.judged(engine, list(occupations.own_pairs("held_out"))))
    assert found["AUC distant"] >= 0.97
    assert found["AUC adjacent"] >= 0.85
    assert found["same occupation and level"] >= 0.95 * found["of 90 and more"] > 0
