"""What stood in a review's form stands there again, at the question that it answered."""

from __future__ import annotations

from typing import Any

import pytest

from app.dispatch.types import Draft
from app.platform.ids import new_id
from app.web.pages import desk_kept
from app.web.pages.desk_views import question

ME, BEN, REVIEW = new_id(), new_id(), new_id()
SAVED = {
    "assignment": ["x"],
    "question-0": ["q1"],
    "label-0": ["Years?"],
    "answer-0": ["6"],
    "question-1": ["q2"],
    "label-1": ["Which?"],
    "answer-1": ["Leeds", "London"],
    "notes": ["Called them"],
}


def kept(body: Any, asked: list[tuple[str, str]], by: Any = ME) -> desk_kept.Kept:
    draft = Draft(review_id=REVIEW, version=3, body=body, employee_id=by)
    return desk_kept.kept(draft, [question({"key": key, "label": label}) for key, label in asked], ME)


def test_answers_are_found_again_by_their_question() -> None:
    found = kept({"fields": SAVED}, [("q9", "New?"), ("q2", "Which?"), ("q1", "How many years?")])
    assert (found.version, found.own) == (3, True)
    assert found.every("answer-1") == ["Leeds", "London"]
    assert found.one("answer-0") == ""
    assert found.one("answer-2") == "", "the words of the question have changed"
    assert found.one("notes") == "Called them"


def test_a_colleagues_words_fill_nothing_by_themselves() -> None:
    found = kept({"fields": SAVED}, [("q1", "Years?")], by=BEN)
    assert (found.own, found.fields) == (False, {})


@pytest.mark.parametrize(
    "body", [{}, {"fields": 7}, {"fields": {"notes": "x"}}, {"fields": {"notes": [1]}}, {"text": "x"}]
)
def test_whatever_a_program_saved_breaks_nothing(body: dict[str, Any]) -> None:
    assert kept(body, [("q1", "Years?")]).fields == {}
    assert desk_kept.lines(body) == []


def test_what_was_written_is_told_field_by_field() -> None:
    lines = desk_kept.lines({"fields": SAVED | {"confirmation": [" "]}})
    assert [line.text for line in lines] == ["Years?: 6", "Which?: Leeds, London", "Notes: Called them"]
    assert desk_kept.told(lines) == "3 fields filled in"
    assert desk_kept.told([]) == ""
